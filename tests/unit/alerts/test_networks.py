"""Channels of one group that fall silent together."""

from dataclasses import replace
from datetime import timedelta

from alerts.config import AlertsConfig
from alerts.panel import Panel
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.episode import Move
from domain.finding import Cause, Kind, Ruling
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, lived, opened, run, told, turns

DAY = timedelta(days=1)
RATES = {1: 60, 2: 40, 3: 25, 4: 12, 5: 80, 6: 30}
STOP = MONDAY + WEEKS + 14 * HOUR
NET = dict.fromkeys(RATES, "net")


def stories(*silent: int, then: timedelta = 3 * DAY) -> list[Story]:
    """Six channels; the silent ones stop on a Monday afternoon, for three days; then all go on."""
    out = []
    for number, rate in RATES.items():
        story = Story(number, seed=5).posts(WEEKS + 14 * HOUR, rate)
        story = story.quiet(3 * DAY) if number in silent else story.posts(3 * DAY, rate)
        out.append(story.posts(then, rate) if then else story)
    return out


def test_a_group_that_falls_silent_is_told_once_and_sooner_than_its_first_channel_alone() -> None:
    quiet = stories(1, 2, 3, 4, 5, 6, then=timedelta())
    alone = opened(run(quiet, STOP + 2 * DAY, decide_from=STOP))
    steps = told(run(quiet, STOP + 2 * DAY, groups=NET, decide_from=STOP))
    [episode] = [s.episode for s in steps if s.move is Move.OPENED]
    assert [s.move for s in steps if s.episode.subject.group != "net"] == []
    assert episode.subject.group == "net"
    assert episode.verdict.cause is Cause.NETWORK_QUIET
    assert episode.verdict.ruling is Ruling.CONFIRMED
    assert episode.opened_at is not None
    assert episode.opened_at <= min(e.opened_at for e in alone if e.opened_at)
    last = max(s.readings[-1].posted_at for s in quiet if s.number in episode.members)
    assert episode.since_at == last


def test_a_channel_that_becomes_quiet_later_joins_and_is_no_new_alert() -> None:
    steps = told(run(stories(1, 2, 3, 4, 5, 6), STOP + DAY, groups=NET, decide_from=STOP))
    assert steps[0].move is Move.OPENED
    assert {s.move for s in steps[1:]} <= {Move.GREW, Move.ESCALATED}
    assert steps[-1].episode.members == (1, 2, 3, 4, 5, 6)
    assert steps[-1].episode.since_at == steps[0].episode.since_at
    assert any("fell silent too" in s.episode.reason for s in steps[1:])
    for step in steps:
        n, evidence = len(step.episode.members), step.episode.verdict.evidence
        assert any(line.startswith(f"{n} of ") and "quiet together" in line for line in evidence)
        assert sum("missed." in line for line in evidence) == n


def test_a_channel_that_was_no_part_of_it_after_all_is_neither_counted_nor_named() -> None:
    made = stories(1, 2, 3, 4, 5, 6)
    panel, steps = lived(made, STOP + 20 * HOUR, groups=NET, decide_from=STOP)
    before = told(steps)[-1].episode
    late = replace(Story(1).at(STOP + HOUR).readings[0], post_id=10**6)
    panel.post(late)
    revised, *_ = told(panel.advance(STOP + 20 * HOUR + HOUR / 60))
    assert set(before.members) - set(revised.episode.members) == {1}
    first = f"{len(before.members) - 1} of 6"
    evidence = revised.episode.verdict.evidence
    assert any(line.startswith(f"{first} channels of its group") for line in evidence)
    assert not any("@invented_1:" in line for line in evidence)
    assert evidence[-1].startswith("A post of @invented_1 of 28 Apr")
    assert revised.episode.reason == "Revised: @invented_1 was not part of the silence"


def test_one_silent_channel_of_a_group_is_told_alone() -> None:
    [episode] = opened(run(stories(1), STOP + 2 * DAY, groups=NET, decide_from=STOP))
    assert episode.subject.channel_id == 1
    assert episode.verdict.cause is Cause.UNEXPLAINED
    assert any("5 of 5 other channels of its group went on" in line for line in episode.verdict.evidence)


def test_the_group_is_back_when_most_of_it_is() -> None:
    steps = told(run(stories(1, 2, 3, 4, 5, 6), STOP + 6 * DAY, groups=NET, decide_from=STOP))
    assert [s.move for s in turns(steps)] == [Move.OPENED, Move.CLOSED]
    assert STOP + 3 * DAY < steps[-1].at < STOP + 3 * DAY + 12 * HOUR
    assert "post in their rhythm again" in steps[-1].episode.ended


