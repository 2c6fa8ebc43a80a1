"""Posts that are taken up before it is said that their time was watched."""

from datetime import timedelta

import pytest

from alerts.config import AlertsConfig
from alerts.panel import Panel
from domain.episode import Transition
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, opened


@pytest.mark.parametrize(("late", "taught_little"), [(timedelta(minutes=30), False), (7 * HOUR, True)])
def test_a_channel_is_learned_anew_only_when_hours_were_said_to_be_watched_too_late(
    late: timedelta, taught_little: bool
) -> None:
    story = Story(seed=5).posts(WEEKS, 24)
    said = story.readings[-1].posted_at - late
    panel = Panel([channel()], AlertsConfig(), decide_from=MONDAY)
    panel.watched(1, MONDAY, said)
    for reading in story.readings:
        panel.post(reading)
    panel.advance(story.end)
    panel.watched(1, MONDAY, story.end)
    assert panel.taught_blind == (frozenset({1}) if taught_little else frozenset())


#: A topic stops while nobody looks, for so long that its silence is news by then.
STOPS = Story(seed=5).posts(WEEKS, 60, topics={"attacks": 0.3, "weather": 0.1})
BLIND_AT = STOPS.end
STOPS.posts(24 * HOUR, 60, topics={"weather": 0.1})
BACK_AT = STOPS.end
STOPS.posts(24 * HOUR, 60, topics={"weather": 0.1})


def after_a_break(*, posts_first: bool, watched_again: bool) -> list[Transition]:
    """What is told of the topic when the posts of the break come before it is said that all there were have
    come, or with that. Without `watched_again` that is never said.
    """
    panel = Panel([channel()], AlertsConfig(), decide_from=MONDAY)
    out: list[Transition] = []
    panel.watched(1, MONDAY, BLIND_AT)
    for reading in STOPS.readings:
        if reading.posted_at <= BLIND_AT:
            panel.post(reading)
    out += panel.advance(BLIND_AT)
    for reading in STOPS.readings:
        if BLIND_AT < reading.posted_at <= BACK_AT:
            panel.post(reading)
    if posts_first:
        out += panel.advance(BACK_AT)
    if watched_again:
        panel.watched(1, BLIND_AT, BACK_AT)
    out += panel.advance(BACK_AT)
    panel.watched(1, BACK_AT if watched_again else BACK_AT - HOUR, STOPS.end)
    for reading in STOPS.readings:
        if reading.posted_at > BACK_AT:
            panel.post(reading)
    out += panel.advance(STOPS.end)
    return [step for step in out if step.episode.subject.topic == "attacks"]


def test_a_topic_that_stopped_in_a_break_is_told_as_if_nothing_had_been() -> None:
    """Its posts are stored before the proof that there are no others: that is no hole in what we saw."""
    [at_once] = opened(after_a_break(posts_first=False, watched_again=True))
    [later] = opened(after_a_break(posts_first=True, watched_again=True))
    assert (later.since_at, later.found_at) == (at_once.since_at, at_once.found_at)
    assert at_once.found_at < BACK_AT
    assert later.opened_at == at_once.opened_at


def test_what_turns_out_to_be_a_hole_counts_for_nothing() -> None:
    [episode] = opened(after_a_break(posts_first=True, watched_again=False))
    assert episode.found_at > BACK_AT
