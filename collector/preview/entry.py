"""From handles to channels by the public preview, and what becomes of them there."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from collector.archive import Archive
from collector.changes import Looks, as_known, changes
from collector.config import WEB, ChannelConfig
from collector.corrected import CorrectedClock
from collector.entries import KNOWN, UNRESOLVED
from collector.headcount import counted
from collector.preview.door import Closed, Door, Same
from collector.preview.page import Card, Feed, Holder
from collector.resolving import key_of
from collector.watch import lost
from collector.watched import Roster, Watched
from domain.channel import Channel, ChannelChange, ChannelEvent, ChannelStatus
from domain.post import How
from domain.watch import GapCause
from storage.store import Transaction

log = structlog.get_logger(__name__)

#: The preview rounds: 1.2K may be 1150 or 1249.
_ROUNDED = 0.05
#: So far behind the newest number that we know, a page is another channel's.
_FALLEN = 50


class Entry:
    """The channels of the web source. They are known by their number, which the pages tell; but reached by
    their handle only.
    """

    def __init__(
        self,
        archive: Archive,
        channels: Sequence[ChannelConfig],
        roster: Roster,
        clock: CorrectedClock,
        refresh_every: timedelta,
    ) -> None:
        self._archive = archive
        self._roster = roster
        self._clock = clock
        self._refresh_every = refresh_every
        self._configs = list(channels)
        self._found: dict[str, int] = {}  # an entry's name -> the number of its channel
        self._told: set[str] = set()

    def add(self, config: ChannelConfig) -> None:
        if all(c.name != config.name for c in self._configs):
            self._configs.append(config)

    def remove(self, key: str) -> list[Watched]:
        """Look at it no longer. Returns its channel, if that was known."""
        gone = [c for c in self._configs if key_of(c) == key]
        self._configs = [c for c in self._configs if key_of(c) != key]
        found = [self._roster.get(self._found.pop(c.name, None)) for c in gone]
        released = [watched for watched in found if watched is not None]
        for watched in released:
            watched.is_released = True
            self._roster.by_id.pop(watched.id, None)
        return released

    def turns(self) -> Iterator[tuple[str, Watched | None, ChannelConfig]]:
        """Every entry, with its channel where that is known."""
        for config in list(self._configs):
            yield config.name, self._roster.get(self._found.get(config.name)), config

    def is_known(self, config: ChannelConfig) -> bool:
        return config.name in self._found

    def handle(self, watched: Watched) -> str:
        """By what it is asked for: the handle of the config, for no page tells of another."""
        return watched.config.handle or watched.channel.handle or ""

    async def recall(self) -> None:
        """Take over from the archive what was found before."""

        async def known(tx: Transaction) -> list[tuple[ChannelConfig, Channel]]:
            found = []
            for config in self._configs:
                mark = await tx.marks.get(KNOWN + key_of(config))
                number = config.id or mark.get("id")
                channel = await tx.channels.get(number) if number else None
                if channel is not None and mark.get("account") == WEB:
                    found.append((config, channel))
            return found

        for config, channel in await self._archive.read(known):
            await self._admit(config, channel)

    async def seek(self, door: Door, config: ChannelConfig) -> Watched | None:
        """Look up an entry that is not known yet. None: it leads nowhere, which is told once. Raises
        Trouble.
        """
        handle = config.handle or ""
        found = await door.feed(handle, how=How.BACKFILLED, afresh=True)
        if isinstance(found, Same):
            return None
        if isinstance(found, Closed):
            await self.nowhere(config, _said(handle, found.card))
            return None
        if found.channel_id is None:
            await self.nowhere(
                config, f"the preview of @{handle} does not tell the channel's number: it shows no post yet"
            )
            return None
        mark = await self._archive.read(lambda tx: tx.marks.get(KNOWN + key_of(config)))
        meant = config.id or mark.get("id")
        if meant is not None and meant != found.channel_id:
            await self.nowhere(
                config,
                f"@{handle} now leads to {found.title!r} ({found.channel_id}), {meant} was meant",
            )
            return None
        return await self._first(config, found, found.channel_id)

    async def _first(self, config: ChannelConfig, found: Feed, number: int) -> Watched:
        now = self._clock.now()
        fresh = Channel(
            id=number,
            title=found.title,
            handle=found.handle or config.handle,
            group=config.group,
            zone=config.zone,
            country=config.country,
            audience=found.members,
        )

        async def deed(tx: Transaction) -> Channel:
            before = await tx.channels.get(number)
            known = as_known(before, fresh)
            await tx.channels.save(known, now)
            if before is None and fresh.handle is not None:
                await tx.channels.adopt(number, fresh.handle)
            await tx.marks.set(KNOWN + key_of(config), {"id": number, "account": WEB}, now)
            await tx.marks.set(UNRESOLVED + key_of(config), {}, now)
            if before is None or before.status is not ChannelStatus.OPEN:
                await tx.channels.befell(
                    ChannelEvent(
                        channel_id=number,
                        at=now,
                        change=ChannelChange.FOUND if before is None else ChannelChange.BACK,
                        status=ChannelStatus.OPEN,
                        before=None if before is None else before.status.value,
                        after=fresh.title,
                    )
                )
            tx.notify("channels")
            return known

        return await self._admit(config, await self._archive.write(deed))

    async def _admit(self, config: ChannelConfig, channel: Channel) -> Watched:
        now = self._clock.now()
        current = replace(channel, group=config.group, zone=config.zone, country=config.country)
        event = None
        if channel.status.is_unwatched or channel.status is ChannelStatus.UNRESOLVED:
            current = replace(current, status=ChannelStatus.OPEN)
            event = ChannelEvent(
                channel_id=channel.id,
                at=now,
                change=ChannelChange.BACK,
                status=ChannelStatus.OPEN,
                before=channel.status.value,
            )

        async def deed(tx: Transaction) -> None:
            await tx.channels.save(current, now)
            if event is not None:
                await tx.channels.befell(event)
            tx.notify("channels")

        if current != channel:
            await self._archive.write(deed)
        watched = Watched(config=config, channel=current, access_hash=0)
        self._roster.add(watched)
        self._found[config.name] = channel.id
        return watched

    async def notice(self, watched: Watched, found: Feed) -> bool:
        """What a page tells of the channel itself. False: it is another channel's, or watched no longer."""
        if watched.is_released:
            return False
        if await self._is_another(watched, found):
            handle = self.handle(watched)
            who = f" ({found.channel_id})" if found.channel_id else ""
            now_leads = f"@{handle} now leads to {found.title!r}{who}"
            taken = self._event(
                watched,
                ChannelChange.HANDLE_TAKEN,
                handle,
                str(found.channel_id or found.title),
                f"{now_leads}; by the preview the former one cannot be followed",
            )
            await self._leave(watched, ChannelStatus.UNRESOLVED, now_leads, taken)
            return False
        now, before = self._clock.now(), watched.channel
        looks = Looks(title=found.title or before.title, handle=found.handle or before.handle)
        after, told = changes(before, looks)
        if found.members is not None:
            after = replace(after, audience=found.members)
        events = [self._event(watched, c.change, c.before, c.after, c.evidence) for c in told]

        async def deed(tx: Transaction) -> None:
            if after != before:
                await tx.channels.save(after, now)
            for event in events:
                await tx.channels.befell(event)
            leapt = None
            if found.members is not None:
                off = 0 if found.is_exact else round(found.members * _ROUNDED)
                leapt = await counted(tx, after, found.members, now, every=self._refresh_every, within=off)
            if events or leapt is not None:
                tx.notify("channels")

        await self._archive.write(deed)
        watched.channel = after
        for event in events:
            log.warning("channel changed", channel=after.name, change=event.change.value, after=event.after)
        return True

    async def _is_another(self, watched: Watched, found: Feed) -> bool:
        if found.channel_id is not None:
            return found.channel_id != watched.id
        if not found.ids:
            return False
        cursor = await self._archive.read(lambda tx: tx.posts.cursor(watched.id))
        return cursor is not None and max(found.ids) + _FALLEN < cursor.newest_id

    async def gone(self, watched: Watched, card: Card) -> None:
        """The preview shows no posts any more."""
        if not watched.is_open:
            return
        status = {
            # It is there, and only the preview is shut: private it is not, and who has an account may see it.
            Holder.CHANNEL: ChannelStatus.HIDDEN,
            Holder.GROUP: ChannelStatus.UNRESOLVED,
            Holder.PERSON: ChannelStatus.UNRESOLVED,
            Holder.NOBODY: ChannelStatus.UNRESOLVED,
        }[card.holder]
        await self._leave(watched, status, _said(self.handle(watched), card))

    async def _leave(
        self, watched: Watched, status: ChannelStatus, evidence: str, *events: ChannelEvent
    ) -> None:
        now = self._clock.now()
        watched.break_off(GapCause.UNKNOWN)
        watched.tried_at = now
        before = watched.channel.status
        gone = replace(
            self._event(watched, ChannelChange.GONE, before.value, status.value, evidence), status=status
        )

        async def deed(tx: Transaction) -> None:
            for event in (*events, gone):
                await tx.channels.befell(event)
            await lost(tx, WEB, [watched], GapCause.UNKNOWN, f"the channel is {status.value}: {evidence}")
            tx.notify("channels")

        await self._archive.write(deed)
        watched.channel = replace(watched.channel, status=status)
        log.warning("channel can no longer be read", channel=watched.name, status=status.value, said=evidence)

    async def try_again(self, door: Door, watched: Watched) -> bool:
        """Is one that was gone readable again? Raises Trouble."""
        found = await door.feed(self.handle(watched), how=How.BACKFILLED, afresh=True)
        watched.tried_at = self._clock.now()
        if not isinstance(found, Feed) or await self._is_another(watched, found) or watched.is_released:
            return False
        now, before = self._clock.now(), watched.channel.status
        after = replace(watched.channel, status=ChannelStatus.OPEN)
        back = replace(
            self._event(watched, ChannelChange.BACK, before.value, "open"), status=ChannelStatus.OPEN
        )

        async def deed(tx: Transaction) -> None:
            await tx.channels.save(after, now)
            await tx.channels.befell(back)
            tx.notify("channels")

        await self._archive.write(deed)
        watched.channel = after
        watched.break_off(GapCause.UNKNOWN)
        log.info("channel can be read again", channel=watched.name)
        return True

    async def nowhere(self, config: ChannelConfig, why: str) -> None:
        """An entry that leads nowhere: told once, and kept for `deadair status`."""
        if config.name in self._told:
            return
        self._told.add(config.name)
        now = self._clock.now()
        log.error(
            "a channel of config.toml cannot be read from the public preview, and is not watched",
            channel=config.name,
            said=why,
            hint="check its spelling; one without a preview needs an account",
        )
        value = {"name": config.name, "why": why, "at": now.isoformat()}
        await self._archive.write(lambda tx: tx.marks.set(UNRESOLVED + key_of(config), value, now))

    def _event(
        self,
        watched: Watched,
        change: ChannelChange,
        before: str | None,
        after: str | None,
        evidence: str = "",
    ) -> ChannelEvent:
        return ChannelEvent(
            channel_id=watched.id,
            at=self._clock.now(),
            change=change,
            status=watched.channel.status,
            before=before,
            after=after,
            evidence=evidence,
        )


def _said(handle: str, card: Card) -> str:
    match card.holder:
        case Holder.CHANNEL:
            return f"there is a channel @{handle} ({card.said}), and it has no preview: no posts are shown"
        case Holder.GROUP:
            return f"@{handle} is a group ({card.said}), not a channel"
        case Holder.PERSON:
            return f"@{handle} is a person or a bot, not a channel"
        case Holder.NOBODY:
            return f"nobody goes by the name @{handle}: it was dropped, changed, or turned private"
