"""Drops and surges of a channel, told as stories with their own clock."""

import random
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.config import AlertsConfig, DropRule, SurgeRule
from alerts.detect import drop
from alerts.detect.counts import log_at_least, log_at_most
from alerts.dispersion import PHI, Dispersion, V
from alerts.episodes import Docket
from alerts.forecast import Mark
from alerts.onset import Onset
from alerts.panel import Panel
from alerts.temper import EXCESS, NEAR, Temper
from domain.episode import Episode, Move, Subject, Transition
from domain.finding import Kind, Ruling, Verdict
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, opened, run, told

DAY = timedelta(days=1)
START = MONDAY + WEEKS + 10 * HOUR


def of(kind: Kind, steps: list[Transition]) -> list[Episode]:
    """What was opened of this kind after the history."""
    return [e for e in opened(steps) if e.kind is kind and e.found_at >= START]


def test_a_drop_is_told_while_posts_still_come_and_ends_when_the_rhythm_is_back() -> None:
    story = Story(seed=2).posts(WEEKS + 10 * HOUR, 120).posts(4 * DAY, 24).posts(3 * DAY, 120)
    steps = told(run([story], story.end, decide_from=START))
    [drop] = of(Kind.DROP, steps)
    assert drop.opened_at is not None
    assert timedelta(hours=2) < drop.opened_at - START < timedelta(hours=16)
    assert 0 < drop.observed < drop.expected / 2
    assert drop.verdict.ruling is Ruling.CONFIRMED
    assert "without a break" in drop.verdict.evidence[0]
    [end] = [s for s in steps if s.move is Move.CLOSED and s.episode.kind is Kind.DROP]
    assert START + 4 * DAY < end.at < START + 5 * DAY
    assert "as usual again" in end.episode.ended


@pytest.mark.parametrize("part", [1, 0.2])
def test_of_a_single_other_channel_of_its_group_it_is_said_whether_it_does_the_same(part: float) -> None:
    story = Story(seed=2).posts(WEEKS + 10 * HOUR, 120).posts(2 * DAY, 24)
    other = Story(number=2, seed=3).posts(WEEKS + 10 * HOUR, 120).posts(2 * DAY, 120 * part)
    panel = Panel([channel(1, "network"), channel(2, "network")], AlertsConfig(), decide_from=START)
    steps = run([story, other], story.end, panel=panel)
    [drop] = [e for e in of(Kind.DROP, steps) if e.subject.channel_id == 1]
    [said] = [str(line) for line in drop.verdict.evidence if "of its group" in line]
    does = "does not do" if part == 1 else "does"
    assert said == f"The only other channel of its group {does} the same."


def test_a_drop_told_late_says_how_it_stands_then_and_how_improbable_so_long_a_stretch_is() -> None:
    """Found with the budget just reached, it is told a day later: that is no reason to call it usual."""
    story = Story(seed=2).posts(WEEKS + 10 * HOUR, 120).posts(4 * DAY, 24).posts(3 * DAY, 120)
    late = AlertsConfig(drop=DropRule(hold=DAY))
    [drop] = of(Kind.DROP, told(run([story], story.end, rules=late, decide_from=START)))
    assert drop.opened_at is not None
    assert drop.opened_at - drop.found_at >= DAY
    came = sum(drop.since_at < r.posted_at <= drop.opened_at for r in story.readings)
    assert drop.observed == came
    assert drop.expected > 100
    assert drop.probability < 0.01
    assert "once in" in drop.reason


@pytest.mark.parametrize("seed", range(2, 8))
def test_a_drop_found_between_two_posts_goes_on_after_a_restart(seed: int) -> None:
    """Of posts alone it is not learned that it was found."""
    story = Story(seed=seed).posts(WEEKS + 10 * HOUR, 120).posts(4 * DAY, 24).posts(3 * DAY, 120)
    whole = run([story], story.end, decide_from=START)
    first = of(Kind.DROP, told(whole))[0]
    assert first.opened_at is not None
    stop = first.opened_at + timedelta(seconds=1)
    before = run([story], stop, decide_from=START)
    again = Panel([channel()], AlertsConfig(), decide_from=START)
    again.watched(1, MONDAY, stop)
    for reading in story.readings:
        if reading.posted_at <= stop:
            again.learn(reading)
    again.restore([s.episode for s in told(before) if s.move is Move.OPENED])
    assert [s for s in again.advance(stop) if s.move is Move.CLOSED] == []


