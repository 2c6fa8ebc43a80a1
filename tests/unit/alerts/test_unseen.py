"""Holes in a pause that nobody filled: what was seen before counts as far as nothing came in them."""

import math
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import crowd
from alerts.calendars.period import Period
from alerts.calendars.season import Season
from alerts.config import AlertsConfig
from alerts.cover import Cover
from alerts.hours import hours
from alerts.panel import Panel
from alerts.rhythm import Rhythm
from alerts.unseen import Unseen, count_back
from domain.episode import Episode, Move, Transition
from domain.finding import Kind, Ruling
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, lasting, opened, told

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
STOP = MONDAY + WEEKS + 13 * HOUR
#: Hours: below its threshold a tail falls in steps, which rounding may put on either side of an instant.
EPSILON = 1e-6
Holes = list[tuple[datetime, datetime]]


def daily(n: int, lasts: timedelta = 10 * MINUTE) -> Holes:
    """One hole each day after the channel stopped, at the time of day at which most is posted."""
    return [(STOP + k * DAY + HOUR, STOP + k * DAY + HOUR + lasts) for k in range(n)]


def watched(
    story: Story, holes: Holes, end: datetime, looks: list[datetime] | None = None
) -> list[Transition]:
    """What is told of a channel that was watched but for these holes, by one who looks then."""
    panel, out, posts = Panel([channel()], AlertsConfig(), decide_from=MONDAY + WEEKS), [], story.readings[:]
    for now in [*sorted(looks or []), end]:
        start = MONDAY
        for a, b in holes:
            if start < now:
                panel.watched(1, start, min(a, now))
            start = b
        if start < now:
            panel.watched(1, start, now)
        while posts and posts[0].posted_at <= now:
            panel.post(posts.pop(0))
        out += panel.advance(now)
    return out


def silent(per_day: float, lasts: timedelta) -> Story:
    return Story(seed=3).posts(WEEKS + 13 * HOUR, per_day).quiet(lasts)


def the_one(steps: list[Transition]) -> Episode:
    [episode] = opened(steps)
    return episode


def test_a_slow_channel_is_told_silent_though_each_day_has_a_hole() -> None:
    story = silent(3, 9 * DAY)
    whole = the_one(watched(story, [], story.end))
    holed = the_one(watched(story, daily(9), story.end))
    assert holed.verdict.ruling is Ruling.CONFIRMED
    assert holed.since_at == whole.since_at
    assert whole.opened_at is not None
    assert holed.opened_at is not None
    assert timedelta() <= holed.opened_at - whole.opened_at < 2 * DAY


def test_people_are_told_that_time_unseen_was_left_out() -> None:
    story = silent(3, 9 * DAY)
    episode = the_one(watched(story, daily(9), story.end))
    assert "time that nobody watched is left out" in episode.reason
    assert "only these count" in episode.verdict.evidence[0]
    whole = the_one(watched(story, [], story.end))
    assert "without a break" in whole.verdict.evidence[0]
    assert "left out" not in whole.reason


def test_after_a_hole_in_which_it_surely_posted_the_clock_starts_at_its_end() -> None:
    story = silent(50, 3 * DAY)
    hole = (STOP + HOUR / 2, STOP + 5 * HOUR)
    episode = the_one(watched(story, [hole], story.end))
    assert episode.since_at == hole[1]
    assert "before we were blind" in episode.reason


def test_a_hole_while_a_silence_is_held_puts_it_off_and_does_not_begin_it_anew() -> None:
    story = silent(3, 9 * DAY)
    whole = the_one(watched(story, [], story.end))
    hole = (whole.found_at + 5 * MINUTE, whole.found_at + 5.1 * MINUTE)
    steps = watched(story, [hole], story.end)
    episode = the_one(steps)
    assert episode.since_at == whole.since_at
    assert episode.opened_at is not None
    assert whole.opened_at is not None
    assert whole.opened_at < episode.opened_at < whole.opened_at + 3 * HOUR


