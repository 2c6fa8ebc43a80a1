"""What was observed beside what was to be expected."""

from datetime import timedelta

import pytest

from alerts.config import AlertsConfig
from alerts.panel import Panel
from alerts.series import chart_series, sum_series
from alerts.strand import Strand
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, run

DAY = timedelta(days=1)


def watched(story: Story, **more: object) -> Panel:
    panel = Panel([channel(story.number)], AlertsConfig())
    run([story], story.end, panel=panel, **more)  # type: ignore[arg-type]  # only what run takes
    return panel


def test_observed_is_what_was_posted_and_expected_is_near_it() -> None:
    story = Story().posts(WEEKS, 100)
    panel = watched(story)
    track = panel.track(1)
    assert track is not None
    points = chart_series(track, None, story.end - 7 * DAY, story.end)
    assert len(points) == 7 * 24
    assert [p.start for p in points] == [story.end - 7 * DAY + i * HOUR for i in range(7 * 24)]
    posted = [r for r in story.readings if r.posted_at >= story.end - 7 * DAY]
    assert sum(p.observed or 0 for p in points) == len(posted)
    assert sum(p.expected for p in points) == pytest.approx(len(posted), rel=0.15)
    within = sum(p.lower <= (p.observed or 0) <= p.upper for p in points)
    assert within / len(points) > 0.85
    assert all(p.lower <= p.expected + 1 and p.upper >= p.expected for p in points)


def test_what_was_not_watched_is_unknown_and_not_zero() -> None:
    panel = Panel([channel()], AlertsConfig())
    story = Story().posts(WEEKS, 50)
    hole = (story.end - 10 * HOUR, story.end - 7.5 * HOUR)
    panel.watched(1, MONDAY, hole[0])
    panel.watched(1, hole[1], story.end)
    for reading in story.readings:
        if not hole[0] < reading.posted_at < hole[1]:
            panel.post(reading)
    panel.advance(story.end)
    track = panel.track(1)
    assert track is not None
    points = chart_series(track, None, story.end - 12 * HOUR, story.end)
    assert [p.observed is None for p in points] == [False] * 2 + [True] * 3 + [False] * 7
    assert all(p.expected > 0 for p in points)


def test_of_a_topic_its_share_of_what_the_channel_posted_is_expected() -> None:
    story = Story().posts(WEEKS, 60, topics={"attacks": 0.3}).posts(2 * DAY, 60)
    panel = watched(story)
    track = panel.track(1)
    assert track is not None
    before = chart_series(track, Strand("topic", "attacks"), story.end - 9 * DAY, story.end - 2 * DAY)
    after = chart_series(track, Strand("topic", "attacks"), story.end - 2 * DAY, story.end)
    assert sum(p.observed or 0 for p in before) == pytest.approx(sum(p.expected for p in before), rel=0.3)
    assert [p.observed for p in after] == [0] * 48
    assert sum(p.expected for p in after) > 20


def test_several_channels_are_summed_and_one_unknown_makes_the_hour_unknown() -> None:
    panel = Panel([channel(1), channel(2)], AlertsConfig())
    stories = [Story(n).posts(WEEKS, 40) for n in (1, 2)]
    for story in stories:
        panel.watched(story.number, MONDAY, story.end - (3 * HOUR if story.number == 2 else 0 * HOUR))
        for reading in story.readings:
            panel.post(reading)
    end = stories[0].end
    panel.advance(end)
    tracks = [t for n in (1, 2) if (t := panel.track(n)) is not None]
    points = sum_series(tracks, end - DAY, end)
    assert [p.observed is None for p in points] == [False] * 21 + [True] * 3
    hour = [r for s in stories for r in s.readings if end - DAY <= r.posted_at < end - DAY + HOUR]
    assert points[0].observed == len(hour)
    assert sum_series([], end - DAY, end) == []