def test_who_stays_away_when_the_group_is_back_is_told_later_and_alone() -> None:
    made = stories(1, 2, 3, 4, 5, then=timedelta())
    for story in made[:4]:
        story.posts(4 * DAY, RATES[story.number])
    made[5].posts(4 * DAY, RATES[6])
    made[4].quiet(4 * DAY)
    steps = told(run(made, STOP + 7 * DAY, groups=NET, decide_from=STOP))
    closed = next(s for s in steps if s.move is Move.CLOSED and s.episode.subject.group)
    assert "@invented_5" in closed.episode.ended.partition("Not back yet")[2]
    [single] = [s.episode for s in steps if s.move is Move.OPENED and s.episode.subject.channel_id == 5]
    assert single.opened_at is not None
    assert single.opened_at > closed.at + HOUR
    assert single.since_at == [r for r in made[4].readings if r.posted_at < STOP][-1].posted_at


def test_channels_that_are_gone_do_not_count_as_quiet() -> None:
    """Of five that stop, three were banned: two quiet ones are no network."""
    made = stories(1, 2, 3, 4, 5, then=timedelta())
    panel = Panel([channel(n, "net") for n in RATES], AlertsConfig(), decide_from=STOP)
    for number in (2, 3, 5):
        panel.befell(
            ChannelEvent(
                channel_id=number, at=STOP + HOUR / 60, change=ChannelChange.GONE, status=ChannelStatus.BANNED
            )
        )
    episodes = opened(run(made, STOP + 2 * DAY, panel=panel))
    assert {e.subject.channel_id for e in episodes if e.kind is Kind.CHANNEL} == {2, 3, 5}
    assert {e.subject.channel_id for e in episodes if e.kind is Kind.SILENCE} == {1, 4}


def test_channels_out_of_our_sight_do_not_count_as_quiet() -> None:
    made = stories(1, 2, 3, 4, 5, 6, then=timedelta())
    panel = Panel([channel(n, "net") for n in RATES], AlertsConfig(), decide_from=STOP)
    for story in made:
        panel.watched(story.number, MONDAY, STOP + 2 * DAY if story.number in (1, 2) else STOP)
        for reading in story.readings:
            panel.post(reading)
    episodes = opened(panel.advance(STOP + 2 * DAY))
    assert [e for e in episodes if e.subject.group] == []
    assert {e.subject.channel_id for e in episodes if e.kind is Kind.SILENCE} == {1, 2}


def test_when_channels_that_have_nothing_to_do_with_each_other_stop_it_is_no_news_of_theirs() -> None:
    steps = told(
        run(
            stories(1, 2, 3, 4, 5, 6),
            STOP + 2 * DAY,
            groups={1: "a", 2: "a", 3: "b", 4: "b", 5: "c"},
            decide_from=STOP,
        )
    )
    [step] = [s for s in steps if s.move is Move.OPENED]
    assert step.episode.verdict.ruling is Ruling.EXPLAINED
    assert step.episode.verdict.cause is Cause.EVERYONE_QUIET
    assert str(step.episode.subject) == "deadair"


def test_a_channel_dead_for_a_month_takes_no_part_in_what_its_group_does() -> None:
    """Two fall silent; with the dead third they would be enough for a group."""
    made = stories(1, 5)
    made[1] = Story(2, seed=5).posts(WEEKS / 2, RATES[2]).quiet(WEEKS / 2 + 14 * HOUR + 6 * DAY)
    del made[2:4], made[3:]
    episodes = opened(run(made, STOP + 2 * DAY, groups=NET, decide_from=STOP))
    assert [e.subject.group for e in episodes] == [None] * len(episodes)
    assert {e.subject.channel_id for e in episodes} == {1, 2, 5}


def test_a_slow_channel_found_quiet_later_joins_what_befell_everyone_and_is_not_told_anew() -> None:
    quiet = [Story(n, seed=5).posts(WEEKS + 14 * HOUR, rate).quiet(9 * DAY) for n, rate in RATES.items()]
    slow = Story(7, seed=5).posts(WEEKS + 14 * HOUR, 6).quiet(9 * DAY)
    groups = {1: "a", 2: "a", 3: "b", 4: "b", 5: "c"}
    steps = told(run([*quiet, slow], STOP + 9 * DAY, groups=groups, decide_from=STOP))
    everyone = [s for s in steps if str(s.episode.subject) == "deadair"]
    assert [s.move for s in everyone if s.move is Move.OPENED] == [Move.OPENED]
    assert everyone[-1].episode.members == (1, 2, 3, 4, 5, 6, 7)