def test_how_often_one_looks_does_not_matter_with_holes() -> None:
    for per_day, lasts in ((3, 9 * DAY), (50, 2 * DAY)):
        story, holes = silent(per_day, lasts), daily(9, 7 * MINUTE)
        once = lasting(watched(story, holes, story.end))
        assert once[0][0] is Move.OPENED
        often = [STOP + k * 53 * MINUTE for k in range(int((story.end - STOP) / (53 * MINUTE)))]
        inside = [a + (b - a) / 2 for a, b in holes if a < story.end]
        assert lasting(watched(story, holes, story.end, often + inside)) == once


def test_a_hole_that_is_filled_gives_the_same_as_none() -> None:
    story = silent(3, 9 * DAY)
    holes = daily(9)
    whole = the_one(watched(story, [], story.end))
    assert whole.opened_at is not None
    panel, out = Panel([channel()], AlertsConfig(), decide_from=MONDAY + WEEKS), []
    for reading in story.readings:
        panel.post(reading)
    start = MONDAY
    for a, b in holes:  # each is read half an hour later
        panel.watched(1, start, a)
        panel.watched(1, b, b + 30 * MINUTE)
        out += panel.advance(b + 30 * MINUTE)
        panel.watched(1, a, b)
        start = b
    panel.watched(1, start, story.end)
    out += panel.advance(story.end)
    assert lasting(out) == lasting(watched(story, [], story.end))


def test_a_post_ends_it_and_the_next_pause_knows_nothing_of_its_holes() -> None:
    story = silent(3, 9 * DAY).posts(20 * DAY, 3)
    steps = told(watched(story, daily(9), story.end))
    assert [step.move for step in steps][:2] == [Move.OPENED, Move.CLOSED]
    assert len(opened(steps)) == 1


def test_a_silence_told_in_spite_of_holes_does_not_become_the_rule() -> None:
    """Or the next one would be told later, the more so the longer it had lasted."""
    dues = []
    for holes in ([], daily(30)):
        story = silent(3, 30 * DAY).posts(30 * DAY, 3)
        panel = Panel([channel()], AlertsConfig(), decide_from=MONDAY + WEEKS)
        start = MONDAY
        for a, b in holes:
            panel.watched(1, start, a)
            start = b
        panel.watched(1, start, story.end)
        for reading in story.readings:
            panel.post(reading)
        panel.advance(story.end)
        track = panel.track(1)
        assert track is not None
        dues.append((track.rhythm.level, track.rhythm.most))
    (level, most), (level_holed, most_holed) = dues
    assert level_holed == pytest.approx(level, rel=0.1)
    assert most_holed == pytest.approx(most, rel=0.1)


# -- of topics and claimants

TALK = {"attacks": 0.05}


def test_a_topic_is_told_silent_though_each_day_has_a_hole() -> None:
    """Its clock is the channel's posts, so it needs days, and each of them has a hole of ten minutes."""
    story = Story(seed=3).posts(WEEKS + 13 * HOUR, 30, topics=TALK).posts(14 * DAY, 30)
    in_holes = [(a, b) for a, b in daily(14) if not any(a <= r.posted_at <= b for r in story.readings)]
    assert len(in_holes) > 7
    whole, holed = (the_one(watched(story, holes, story.end)) for holes in ([], in_holes))
    assert (whole.subject.topic, holed.subject.topic) == ("attacks", "attacks")
    assert holed.since_at == whole.since_at
    assert whole.opened_at is not None
    assert holed.opened_at is not None
    assert timedelta() <= holed.opened_at - whole.opened_at < 3 * DAY
    assert "time that nobody watched is left out" in holed.reason
    assert "only these count" in holed.verdict.evidence[0]


def test_a_topic_counts_from_the_end_of_a_hole_in_which_it_was_surely_posted_about() -> None:
    story = Story(seed=3).posts(WEEKS + 13 * HOUR, 30, topics=TALK)
    stop, hole = story.end, (story.end + HOUR, story.end + 4 * DAY)
    story.quiet(4 * DAY).posts(14 * DAY, 30)
    steps = watched(story, [hole], story.end)
    episode = the_one([step for step in steps if step.episode.subject.topic])
    assert episode.since_at == hole[1] > stop


