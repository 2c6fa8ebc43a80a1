"""What becomes of an episode once it was told: it grows graver, or it comes and goes."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.config import AlertsConfig, DropRule, SilenceRule, SurgeRule
from alerts.panel import Panel
from domain.episode import Episode, Move, Transition
from domain.finding import Kind
from domain.sentence import Sentence
from tests.support.rhythms import HOUR, MONDAY, Story, channel, lasting, run, told

DAY = timedelta(days=1)
WEEKS = timedelta(weeks=4)
START = MONDAY + WEEKS + 10 * HOUR
#: Three days of a channel that falls silent for five hours at a time, three times over, and then posts on.
PAUSES = 3


def moves(steps: list[Transition], kind: Kind = Kind.SILENCE) -> list[tuple[Move, Episode]]:
    return [(s.move, s.episode) for s in told(steps) if s.episode.kind is kind]


def flapping(seed: int = 3, pauses: int = PAUSES) -> Story:
    story = Story(seed=seed).posts(WEEKS + 10 * HOUR, 150)
    for _ in range(pauses):
        story.quiet(5 * HOUR).posts(4 * HOUR, 150)
    return story.posts(2 * DAY, 150)


def test_a_silence_that_goes_on_is_told_once_more_and_only_once() -> None:
    story = Story(seed=3).posts(WEEKS + 10 * HOUR, 60).quiet(6 * DAY).posts(DAY, 60)
    steps = run([story], story.end, decide_from=START)
    assert [m for m, _ in moves(steps)] == [Move.OPENED, Move.ESCALATED, Move.CLOSED]
    [(_, first), (_, graver), (_, end)] = moves(steps)
    assert first.opened_at is not None
    assert graver.escalated_at is not None
    assert graver.escalated_at - first.opened_at >= SilenceRule().escalate_after
    assert graver.probability <= first.probability / 1000 or graver.expected >= 4 * first.expected
    assert (graver.since_at, graver.opened_at) == (first.since_at, first.opened_at)
    assert "since it was told" not in first.reason
    assert "than when it was told" in graver.reason
    assert end.escalated_at == graver.escalated_at


def test_one_that_ends_before_or_is_not_to_escalate_is_told_once() -> None:
    short = Story(seed=3).posts(WEEKS + 10 * HOUR, 60).quiet(14 * HOUR).posts(DAY, 60)
    assert [m for m, _ in moves(run([short], short.end, decide_from=START))] == [Move.OPENED, Move.CLOSED]
    story = Story(seed=3).posts(WEEKS + 10 * HOUR, 60).quiet(6 * DAY).posts(DAY, 60)
    never = AlertsConfig(silence=SilenceRule(escalate_after=timedelta(0)))
    steps = run([story], story.end, rules=never, decide_from=START)
    assert [m for m, _ in moves(steps)] == [Move.OPENED, Move.CLOSED]


def test_time_that_nobody_watched_makes_no_silence_graver() -> None:
    """It is told; then we are blind for days, in which it may have posted."""
    story = Story(seed=3).posts(WEEKS + 10 * HOUR, 60).quiet(6 * DAY)
    told_by = START + 10 * HOUR
    panel = Panel([channel()], AlertsConfig(), decide_from=START)
    panel.watched(1, MONDAY, told_by)
    for reading in story.readings:
        panel.post(reading)
    before = panel.advance(told_by)
    panel.watched(1, story.end - HOUR, story.end)
    after = panel.advance(story.end)
    assert [m for m, _ in moves(before)] == [Move.OPENED]
    assert moves(after) == []
    seen = run([story], story.end, decide_from=START)
    assert [m for m, _ in moves(seen)] == [Move.OPENED, Move.ESCALATED]


@pytest.mark.parametrize(
    ("rate", "kind", "rule"), [(30, Kind.DROP, DropRule()), (700, Kind.SURGE, SurgeRule())]
)
def test_a_drop_or_surge_that_goes_on_is_told_once_more(
    rate: float, kind: Kind, rule: DropRule | SurgeRule
) -> None:
    story = Story(seed=2).posts(WEEKS + 10 * HOUR, 120).posts(4 * DAY, rate).posts(3 * DAY, 120)
    steps = moves(run([story], story.end, decide_from=START), kind)
    assert [m for m, _ in steps][:3] == [Move.OPENED, Move.ESCALATED, Move.CLOSED]
    assert sum(m is Move.ESCALATED for m, _ in steps) == 1
    first, graver = steps[0][1], steps[1][1]
    assert graver.escalated_at is not None
    assert graver.opened_at is not None
    assert graver.escalated_at - graver.opened_at == rule.escalate_after
    assert graver.probability < first.probability / 10
    came = [r for r in story.readings if graver.since_at <= r.posted_at <= graver.escalated_at]
    assert abs(graver.observed - len(came)) <= 0.1 * len(came) + 5


def test_a_group_that_stays_away_is_told_once_more_with_how_many() -> None:
    stories = [Story(n, seed=11).posts(WEEKS + 10 * HOUR, 60).quiet(3 * DAY) for n in (1, 2, 3, 4)]
    stories[3].posts(DAY, 60)
    groups = dict.fromkeys((1, 2, 3, 4), "net")
    end = stories[0].end
    steps = [s for s in told(run(stories, end, groups=groups, decide_from=START)) if s.episode.subject.group]
    assert Move.OPENED in [s.move for s in steps]
    [graver] = [s.episode for s in steps if s.move is Move.ESCALATED]
    assert "channels are still silent" in graver.reason


def test_what_comes_and_goes_is_one_episode_with_its_first_beginning() -> None:
    story = flapping()
    steps = moves(run([story], story.end, decide_from=START))
    assert [m for m, _ in steps] == [Move.OPENED, Move.CLOSED, Move.REOPENED, Move.GREW, Move.CLOSED]
    first, last = steps[0][1], steps[-1][1]
    assert {e.id for _, e in steps} == {first.id}
    assert {e.since_at for _, e in steps} == {first.since_at}
    assert [e.times for _, e in steps] == [1, 1, 2, 3, 3]
    assert last.again_at is not None
    assert last.again_at > first.since_at + 8 * HOUR
    assert f"begun {PAUSES} times" in last.ended
    # Its end is told only when it has been back for as long as would have made it the same.
    assert last.closed_at is not None
    assert last.closed_at - (START + PAUSES * 9 * HOUR - 4 * HOUR) >= AlertsConfig().again_within - HOUR


def test_numbers_and_evidence_of_what_comes_again_are_those_of_the_last_time() -> None:
    """Whether it was told as over meanwhile or not."""
    story = flapping()
    steps = moves(run([story], story.end, decide_from=START))
    beginnings = [(m, e) for m, e in steps if m is not Move.CLOSED]
    assert [m for m, _ in beginnings] == [Move.OPENED, Move.REOPENED, Move.GREW]
    for n, (_, episode) in enumerate(beginnings):
        watched = episode.verdict.evidence[0]
        assert isinstance(watched, Sentence)
        assert watched.values["start"] == episode.begun_at
        assert f"{episode.expected:.1f} were expected" in episode.reason
        assert all(other.reason != episode.reason for _, other in beginnings[:n])
        assert all(other.probability != episode.probability for _, other in beginnings[:n])


def test_a_drop_that_comes_again_is_told_of_with_the_posts_of_the_last_time() -> None:
    story = Story(seed=3).posts(WEEKS + 10 * HOUR, 300)
    for _ in range(3):
        story.posts(14 * HOUR, 50).posts(10 * HOUR, 300)
    story.posts(3 * DAY, 300)
    steps = moves(run([story], story.end, decide_from=START), Kind.DROP)
    again = [e for m, e in steps if m is Move.GREW and e.times > 1]
    assert again
    for episode in again:
        assert episode.again_at is not None
        came = [r for r in story.readings if episode.again_at < r.posted_at]
        watched = episode.verdict.evidence[0]
        assert isinstance(watched, Sentence)
        assert watched.values["since"] == episode.again_at
        assert episode.observed < min(len(came), episode.expected)


def test_far_apart_they_are_two() -> None:
    story = Story(seed=3).posts(WEEKS + 10 * HOUR, 150).quiet(5 * HOUR).posts(2 * DAY, 150)
    story.quiet(5 * HOUR).posts(DAY, 150)
    steps = moves(run([story], story.end, decide_from=START))
    assert [m for m, _ in steps] == [Move.OPENED, Move.CLOSED, Move.OPENED, Move.CLOSED]
    assert len({e.id for _, e in steps}) == 2


def test_without_the_rule_each_is_told_for_itself() -> None:
    story = flapping()
    rules = AlertsConfig(again_within=timedelta(0))
    steps = moves(run([story], story.end, rules=rules, decide_from=START))
    assert [m for m, _ in steps] == PAUSES * [Move.OPENED, Move.CLOSED]


def test_a_lone_post_neither_ends_a_silence_nor_begins_another() -> None:
    story = Story(seed=3).posts(WEEKS + 10 * HOUR, 60).quiet(30 * HOUR)
    story.at(START + 15 * HOUR).posts(DAY, 60)
    steps = moves(run([story], story.end, decide_from=START))
    assert [m for m, _ in steps if m is not Move.ESCALATED] == [Move.OPENED, Move.CLOSED]
    assert steps[-1][1].times == 1
    assert steps[-1][1].closed_at is not None
    assert steps[-1][1].closed_at > START + 30 * HOUR


stops = st.floats(0, 80).map(lambda h: START + timedelta(hours=h))


@settings(max_examples=6, deadline=None)
@given(stops)
def test_a_restart_changes_nothing_about_what_flaps_and_grows(stop: datetime) -> None:
    story = flapping().quiet(3 * DAY)
    rules, end = AlertsConfig(), story.end
    whole = run([story], end, decide_from=START)

    first = Panel([channel()], rules, decide_from=START)
    first.watched(1, MONDAY, stop)
    second = Panel([channel()], rules, decide_from=START)
    second.watched(1, MONDAY, stop)
    for reading in story.readings:
        if reading.posted_at <= stop:
            first.post(reading)
            second.learn(reading)
    known = first.advance(stop)
    stored = {s.episode.id: s.episode for s in told(known)}
    second.restore(
        [e for e in stored.values() if e.closed_at is None],
        ended=[e for e in stored.values() if e.closed_at is not None],
    )
    second.watched(1, MONDAY, end)
    for reading in story.readings:
        if reading.posted_at > stop:
            second.post(reading)
    assert lasting([*known, *second.advance(end)]) == lasting(whole)
