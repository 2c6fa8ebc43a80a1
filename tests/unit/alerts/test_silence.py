"""A channel's silence, told as a story with its own clock."""

from datetime import timedelta

import pytest

from alerts.config import AlertsConfig, SilenceRule
from alerts.detect.silence import find
from alerts.panel import Panel
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.episode import Move, State
from domain.finding import Cause, Kind, Ruling
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, lived, opened, run, told, turns

DAY = timedelta(days=1)


def test_a_channel_that_keeps_its_rhythm_is_never_told_of() -> None:
    story = Story().posts(WEEKS + 4 * WEEKS / 8, 50)
    assert told(run([story], story.end)) == []


def test_a_silence_in_the_afternoon_is_told_within_hours() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 50).quiet(2 * DAY)
    [episode] = opened(run([story], story.end))
    assert episode.kind is Kind.SILENCE
    assert episode.since_at == story.readings[-1].posted_at
    assert episode.opened_at is not None
    assert timedelta(hours=1) <= episode.opened_at - episode.since_at < timedelta(hours=9)
    assert episode.observed == 0
    assert episode.expected > 3
    assert episode.verdict.ruling is Ruling.CONFIRMED
    assert "without a break" in episode.verdict.evidence[0]


def test_an_ordinary_night_is_no_silence() -> None:
    """The same hours without a post, by night and by day."""
    by_night = Story().posts(WEEKS + 22 * HOUR, 24).quiet(8 * HOUR).posts(3 * DAY, 24)
    by_day = Story().posts(WEEKS + 10 * HOUR, 24).quiet(10 * HOUR).posts(3 * DAY, 24)
    assert opened(run([by_night], by_night.end)) == []
    assert len(opened(run([by_day], by_day.end))) == 1


def test_a_silence_that_lasts_to_the_end_stays_open() -> None:
    story = Story().posts(WEEKS, 50).quiet(3 * DAY)
    steps = turns(run([story], story.end))
    assert [s.move for s in steps] == [Move.OPENED]
    assert steps[0].episode.state is State.OPEN


def test_the_rhythm_must_be_back_before_a_silence_is_over() -> None:
    story = Story().posts(WEEKS, 50).quiet(2 * DAY)
    story.at(story.end)  # "we will return"
    alone = story.quiet(DAY)
    steps = turns(run([alone], alone.end))
    assert [s.move for s in steps] == [Move.OPENED]

    back = story.posts(DAY, 50)
    steps = turns(run([back], back.end))
    assert [s.move for s in steps] == [Move.OPENED, Move.CLOSED]
    closed = steps[1]
    assert closed.episode.since_at == steps[0].episode.since_at
    assert closed.at > MONDAY + WEEKS + 3 * DAY
    assert "in its rhythm again" in closed.episode.ended


def test_a_post_before_it_has_held_dismisses_it() -> None:
    rules = AlertsConfig(silence=SilenceRule(hold=timedelta(hours=5)))
    silent = Story().posts(WEEKS + 13 * HOUR, 50).quiet(2 * DAY)
    [found] = [t for t in run([silent], silent.end, rules=rules) if t.move is Move.FOUND]
    story = Story().posts(WEEKS + 13 * HOUR, 50)
    story.at(found.at + HOUR)
    steps = run([story], found.at + 2 * HOUR, rules=rules)
    silences = [s.move for s in steps if s.episode.kind is Kind.SILENCE]
    assert silences == [Move.FOUND, Move.DISMISSED]


def test_the_budget_is_the_dial() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 50).quiet(4 * DAY)

    def delay(budget: float) -> timedelta:
        rules = AlertsConfig(silence=SilenceRule(budget=budget))
        [episode] = opened(run([story], story.end, rules=rules, decide_from=MONDAY + WEEKS))
        assert episode.opened_at is not None
        return episode.opened_at - episode.since_at

    assert delay(4.0) < delay(0.25) < delay(0.01)


def test_nothing_is_told_sooner_than_the_rule_allows() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 400).quiet(2 * DAY)
    rules = AlertsConfig(silence=SilenceRule(at_least=timedelta(hours=6), hold=timedelta(minutes=30)))
    [episode] = opened(run([story], story.end, rules=rules))
    assert episode.found_at - episode.since_at == timedelta(hours=6)
    assert episode.opened_at == episode.found_at + timedelta(minutes=30)


