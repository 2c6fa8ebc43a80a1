"""Times of the year in which less, more or later than usual is ordinary."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.budgets import Budgets
from alerts.calendars.load import CalendarError, load, parse, shipped
from alerts.calendars.period import Period, Reckoning
from alerts.calendars.season import Calendars, Season
from alerts.config import AlertsConfig
from alerts.hours import hours, instant
from alerts.panel import Panel
from domain.episode import Episode
from domain.finding import Kind
from tests.support.rhythms import HOUR, MONDAY, Story, channel, opened, run

DAY = timedelta(days=1)
HISTORY = timedelta(weeks=5)
STOP = MONDAY + HISTORY + 10 * HOUR  #: a Monday in April, 10:00 UTC


def period(**keys: object) -> Period:
    return Period.model_validate({"name": "a feast", "from": "04-07", **keys})


def told(story: Story, *periods: Period, until: timedelta = timedelta()) -> list[Episode]:
    budgets = Budgets(calendars=Calendars(everywhere=periods))
    panel = Panel([channel()], AlertsConfig(), decide_from=STOP, budgets=budgets)
    return opened(run([story], story.end + until, panel=panel))


def test_hijri_and_jalali_dates_are_those_of_the_libraries_tables() -> None:
    ramadan = period(calendar="hijri", **{"from": "09-01", "to": "09-30"}, less=0.5)
    assert ramadan.days(date(2025, 1, 1), date(2025, 12, 31)) == [(date(2025, 3, 1), date(2025, 3, 29))]
    assert ramadan.days(date(2030, 1, 1), date(2030, 12, 31)) == [
        (date(2030, 1, 5), date(2030, 2, 3)),
        (date(2030, 12, 26), date(2031, 1, 23)),
    ]
    nowruz = period(calendar="jalali", **{"from": "12-29", "to": "01-05"}, less=0.5)
    assert (date(2025, 3, 19), date(2025, 3, 25)) in nowruz.days(date(2025, 3, 1), date(2025, 4, 1))


def test_a_date_with_a_year_comes_once_and_give_widens_it() -> None:
    once = period(**{"from": "2025-06-10", "to": "2025-06-12"}, less=0.5, give=1)
    assert once.days(date(2020, 1, 1), date(2030, 1, 1)) == [(date(2025, 6, 9), date(2025, 6, 13))]


def test_hours_are_those_of_the_channels_zone_also_over_midnight_and_dst() -> None:
    nights = period(**{"from": "03-25", "to": "04-02"}, hours="23:00-02:00", less=0.1)
    berlin = ZoneInfo("Europe/Berlin")
    spans = Season((nights,), "Europe/Berlin").spans(
        hours(datetime(2031, 3, 29, 12, tzinfo=UTC)), hours(datetime(2031, 3, 31, 12, tzinfo=UTC))
    )
    locals_ = [(instant(s.start).astimezone(berlin), instant(s.end).astimezone(berlin)) for s in spans]
    assert [(a.day, a.hour, b.day, b.hour) for a, b in locals_] == [(29, 23, 30, 3), (30, 23, 31, 2)]
    # On the 30th at two the clocks go on to three: 02:00 does not exist.


def test_a_silence_within_a_feast_takes_longer_to_be_told_and_says_why() -> None:
    story = Story(seed=3).posts(HISTORY + 10 * HOUR, 60).quiet(DAY)
    [plain] = told(story)
    [feast] = told(story, period(less=0.25, to="04-08"))
    assert plain.opened_at is not None
    assert feast.opened_at is not None
    assert feast.opened_at > plain.opened_at + 2 * HOUR
    assert "It falls into a feast, when down to 25% of the usual is ordinary." in feast.verdict.evidence
    assert not any("a feast" in line for line in plain.verdict.evidence)
    assert told(story, period(less=0.25, **{"from": "05-07"}))[0].opened_at == plain.opened_at


def test_a_group_that_falls_silent_within_a_feast_says_so_once() -> None:
    numbers = (1, 2, 3, 4)
    stories = [Story(n, seed=5).posts(HISTORY + 10 * HOUR, 60).quiet(DAY) for n in numbers]
    texts = []
    for periods in ((period(less=0.8, to="04-08"),), (period(less=0.8, **{"from": "05-07"}),)):
        panel = Panel(
            [channel(n, group="net") for n in numbers],
            AlertsConfig(),
            decide_from=STOP,
            budgets=Budgets(calendars=Calendars(everywhere=periods)),
        )
        [episode] = opened(run(stories, STOP + DAY, panel=panel))
        assert episode.subject.group == "net"
        texts.append(episode.verdict.evidence)
    feast, plain = texts
    assert [line for line in feast if "a feast" in line] == [
        "It falls into a feast, when down to 80% of the usual is ordinary."
    ]
    assert not any("a feast" in line for line in plain)


def test_after_the_hours_of_a_cut_a_silence_counts_in_full() -> None:
    """Cut from 08:00 to 12:00; it does not come back afterwards."""
    story = Story(seed=3).posts(HISTORY + 10 * HOUR, 60).quiet(DAY)
    [plain] = told(story)
    [cut] = told(story, period(hours="08:00-12:00", less=0.05))
    assert plain.opened_at is not None
    assert cut.opened_at is not None
    assert timedelta(0) < cut.opened_at - plain.opened_at <= 2 * HOUR + timedelta(minutes=15)
    back = Story(seed=3).posts(HISTORY + 10 * HOUR, 400).quiet(2 * HOUR).posts(DAY, 400)
    assert len([e for e in told(back) if e.kind is Kind.SILENCE]) == 1
    assert told(back, period(hours="08:00-12:00", less=0.05)) == []


def test_drops_and_surges_are_widened_each_in_its_direction() -> None:
    few = Story(seed=2).posts(HISTORY + 10 * HOUR, 120).posts(DAY, 40)
    many = Story(seed=2).posts(HISTORY + 10 * HOUR, 60).posts(DAY, 180)
    less, more = period(less=0.2, to="04-10"), period(more=6.0, to="04-10")
    assert {e.kind for e in told(few)} == {e.kind for e in told(few, more)} == {Kind.DROP}
    assert told(few, less) == []
    assert {e.kind for e in told(many)} == {e.kind for e in told(many, less)} == {Kind.SURGE}
    assert told(many, more) == []


def test_a_day_that_comes_later_is_expected_later() -> None:
    story = Story(seed=2).posts(HISTORY + 10 * HOUR, 240)
    shown = []
    for later in (None, "3h"):
        season = Season((period(later=later, to="04-20"),) if later else ())
        panel = Panel([channel()], AlertsConfig(), decide_from=STOP)
        track = panel.track(1)
        assert track is not None
        track.rhythm.season = season
        run([story], story.end, panel=panel)
        midnight = hours(STOP) - 10
        shown.append([track.rhythm.expected_between(midnight + h, midnight + h + 1) for h in range(24)])
    busiest = [max(range(24), key=lambda h, day=day: sum(day[h - 2 : h + 3])) for day in shown]
    assert busiest[1] - busiest[0] == 3


def test_whose_country_it_is_not_or_who_has_none_is_judged_as_ever() -> None:
    here = period(less=0.25, countries=["IQ"])
    calendars = Calendars(everywhere=(here,), channels={"own": (here,)})
    assert not calendars.of(("a",), None, "UTC")
    assert not calendars.of(("a",), "DE", "UTC")
    assert calendars.of(("a",), "IQ", "UTC")
    assert calendars.of(("own",), None, "UTC")


def test_the_shipped_calendars_are_well_formed_and_hold_what_their_names_say() -> None:
    assert shipped() == ["exams", "islamic", "persian"]
    names = {p.name for p in load(shipped())}
    assert {"Ramadan", "Eid al-Fitr", "Ashura", "Nowruz"} <= names
    assert all(p.countries for p in load(shipped()))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[period]\n", "not valid TOML"),
        ("a = " + "[" * 100_000, "not valid TOML"),
        ("", "holds no [[period]]"),
        ('name = "x"', "no such key 'name'"),
        ('[[period]]\nname = "x"\nless = 0.5\n', "from must be given"),
        ('[[period]]\nname = "x"\nfrom = "13-01"\nless = 0.5\n', "there is no 13-01"),
        ('[[period]]\nname = "x"\nfrom = "02-30"\nless = 0.5\n', "there is no 02-30"),
        ('[[period]]\nname = "x"\nfrom = "April"\nless = 0.5\n', "'April' is no date"),
        ('[[period]]\nname = "x"\nfrom = "04-01"\n', "says nothing"),
        ('[[period]]\nname = "x"\nfrom = "04-01"\nless = 2\n', "less: input should be less"),
        ('[[period]]\nname = "x"\nfrom = "04-01"\nless = 0.5\ncountries = ["XX"]\n', "'XX' is no country"),
        ('[[period]]\nname = "x"\nfrom = "04-01"\nless = 0.5\nhours = "8-9"\n', "write HH:MM-HH:MM"),
        ('[[period]]\nname = "x"\nfrom = "04-01"\nlesss = 0.5\n', "no such key 'lesss'"),
        ('[[period]]\nname = "x"\nfrom = "04-01"\nless = 0.5\nlater = "90m"\n', "whole hours"),
        ('[[period]]\nname = "x"\nfrom = "2025-05-01"\nto = "05-03"\nless = 0.5\n', "both with a year"),
        ('[[period]]\nname = "x"\nfrom = "2025-05-01"\nto = "2025-04-03"\nless = 0.5\n', "is before"),
        (
            '[[period]]\nname = "x"\ncalendar = "hijri"\nfrom = "1600-01-01"\nless = 0.5\n',
            "of the tables",
        ),
    ],
)
def test_a_mistake_is_named_with_its_file_its_period_and_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(CalendarError) as caught:
        parse(text, "mine.toml")
    assert "mine.toml" in caught.value.what
    assert says in caught.value.what
    if '"x"' in text and "[[period]]" in text:
        assert "period 1 (x)" in caught.value.what


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    bad = '[[period]]\nname = "a"\nfrom = "99-99"\nless = 0.5\n'
    with pytest.raises(CalendarError) as caught:
        parse(bad + bad.replace('"a"', '"b"'), "mine.toml")
    assert "period 1 (a)" in caught.value.what
    assert "period 2 (b)" in caught.value.what
    with pytest.raises(CalendarError, match="no calendar 'ramadan'"):
        load(["ramadan"])
    with pytest.raises(CalendarError, match="cannot read"):
        load([str(tmp_path / "none.toml")])


spans_of = st.lists(
    st.tuples(st.integers(1, 28), st.integers(0, 3), st.floats(0.05, 1.0), st.booleans()), max_size=4
)


@settings(deadline=None, max_examples=60)
@given(spans_of, st.floats(0, 400), st.floats(0.1, 300))
def test_the_instant_at_which_so_much_has_counted_is_exact(
    periods: list[tuple[int, int, float, bool]], start: float, goal: float
) -> None:
    """Whatever periods lie on top of each other: time counts less in them, and never stands still."""
    season = Season(
        tuple(
            Period.model_validate(
                {
                    "name": "p",
                    "from": f"04-{d:02}",
                    "to": f"04-{min(30, d + n):02}",
                    "less": less,
                    "more": 2.0,
                }
                | ({"hours": "06:00-11:00"} if some else {})
            )
            for d, n, less, some in periods
        ),
        "Asia/Tehran",
    )
    begin = hours(datetime(2031, 4, 1, tzinfo=UTC)) + start
    at = season.when(lambda t: t - begin, lambda g: begin + g, begin, goal)
    assert at >= begin + goal - 1e-6
    assert season.widened(lambda t: t - begin, begin, at) == pytest.approx(goal, abs=1e-6)
    assert season.widened(float, begin, at, up=True) >= at - begin - 1e-6


@pytest.mark.parametrize("reckoning", list(Reckoning))
def test_every_year_has_each_period_for_ten_years(reckoning: Reckoning) -> None:
    each = period(calendar=reckoning.value, **{"from": "05-10", "to": "05-12"}, less=0.5)
    found = each.days(date(2026, 1, 1), date(2035, 12, 31))
    assert 9 <= len(found) <= 11
    assert all((b - a).days == 2 for a, b in found)


def test_a_channel_judged_by_itself_keeps_its_calendars_and_nothing_else_of_its_country() -> None:
    here = period(less=0.25, countries=["IQ"])
    budgets = Budgets(calendars=Calendars(everywhere=(here,)))
    iraqi = replace(channel(), country="IQ")
    alone = budgets.alone(iraqi)
    assert alone.season(replace(iraqi, country=None)) == budgets.season(iraqi)
    assert budgets.season(iraqi)
    assert not budgets.alone(channel()).season(iraqi)