def test_holes_of_a_topic_that_are_filled_by_the_time_it_is_looked_at_count_as_seen() -> None:
    story = Story(seed=3).posts(WEEKS + 13 * HOUR, 30, topics=TALK).posts(14 * DAY, 30)
    panel, out, posts, start = Panel([channel()], AlertsConfig(), decide_from=MONDAY + WEEKS), [], 0, MONDAY
    for a, b in daily(14):
        panel.watched(1, start, a)
        panel.watched(1, b, b + HOUR)
        while posts < len(story.readings) and story.readings[posts].posted_at <= b + HOUR:
            panel.post(story.readings[posts])
            posts += 1
        out += panel.advance(b + HOUR)
        panel.watched(1, a, b)
        start = b
    assert the_one(out).since_at == the_one(watched(story, [], story.end)).since_at
    assert the_one(out).opened_at == the_one(watched(story, [], story.end)).opened_at


# -- of the rhythm alone

spans = st.lists(st.tuples(st.floats(0, 40), st.floats(0.001, 6)), max_size=6)


@cache
def some_rhythms() -> tuple[Rhythm, ...]:
    made = []
    for seed, rate in ((1, 3), (2, 20), (3, 90)):
        rhythm, cover = Rhythm("UTC", AlertsConfig()), Cover()
        cover.add(hours(MONDAY), hours(MONDAY + WEEKS))
        for reading in Story(1, seed=seed).posts(WEEKS / 2, rate).readings:
            rhythm.post(hours(reading.posted_at), cover)
        made.append(rhythm)
    return tuple(made)


def chance(rhythm: Rhythm, parts: list[tuple[float, float]], after: float) -> float:
    """Of the pause when it is watched and unwatched for so many hours in turn, and watched at the end."""
    seen, at = [], rhythm.last
    for watch, hole in parts:
        seen.append((at, at + watch))
        at += watch + hole
    try:
        if parts:
            rhythm.skip(seen, at)
        return rhythm.survival(rhythm.expected(at + after))
    finally:
        rhythm.resume(rhythm.last)


@settings(deadline=None)
@given(st.sampled_from([0, 1, 2]), spans, st.floats(0, 100), st.floats(0, 48))
def test_a_further_quiet_hour_never_lowers_the_score_whatever_was_not_seen(
    which: int, parts: list[tuple[float, float]], after: float, more: float
) -> None:
    rhythm = some_rhythms()[which]
    assert chance(rhythm, parts, after + more + EPSILON) <= chance(rhythm, parts, after) + 1e-9


@settings(deadline=None)
@given(st.sampled_from([0, 1, 2]), spans, st.floats(0, 100))
def test_unwatched_time_never_counts_as_much_as_watched(
    which: int, parts: list[tuple[float, float]], after: float
) -> None:
    rhythm = some_rhythms()[which]
    length = sum(watch + hole for watch, hole in parts)
    assert chance(rhythm, parts, after) >= chance(rhythm, [], length + after + EPSILON) - 1e-9


@settings(deadline=None, max_examples=300)
@given(st.sampled_from([0, 1, 2]), spans.filter(bool), st.floats(0, 100), st.data())
def test_a_hole_more_never_raises_the_score(
    which: int, parts: list[tuple[float, float]], after: float, data: st.DataObject
) -> None:
    """One hole is filled, so the rest of them with more seen says at least as much."""
    rhythm, n = some_rhythms()[which], data.draw(st.integers(0, len(parts) - 1))
    watch, hole = parts[n]
    if n + 1 < len(parts):
        filled = [*parts[:n], (watch + hole + parts[n + 1][0], parts[n + 1][1]), *parts[n + 2 :]]
        assert chance(rhythm, parts, after) >= chance(rhythm, filled, after + EPSILON) - 1e-9
    else:
        filled, seen = parts[:n], watch + hole + after
        assert chance(rhythm, parts, after) >= chance(rhythm, filled, seen + EPSILON) - 1e-9


@settings(deadline=None)
@given(st.sampled_from([0, 1, 2]), spans)
def test_the_deadline_is_the_instant_at_which_it_is_news(
    which: int, parts: list[tuple[float, float]]
) -> None:
    rhythm, at, seen = some_rhythms()[which], some_rhythms()[which].last, []
    for watch, hole in parts:
        seen.append((at, at + watch))
        at += watch + hole
    try:
        if parts:
            rhythm.skip(seen, at)
        due = rhythm.when_counted(rhythm.bar)
        just_after = rhythm.counted(due) + EPSILON
        assert rhythm.survival(just_after) <= rhythm.tail.survival(rhythm.most) * (1 + EPSILON)
        if due > at + 0.1:
            assert rhythm.counted(due - 0.05) < rhythm.bar
        assert rhythm.bar >= rhythm.most
        assert rhythm.overdue_at >= at
    finally:
        rhythm.resume(rhythm.last)


