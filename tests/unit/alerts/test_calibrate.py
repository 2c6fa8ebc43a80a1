"""What a budget means is told by the panel itself: its deadlines, its replay, its own eyes."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.budgets import with_budget
from alerts.calibrate import Calibration, Record, calibrate, strands
from alerts.config import AlertsConfig, SilenceRule
from alerts.hours import hours
from alerts.panel import Panel
from alerts.reach import told_after
from alerts.refusals import Refusal, refusal
from alerts.strand import TOPIC, Strand
from archive.pages.voice import voice_of
from bot.say import say_in
from bot.saying import say_sentence
from domain.budget import LEAST, MOST
from domain.episode import State
from domain.finding import Kind
from domain.opinion import Opinion, Says
from domain.post import How
from domain.sentence import Sentence
from domain.watch import WatchSpan
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, opened, run

RULES = AlertsConfig()
DAY = timedelta(days=1)
ATTACKS = Strand(TOPIC, "attacks")


def story(per_day: float = 40, weeks: int = 16, seed: int = 3) -> Story:
    return Story(seed=seed).posts(weeks * 7 * DAY, per_day, topics={"attacks": 0.3})


def record(story: Story, **changes: object) -> Record:
    made = Record(channel=channel(zone="Asia/Baghdad"), readings=story.readings)
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of Record


@cache
def busy(budget: float) -> Calibration:
    """Of a channel that posts two hundred times a day."""
    return of(story(200, weeks=10), budget)


def of(told: Story, budget: float = 0.25, **options: object) -> Calibration:
    return calibrate(record(told), with_budget(RULES, budget), probes=False, **options)  # type: ignore[arg-type]  # the same


@pytest.mark.parametrize("budget", [LEAST, MOST])
def test_every_budget_that_may_be_set_is_reckoned_with(budget: float) -> None:
    found = of(story(weeks=10), budget)
    assert found.nominal == pytest.approx(3 * budget)
    assert [each.hour for each in found.reach] == list(range(24))


@settings(max_examples=8, deadline=None)
@given(hour=st.integers(0, 167), budget=st.sampled_from([0.1, 0.5, 2.0]))
def test_a_silence_is_told_when_the_table_says_on_an_ordinary_day(hour: int, budget: float) -> None:
    """The deadline from a real last post is that of the table, but for what the day's news adds."""
    told = story(per_day=60, weeks=8)
    rules = with_budget(RULES, budget)
    last = told.end + hour * HOUR
    panel = Panel([channel()], rules, decide_from=last)
    more = [r for r in story(60, 10, seed=3).readings if r.posted_at <= last]
    told.readings = more
    told.at(last)
    end = last + 10 * DAY
    episodes = [e for e in opened(run([told], end, panel=panel)) if e.subject.topic is None]
    track = panel.track(1)
    assert track is not None
    first = next(e for e in episodes if e.kind is Kind.SILENCE)
    assert first.opened_at is not None
    expected = told_after(track, None, hours(last))
    assert (first.opened_at - last) / HOUR == pytest.approx(expected, rel=0.35, abs=0.6)


def test_every_hour_of_the_channels_own_day_is_in_the_table_and_nights_take_longer() -> None:
    """The channel posts most at 14:00 UTC and least at 02:00: at 17:00 and 05:00 in Baghdad."""
    found = of(story())
    assert [r.hour for r in found.reach] == list(range(24))
    waits = {r.hour: r.middle for r in found.reach}
    assert waits[0] is not None
    assert waits[15] is not None
    assert waits[0] > 1.5 * waits[15]
    assert found.soonest is not None
    assert found.latest is not None
    assert found.soonest <= min(w for w in waits.values() if w) <= found.latest


def test_a_larger_budget_never_makes_a_silence_slower_to_be_told() -> None:
    told = record(story(weeks=10))
    # That of silences alone: what is told of drops and surges by chance moves what is expected either way.
    found = [
        calibrate(told, AlertsConfig(silence=SilenceRule(budget=budget)), probes=False)
        for budget in (0.05, 0.25, 1.0, 2.0, 8.0)
    ]
    for small, large in pairwise(found):
        for a, b in zip(small.reach, large.reach, strict=True):
            assert a.middle is not None
            assert b.middle is not None
            assert b.middle <= a.middle