@pytest.mark.parametrize("days", [1, 3])
def test_a_channel_known_for_a_few_days_is_not_judged(days: int) -> None:
    story = Story().posts(days * DAY, 50).quiet(5 * DAY)
    assert opened(run([story], story.end)) == []


def test_a_channel_known_for_a_week_is_judged_with_care() -> None:
    young = Story().posts(7 * DAY + 13 * HOUR, 50).quiet(5 * DAY)
    old = Story().posts(WEEKS + 13 * HOUR, 50).quiet(5 * DAY)
    [early], [late] = opened(run([young], young.end)), opened(run([old], old.end))
    assert early.found_at - early.since_at > late.found_at - late.since_at


def test_an_unrepaired_hole_stops_the_clock_and_it_starts_again_at_its_end() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 50).quiet(3 * DAY)
    stop = MONDAY + WEEKS + 13 * HOUR
    whole = opened(run([story], story.end))[0]
    assert whole.opened_at is not None

    panel = Panel([channel()], AlertsConfig())
    for reading in story.readings:
        panel.post(reading)
    hole = (stop + HOUR / 2, stop + 20 * HOUR)
    panel.watched(1, MONDAY, hole[0])
    panel.watched(1, hole[1], story.end)
    [episode] = opened(panel.advance(story.end))
    assert episode.opened_at is not None
    assert episode.since_at == hole[1]
    assert episode.opened_at > hole[1] + HOUR
    assert "before we were blind" in episode.reason
    assert episode.verdict.ruling is Ruling.CONFIRMED


def test_while_nobody_watches_nothing_is_raised_and_nothing_closed() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 50).quiet(4 * DAY)
    stop = MONDAY + WEEKS + 13 * HOUR
    panel = Panel([channel()], AlertsConfig())
    panel.watched(1, MONDAY, stop)
    for reading in story.readings:
        panel.post(reading)
    assert all(t.episode.kind is Kind.BLIND for t in panel.advance(stop + 3 * DAY))


def test_a_hole_that_is_filled_afterwards_is_as_if_it_had_never_been() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 50).quiet(2 * DAY)
    stop = MONDAY + WEEKS + 13 * HOUR
    expected = opened(run([story], story.end))[0]
    panel = Panel([channel()], AlertsConfig())
    panel.watched(1, MONDAY, stop)
    for reading in story.readings:
        panel.post(reading)
    panel.advance(stop)
    panel.watched(1, stop + 5 * HOUR, stop + 6 * HOUR)  # live again, not yet read what lies between
    assert [t for t in panel.advance(stop + 6 * HOUR) if t.episode.kind is Kind.SILENCE] == []
    panel.watched(1, stop, story.end)
    [episode] = [e for e in opened(panel.advance(story.end)) if e.kind is Kind.SILENCE]
    assert (episode.since_at, episode.opened_at) == (expected.since_at, expected.opened_at)


def test_a_post_read_late_revises_the_silence_it_lay_in() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 50).quiet(12 * HOUR)
    opened_at = opened(run([story], story.end))[0].opened_at
    assert opened_at is not None
    panel, steps = lived([story], opened_at + HOUR / 4)
    assert len(opened(steps)) == 1
    panel.post(Story().at(opened_at - timedelta(minutes=20)).readings[0])
    [step] = told(panel.advance(opened_at + HOUR / 2))
    assert step.move is Move.CLOSED
    assert step.at == opened_at + HOUR / 4
    assert step.episode.ended.startswith("Revised")
    assert step.episode.verdict.ruling is Ruling.BLIND


def test_a_deadline_is_news_when_it_comes_even_of_a_channel_that_posts_by_the_second() -> None:
    """An instant in hours since 1970 is exact to a microsecond, in which such a channel posts too."""
    story = Story().posts(3 * 7 * DAY, 600)
    panel = Panel([channel()], AlertsConfig(silence=SilenceRule(at_least=timedelta(0), budget=4)))
    run([story], story.end, panel=panel)
    before = len(story.readings)
    track = panel.track(1)
    assert track is not None
    for reading in story.posts(2 * HOUR, 86_400).readings[before:]:
        panel.watched(1, MONDAY, reading.posted_at)
        panel.post(reading)
        panel.advance(reading.posted_at)
        due = track.rhythm.overdue_at
        assert find(track.rhythm, track.series, track.rhythm.counted(due), due) is not None


