"""Subscriptions by what people call things: everything, a group, a channel; a topic, a kind, a severity."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.keyboards import KINDS, Draft, begun, key_of, listed
from bot.markup import Html, foreign
from bot.say import Say
from bot.texts import choosing, common
from domain.channel import Channel, bare_name, going_by
from domain.finding import Kind
from domain.severity import Severity
from domain.subscription import Subscription
from storage.store import Transaction

_EVERYTHING = ("all", "everything", "*")
_ABOUT = ("topic:", "claimant:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to be told about."""

    channel: Channel | None = None
    group: str | None = None
    topic: str | None = None
    claimant: str | None = None
    kind: Kind | None = None
    least: Severity = Severity.MINOR

    def subscription(self, chat_id: int, at: datetime) -> Subscription:
        return Subscription(
            chat_id=chat_id,
            channel_id=self.channel.id if self.channel else None,
            group=self.group,
            topic=self.topic,
            claimant=self.claimant,
            kind=self.kind,
            least=self.least,
            made_at=at,
        )

    def matches(self, known: Subscription) -> bool:
        """Is that one of the same, of whatever severity?"""
        channel_id = self.channel.id if self.channel else None
        mine = (channel_id, self.group, self.topic, self.claimant, self.kind)
        return mine == (known.channel_id, known.group, known.topic, known.claimant, known.kind)

    def named(self, say: Say) -> str:
        """Only whom it is about."""
        if self.channel:
            return self.channel.title or self.channel.name
        return say.bare(common.GROUP_NAMED, group=self.group) if self.group else say.bare(common.EVERYTHING)

    def draft(self, page: int = 0) -> Draft:
        """As buttons bear it."""
        if self.channel is not None:
            draft = begun("c", str(self.channel.id), page)
        else:
            draft = begun("g", key_of(self.group), page) if self.group else begun("a", page=page)
        strand = f"t{key_of(self.topic)}" if self.topic else ""
        strand = f"c{key_of(self.claimant)}" if self.claimant else strand
        kind = self.kind.value if self.kind else ""
        least = "" if self.least is Severity.MINOR else self.least.value
        return draft.model_copy(update={"strand": strand, "kind": kind, "least": least})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What can be chosen: channels, judged topics, and claimants with what people call them."""

    channels: Sequence[Channel]
    topics: Sequence[str]
    claimants: Mapping[str, str]


def read_wish(words: str, known: Known) -> Wish | str:
    """`[NAME] [topic:T] [claimant:C] [KIND] [SEVERITY]`; NAME is `all`, @handle, a link, a number, a title,
    or a group's name. Returns what of it nobody knows as it was written."""
    wish, left = Wish(), words.split()
    while left:
        if _about(" ".join(left), known.channels) is not None:
            break  # a title may end with what is a kind elsewhere
        word = left[-1].casefold()
        is_alone = len(left) == 1
        if is_alone and not word.startswith(_ABOUT):
            break
        if word in [kind.value for kind in KINDS]:
            wish = replace(wish, kind=Kind(word))
        elif word in list(Severity):
            wish = replace(wish, least=Severity(word))
        elif word.startswith(_ABOUT):
            what, _, name = word.partition(":")
            found = _strand(what, name, known)
            if found is None:
                return left[-1]
            is_topic = what == "topic"
            wish = replace(wish, topic=found if is_topic else None, claimant=None if is_topic else found)
        else:
            break
        left.pop()
    about = _about(" ".join(left), known.channels) if left or not words.strip() else Wish()
    return " ".join(left) if about is None else replace(wish, channel=about.channel, group=about.group)


def _about(name: str, channels: Sequence[Channel]) -> Wish | None:
    wanted = bare_name(name)
    if wanted in _EVERYTHING:
        return Wish()
    shown = listed(channels)
    if found := going_by(name, shown):
        return Wish(channel=found[0])
    group = next((c.group for c in shown if c.group and c.group.casefold() == wanted), None)
    return Wish(group=group) if group else None