def test_a_hole_of_no_length_changes_nothing() -> None:
    rhythm = some_rhythms()[0]
    assert chance(rhythm, [(30.0, 1e-9)], 20.0) == pytest.approx(chance(rhythm, [], 50.0), rel=1e-6)


def test_what_counts_of_the_pause_and_how_much() -> None:
    """One post an hour. Of a hole of six minutes 0.1 are expected, of one of six hours six."""

    def length(a: float, b: float) -> float:
        return b - a

    kept, unseen = count_back([(0, 3), (3.1, 5)], 0.0, 5.1, length, length)
    none = math.exp(-0.1)
    assert kept == [(0, 3), (3.1, 5)]
    assert [part for part, _ in unseen.parts] == pytest.approx([1 - none, none - none**2, none**2])
    assert [before for _, before in unseen.parts] == pytest.approx([4.9, 3.0, 0.0])
    assert math.fsum(part for part, _ in unseen.parts) == pytest.approx(1)

    kept, unseen = count_back([(0, 3), (9, 11)], 0.0, 11.1, length, length)
    assert kept == [(9, 11)]  # in the six hours before a post came, in all likelihood
    assert [each for part in unseen.parts for each in part] == pytest.approx([1 - none, 2.0, none, 0.0])

    assert count_back([(0, 3)], 0.0, 9.0, length, length)[0] == []


def test_the_least_pause_lies_between_one_without_holes_and_that_with_all_seen_before() -> None:
    unseen = Unseen(((0.1, 4.0), (0.9, 0.0)))
    least = unseen.least(lambda pause: math.exp(-max(pause, 0.0)), 6.0)
    assert 6.0 < least < 10.0
    assert unseen.chance(lambda pause: math.exp(-max(pause, 0.0)), least) == pytest.approx(math.exp(-6.0))
    assert unseen.least(lambda pause: math.exp(-max(pause, 0.0)), math.inf) == math.inf


def test_a_time_of_the_year_with_less_counts_less_before_a_hole_as_well() -> None:
    less = Period.model_validate({"name": "a feast", "from": "01-01", "to": "12-31", "less": 0.5})
    rhythm, cover = Rhythm("UTC", AlertsConfig(), Season((less,), "UTC")), Cover()
    cover.add(hours(MONDAY), hours(MONDAY + WEEKS))
    for reading in Story(1, seed=1).posts(WEEKS / 2, 3).readings:
        rhythm.post(hours(reading.posted_at), cover)
    last = rhythm.last
    rhythm.skip([(last, last + 30)], last + 30.1)
    assert rhythm.counted(last + 50) == pytest.approx(rhythm.expected(last + 50) / 2)
    for counted in (1.0, rhythm.counted(last + 31), 5.0):
        due = rhythm.when_counted(counted)
        assert due >= last + 30.1
        assert rhythm.counted(due) == pytest.approx(max(counted, rhythm.counted(last + 30.1)))


def test_a_hole_that_all_of_a_group_share_makes_no_silence_of_the_group() -> None:
    """After it nobody has posted yet; what counts is who had stopped before."""
    stop, them = STOP + HOUR, dict.fromkeys(range(1, 7), "net")
    stories = [Story(n, seed=6).posts(WEEKS + 14 * HOUR, 60 if n > 2 else 6) for n in them]
    for story in stories:  # two of six are silent for reasons of their own
        if story.number > 2:
            story.posts(6 * DAY, 60)
    hole = (stop + 2 * DAY, stop + 2 * DAY + 2 * MINUTE)
    panel = Panel([channel(n, "net") for n in them], AlertsConfig(), decide_from=stop)
    for number in them:
        panel.watched(number, MONDAY, hole[0])
        panel.watched(number, hole[1], stop + 5 * DAY)
    for story in stories:
        for reading in story.readings:
            if not hole[0] <= reading.posted_at <= hole[1]:
                panel.post(reading)
    episodes = [e for e in opened(panel.advance(stop + 5 * DAY)) if e.kind is Kind.SILENCE]
    assert {e.subject.channel_id for e in episodes} == {1, 2}