def test_a_post_read_late_that_leaves_a_silence_moves_its_beginning() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 50).quiet(3 * DAY)
    panel, steps = lived([story], story.end)
    [episode] = opened(steps)
    late = Story().at(episode.since_at + HOUR).readings[0]
    panel.post(late)
    steps = told(panel.advance(story.end + HOUR / 4))
    assert [s.move for s in steps] == [Move.GREW]
    assert steps[0].episode.since_at == late.posted_at


def test_a_channel_that_is_gone_is_told_as_gone_and_never_as_silent() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 50).quiet(3 * DAY)
    panel = Panel([channel()], AlertsConfig())
    panel.watched(1, MONDAY, story.end)
    for reading in story.readings:
        panel.post(reading)
    gone_at = MONDAY + WEEKS + 13 * HOUR + HOUR / 4
    panel.befell(event(gone_at, ChannelChange.GONE, ChannelStatus.BANNED, "CHANNEL_PRIVATE"))
    [step] = told(panel.advance(story.end))
    assert (step.move, step.at, step.episode.kind) == (Move.OPENED, gone_at, Kind.CHANNEL)
    assert step.episode.verdict.cause is Cause.CHANNEL_GONE
    assert any("CHANNEL_PRIVATE" in line for line in step.episode.verdict.evidence)

    back_at = story.end + HOUR
    panel.watched(1, back_at, back_at + 2 * HOUR)
    panel.befell(event(back_at, ChannelChange.BACK, ChannelStatus.OPEN, "it can be read"))
    [step] = told(panel.advance(back_at + 2 * HOUR))
    assert (step.move, step.at) == (Move.CLOSED, back_at)


def test_a_silent_channel_that_turns_out_to_be_gone_is_explained() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 50).quiet(DAY)
    panel, steps = lived([story], story.end)
    assert len(opened(steps)) == 1
    panel.befell(event(story.end, ChannelChange.GONE, ChannelStatus.DELETED, "CHANNEL_INVALID"))
    steps = told(panel.advance(story.end))
    assert [(s.move, s.episode.kind) for s in steps] == [
        (Move.CLOSED, Kind.SILENCE),
        (Move.OPENED, Kind.CHANNEL),
    ]
    assert steps[0].episode.verdict.cause is Cause.CHANNEL_GONE


def test_a_new_handle_is_told_once_and_is_over() -> None:
    story = Story().posts(WEEKS, 50).quiet(HOUR)
    panel = Panel([channel()], AlertsConfig())
    panel.watched(1, MONDAY, story.end)
    for reading in story.readings:
        panel.post(reading)
    panel.befell(
        ChannelEvent(
            channel_id=1,
            at=story.end,
            change=ChannelChange.HANDLE_CHANGED,
            status=ChannelStatus.OPEN,
            before="invented_1",
            after="invented_new",
        )
    )
    [step] = told(panel.advance(story.end))
    assert (step.move, step.episode.state) == (Move.OPENED, State.CLOSED)
    assert "invented_new" in step.episode.reason
    track = panel.track(1)
    assert track is not None
    assert track.channel.handle == "invented_new"
    assert panel.advance(story.end + HOUR / 4) == []


def test_history_teaches_and_raises_nothing() -> None:
    """A channel is added today; that it was silent a month ago is no news."""
    story = Story().posts(WEEKS / 2, 50).quiet(4 * DAY).posts(WEEKS / 2, 50)
    assert len(opened(run([story], story.end))) == 1
    panel, steps = lived([story], story.end, decide_from=story.end)
    assert steps == []
    panel.watched(1, MONDAY, story.end + DAY)
    assert len(opened(panel.advance(story.end + DAY))) == 1


def test_a_slower_life_is_learned_and_not_told_for_ever() -> None:
    """From fifty a day to eight: told at first, the rule after two weeks."""
    story = Story(seed=3).posts(WEEKS, 50).posts(WEEKS, 8)
    episodes = opened(run([story], story.end))
    assert episodes
    assert [e for e in episodes if e.since_at > MONDAY + WEEKS + 14 * DAY] == []


def event(at, change, status, evidence):  # type: ignore[no-untyped-def]  # a shorthand
    return ChannelEvent(channel_id=1, at=at, change=change, status=status, evidence=evidence)