def _strand(what: str, name: str, known: Known) -> str | None:
    """A topic by its name; a claimant by the lexicon's or by what people call it, spaces as underscores."""
    if what == "topic":
        return next((t for t in known.topics if t.casefold() == name), None)
    for claimant, called in known.claimants.items():
        if name in (claimant.casefold(), called.casefold().replace(" ", "_")):
            return claimant
    return None


def drafted(draft: Draft, known: Known) -> Wish | None:
    """What a button stands for; None when that is not watched or judged any more."""
    wish = Wish(
        kind=Kind(draft.kind) if draft.kind in list(Kind) else None,
        least=Severity(draft.least) if draft.least in list(Severity) else Severity.MINOR,
    )
    if draft.what == "g":
        group = next((c.group for c in known.channels if c.group and key_of(c.group) == draft.key), None)
        if group is None:
            return None
        wish = replace(wish, group=group)
    elif draft.what == "c":
        channel = next((c for c in known.channels if str(c.id) == draft.key), None)
        if channel is None:
            return None
        wish = replace(wish, channel=channel)
    if draft.strand:
        names = known.topics if draft.strand[0] == "t" else list(known.claimants)
        name = next((n for n in names if key_of(n) == draft.strand[1:]), None)
        if name is None:
            return None
        wish = replace(wish, topic=name) if draft.strand[0] == "t" else replace(wish, claimant=name)
    return wish


def nearest(name: str, known: Known, most: int = 3) -> list[str]:
    """Names that somebody who mistyped may have meant."""
    for prefix, names in ((_ABOUT[0], known.topics), (_ABOUT[1], list(known.claimants))):
        if name.casefold().startswith(prefix):
            wanted = name[len(prefix) :].casefold()
            return [prefix + n for n in difflib.get_close_matches(wanted, names, n=most, cutoff=0.4)]
    called: dict[str, str] = {}
    for channel in listed(known.channels):
        for each in (channel.handle and f"@{channel.handle}", channel.title, channel.group):
            if each:
                called.setdefault(each.casefold().removeprefix("@"), each)
    wanted = name.strip().casefold().removeprefix("@")
    return [called[n] for n in difflib.get_close_matches(wanted, list(called), n=most, cutoff=0.5)]


async def kept(tx: Transaction, chat_id: int, wish: Wish) -> Literal["no", "other", "same"]:
    """Has the chat that subscription: not at all, of another severity, or so?"""
    mine = next((s for s in await tx.subscriptions.of(chat_id) if wish.matches(s)), None)
    if mine is None:
        return "no"
    return "same" if mine.least is wish.least else "other"


async def end(tx: Transaction, chat_id: int, wish: Wish) -> bool:
    """Unsubscribe. False: there was no such subscription."""
    ended = False
    for known in await tx.subscriptions.of(chat_id):
        if wish.matches(known):
            ended = await tx.subscriptions.unsubscribe(chat_id, known.id) or ended
    return ended


async def end_all_about(tx: Transaction, chat_id: int, wish: Wish) -> bool:
    """End every subscription about that channel, group, or everything, of whatever kind and topic."""
    channel_id = wish.channel.id if wish.channel else None
    ended = False
    for known in await tx.subscriptions.of(chat_id):
        if (known.channel_id, known.group) == (channel_id, wish.group):
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
        kind = say.bare(common.KINDS[subscription.kind.value])
        what = say.bare(choosing.ABOUT_KIND, what=what, kind=kind)
    if subscription.least is not Severity.MINOR:
        least = say.bare(choosing.SEVERITIES[subscription.least.value])
        what = say.bare(choosing.ABOUT_LEAST, what=what, least=least)
    return what


def shown(wish: Wish, known: Known, say: Say, at: datetime) -> Html:
    return foreign(label(wish.subscription(0, at), known.channels, say, known.claimants), 160)
