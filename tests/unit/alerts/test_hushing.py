"""What a chat is told now, later, or not at all."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.hushing import LOOK_AGAIN, Decision, Fate, Wishes, decide
from domain.acknowledgement import Acknowledgement, Answer
from domain.episode import Alert, Episode, Move, State, Subject
from domain.finding import Kind, Verdict
from domain.hush import Digest, Every, Mute, QuietHours
from domain.subscription import Hold

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
UTC_ZONE = ZoneInfo("UTC")


def alert(move: Move = Move.OPENED, kind: Kind = Kind.SILENCE, channel_id: int = 1) -> Alert:
    over = move is Move.CLOSED
    episode = Episode(
        id=1,
        kind=kind,
        subject=Subject(channel_id=channel_id),
        state=State.CLOSED if over else State.OPEN,
        since_at=NOON - 6 * HOUR,
        found_at=NOON - HOUR,
        closed_at=NOON if over else None,
        verdict=Verdict.confirmed(),
    )
    return Alert(id=1, at=NOON, move=move, episode=episode)


def wishes(**more: Any) -> Wishes:
    return Wishes(zone=UTC_ZONE, **more)


def mute(until: datetime | None = NOON + HOUR, **of: Any) -> Mute:
    return Mute(chat_id=5, made_at=NOON - HOUR, until=until, **of)


NIGHT = QuietHours(chat_id=5, start=time(11), end=time(15), made_at=NOON)
ALL = wishes()


def answer(said: Answer, until: datetime | None = None) -> Acknowledgement:
    return Acknowledgement(episode_id=1, chat_id=5, answer=said, until=until, at=NOON - HOUR)


def fate(decision: Decision) -> tuple[Fate, Hold | None, datetime | None]:
    assert decision.reason
    return decision.fate, decision.hold, decision.until


@pytest.mark.parametrize("move", [Move.OPENED, Move.GREW, Move.ESCALATED, Move.REOPENED, Move.REMINDED])
def test_who_said_nothing_is_told_at_once(move: Move) -> None:
    assert decide(alert(move), ALL, NOON).fate is Fate.NOW


def test_an_end_is_told_only_to_whoever_was_told_of_the_beginning() -> None:
    assert decide(alert(Move.CLOSED), ALL, NOON, told=True).fate is Fate.NOW
    assert decide(alert(Move.CLOSED), ALL, NOON, told=False).fate is Fate.NEVER


def test_a_mute_holds_until_its_end_and_then_lets_through_what_still_goes_on() -> None:
    muted = wishes(mutes=(mute(),))
    assert fate(decide(alert(), muted, NOON)) == (Fate.HOLD, Hold.MUTE, NOON + HOUR)
    assert decide(alert(), muted, NOON + HOUR, held=Hold.MUTE).fate is Fate.NOW
    assert decide(alert(channel_id=2), wishes(mutes=(mute(channel_id=1),)), NOON).fate is Fate.NOW


def test_of_what_began_and_ended_while_muted_nobody_is_told() -> None:
    muted = wishes(mutes=(mute(),))
    assert decide(alert(Move.CLOSED), muted, NOON, held=Hold.MUTE).fate is Fate.NEVER


def test_the_end_of_what_was_told_before_the_mute_comes_when_the_mute_is_over() -> None:
    muted = wishes(mutes=(mute(),))
    assert fate(decide(alert(Move.CLOSED), muted, NOON, told=True)) == (Fate.HOLD, Hold.MUTE, NOON + HOUR)


def test_a_mute_without_an_end_is_looked_at_again() -> None:
    held = decide(alert(), wishes(mutes=(mute(until=None),)), NOON)
    assert fate(held) == (Fate.HOLD, Hold.MUTE, NOON + LOOK_AGAIN)


def test_quiet_hours_hold_beginnings_and_ends_alike_for_one_digest() -> None:
    quiet = wishes(quiet=NIGHT)
    until = NOON.replace(hour=15)
    for decision in (
        decide(alert(), quiet, NOON),
        decide(alert(Move.CLOSED), quiet, NOON, held=Hold.QUIET),
        decide(alert(Move.CLOSED), quiet, NOON, told=True),
    ):
        assert fate(decision) == (Fate.HOLD, Hold.QUIET, until)
        assert decision.digest
    assert decide(alert(), quiet, until).fate is Fate.NOW


@pytest.mark.parametrize("hush", [{"mutes": (mute(),)}, {"quiet": NIGHT}])
def test_what_only_changes_the_message_that_is_there_waits_for_nothing(hush: dict[str, Any]) -> None:
    for change in (alert(Move.GREW), alert(Move.CLOSED, Kind.BLIND)):
        decision = decide(change, wishes(**hush), NOON, told=True)
        assert (decision.fate, decision.rings) == (Fate.NOW, False)
    assert decide(alert(Move.GREW), wishes(**hush), NOON, told=False).fate is Fate.HOLD


def test_who_wants_digests_alone_gets_it_with_the_next_one_and_is_held_back_only_once() -> None:
    digest = Digest(chat_id=5, every=Every.DAY, hour=18, instead=True, made_at=NOON)
    wanted = wishes(digest=digest)
    assert fate(decide(alert(), wanted, NOON)) == (Fate.HOLD, Hold.DIGEST, NOON.replace(hour=18))
    assert decide(alert(), wanted, NOON.replace(hour=18), held=Hold.DIGEST).fate is Fate.NOW
    beside = Digest(chat_id=5, every=Every.DAY, hour=18, made_at=NOON)
    assert decide(alert(), wishes(digest=beside), NOON).fate is Fate.NOW


def test_what_is_snoozed_rings_again_only_when_the_time_is_over_or_its_state_has_changed() -> None:
    snoozed = wishes(answer=answer(Answer.SNOOZED, NOON + HOUR))
    assert fate(decide(alert(Move.ESCALATED), snoozed, NOON, told=True)) == (
        Fate.HOLD,
        Hold.SNOOZE,
        NOON + HOUR,
    )
    assert decide(alert(Move.ESCALATED), snoozed, NOON + HOUR, told=True).rings
    for move in (Move.CLOSED, Move.REOPENED):
        decision = decide(alert(move), snoozed, NOON, told=True)
        assert (decision.fate, decision.rings) == (Fate.NOW, True)


def test_who_has_seen_it_is_not_rung_because_it_goes_on_and_is_told_its_end() -> None:
    seen = wishes(answer=answer(Answer.SEEN))
    assert not decide(alert(Move.ESCALATED), seen, NOON, told=True).rings
    assert decide(alert(Move.ESCALATED, Kind.BLIND), seen, NOON, told=True).rings  # it has spread to others
    assert decide(alert(Move.CLOSED), seen, NOON, told=True).rings
    changes = wishes(answer=answer(Answer.UNTIL_CHANGE))
    assert decide(alert(Move.ESCALATED), changes, NOON, told=True).rings
