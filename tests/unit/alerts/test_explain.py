"""An episode hour by hour: expected as it was before it began, unwatched hours unknown."""

from dataclasses import replace
from datetime import timedelta

from alerts.config import AlertsConfig
from alerts.explain import hour_by_hour
from alerts.replay import whole
from domain.episode import Episode, Subject
from domain.post import How
from domain.series import Expected
from domain.watch import WatchSpan
from tests.support.alerting import an_episode
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, opened, run

DAY = timedelta(days=1)
RULES = AlertsConfig()


def silent() -> tuple[Story, Episode]:
    story = Story(seed=4).posts(WEEKS + 13 * HOUR, 60, topics={"attacks": 0.3}).quiet(20 * HOUR)
    [episode] = opened(run([story], story.end, decide_from=MONDAY + WEEKS))
    return story, episode


def hours(story: Story, episode: Episode, **changes: object) -> list[Expected]:
    options = {
        "spans": [span(MONDAY, story.end)],
        "start": episode.since_at - DAY,
        "end": story.end,
    } | changes
    spans, start, end = options["spans"], options["start"], options["end"]
    return hour_by_hour(episode, [channel()], story.readings, spans, RULES, start, end)  # type: ignore[arg-type]  # as above


def span(a: object, b: object) -> WatchSpan:
    return WatchSpan(channel_id=1, account="a", from_at=a, to_at=b, how=How.LIVE)  # type: ignore[arg-type]  # instants


def test_each_hour_has_what_came_and_what_was_to_be_expected() -> None:
    story, episode = silent()
    points = hours(story, episode)
    before = [p for p in points if p.start < episode.since_at - HOUR]
    within = [p for p in points if p.start > episode.since_at]
    for point in before:
        came = sum(point.start <= r.posted_at < point.start + HOUR for r in story.readings)
        assert point.observed == came
    assert {p.observed for p in within} == {0}
    assert sum(p.expected for p in within) > 10
    assert all(p.lower <= p.expected <= p.upper for p in points if p.expected > 1)


def test_hours_that_were_not_watched_are_unknown() -> None:
    story, episode = silent()
    hole = (episode.since_at - 10 * HOUR, episode.since_at - 5 * HOUR)
    points = hours(story, episode, spans=[span(MONDAY, hole[0]), span(hole[1], story.end)])
    unknown = [p.start for p in points if p.observed is None]
    assert len(unknown) in (5, 6)
    assert all(hole[0] - HOUR < at < hole[1] for at in unknown)


def test_what_comes_later_changes_nothing_of_what_was_expected() -> None:
    story, episode = silent()
    until = story.end
    plain = [p.expected for p in hours(story, episode)]
    story.posts(5 * DAY, 500)
    assert [p.expected for p in hours(story, episode, end=until)] == plain


def test_of_a_topic_it_is_the_share_of_what_the_channel_posted() -> None:
    story, episode = silent()
    topic = replace(episode, subject=Subject(channel_id=1, topic="attacks"), since_at=MONDAY + WEEKS)
    points = hours(story, topic, start=MONDAY + WEEKS - DAY, end=MONDAY + WEEKS)
    assert sum(p.expected for p in points) > 5
    everything = hours(story, episode, start=MONDAY + WEEKS - DAY, end=MONDAY + WEEKS)
    for point, all_of_it in zip(points, everything, strict=True):
        assert (point.expected == 0) == (all_of_it.observed == 0)
        assert (point.observed or 0) <= (all_of_it.observed or 0)


def test_the_channels_of_a_group_are_shown_together_and_unknown_when_one_is() -> None:
    one, two = Story(1, seed=4).posts(WEEKS, 60), Story(2, seed=4).posts(WEEKS, 30)
    readings = sorted(one.readings + two.readings, key=lambda r: r.posted_at)
    episode = an_episode(subject=Subject(group="hawks"), members=(1, 2), since_at=one.end - DAY)
    spans = whole(readings)
    points = hour_by_hour(
        episode, [channel(1), channel(2)], readings, spans, RULES, one.end - 2 * DAY, one.end - DAY
    )
    assert sum(p.observed or 0 for p in points) == sum(
        one.end - 2 * DAY <= r.posted_at < one.end - DAY for r in readings
    )
    spans = [s for s in spans if s.channel_id == 1]
    points = hour_by_hour(
        episode, [channel(1), channel(2)], readings, spans, RULES, one.end - 2 * DAY, one.end - DAY
    )
    assert {p.observed for p in points} == {None}