def test_a_surge_is_told_with_a_post_and_ends_when_the_rate_is_back() -> None:
    story = Story(seed=2).posts(WEEKS + 10 * HOUR, 60).posts(DAY, 360).posts(3 * DAY, 60)
    steps = told(run([story], story.end, decide_from=START))
    [surge] = of(Kind.SURGE, steps)
    assert surge.opened_at is not None
    assert surge.opened_at - START < timedelta(hours=5)
    assert surge.found_at in {r.posted_at for r in story.readings}
    assert surge.observed > 2 * surge.expected
    [end] = [s for s in steps if s.move is Move.CLOSED and s.episode.kind is Kind.SURGE]
    assert START + DAY < end.at < START + 2 * DAY


def test_what_came_in_a_surge_does_not_make_the_usual_a_drop_nor_the_other_way_round() -> None:
    story = Story(seed=6).posts(WEEKS + 10 * HOUR, 100).posts(2 * DAY, 600).posts(6 * DAY, 100)
    assert of(Kind.DROP, run([story], story.end, decide_from=START)) == []
    story = Story(seed=6).posts(WEEKS + 10 * HOUR, 100).posts(6 * DAY, 15).posts(6 * DAY, 100)
    assert of(Kind.SURGE, run([story], story.end, decide_from=START)) == []


def test_a_silence_is_told_as_such_and_never_as_a_drop_besides() -> None:
    story = Story(seed=3).posts(WEEKS + 10 * HOUR, 60).quiet(2 * DAY).posts(2 * DAY, 60)
    steps = run([story], story.end, decide_from=START)
    assert [e.kind for e in opened(steps)] == [Kind.SILENCE]


def test_the_backlog_after_a_silence_is_no_surge() -> None:
    """What was not posted meanwhile comes at once; the same burst from nowhere is one."""
    after = Story(seed=3).posts(WEEKS + 10 * HOUR, 60).quiet(DAY).posts(2 * HOUR, 240).posts(DAY, 60)
    assert of(Kind.SURGE, run([after], after.end, decide_from=START)) == []
    alone = Story(seed=3).posts(WEEKS + 34 * HOUR, 60).posts(2 * HOUR, 480).posts(DAY, 60)
    assert len(of(Kind.SURGE, run([alone], alone.end, decide_from=START))) == 1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("per_day", "days"), [(60, 1), (300, 2)])
def test_the_backlog_makes_no_drop_of_what_is_as_ever_after_it(seed: int, per_day: int, days: int) -> None:
    story = Story(seed=seed).posts(WEEKS + 10 * HOUR, per_day).quiet(days * DAY)
    back = story.end
    for n in range(days * per_day):
        story.at(back + n * HOUR / (days * per_day))
    story.quiet(HOUR).posts(2 * DAY, per_day)
    assert [e.kind for e in opened(run([story], story.end, decide_from=START))] == [Kind.SILENCE]


def test_more_than_a_silence_withheld_is_a_surge() -> None:
    story = Story(seed=3).posts(WEEKS + 10 * HOUR, 60).quiet(DAY).posts(3 * DAY, 300)
    assert len(of(Kind.SURGE, run([story], story.end, decide_from=START))) == 1


