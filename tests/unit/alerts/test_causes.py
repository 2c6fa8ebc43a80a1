"""Silences that were announced, and topics that ended with what they were about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.config import AlertsConfig, SilenceRule
from alerts.panel import Panel
from domain.episode import Episode, Move, Transition
from domain.finding import Cause, Kind, Ruling
from tests.support.rhythms import HOUR, MONDAY, Story, channel, lasting, opened, run, told

DAY = timedelta(days=1)
WEEKS = timedelta(weeks=5)
STOP = MONDAY + WEEKS + 12 * HOUR
WORDS = "we will be back soon"


def silent(*, announces: Sequence[int] = (), rate: float = 40) -> Story:
    """A channel that falls silent; the posts at these places, counted from the last, announce a pause."""
    story = Story(1, seed=4).posts(WEEKS + 12 * HOUR, rate)
    for place in announces:
        story.readings[place] = replace(story.readings[place], pause=WORDS)
    return story.quiet(3 * DAY)


def silences(steps: Sequence[Transition]) -> list[Episode]:
    return [e for e in opened(steps) if e.kind is Kind.SILENCE]


def test_a_silence_that_was_announced_is_told_as_that_with_the_words() -> None:
    [episode] = silences(run([silent(announces=[-2])], STOP + 3 * DAY, decide_from=STOP))
    assert (episode.verdict.ruling, episode.verdict.cause) == (Ruling.EXPLAINED, Cause.ANNOUNCED)
    assert episode.verdict.evidence[-1].startswith("@invented_1 announced it on")
    assert WORDS in episode.verdict.evidence[-1]


def announcing(words: str, lasts: timedelta = 10 * DAY, rate: float = 40) -> Story:
    """Its last post announces a pause in these words, on a Monday, and it stays away for long."""
    story = Story(1, seed=4).posts(WEEKS + 12 * HOUR, rate)
    story.readings[-1] = replace(story.readings[-1], pause=words)
    return story.quiet(lasts)


def life(story: Story, **how: Any) -> list[Transition]:
    """What is told of its silence."""
    steps = told(run([story], story.end, decide_from=STOP, **how))
    return [s for s in steps if s.episode.kind is Kind.SILENCE]


@pytest.mark.parametrize(
    ("words", "over"),
    [
        ("we will return on Thursday", MONDAY + WEEKS + 4 * DAY),
        ("taking a break for two days", MONDAY + WEEKS + 3 * DAY),
    ],
)
def test_an_announced_pause_explains_it_until_when_it_says_and_no_longer(words: str, over: datetime) -> None:
    first, second = life(announcing(words))
    assert (first.move, first.episode.verdict.cause) == (Move.OPENED, Cause.ANNOUNCED)
    assert (second.move, second.at) == (Move.ESCALATED, over)
    assert second.episode.verdict.ruling is Ruling.CONFIRMED
    assert second.episode.verdict.cause is Cause.UNEXPLAINED
    said = second.episode.verdict.evidence[-1]
    assert words in said
    assert f"was over by {over:%d %b %H:%M} UTC" in said
    assert second.episode.since_at == first.episode.since_at
    assert second.episode.expected > first.episode.expected


def test_one_without_an_end_explains_it_for_as_long_as_the_config_says() -> None:
    story = announcing(WORDS)
    last = story.readings[-1].posted_at
    assert [(s.move, s.at) for s in life(story)][1:] == [(Move.ESCALATED, last + 3 * DAY)]
    assert "without saying until when" in life(story)[1].episode.verdict.evidence[-1]
    rules = AlertsConfig(silence=SilenceRule(announced_for=DAY))
    assert [(s.move, s.at) for s in life(story, rules=rules)][1:] == [(Move.ESCALATED, last + DAY)]
    forever = AlertsConfig(silence=SilenceRule(announced_for=timedelta()))
    assert [s.move for s in life(story, rules=forever)] == [Move.OPENED]


def test_who_is_back_in_time_is_told_as_back_and_nothing_else() -> None:
    story = announcing("we will return on Thursday", lasts=2 * DAY).posts(5 * DAY, 40)
    assert [s.move for s in life(story)] == [Move.OPENED, Move.CLOSED]


def test_a_silence_that_is_found_after_the_announced_end_is_told_as_its_own_at_once() -> None:
    story = announcing("we will be back in 1 hour", rate=8)
    first = life(story)[0]
    assert first.move is Move.OPENED
    assert first.episode.verdict.ruling is Ruling.CONFIRMED
    assert "by these words that was over by" in first.episode.verdict.evidence[-1]


def test_how_often_one_looks_and_a_start_in_between_do_not_matter() -> None:
    story = announcing("taking a break for two days")
    once = lasting(run([story], story.end, decide_from=STOP))
    often = [STOP + k * 5 * HOUR for k in range(45)]
    assert lasting(run([story], story.end, decide_from=STOP, instants=often)) == once

    again, stop = Panel([channel()], AlertsConfig(), decide_from=STOP), STOP + DAY
    begun = run([story], stop, decide_from=STOP)
    again.watched(1, MONDAY, stop)
    for reading in story.readings:
        again.learn(reading)
    again.restore([t.episode for t in begun if t.move is Move.OPENED])
    again.watched(1, MONDAY, story.end)
    assert lasting(begun + again.advance(story.end)) == once


def test_what_nobody_saw_of_the_announced_end_is_judged_when_it_is_seen_again() -> None:
    story, over = announcing("taking a break for two days"), MONDAY + WEEKS + 3 * DAY
    panel = Panel([channel()], AlertsConfig(), decide_from=STOP)
    panel.watched(1, MONDAY, over - HOUR)
    panel.watched(1, over + 5 * HOUR, story.end)
    for reading in story.readings:
        panel.post(reading)
    steps = [s for s in told(panel.advance(story.end)) if s.episode.kind is Kind.SILENCE]
    [judged] = [s for s in steps if s.move is Move.ESCALATED]
    assert judged.at > over + 6 * HOUR
    assert judged.episode.verdict.ruling is Ruling.CONFIRMED


def test_a_drop_in_an_announced_pause_is_told_only_if_it_outlives_it() -> None:
    """It said that it would be away until Thursday, and still posts a little."""

    def drops(words: str, low: timedelta) -> list[Episode]:
        story = Story(1, seed=4).posts(WEEKS + 12 * HOUR, 150)
        story.readings[-1] = replace(story.readings[-1], pause=words)
        story.posts(low, 35).posts(3 * DAY, 150)
        steps = run([story], story.end, decide_from=STOP)
        return [e for e in opened(steps) if e.kind is Kind.DROP and e.found_at > STOP]

    assert len(drops("", 3 * DAY)) == 1
    assert drops("we will return on Thursday", 3 * DAY) == []
    [drop] = drops("we will return on Thursday", 6 * DAY)
    over = MONDAY + WEEKS + 4 * DAY
    assert drop.opened_at is not None
    assert over + 3 * HOUR <= drop.opened_at < over + DAY
    assert any("in a pause that it had announced" in line for line in drop.verdict.evidence)


def test_what_was_announced_long_before_the_last_post_explains_nothing() -> None:
    [episode] = silences(run([silent(announces=[-9])], STOP + 3 * DAY, decide_from=STOP))
    assert episode.verdict.cause is Cause.UNEXPLAINED


def test_words_that_stand_under_every_other_post_announce_nothing() -> None:
    story = silent(announces=range(-600, 0, 3))
    [episode] = silences(run([story], STOP + 3 * DAY, decide_from=STOP))
    assert episode.verdict.cause is Cause.UNEXPLAINED


def topical(number: int, rate: float, *, stops: bool, back: timedelta | None = None) -> Story:
    """A channel of which three posts in ten are about the floods, until they stop; perhaps they come back."""
    floods = {"floods": 0.3}
    story = Story(number, seed=8).posts(WEEKS + 12 * HOUR, rate, topics=floods)
    story.posts(back or 10 * DAY, rate, topics=None if stops else floods)
    return story.posts(4 * DAY, rate, topics=floods) if back else story


def everywhere(*, stops: Sequence[int], back: timedelta | None = None) -> list[Transition]:
    stories = [
        topical(n, rate, stops=n in stops, back=back) for n, rate in ((1, 60), (2, 50), (3, 40), (4, 30))
    ]
    end = STOP + 10 * DAY if back is None else STOP + back + 4 * DAY
    return [s for s in told(run(stories, end, decide_from=STOP)) if s.episode.subject.topic]


def test_a_topic_that_every_channel_drops_is_told_once_and_as_ended() -> None:
    steps = everywhere(stops=(1, 2, 3, 4))
    episodes = [s.episode for s in steps if s.move is Move.OPENED]
    assert [str(e.subject) for e in episodes] == ["topic=floods"]
    [episode] = episodes
    assert (episode.verdict.ruling, episode.verdict.cause) == (Ruling.EXPLAINED, Cause.TOPIC_ENDED)
    assert "3 of 3 other channels that have it by habit dropped it too" in episode.verdict.evidence[1]
    assert steps[-1].episode.members == (1, 2, 3, 4)


def test_a_topic_that_one_channel_drops_is_that_channels() -> None:
    [episode] = [s.episode for s in everywhere(stops=(1,)) if s.move is Move.OPENED]
    assert (episode.subject.channel_id, episode.subject.topic) == (1, "floods")
    assert episode.verdict.cause is Cause.UNEXPLAINED


def test_a_topic_that_had_ended_and_is_taken_up_again_is_told_as_back() -> None:
    steps = everywhere(stops=(1, 2, 3, 4), back=5 * DAY)
    assert [s.move for s in steps if s.move is not Move.GREW] == [Move.OPENED, Move.CLOSED]
    assert "has it again: 3 posts since" in steps[-1].episode.ended
    assert STOP + 5 * DAY < steps[-1].at < STOP + 6 * DAY


def test_a_claimant_that_no_channel_has_claims_of_any_more_is_never_over() -> None:
    stories = []
    for number, rate in ((1, 60), (2, 50), (3, 40)):
        story = Story(number, seed=6).posts(WEEKS + 12 * HOUR, rate, claimants={"kh": 0.3})
        stories.append(story.posts(10 * DAY, rate, topics={"conflict": 0.3}))
    steps = told(run(stories, STOP + 10 * DAY, decide_from=STOP))
    found = [s.episode for s in steps if s.move is Move.OPENED and s.episode.subject.claimant]
    assert {e.subject.channel_id for e in found} == {1, 2, 3}
    assert {e.verdict.ruling for e in found} == {Ruling.CONFIRMED}
