"""Subscriptions by what people call things: everything, a group, a channel."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.keyboards import Pick, group_key, listed
from bot.markup import Html, foreign
from bot.say import Say
from bot.texts import choosing, common
from domain.channel import Channel
from domain.subscription import Subscription
from storage.store import Transaction

_EVERYTHING = ("all", "everything", "*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to be told about."""

    channel: Channel | None = None
    group: str | None = None

    def subscription(self, chat_id: int, at: datetime) -> Subscription:
        channel_id = self.channel.id if self.channel else None
        return Subscription(chat_id=chat_id, channel_id=channel_id, group=self.group, made_at=at)

    def matches(self, known: Subscription) -> bool:
        channel_id = self.channel.id if self.channel else None
        mine = (channel_id, self.group, None, None, None)
        return mine == (known.channel_id, known.group, known.topic, known.claimant, known.kind)

    def named(self, say: Say) -> str:
        if self.channel:
            return self.channel.title or self.channel.name
        return say.bare(common.GROUP_NAMED, group=self.group) if self.group else say.bare(common.EVERYTHING)


def read_wish(name: str, channels: Sequence[Channel]) -> Wish | None:
    """`all`, @handle, a link, a number, a title, or a group's name."""
    wanted = name.strip().casefold()
    for prefix in ("https://", "http://", "t.me/", "@"):
        wanted = wanted.removeprefix(prefix)
    if wanted in _EVERYTHING:
        return Wish()
    shown = listed(channels)
    for channel in shown:
        if wanted in ((channel.handle or "").casefold(), str(channel.id), channel.title.casefold()):
            return Wish(channel=channel)
    group = next((c.group for c in shown if c.group and c.group.casefold() == wanted), None)
    return Wish(group=group) if group else None


def picked(pick: Pick, channels: Sequence[Channel]) -> Wish | None:
    """What a button stands for; None when that is not watched any more."""
    match pick.what:
        case "all":
            return Wish()
        case "group":
            group = next((c.group for c in channels if c.group and group_key(c.group) == pick.key), None)
            return Wish(group=group) if group else None
        case "channel":
            channel = next((c for c in channels if str(c.id) == pick.key), None)
            return Wish(channel=channel) if channel else None


def nearest(name: str, channels: Sequence[Channel], most: int = 3) -> list[str]:
    """Names that somebody who mistyped may have meant."""
    names: dict[str, str] = {}
    for channel in listed(channels):
        for called in (channel.handle and f"@{channel.handle}", channel.title, channel.group):
            if called:
                names.setdefault(called.casefold().removeprefix("@"), called)
    wanted = name.strip().casefold().removeprefix("@")
    return [names[n] for n in difflib.get_close_matches(wanted, list(names), n=most, cutoff=0.5)]


async def begin(tx: Transaction, chat_id: int, wish: Wish, at: datetime) -> bool:
    """Subscribe. False: it was so already."""
    if any(wish.matches(s) for s in await tx.subscriptions.of(chat_id)):
        return False
    await tx.subscriptions.subscribe(wish.subscription(chat_id, at))
    return True


async def end(tx: Transaction, chat_id: int, wish: Wish) -> bool:
    """Unsubscribe. False: there was no such subscription."""
    ended = False
    for known in await tx.subscriptions.of(chat_id):
        if wish.matches(known):
            ended = await tx.subscriptions.unsubscribe(chat_id, known.id) or ended
    return ended


def label(
    subscription: Subscription,
    channels: Sequence[Channel],
    say: Say,
    claimants: Mapping[str, str] | None = None,
) -> str:
    """A subscription as its owner knows it, as plain text. `claimants`: what people call each."""
    if subscription.channel_id is not None:
        channel = next((c for c in channels if c.id == subscription.channel_id), None)
        what = Wish(channel=channel).named(say) if channel else ""
        what = what or say.bare(common.NO_LONGER_THERE, id=subscription.channel_id)
    else:
        what = Wish(group=subscription.group).named(say)
    if subscription.topic:
        what = say.bare(choosing.ABOUT_TOPIC, what=what, topic=subscription.topic)
    if subscription.claimant:
        name = (claimants or {}).get(subscription.claimant, subscription.claimant)
        what = say.bare(choosing.ABOUT_CLAIMANT, what=what, claimant=name)
    if subscription.kind:
        what = f"{what} ({say.bare(common.KINDS[subscription.kind.value])})"
    return what


def shown(wish: Wish, say: Say) -> Html:
    return foreign(wish.named(say), 80)
