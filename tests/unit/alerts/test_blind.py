"""Our own blindness."""

from dataclasses import replace
from datetime import timedelta

from alerts.config import AlertsConfig
from alerts.panel import Panel
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.episode import Move, State, Transition
from domain.finding import Cause, Kind, Ruling
from domain.watch import Gap, GapCause
from tests.support.rhythms import HOUR, MONDAY, Story, channel, told

MINUTE = timedelta(minutes=1)
NOON = MONDAY + 12 * HOUR


def panel(n: int = 3) -> Panel:
    made = Panel([channel(i) for i in range(1, n + 1)], AlertsConfig())
    for i in range(1, n + 1):
        made.watched(i, MONDAY, NOON)
    return made


def test_when_nothing_is_watched_any_more_it_is_told_once_for_all() -> None:
    made = panel()
    for number in (1, 2, 3):
        made.blinded(Gap(channel_id=number, account="a", from_at=NOON, to_at=None, cause=GapCause.LINK))
    assert told(made.advance(NOON + 19 * MINUTE)) == []
    assert made.next_due() == NOON + 20 * MINUTE
    [step] = told(made.advance(NOON + 20 * MINUTE))
    assert (step.move, step.at, step.episode.kind) == (Move.OPENED, NOON + 20 * MINUTE, Kind.BLIND)
    assert (step.episode.since_at, step.episode.members) == (NOON, (1, 2, 3))
    assert (step.episode.verdict.ruling, step.episode.verdict.cause) == (Ruling.BLIND, Cause.LINK_DOWN)
    assert told(made.advance(NOON + 5 * HOUR)) == []


def test_a_watch_that_goes_on_is_not_blind() -> None:
    made = panel()
    for i in range(1, 40):
        for number in (1, 2, 3):
            made.watched(number, MONDAY, NOON + i * 10 * MINUTE)
        assert made.advance(NOON + (i * 10 + 9) * MINUTE) == []


def test_it_is_over_when_all_is_watched_again_and_says_whether_anything_is_missing() -> None:
    made = panel()
    made.advance(NOON + HOUR)
    again = NOON + 2 * HOUR
    for number in (1, 2, 3):
        made.watched(number, NOON, again)  # read afterwards
    [step] = told(made.advance(again))
    assert (step.move, step.episode.state) == (Move.CLOSED, State.CLOSED)
    assert "has been read since" in step.episode.ended

    made = panel()
    made.advance(NOON + HOUR)
    for number in (1, 2, 3):
        made.watched(number, again, again + MINUTE)
    [step] = told(made.advance(again + MINUTE))
    assert step.at == again
    assert "not been read yet" in step.episode.ended


def test_the_end_tells_of_posts_that_were_missed_by_what_is_known_of_them() -> None:
    made = panel(1)
    for minute in range(1, 40):
        made.post(Story(1).at(NOON - minute * MINUTE).readings[0])
    made.advance(NOON + HOUR)
    again = NOON + 2 * HOUR
    made.watched(1, NOON, again)
    for n, minute in enumerate((5, 15, 90)):
        made.post(replace(Story(1).at(NOON + minute * MINUTE).readings[0], post_id=2 + n))
    [step] = told(made.advance(again))
    assert "Known of it now: 3 posts." in step.episode.ended


def test_some_channels_out_of_sight_are_told_as_some_and_then_as_all() -> None:
    made = panel()
    made.watched(1, MONDAY, NOON + HOUR)
    [step] = told(made.advance(NOON + HOUR))
    assert step.episode.members == (2, 3)
    assert "2 of 3" in step.episode.reason
    [step] = told(made.advance(NOON + 2 * HOUR))
    assert (step.move, step.episode.members) == (Move.GREW, (1, 2, 3))


def test_nobody_is_called_blind_before_the_watch_had_time_to_be_taken_up() -> None:
    """We were stopped for two days: the record of the watch is old, and that is no news."""
    made = panel()
    start = NOON + timedelta(days=2)
    made.wake(start)
    assert told(made.advance(start + 19 * MINUTE)) == []
    [step] = told(made.advance(start + 20 * MINUTE))
    assert step.episode.since_at == NOON


def test_a_channel_that_is_gone_blinds_nobody() -> None:
    made = panel(1)
    made.befell(
        ChannelEvent(
            channel_id=1, at=NOON, change=ChannelChange.GONE, status=ChannelStatus.PRIVATE, evidence=""
        )
    )
    assert [t.episode.kind for t in told(made.advance(NOON + 9 * HOUR))] == [Kind.CHANNEL]
    back = NOON + 10 * HOUR
    made.befell(
        ChannelEvent(channel_id=1, at=back, change=ChannelChange.BACK, status=ChannelStatus.OPEN, evidence="")
    )
    made.advance(back)
    [step] = told(made.advance(back + HOUR))
    assert (step.episode.kind, step.at) == (Kind.BLIND, back + 20 * MINUTE)