def test_a_group_that_falls_silent_is_told_though_all_of_it_was_unseen_for_a_moment() -> None:
    them = dict.fromkeys(range(1, 5), "net")
    stories = [Story(n, seed=5).posts(WEEKS + 14 * HOUR, 6) for n in them]
    begun, end, seen = stories[0].end, stories[0].end + 2 * DAY, {}
    for holes in (0, 6):
        panel = Panel([channel(n, "net") for n in them], AlertsConfig(), decide_from=begun)
        for number in them:
            panel.watched(number, MONDAY, begun)
        for story in stories:
            for reading in story.readings:
                panel.post(reading)
        out, start = panel.advance(begun), begun
        for until in [begun + (2 + 7 * k) * HOUR for k in range(holes)] + [end]:
            for number in them:
                panel.watched(number, start, until)
            out += panel.advance(until)
            start = until + MINUTE
        [seen[holes]] = [e for e in opened(out) if e.subject.group]
    assert seen[6].since_at == seen[0].since_at <= begun
    assert seen[6].opened_at - seen[0].opened_at < 12 * HOUR
    assert seen[6].verdict.ruling is Ruling.CONFIRMED


@pytest.mark.parametrize("rate", [6, 20, 60])
def test_a_group_is_told_alike_however_often_one_looks_and_however_late_its_holes_are_known(
    rate: int,
) -> None:
    """Its channels are asked of for each other's sake, at other instants by one who looks more often."""
    them = dict.fromkeys(range(1, 5), "net")
    stories = [Story(n, seed=5).posts(WEEKS / 2 + 14 * HOUR, rate if n < 3 else 2 * rate) for n in them]
    begun, end = stories[0].end, stories[0].end + 2 * DAY
    stories[3].posts(2 * DAY, 2 * rate)
    holes = [(begun + (2 + 7 * k) * HOUR, begun + (2 + 7 * k) * HOUR + 2 * MINUTE) for k in range(6)]
    posts = sorted((r for s in stories for r in s.readings), key=lambda r: r.posted_at)
    posts = [r for r in posts if not any(a <= r.posted_at <= b for a, b in holes)]

    def told_by(looks: list[datetime]) -> list[tuple[Move, datetime, Episode]]:
        made = Panel([channel(n, "net") for n in them], AlertsConfig(), decide_from=begun)
        out: list[Transition] = []
        left = posts[:]
        for now in [*looks, end]:
            for number in them:
                start = MONDAY
                for a, b in holes:
                    if start < now:
                        made.watched(number, start, min(a, now))
                    start = b
                if start < now:
                    made.watched(number, start, now)
            while left and left[0].posted_at <= now:
                made.post(left.pop(0))
            out += made.advance(now)
        return lasting(out)

    once = told_by([])
    assert [move for move, *_ in once]
    assert told_by([begun + k * 13 * MINUTE for k in range(220)]) == once
    assert told_by([begun + k * 61 * MINUTE for k in range(47)]) == once


@pytest.mark.parametrize("many", [1, 10**9])
def test_what_a_group_taught_before_a_later_hole_is_known_though_the_hole_is_known_as_well(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start learns weeks of which it is known beforehand what was not seen in them."""
    monkeypatch.setattr(crowd, "MANY", many)
    them = dict.fromkeys(range(1, 5), "net")
    stories = [Story(n, seed=5).posts(WEEKS / 2 + 14 * HOUR, 20) for n in them]
    end, bars = stories[0].end, []
    for hole in (None, (end - 2 * HOUR, end - 2 * HOUR + MINUTE)):
        panel = Panel([channel(n, "net") for n in them], AlertsConfig())
        for number in them:
            panel.watched(number, MONDAY, hole[0] if hole else end)
            if hole:
                panel.watched(number, hole[1], end)
        for reading in sorted((r for s in stories for r in s.readings), key=lambda r: r.posted_at):
            panel.learn(reading)
        panel.restore([])
        bars.append(panel._crowds.of["group", "net"].peaks.bar(0.25))
    assert bars[0] is not None
    assert bars[1] == pytest.approx(bars[0], rel=0.05)
