"""What has become of a channel, seen by how it looks now: pure, whichever way we look at it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.channel import Channel, ChannelChange, ChannelStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How a channel presents itself. None: this way of looking does not tell."""

    title: str
    handle: str | None
    flags: tuple[str, ...] | None = None
    is_group: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that has become of it."""

    change: ChannelChange
    before: str | None
    after: str | None
    evidence: str = ""


#: A flag of a channel that is a group now. No flag of Telegram's, but it has to be told once only.
GROUP = "group"


def changes(before: Channel, looks: Looks) -> tuple[Channel, Sequence[Change]]:
    """The channel as it is now, and what has changed, in the order in which it is told."""
    found = []
    if looks.title != before.title:
        found.append(Change(change=ChannelChange.RENAMED, before=before.title, after=looks.title))
    if looks.handle != before.handle:
        dropped = looks.handle is None
        found.append(
            Change(
                change=ChannelChange.HANDLE_DROPPED if dropped else ChannelChange.HANDLE_CHANGED,
                before=before.handle,
                after=looks.handle,
                evidence="it goes by no @name any more, and is watched on by its number" if dropped else "",
            )
        )
    flags = before.flags
    if looks.flags is not None:
        flags = tuple(f for f in before.flags if f == GROUP)
        was, now = (tuple(f for f in each if f != GROUP) for each in (before.flags, looks.flags))
        flags += now
        if was != now:
            found.append(
                Change(
                    change=ChannelChange.MARKED,
                    before="; ".join(was) or None,
                    after="; ".join(now) or None,
                    evidence="Telegram says so" if now else "Telegram says nothing against it any more",
                )
            )
    if looks.is_group and GROUP not in flags:
        flags = (GROUP, *flags)
        found.append(
            Change(
                change=ChannelChange.MIGRATED,
                before="a channel",
                after="a group",
                evidence="what is posted in it may come from its members",
            )
        )
    return replace(before, title=looks.title, handle=looks.handle, flags=flags), found


def as_known(before: Channel | None, found: Channel) -> Channel:
    """A channel that was looked up, as it is to be kept. Who takes over one that was watched keeps how it was
    known: the first look tells what has become of it since, also that it cannot be read any more.
    """
    if before is None:
        return found
    if before.status.is_unwatched or before.status is ChannelStatus.UNRESOLVED:
        return replace(found, flags=before.flags)
    return replace(before, status=found.status) if found.status is ChannelStatus.OPEN else before
