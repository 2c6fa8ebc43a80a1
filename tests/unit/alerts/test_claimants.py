"""Claimants are judged as topics are, and what falls silent together is told as one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from alerts.config import AlertsConfig, SilenceRule
from alerts.panel import Panel
from alerts.strand import CLAIMANT, TOPIC, Strand
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.episode import Episode, Move, Transition
from domain.finding import Kind
from tests.support.rhythms import (
    HOUR,
    MONDAY,
    WEEKS,
    Story,
    channel,
    lasting,
    lived,
    opened,
    run,
    told,
    turns,
)

DAY = timedelta(days=1)
NEWS = {"weather": 0.1}
TWO = {"kh": 0.2, "nujaba": 0.12}
NAMES = {"kh": "Kataib Hezbollah", "nujaba": "Nujaba"}


def subjects(transitions: Iterable[Transition]) -> list[str]:
    return [e.subject.topic or e.subject.claimant or "channel" for e in opened(transitions)]


def told_of(story: Story) -> list[Transition]:
    return run([story], story.end, names=NAMES)


def test_a_claimant_falls_silent_while_the_other_goes_on() -> None:
    story = Story().posts(WEEKS, 60, topics=NEWS, claimants=TWO)
    story.posts(3 * DAY, 60, topics=NEWS, claimants={"nujaba": 0.12})
    found = [e for e in opened(told_of(story)) if e.subject.claimant]
    assert [(e.subject.claimant, e.subject.topic) for e in found] == [("kh", None)]
    last = [r for r in story.readings if "kh" in r.claimants][-1]
    assert found[0].since_at == last.posted_at
    assert any("none of them a claim by Kataib Hezbollah" in line for line in found[0].verdict.evidence)


def test_a_topic_and_a_claimant_of_one_name_are_two_series() -> None:
    story = Story().posts(WEEKS, 60, topics={"iran": 0.3}, claimants={"iran": 0.2})
    for number, reading in enumerate(story.readings):  # only the claims end after six weeks
        if reading.posted_at > MONDAY + 6 * timedelta(weeks=1):
            story.readings[number] = replace(reading, claimants=())
    panel, steps = lived([story], story.end)
    episodes = opened(steps)
    assert [(e.subject.topic, e.subject.claimant) for e in episodes] == [(None, "iran")]
    track = panel.track(1)
    assert track is not None
    assert {Strand(TOPIC, "iran"), Strand(CLAIMANT, "iran")} <= set(track.shares)


def test_what_falls_silent_together_is_told_as_one_by_the_largest() -> None:
    """All claims end at once: the topic that held them all is told of, and names the rest."""
    story = Story().posts(WEEKS, 60, topics=NEWS, claimants=TWO).posts(6 * DAY, 60, topics=NEWS)
    steps = told_of(story)
    assert subjects(steps) == ["conflict"]
    end = [s.episode for s in told(steps)][-1]
    for name in NAMES.values():
        assert sum(line.startswith(f"No claim by {name} either") for line in end.verdict.evidence) == 1


def test_the_smaller_is_told_when_it_stays_away_after_the_larger_is_back() -> None:
    story = Story().posts(WEEKS, 60, topics=NEWS, claimants=TWO).posts(5 * DAY, 60, topics=NEWS)
    story.posts(5 * DAY, 60, topics=NEWS, claimants={"nujaba": 0.3})
    steps = turns(told_of(story))
    moves = [(s.move.value, s.episode.subject.topic or s.episode.subject.claimant) for s in steps]
    assert moves[:3] == [("opened", "conflict"), ("closed", "conflict"), ("opened", "kh")]
    back, again = steps[1].at, steps[2]
    assert again.at > back
    last = [r for r in story.readings if "kh" in r.claimants][-1]
    assert again.episode.since_at == last.posted_at


def test_a_larger_one_that_falls_silent_later_is_told_beside_the_smaller() -> None:
    """It is news of its own: one claimant had stopped days before the others did."""
    story = Story().posts(WEEKS, 60, topics=NEWS, claimants=TWO)
    story.posts(4 * DAY, 60, topics=NEWS, claimants={"nujaba": 0.2}).posts(5 * DAY, 60, topics=NEWS)
    assert subjects(told_of(story)) == ["kh", "conflict"]


def test_a_lone_claim_within_the_larger_silence_raises_nothing_new() -> None:
    story = Story().posts(WEEKS, 60, topics=NEWS, claimants=TWO).posts(4 * DAY, 60, topics=NEWS)
    story.at(story.end, "conflict", by=("nujaba",)).posts(6 * DAY, 60, topics=NEWS)
    assert subjects(told_of(story)) == ["conflict"]


def test_one_who_follows_only_a_hidden_one_can_be_found() -> None:
    story = Story().posts(WEEKS, 60, topics=NEWS, claimants=TWO).posts(6 * DAY, 60, topics=NEWS)
    panel, steps = lived([story], story.end)
    [episode] = opened(steps)
    assert {s.claimant for s in panel.hidden_behind(episode)} == {"kh", "nujaba"}


def test_only_the_topics_that_are_judged_become_series() -> None:
    story = Story().posts(WEEKS, 60, topics={"sports": 0.3, "conflict": 0.2}).posts(5 * DAY, 60)
    panel, steps = lived([story], story.end, topics=("conflict", "mine"))
    assert subjects(steps) == ["conflict"]
    track = panel.track(1)
    assert track is not None
    assert [s.name for s in track.shares] == ["conflict"]


def test_groups_of_no_known_name_are_no_series() -> None:
    story = Story().posts(WEEKS, 60, claimants={"unknown_group": 0.3, "kh": 0.2}).posts(5 * DAY, 60)
    panel, _ = lived([story], story.end)
    track = panel.track(1)
    assert track is not None
    assert Strand(CLAIMANT, "kh") in track.shares
    assert Strand(CLAIMANT, "unknown_group") not in track.shares


def test_the_budget_of_a_channel_is_shared_among_its_habits() -> None:
    even = {f"t{n}": 0.08 for n in range(8)}
    story = Story().posts(WEEKS, 80, topics=even | {"rare": 0.002})
    panel, _ = lived([story], story.end)
    track = panel.track(1)
    assert track is not None
    habits = [s for s in track.shares.values() if s.habit]
    assert len(habits) == 8
    assert {s.budget for s in habits} == {AlertsConfig().silence.budget / 8}
    alone, _ = lived([story], story.end, topics=("t0",))
    one = alone.track(1)
    assert one is not None
    share = one.shares[Strand(TOPIC, "t0")]
    assert share.budget == AlertsConfig().silence.budget
    assert share.most < track.shares[Strand(TOPIC, "t0")].most


def test_a_habit_that_is_long_gone_gives_its_part_back_and_is_forgotten() -> None:
    story = Story().posts(WEEKS, 60, topics={"a": 0.2}, claimants={"kh": 0.2})
    story.posts(WEEKS + 3 * DAY, 60, topics={"a": 0.2})
    panel, steps = lived([story], story.end)
    assert "kh" in {e.subject.claimant for e in opened(steps)} | {
        s.claimant for e in opened(steps) for s in panel.hidden_behind(e)
    }
    track = panel.track(1)
    assert track is not None
    assert track.shares[Strand(TOPIC, "a")].budget == AlertsConfig().silence.budget


def test_many_topics_make_no_more_false_alarms_than_one() -> None:
    """Twenty topics that nothing happens to, over a year and more, at one false alarm a month."""
    rules = AlertsConfig(silence=SilenceRule(budget=1.0))
    n = 0
    months = 0.0
    for seed in range(3):
        story = Story(seed=seed).posts(4 * WEEKS, 80, topics={f"t{i}": 0.06 for i in range(20)})
        n += sum(e.subject.topic is not None for e in opened(run([story], story.end, rules=rules)))
        months += 3 * WEEKS / timedelta(days=30)
    assert n <= 2 * months


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_however_it_is_cut_up_the_same_is_told(seed: int) -> None:
    rng = np.random.default_rng(seed)
    story = Story(seed=seed).posts(WEEKS, 40, topics=NEWS, claimants=TWO).posts(4 * DAY, 40, topics=NEWS)
    story.posts(3 * DAY, 40, topics=NEWS, claimants={"nujaba": 0.3})
    cuts = [MONDAY + WEEKS + timedelta(hours=float(h)) for h in rng.uniform(0, 24 * 7, 60)]

    def steps(instants: Iterable[datetime]) -> list[tuple[Move, datetime, Episode]]:
        return lasting(run([story], story.end, instants=instants))

    assert steps(cuts) == steps(())


def test_no_later_post_changes_what_was_told() -> None:
    story = Story().posts(WEEKS, 40, topics=NEWS, claimants=TWO).posts(4 * DAY, 40, topics=NEWS)
    whole = lasting(run([story], story.end))
    for hours in (6, 30, 60, 90):
        until = MONDAY + WEEKS + hours * HOUR
        part = Story(readings=[r for r in story.readings if r.posted_at <= until])
        assert lasting(run([part], until)) == [step for step in whole if step[1] <= until]


def test_a_channel_that_is_gone_ends_what_was_told_of_its_claimants() -> None:
    story = Story().posts(WEEKS, 60, topics=NEWS, claimants=TWO).posts(4 * DAY, 60, topics=NEWS)
    panel = Panel([channel()], AlertsConfig())
    panel.befell(
        ChannelEvent(
            channel_id=1, at=story.end, change=ChannelChange.GONE, status=ChannelStatus.BANNED, before="open"
        )
    )
    steps = told(run([story], story.end + HOUR, panel=panel))
    assert [s.move for s in steps if s.episode.kind is Kind.SILENCE][-1] is Move.CLOSED