def test_a_gap_that_was_over_long_before_is_not_why_nothing_is_seen_now() -> None:
    """It was told while it lasted, three minutes; four days later it is something else."""
    for ended in (NOON + 3 * MINUTE, None):
        made = panel()
        for number in (1, 2, 3):
            made.blinded(Gap(channel_id=number, account="a", from_at=NOON, to_at=ended, cause=GapCause.LINK))
        for hour in range(1, 97):
            for number in (1, 2, 3):
                made.watched(number, MONDAY, NOON + hour * HOUR)
            assert told(made.advance(NOON + hour * HOUR)) == []
        [step] = told(made.advance(NOON + 97 * HOUR))
        assert step.episode.verdict.cause is Cause.COLLECTOR_DOWN


def test_a_gap_that_began_while_another_account_still_saw_the_channel_is_why() -> None:
    made = panel()
    until = NOON + 2 * HOUR
    for at in (NOON, until, until + 10 * MINUTE):
        for number in (1, 2, 3):
            made.watched(number, MONDAY, min(at, until))
            made.blinded(Gap(channel_id=number, account="a", from_at=NOON, to_at=None, cause=GapCause.LINK))
        made.advance(at)
    [step] = told(made.advance(until + HOUR))
    assert step.episode.verdict.cause is Cause.LINK_DOWN


def twenty(*watched: tuple[int, int]) -> list[tuple[timedelta, int, str]]:
    """What is told of twenty channels of which the last so many are watched on, to so many hours after noon:
    when, of how many channels, and in which words.
    """
    return [
        (s.at - NOON, len(s.episode.members), s.episode.ended or s.episode.reason) for s in lost(*watched)
    ]


def lost(*watched: tuple[int, int]) -> list[Transition]:
    made, out, since = panel(20), [], 0
    for on, until in watched:
        for minute in range(since * 60 + 10, until * 60 + 1, 10):
            for number in range(21 - on, 21):
                made.watched(number, MONDAY, NOON + minute * MINUTE)
            out += told(made.advance(NOON + minute * MINUTE))
        since = until
    return out


def test_when_far_more_are_lost_while_some_are_out_of_sight_it_is_told_too() -> None:
    first, more, all_ = twenty((19, 24), (1, 96), (0, 97))
    assert first[:2] == (20 * MINUTE, 1)
    assert "1 of 20" in first[2]
    assert more == (24 * HOUR + 20 * MINUTE, 19, "We see nothing of 19 of 20 channels now.")
    assert all_ == (96 * HOUR + 20 * MINUTE, 20, "We see nothing of any channel now.")


def test_one_lost_after_the_other_is_told_when_they_have_doubled_only() -> None:
    steps = twenty(*((20 - n, n) for n in range(1, 20)), (0, 20))
    assert [n for _, n, _ in steps] == [1, 2, 4, 8, 16, 20]


def test_a_phone_rings_once_more_when_it_has_spread_far_and_not_for_each_channel() -> None:
    one_by_one = lost(*((20 - n, n) for n in range(1, 20)), (0, 20))
    rung = [(s.move, len(s.episode.members)) for s in one_by_one]
    grew, rings = Move.GREW, Move.ESCALATED
    assert rung == [(Move.OPENED, 1), (grew, 2), (grew, 4), (rings, 8), (grew, 16), (rings, 20)]
    assert {s.episode.id for s in one_by_one} == {one_by_one[0].episode.id}
    assert [s.episode.escalated_at for s in one_by_one if s.move is rings] == [
        s.at for s in one_by_one if s.move is rings
    ]
    at_once = lost((19, 24), (1, 96), (0, 97))
    assert [s.move for s in at_once] == [Move.OPENED, rings, grew]
    few_more = lost((18, 24), (14, 48))
    assert [(s.move, len(s.episode.members)) for s in few_more] == [(Move.OPENED, 2), (grew, 6)]


def test_those_that_were_back_for_long_ring_when_they_are_lost_again() -> None:
    longer = lost((19, 24), (1, 48), (19, 96), (1, 120))
    assert [s.move for s in longer] == [Move.OPENED, Move.ESCALATED, Move.ESCALATED]


def test_after_a_restart_it_is_known_of_how_many_a_phone_rang() -> None:
    before = lost((19, 24), (10, 48))[-1].episode
    made = panel(20)
    made.restore([before])
    for minute in range(10, 24 * 60, 10):
        for number in range(12, 21):
            made.watched(number, MONDAY, NOON + minute * MINUTE)
        assert told(made.advance(NOON + minute * MINUTE)) == []
    [step] = told(made.advance(NOON + 30 * HOUR))
    assert (step.move, len(step.episode.members)) == (Move.ESCALATED, 20)


def test_those_that_were_back_for_long_are_told_when_they_are_lost_again() -> None:
    """They are back for two hours, and for two days, while one stays out of sight."""
    shortly = twenty((19, 24), (1, 48), (19, 50), (1, 72))
    assert [n for _, n, _ in shortly] == [1, 19]
    longer = twenty((19, 24), (1, 48), (19, 96), (1, 120))
    assert [(at, n) for at, n, _ in longer][2:] == [(96 * HOUR + 20 * MINUTE, 19)]


def test_all_that_were_lost_since_must_be_seen_before_it_is_over() -> None:
    *_, end = twenty((19, 24), (1, 48), (20, 49))
    assert end[:2] == (48 * HOUR + 10 * MINUTE, 19)
    assert "has been read since" in end[2]
