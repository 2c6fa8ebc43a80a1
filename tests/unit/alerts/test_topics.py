"""One topic stops while its channel goes on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.config import AlertsConfig
from alerts.hours import instant
from alerts.panel import Panel
from alerts.strand import Strand
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.episode import Move
from domain.finding import Kind
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, lived, opened, run, told, turns

DAY = timedelta(days=1)
TALK = {"attacks": 0.3, "weather": 0.1}


def test_a_topic_goes_silent_while_the_channel_goes_on() -> None:
    """28 January 2024: the channel kept posting, about everything but this."""
    story = Story().posts(WEEKS, 60, topics=TALK).posts(4 * DAY, 60, topics={"weather": 0.1})
    [episode] = opened(run([story], story.end))
    assert (episode.subject.channel_id, episode.subject.topic) == (1, "attacks")
    assert episode.opened_at is not None
    assert episode.opened_at < MONDAY + WEEKS + DAY
    last = [r for r in story.readings if "attacks" in r.topics][-1]
    assert episode.since_at == last.posted_at
    assert any("none of them about attacks" in line for line in episode.verdict.evidence)


def test_a_quiet_channel_is_no_silent_topic() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 60, topics=TALK).quiet(4 * DAY)
    assert [e.subject.topic for e in opened(run([story], story.end))] == [None]


def test_an_even_talk_is_never_told_of() -> None:
    story = Story(seed=4).posts(2 * WEEKS, 60, topics=TALK)
    assert [e for e in opened(run([story], story.end)) if e.subject.topic] == []


def test_a_topic_without_a_habit_cannot_fall_silent() -> None:
    """Twelve posts about it in all, or many but all in one week."""
    rare = Story().posts(WEEKS, 60, topics={"floods": 0.003}).posts(WEEKS, 60)
    assert [e for e in opened(run([rare], rare.end)) if e.subject.topic] == []
    one_week = (
        Story(seed=2).posts(WEEKS - 7 * DAY, 60).posts(7 * DAY, 60, topics={"floods": 0.5}).posts(WEEKS, 60)
    )
    assert [e for e in opened(run([one_week], one_week.end)) if e.subject.topic] == []


def test_a_lone_post_about_it_does_not_end_it_and_the_habit_does() -> None:
    story = Story().posts(WEEKS, 60, topics=TALK).posts(3 * DAY, 60)
    story.at(story.end, "attacks")
    story.posts(3 * DAY, 60)
    assert [s.move for s in turns(run([story], story.end)) if s.episode.subject.topic == "attacks"] == [
        Move.OPENED
    ]
    story.posts(2 * DAY, 60, topics=TALK)
    steps = [s for s in turns(run([story], story.end)) if s.episode.subject.topic == "attacks"]
    assert [s.move for s in steps] == [Move.OPENED, Move.CLOSED]
    assert "It is back" in steps[1].episode.ended


def test_the_silence_of_the_channel_hides_those_of_its_topics_and_repeats_none() -> None:
    story = (
        Story()
        .posts(WEEKS, 60, topics=TALK)
        .posts(4 * DAY + 13 * HOUR, 60, topics={"weather": 0.1})
        .quiet(3 * DAY)
    )
    episodes = opened(run([story], story.end))
    assert [e.subject.topic for e in episodes] == ["attacks", None]


def test_a_post_about_it_that_is_read_late_revises_the_silence() -> None:
    story = Story().posts(WEEKS, 60, topics=TALK).posts(2 * DAY, 60, topics={"weather": 0.1})
    panel, steps = lived([story], story.end)
    [episode] = opened(steps)
    assert episode.opened_at is not None
    panel.post(Story().at(episode.opened_at - HOUR, "attacks").readings[0])
    [step] = [s for s in told(panel.advance(story.end + HOUR / 4)) if s.episode.kind is Kind.SILENCE]
    assert step.move is Move.CLOSED
    assert step.episode.ended.startswith("Revised")


def test_history_leaves_a_silent_topic_to_be_told_once_one_begins_to_look() -> None:
    story = Story().posts(WEEKS, 60, topics=TALK).posts(2 * DAY, 60, topics={"weather": 0.1})
    panel, steps = lived([story], story.end - HOUR, decide_from=story.end)
    assert steps == []
    panel.watched(1, MONDAY, story.end + HOUR)
    [episode] = opened(panel.advance(story.end + HOUR))
    assert (episode.subject.topic, episode.opened_at) == ("attacks", story.end)


@pytest.mark.parametrize("is_banned", [False, True])
def test_a_channel_that_we_cannot_see_is_not_said_to_have_gone_on(is_banned: bool) -> None:
    silent = Story().posts(WEEKS, 60, topics=TALK).posts(4 * DAY, 60, topics={"weather": 0.1})
    other = Story(number=2, seed=2).posts(WEEKS + 4 * DAY, 60, topics=TALK)
    panel = Panel([channel(1, "network"), channel(2, "network")], AlertsConfig())
    if is_banned:
        gone_at = MONDAY + WEEKS - DAY
        other.readings = [r for r in other.readings if r.posted_at < gone_at]
        panel.befell(
            ChannelEvent(channel_id=2, at=gone_at, change=ChannelChange.GONE, status=ChannelStatus.BANNED)
        )
    steps = run([silent, other], silent.end, panel=panel)
    [episode] = [e for e in opened(steps) if e.subject.topic == "attacks"]
    went_on = [line for line in episode.verdict.evidence if "of its group went on" in line]
    assert went_on == ([] if is_banned else ["The only other channel of its group went on."])


def test_time_in_which_nobody_looked_for_a_topic_is_no_part_of_its_habit() -> None:
    """Of posts that were emptied before it was looked for, only those that are cited could be read for it."""
    before = Story().posts(WEEKS, 60, topics={"attacks": 0.02})
    unread = [
        reading if "attacks" in reading.topics else replace(reading, unread=frozenset({("topic", "attacks")}))
        for reading in before.readings
    ]
    since = before.end
    story = before.posts(WEEKS, 60, topics=TALK)
    story.readings[: len(unread)] = unread
    panel, _ = lived([story], story.end)
    track = panel.track(1)
    assert track is not None
    share = track.shares[Strand("topic", "attacks")]
    assert instant(share.first) >= since
    assert share.share == pytest.approx(0.3, abs=0.03)
