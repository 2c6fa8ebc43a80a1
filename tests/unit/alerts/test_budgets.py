"""A channel or topic with a budget of its own is judged by it, the others by everybody's."""

from datetime import datetime, timedelta

import pytest

from alerts.budgets import Budgets, channel_subject, topic_subject, with_budget
from alerts.config import AlertsConfig
from alerts.panel import Panel
from alerts.strand import TOPIC, Strand
from domain.channel import Channel
from tests.support.rhythms import HOUR, WEEKS, Story, channel, opened, run

RULES = AlertsConfig()


@pytest.mark.parametrize("name", ["invented_1", "1"])
def test_a_channel_is_known_by_its_handle_in_any_letters_or_by_its_number(name: str) -> None:
    budgets = Budgets(channels={name: 4.0})
    spelt = Channel(id=1, title="Channel 1", handle="Invented_1")
    assert budgets.of(spelt) == 4.0
    assert budgets.rules(spelt, RULES).silence.budget == 4.0
    assert budgets.rules(channel(2), RULES) is RULES


def test_a_budget_is_the_same_of_every_kind_and_changes_nothing_else() -> None:
    ours = with_budget(RULES, 4.0)
    assert ours.silence.model_copy(update={"budget": RULES.silence.budget}) == RULES.silence
    assert ours.group == RULES.group
    assert ours.blind == RULES.blind


def silent(budgets: Budgets | None) -> datetime:
    """When the silence of a channel is told, under these budgets."""
    story = Story().posts(WEEKS + 13 * HOUR, 20).quiet(5 * timedelta(days=1))
    panel = Panel([channel()], RULES, budgets=budgets, decide_from=story.start + WEEKS + 13 * HOUR)
    [episode] = opened(run([story], story.end, panel=panel))
    assert episode.opened_at is not None
    return episode.opened_at


def test_who_accepts_more_false_alarms_is_told_sooner_and_who_accepts_fewer_later() -> None:
    usual = silent(None)
    assert silent(Budgets(channels={"invented_1": 4.0})) < usual
    assert silent(Budgets(channels={"invented_1": 0.01})) > usual
    assert silent(Budgets(channels={"invented_2": 4.0})) == usual


def test_a_topic_has_its_own_and_the_others_share_the_channels() -> None:
    story = Story().posts(WEEKS, 60, topics={"attacks": 0.3, "weather": 0.2, "floods": 0.2})
    panel = Panel([channel()], RULES, budgets=Budgets(topics={"attacks": 2.0}))
    run([story], story.end, panel=panel)
    track = panel.track(1)
    assert track is not None
    shares = {name: track.shares[Strand(TOPIC, name)] for name in ("attacks", "weather", "floods")}
    assert shares["attacks"].budget == 2.0
    assert shares["weather"].budget == shares["floods"].budget == pytest.approx(RULES.silence.budget / 3)
    even = Panel([channel()], RULES)
    run([story], story.end, panel=even)
    plain = even.track(1)
    assert plain is not None
    assert shares["attacks"].most < plain.shares[Strand(TOPIC, "attacks")].most


def test_a_branch_goes_its_own_way_and_leaves_the_panel_as_it_was() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 20, topics={"attacks": 0.4})
    panel, told = Panel([channel()], RULES, decide_from=story.end), story.end + 3 * timedelta(days=1)
    run([story], story.end, panel=panel)
    branch = panel.branch()
    branch.watched(1, story.start, told)
    [first] = opened(branch.advance(told))
    assert panel.decided_until == story.end
    panel.watched(1, story.start, told)
    [second] = opened(panel.advance(told))
    assert (first.opened_at, first.expected) == (second.opened_at, second.expected)


def test_what_was_set_while_it_runs_counts_before_the_config() -> None:
    saved = {channel_subject(1): 2.0, topic_subject("attacks"): 0.5}
    budgets = Budgets(channels={"invented_1": 4.0}, topics={"attacks": 1.0, "floods": 3.0}, saved=saved)
    assert budgets.of(channel(1)) == 2.0
    assert budgets.of(channel(2)) is None
    assert budgets.strand(Strand(TOPIC, "attacks")) == 0.5
    assert budgets.strand(Strand(TOPIC, "floods")) == 3.0
    assert budgets.strand(Strand("claimant", "attacks")) is None
