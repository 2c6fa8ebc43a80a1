"""Silences that were announced, and topics that ended with what they were about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.episode import Episode, Move, Transition
from domain.finding import Cause, Kind, Ruling
from tests.support.rhythms import HOUR, MONDAY, Story, opened, run, told

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