def test_what_it_would_have_raised_is_what_the_replay_raises_and_people_are_heard() -> None:
    told = story(weeks=14).quiet(2 * DAY)
    told.posts(4 * DAY, 40)
    plain = calibrate(record(told), RULES, probes=False)
    silences = [r for r in plain.raised if r.episode.kind is Kind.SILENCE]
    assert silences
    real = silences[-1].episode
    assert real.closed_at is not None
    assert real.closed_at - real.since_at > DAY
    stored = replace(real, id=7, state=State.CLOSED)
    word = Opinion(episode_id=7, at=told.end, says=Says.CONFIRMED, by="Noor")
    heard = calibrate(record(told, told=[stored], opinions=[(stored, word)]), RULES, probes=False)
    judged = [r for r in heard.raised if r.opinion]
    assert [(r.told_as, r.opinion, r.counts) for r in judged] == [(7, word, False)]
    assert plain.per_month is not None
    assert heard.per_month is not None
    assert heard.per_month < plain.per_month


def test_time_that_nobody_watched_is_not_judged() -> None:
    told = story()
    half = [
        WatchSpan(channel_id=1, account="a", from_at=a, to_at=b, how=How.LIVE)
        for a, b in ((MONDAY, told.end - 60 * DAY), (told.end - 15 * DAY, told.end))
    ]
    found = calibrate(record(told, spans=half), RULES, probes=False)
    assert abs(found.judged - 45 * DAY) < HOUR
    assert [r for r in found.raised if r.episode.kind is Kind.SILENCE] == []


def test_a_channel_that_is_not_ripe_cannot_be_tuned() -> None:
    found = of(Story(seed=1).posts(2 * DAY, 10))
    assert found.reach == ()
    refused = said(found)
    assert "nothing can fire yet" in refused.what
    assert refused.more is None


def test_a_topic_without_a_habit_can_never_fire() -> None:
    refused = said(of(story(), strand=Strand(TOPIC, "floods")))
    assert "not" not in refused.what.split(":")[0]
    assert "can never fire" in refused.what


def test_a_slow_channel_on_a_small_budget_can_never_fire_and_a_larger_one_helps() -> None:
    told = Story(seed=2).posts(16 * 7 * DAY, 0.8)
    refused = said(of(told, 0.001))
    assert "can never fire" in refused.what
    assert refused.more is True
    assert refusal(of(told, 2.0), RULES.silence) is None


def test_what_would_fire_daily_is_refused_with_its_numbers() -> None:
    refused = said(busy(30))
    assert "daily" in refused.what
    assert refused.more is False
    assert refusal(busy(0.25), RULES.silence) is None


def test_what_all_kinds_together_would_tell_nearly_every_day_is_refused() -> None:
    """Eight a month of silence, as many of drops and of surges: one comes nearly every day."""
    refused = said(busy(8))
    assert "24 false alarms a month" in refused.what
    assert refused.more is False


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_a_refusal_is_said_in_every_language_with_its_numbers(language: str) -> None:
    zone = ZoneInfo("UTC")
    refused = said(busy(30))
    assert isinstance(refused.what, Sentence)
    told = str(say_sentence(refused.what, zone, say_in(language)))
    shown = voice_of(language).sentence(refused.what, zone)
    for words in (told, shown):
        assert not re.search("[a-z]{3}", words)
        assert re.search("[٠-٩۰-۹]", words)


def said(found: Calibration) -> Refusal:
    refused = refusal(found, RULES.silence)
    assert refused is not None
    return refused


def test_topics_are_listed_by_how_often_they_come_and_only_when_they_are_a_habit() -> None:
    told = (
        Story(seed=9)
        .posts(WEEKS, 60, topics={"rain": 0.1, "attacks": 0.3})
        .posts(DAY, 60, topics={"new": 0.9})
    )
    assert strands(record(told), RULES) == [ATTACKS, Strand(TOPIC, "rain")]


def test_the_budget_of_a_topic_is_its_part_of_the_channels() -> None:
    found = of(story(), 0.5, strand=ATTACKS)
    assert found.budgets == {Kind.SILENCE: 0.5}
    two = Story(seed=3).posts(WEEKS, 60, topics={"attacks": 0.3, "rain": 0.3})
    assert of(two, 0.5, strand=ATTACKS).budgets == {Kind.SILENCE: 0.25}


def test_its_days_are_those_of_its_own_zone() -> None:
    told = story()
    baghdad = {r.hour: r.middle for r in of(told).reach}
    utc = {r.hour: r.middle for r in calibrate(record(told, channel=channel()), RULES, probes=False).reach}
    shift = datetime(2031, 7, 1, tzinfo=ZoneInfo("Asia/Baghdad")).utcoffset()
    assert shift == 3 * HOUR
    for hour, wait in utc.items():
        mine = baghdad[(hour + 3) % 24]
        assert wait is not None
        assert mine is not None
        assert mine / wait == pytest.approx(1, abs=0.3)
