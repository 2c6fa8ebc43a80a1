"""Plays a scenario: makes its channels, fills their past, and lets everything befall them in its time."""

from collections import deque
from datetime import datetime, timedelta
from typing import Any

from domain.clock import Clock
from sandbox.channel import Channel
from sandbox.faults import Faults, LinkState
from sandbox.link import Link
from sandbox.plan import Amend, Befall, Item, Publish, history, live
from sandbox.post import Post
from sandbox.scenario import Happens, Scenario, ScenarioChannel
from sandbox.world import World

#: The clock is asked again at least so often, so that a stop is heeded and the machine's sleep is noticed.
LONGEST_NAP = timedelta(hours=6)


class Director:
    """Plays one scenario against a world. Posts bear the dates of the plan, not of the waking."""

    def __init__(
        self,
        scenario: Scenario,
        world: World,
        *,
        link: Link | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.scenario = scenario
        self.world = world
        self.channels: dict[str, Channel] = {}
        self.played = 0  #: items of the live part that are done
        self._link, self._faults = link, faults
        self._coming: deque[Item] = deque()
        self._to_amend: set[tuple[str, int]] = set()
        self._published: dict[tuple[str, int], Post] = {}  # those that are to be amended
        self._clock: Clock = world.clock

    def prepare(self) -> None:
        """Make the channels, every account a member, with all their history."""
        accounts = list(self.world.accounts.values())
        for each in self.scenario.channel:
            self.channels[each.key] = self._found(each)
            for account in accounts:
                self.channels[each.key].members.add(account.id)
        for item in history(self.scenario):
            self._publish(item, is_past=True)
        self._coming.extend(live(self.scenario))
        self._to_amend = {(i.channel, i.number) for i in self._coming if isinstance(i, Amend)}

    def catch_up(self, now: datetime) -> int:
        """Do all that is due by `now`, in order. Returns how many items that was."""
        n = 0
        while self._coming and self._coming[0].at <= now:
            self._do(self._coming.popleft())
            n += 1
        self.played += n
        return n

    async def run(self) -> None:
        """Play the live part to its end, as the clock goes."""
        while self._coming:
            self.catch_up(now := self._clock.now())
            if self._coming:
                await self._clock.sleep(min(self._coming[0].at - now, LONGEST_NAP))

    @property
    def is_over(self) -> bool:
        return not self._coming

    def _found(self, each: ScenarioChannel) -> Channel:
        created = self.scenario.starts - self.scenario.history
        channel = self.world.add_channel(
            each.title,
            each.handle,
            created_at=created,
            group=each.group,
            zone=each.zone or self.scenario.zone,
            about=each.about,
            audience=each.audience,
        )
        self.world.post(channel, service=f"created:{each.title}", at=created, push=False, log=False)
        return channel

    def _do(self, item: Item) -> None:
        match item:
            case Publish():
                self._publish(item)
            case Amend():
                self._amend(item)
            case Befall():
                self._befall(item)

    def _publish(self, item: Publish, *, is_past: bool = False) -> None:
        channel = self.channels[item.channel]
        if channel.deleted:
            return
        told: dict[str, Any] = {"at": item.at, "views": item.views, "push": not is_past, "log": not is_past}
        if len(item.media) > 1:
            post = self.world.post_album(channel, item.media, item.text, **told)[0]
        else:
            one = item.media[0] if item.media else None
            post = self.world.post(channel, item.text, media=one, forward=item.forward, **told)
        if not is_past and (item.channel, item.number) in self._to_amend:
            self._published[item.channel, item.number] = post

    def _amend(self, item: Amend) -> None:
        post = self._published.pop((item.channel, item.number), None)
        channel = self.channels[item.channel]
        if post is None or post.id not in channel.posts:
            return
        if item.text is None:
            self.world.delete(channel, post.id, at=item.at)
        else:
            self.world.edit(channel, post.id, item.text, at=item.at)

    def _befall(self, item: Befall) -> None:
        happens = item.happens
        if happens.what == "cut_off":
            if self._link is not None:
                self._link.set(LinkState.OPEN if item.is_over else LinkState(happens.how))
        elif happens.what == "flood":
            if self._faults is not None and not item.is_over:
                self._faults.flood(happens.method, happens.seconds, times=happens.times)
        else:
            for each in self.scenario.members(happens):
                self._strike(self.channels[each.key], happens, item)

    def _strike(self, channel: Channel, happens: Happens, item: Befall) -> None:
        world, accounts = self.world, list(self.world.accounts.values())
        newest = channel.newest()
        match happens.what:
            case "ban" | "unban":
                for account in accounts:
                    if (happens.what == "unban") is not item.is_over:
                        world.unban(channel, account)
                        world.join(channel, account)
                    else:
                        world.ban(channel, account)
            case "rename" if not item.is_over and happens.title is not None:
                world.rename(channel, happens.title, at=item.at)
            case "handle" if not item.is_over:
                world.set_handle(channel, happens.handle)
            case "handle_taken" if not item.is_over and happens.title is not None:
                world.take_handle(channel, happens.title)
            case "delete_channel":
                world.delete_channel(channel)
            case "private" if not item.is_over:
                world.make_private(channel, evict=True)
            case "restrict":
                world.restrict(channel, None if item.is_over else happens.text or "terms of service")
            case "post" if happens.text is not None and not item.is_over:
                world.post(channel, happens.text, at=item.at)
            case "edit" if newest is not None and not item.is_over:
                world.edit(channel, newest.id, happens.text, at=item.at)
            case "delete" if newest is not None and not item.is_over:
                world.delete(channel, newest.id, at=item.at)