@pytest.mark.parametrize("minutes", [1, 6, 10])
def test_what_is_over_before_it_would_be_told_is_not_told(minutes: int) -> None:
    """Within the hold of a drop what was missing comes all at once."""
    story = Story(seed=0).posts(WEEKS + 12 * HOUR, 300)
    begins = story.end
    story.posts(DAY, 90)
    [drop] = [e for e in opened(run([story], story.end, decide_from=begins)) if e.kind is Kind.DROP]
    back = drop.found_at + timedelta(minutes=minutes)
    story.readings = [r for r in story.readings if r.posted_at <= drop.found_at]
    for n in range(40):
        story.at(back + n * timedelta(seconds=4))
    story.length = back + HOUR - story.start
    story.posts(DAY, 300)
    assert opened(run([story], story.end, decide_from=begins)) == []


def test_no_episode_ends_before_it_was_told() -> None:
    """What ended it came to light only after that."""
    docket, case = Docket(), (Kind.DROP, Subject(channel_id=1))
    docket.find(*case, since_at=START, at=START + HOUR)
    docket.open(case, START + 2 * HOUR, Verdict.confirmed())
    docket.close(case, START + HOUR, "as usual again")
    *_, step = docket.take()
    assert step.at == step.episode.closed_at == step.episode.opened_at == START + 2 * HOUR


def test_a_channel_that_has_not_posted_yet_has_nothing_due_but_its_watch() -> None:
    made = Panel([channel(1)], AlertsConfig())
    made.restore([])
    made.watched(1, MONDAY, MONDAY + HOUR)
    assert made.next_due() == MONDAY + HOUR + AlertsConfig().blind.after


def test_what_stays_for_a_week_becomes_the_rule() -> None:
    story = Story(seed=2).posts(WEEKS + 10 * HOUR, 120).posts(3 * WEEKS / 8, 30)
    steps = told(run([story], story.end, decide_from=START))
    [end] = [s for s in steps if s.move is Move.CLOSED and s.episode.kind is Kind.DROP]
    assert "from now on" in end.episode.ended
    assert [e for e in of(Kind.DROP, steps) if e.found_at > end.at] == []


def test_unwatched_time_neither_raises_nor_ends_a_drop() -> None:
    """Nothing is read of six hours by day; the same hours would be news if we had watched."""
    blind = Story(seed=2).posts(WEEKS + 10 * HOUR, 120).quiet(6 * HOUR).posts(DAY, 120)
    panel = Panel([channel(1)], AlertsConfig(), decide_from=START)
    panel.watched(1, MONDAY, START)
    for reading in blind.readings:
        if reading.posted_at > START and panel.decided_until < START:
            panel.advance(START)
            panel.watched(1, START + 6 * HOUR, blind.end)
        panel.post(reading)
    steps = panel.advance(blind.end)
    assert [s for s in steps if s.episode.kind in (Kind.DROP, Kind.SURGE, Kind.SILENCE)] == []
    assert opened(run([blind], blind.end, decide_from=START)) != []


def test_hold_and_budget_are_obeyed() -> None:
    story = Story(seed=3).posts(WEEKS + 10 * HOUR, 60).posts(DAY, 360)
    delays = []
    for budget in (0.01, 0.25, 4.0):
        rules = AlertsConfig(surge=SurgeRule(budget=budget), drop=DropRule(budget=budget))
        [surge] = of(Kind.SURGE, run([story], story.end, rules=rules, decide_from=START))
        assert surge.opened_at is not None
        assert surge.opened_at - surge.found_at >= timedelta(minutes=15)
        delays.append(surge.found_at - START)
    assert all(later >= sooner for later, sooner in pairwise(delays))


@given(st.integers(0, 200), st.floats(0.5, 200), st.floats(1, 8), st.floats(0, 0.5))
@settings(deadline=None)
def test_the_tails_fall_with_what_they_count_and_hold_together(
    n: int, mean: float, phi: float, v: float
) -> None:
    assert log_at_most(n, mean, phi, v) <= log_at_most(n + 1, mean, phi, v) + 1e-9
    assert log_at_least(n + 1, mean, phi, v) <= log_at_least(n, mean, phi, v) + 1e-9
    both = 10 ** log_at_most(n, mean, phi, v) + 10 ** log_at_least(n + 1, mean, phi, v)
    assert both == pytest.approx(1, abs=1e-6)


