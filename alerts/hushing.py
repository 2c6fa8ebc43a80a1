"""Whether a chat is told of an alert now, later or not at all: what it wants to hear, against what happened.

Pure. Only delivery is hushed: the episode goes its way whoever hears of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.acknowledgement import Acknowledgement, Answer
from domain.episode import Alert, Move, State
from domain.finding import Kind
from domain.hush import Digest, Mute, QuietHours
from domain.subscription import Hold

#: What is held without an end is looked at again so often; that costs nothing, and forgets nothing.
LOOK_AGAIN = timedelta(days=1)


class Fate(StrEnum):
    """What becomes of a delivery."""

    NOW = "now"
    HOLD = "hold"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of it, and why."""

    fate: Fate
    reason: str
    until: datetime | None = None  #: of what is held: when to decide anew
    hold: Hold | None = None
    rings: bool = True  #: of what is told now: a message of its own, not just a change of the one there

    @property
    def digest(self) -> bool:
        """Does it go into a digest when it is no longer held?"""
        return self.hold is not None and self.hold.ends_in_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """All that a chat has said about what it wants to hear, as it bears on one episode."""

    zone: ZoneInfo
    mutes: tuple[Mute, ...] = ()
    quiet: QuietHours | None = None
    digest: Digest | None = None
    answer: Acknowledgement | None = None  #: to this episode


def decide(
    alert: Alert, wishes: Wishes, now: datetime, *, told: bool = False, held: Hold | None = None
) -> Decision:
    """What becomes of an alert for one chat.

    `told`: something of this episode was sent to the chat. `held`: what keeps back an earlier alert of it.
    """
    if alert.episode.kind is Kind.TEST:
        return Decision(fate=Fate.NOW, reason="somebody waits for it")
    ends = is_end(alert)
    if told and _changes_in_place(alert):
        return Decision(fate=Fate.NOW, reason="changes the message that is there", rings=False)
    if ends and not told and (held is None or not held.ends_in_digest):
        why = "never told of its beginning" if held is None else f"over while held back: {held.value}"
        return Decision(fate=Fate.NEVER, reason=why)
    if (muted := _muted_until(alert, wishes, now)) is not None:
        if ends and not told:
            return Decision(fate=Fate.NEVER, reason="over while muted")
        return _hold(muted, Hold.MUTE, "muted")
    if wishes.quiet is not None and (until := wishes.quiet.over_at(now, wishes.zone)) is not None:
        return _hold(until, Hold.QUIET, "quiet hours")
    if wishes.digest is not None and wishes.digest.instead:
        due = wishes.digest.next_after(alert.at, wishes.zone)
        if due > now:
            return _hold(due, Hold.DIGEST, "told by digests alone")
    return _answered(alert, wishes.answer, now)


def is_end(alert: Alert) -> bool:
    """Does it say that an episode is over, or that what is over was not so?"""
    revised = (
        alert.move is Move.GREW and alert.episode.state is State.CLOSED and alert.episode.kind not in _EVENTS
    )
    return alert.move is Move.CLOSED or revised


#: What is told and over at once: it may grow afterwards, and that ends nothing.
_EVENTS = frozenset({Kind.CLAIM})


def _changes_in_place(alert: Alert) -> bool:
    """No phone rings for it: it may change at any hour."""
    if alert.move is Move.GREW:
        return not is_end(alert)
    return alert.move is Move.CLOSED and alert.episode.kind is Kind.BLIND


def _muted_until(alert: Alert, wishes: Wishes, now: datetime) -> datetime | None:
    standing = [m for m in wishes.mutes if m.stands(now) and m.covers(alert.episode)]
    return max((m.until or now + LOOK_AGAIN for m in standing), default=None)


def _answered(alert: Alert, answer: Acknowledgement | None, now: datetime) -> Decision:
    """What a person said to it keeps only its going on from ringing, never a change of state."""
    if answer is not None and alert.move is Move.ESCALATED and answer.at <= now:
        if answer.until is not None and answer.snoozes(now):
            return _hold(answer.until, Hold.SNOOZE, "snoozed")
        # What was seen of our blindness were other channels than those that it has spread to.
        if answer.answer is Answer.SEEN and alert.episode.kind is not Kind.BLIND:
            return Decision(fate=Fate.NOW, reason="acknowledged", rings=False)
    return Decision(fate=Fate.NOW, reason="nothing speaks against it")


def _hold(until: datetime, hold: Hold, reason: str) -> Decision:
    return Decision(fate=Fate.HOLD, until=until, hold=hold, reason=reason)
