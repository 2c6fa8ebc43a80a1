"""What was to be expected by the hour: of a channel by its rhythm, of a topic by its share of the posts."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.config import AlertsConfig
from alerts.panel import Panel
from alerts.series import chart_series
from alerts.strand import Strand
from archive.usual import Counted, Hour, usual_hours
from domain.channel import Channel
from domain.post import How
from domain.watch import WatchSpan
from tests.support.rhythms import MONDAY, WEEKS, Story, channel, run

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHANNEL = Channel(id=7, title="Falcon")


def span(start: datetime, end: datetime) -> WatchSpan:
    return WatchSpan(channel_id=7, account="main", from_at=start, to_at=end, how=How.LIVE)


def counted(*, days: int = 40, every: int = 4, about_until: datetime = MIDNIGHT + DAY) -> Counted:
    """Two posts in each hour of `days` days and the day after; every `every`-th hour one about the topic."""
    hours = [MIDNIGHT - days * DAY + n * HOUR for n in range(24 * (days + 1))]
    return Counted(
        channel=CHANNEL,
        start=MIDNIGHT,
        end=MIDNIGHT + DAY,
        posts=dict.fromkeys(hours, 2),
        about={at: 1 for n, at in enumerate(hours) if n % every == 0 and at < about_until},
        spans=[span(hours[0], hours[-1] + HOUR)],
    )


def of_channel(given: Counted) -> tuple[Hour, ...]:
    return usual_hours(replace(given, about=None))


def test_of_a_channel_its_rhythm_is_to_be_expected() -> None:
    hours = of_channel(counted())
    assert [hour.start for hour in hours] == [MIDNIGHT + n * HOUR for n in range(24)]
    for hour in hours:
        assert hour.observed == 2
        assert hour.expected is not None
        assert hour.lower is not None
        assert hour.upper is not None
        assert 1.7 < hour.expected < 2.3
        assert hour.lower <= hour.expected <= hour.upper


def test_of_a_topic_its_share_of_what_the_channel_posted_is_to_be_expected() -> None:
    given = counted(every=4)  # one post of eight
    busy, quiet = MIDNIGHT + 3 * HOUR, MIDNIGHT + 5 * HOUR
    hours = {h.start: h for h in usual_hours(replace(given, posts={**given.posts, busy: 40, quiet: 0}))}
    ordinary = hours[MIDNIGHT].expected
    assert ordinary is not None
    assert abs(ordinary - 2 / 8) < 0.03
    assert abs((hours[busy].expected or 0) - 40 / 8) < 0.5
    assert (hours[quiet].observed, hours[quiet].expected, hours[quiet].upper) == (0, 0.0, 0.0)
    assert [hours[MIDNIGHT + n * HOUR].observed for n in range(5)] == [1, 0, 0, 0, 1]


def test_a_topic_that_falls_silent_stays_expected() -> None:
    """Its silence does not make itself usual, as in the engine."""
    silent = usual_hours(counted(about_until=MIDNIGHT - 14 * DAY))
    assert {h.observed for h in silent} == {0}
    assert all(h.expected is not None and 0.2 < h.expected < 0.3 for h in silent)


def test_what_is_expected_of_a_topic_is_what_the_engine_expects() -> None:
    story = Story().posts(WEEKS, 60, topics={"attacks": 0.3, "weather": 0.05}).posts(2 * DAY, 60)
    panel = Panel([channel(1)], AlertsConfig())
    run([story], story.end, panel=panel)
    track = panel.track(1)
    assert track is not None
    start = story.end - 2 * DAY
    for topic in ("attacks", "weather"):
        engine = chart_series(track, Strand("topic", topic), start, story.end)
        ours = usual_hours(
            Counted(
                channel=channel(1),
                start=start,
                end=story.end,
                posts=by_hour(story, None),
                about=by_hour(story, topic),
                spans=[span(MONDAY, story.end)],
            )
        )
        assert [h.observed for h in ours] == [p.observed for p in engine]
        assert [h.expected for h in ours] == pytest.approx([p.expected for p in engine], rel=0.02, abs=0.002)


def by_hour(story: Story, topic: str | None) -> dict[datetime, int]:
    return Counter(
        r.posted_at.replace(minute=0, second=0, microsecond=0)
        for r in story.readings
        if topic is None or topic in r.topics
    )


def test_where_nobody_watched_a_topic_has_neither_come_nor_been_expected() -> None:
    given = counted()
    noon = MIDNIGHT + 12 * HOUR
    blind = replace(given, spans=[span(MIDNIGHT - 40 * DAY, noon), span(noon + HOUR, MIDNIGHT + DAY)])
    by_start = {h.start: h for h in usual_hours(blind)}
    assert by_start[noon] == Hour(start=noon, observed=None)
    assert by_start[noon + HOUR].expected is not None
    channel = {h.start: h for h in of_channel(blind)}[noon]
    assert channel.observed is None  # what came is not known, its rhythm is
    assert channel.expected is not None


def test_what_is_not_known_yet_is_not_said_to_be_expected() -> None:
    young = counted(days=2)
    assert [(h.observed, h.expected, h.upper) for h in of_channel(young)] == [(2, None, None)] * 24
    assert all(h.expected is None for h in usual_hours(young))
    new_topic = replace(counted(), about={MIDNIGHT - 2 * DAY: 1, MIDNIGHT + HOUR: 1})
    assert [h.expected for h in usual_hours(new_topic)] == [None] * 24
    assert usual_hours(new_topic)[1].observed == 1
    assert all(h.expected is None for h in usual_hours(replace(counted(), about={})))


def test_nothing_later_is_learned_from() -> None:
    given = counted()
    later = {at: (9 if at >= MIDNIGHT else n) for at, n in given.posts.items()}
    before = [(h.expected, h.upper) for h in of_channel(given)]
    assert [(h.expected, h.upper) for h in of_channel(replace(given, posts=later))] == before


def test_no_time_has_no_hours() -> None:
    assert usual_hours(replace(counted(), end=MIDNIGHT)) == ()