@given(st.floats(1, 100), st.floats(0.1, 50), st.floats(0.1, 50), st.floats(1, 6))
@settings(deadline=None)
def test_more_was_to_come_is_never_less_surprising(n: float, mean: float, more: float, phi: float) -> None:
    assert log_at_most(n, mean + more, phi, V) <= log_at_most(n, mean, phi, V) + 1e-9


def test_scatter_is_learned_from_forecasts_and_begins_with_the_fleets() -> None:
    calm, wild = Dispersion(), Dispersion()
    calm.fit()
    assert (calm.phi, calm.v) == (PHI, V)
    for i in range(400):
        calm.add(20.0, 20.0, 1.0)
        wild.add(20.0 + (25 if i % 2 else -19), 20.0, 1.0)
    calm.fit()
    wild.fit()
    assert calm.phi + 20 * calm.v < PHI + 20 * V < wild.phi + 20 * wild.v


def test_no_past_is_so_even_that_the_days_to_come_are_sure() -> None:
    """A third fewer posts than a channel ever had would be certain by its past alone."""
    by_its_past = -log_at_most(400, 600.0, 1.0, 0.0)
    assert by_its_past > 10
    assert drop.score([drop.Window(72.0, 400, 600.0, 1.0, 0.0)]) < 1
    assert drop.score([drop.Window(72.0, 60, 600.0, 1.0, 0.0)]) > 2


def test_what_is_pardoned_leaves_a_window_as_if_the_usual_had_come() -> None:
    """Begun while few posts came, and at their level; the usual one is four times as high."""
    begun = Onset(0.0, 100, 1.0, 0.5, Mark(0.0, 0.0, 0.0), 0.0, 0.0)
    here = Mark(10.0, 6.0, 0.0)
    begun.pardon(here, 0.0, 112, level=4.0)
    assert 112 - begun.count == round(begun.expected(here, 0.0)) == 40
    begun.pardon(here, 0.0, 300)
    assert 300 - begun.count == 40


def test_who_often_comes_near_an_alarm_is_asked_for_more() -> None:
    often, never = Temper(1.0), Temper(1.0)
    for day in range(56):
        often.near(24.0 * day, NEAR + EXCESS)
        often.day()
        never.day()
    assert often.shift > 0.2
    assert never.shift < -0.2
    assert never.weigh(0.0) > 0 > often.weigh(0.0)
    assert Temper(1.0).shift == 0


def test_whose_near_alarms_go_far_is_asked_for_more() -> None:
    """As many of both: one is of news, and stops at nothing, the other is calm."""
    far, barely = Temper(0.7), Temper(0.7)
    for week in range(8):
        for temper, beyond in ((far, 3.0), (barely, 0.1)):
            temper.near(168.0 * week, NEAR + beyond / 2)
            temper.near(168.0 * week + 1, NEAR + beyond)  # the same one, and not two
            for _ in range(7):
                temper.day()
    assert far.shift == barely.shift
    assert far.stretch > 1.5
    assert barely.stretch < 1
    assert far.weigh(1.0) < Temper(0.7).weigh(1.0) - far.shift < barely.weigh(1.0)
    assert far.weigh(NEAR) == barely.weigh(NEAR) == NEAR - far.shift


def test_near_alarms_that_do_not_go_far_need_not_stretch_a_score() -> None:
    calm = Temper(1.0)
    for day in range(56):
        calm.near(24.0 * day, NEAR)
        calm.day()
    assert calm.stretch == 1


def test_what_went_as_far_as_theory_has_it_is_taken_at_its_word() -> None:
    """Excesses of an exponential, of which the highest are not looked at any further."""
    temper, rng = Temper(0.7), random.Random(20_421)
    for day in range(2000):
        temper.near(24.0 * day, NEAR + rng.expovariate(1 / EXCESS))
        temper.day()
    assert temper.stretch == pytest.approx(1.0, abs=0.2)
