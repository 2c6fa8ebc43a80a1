"""Summer time comes and goes: a channel goes on by its own clock, and nothing is told of it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from alerts.baseline import DAYS, WINDOW, fit
from alerts.clock import offsets, turned
from alerts.config import AlertsConfig
from alerts.fleet import Fleet
from alerts.forecast import HOURS, Forecast
from alerts.hours import hours
from alerts.outlook import Outlook
from alerts.rhythm import Rhythm
from domain.episode import Transition
from domain.post import How
from domain.series import Bucket
from domain.watch import WatchSpan
from tests.support.rhythms import HOUR, Story, channel, lived, turns

DAY = timedelta(days=1)
KYIV, BAGHDAD = "Europe/Kyiv", "Asia/Baghdad"
AUTUMN, SPRING = datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC)
#: Posts an hour by the local hour of the week: nothing by night, an evening of news, Fridays half.
BY_DAY = np.where(np.arange(24) < 6, 0.0, np.where(np.arange(24) < 18, 8.0, 14.0))
WEEK = np.tile(BY_DAY, 7) * np.repeat([1, 1, 1, 1, 0.5, 1, 1], 24)


def days_since_1970(day: datetime) -> int:
    return int(hours(day) // 24)


def local(zone: str, first: int, n: int) -> np.ndarray:
    """The local hours of the week, from Monday 00:00, of `n` hours from `first` on."""
    there = [datetime.fromtimestamp(3600 * (first + h), UTC).astimezone(ZoneInfo(zone)) for h in range(n)]
    return np.array([24 * each.weekday() + each.hour for each in there])


def expected(zone: str, day: int) -> np.ndarray:
    """What is expected from an hour before the day on of a channel that lives by the clock of its zone."""
    counts, watched = WEEK[local(zone, 24 * day - WINDOW, WINDOW)], np.ones(WINDOW)
    turn, offset = turned(ZoneInfo(zone), day), offsets(ZoneInfo(zone), day)[0]
    if turn is None:
        return fit(counts, watched, day, offset=offset).hourly
    return turn.ahead(fit(turn.past(counts), turn.past(watched), day, offset=offset).hourly)


@pytest.mark.parametrize("zone", [KYIV, "America/New_York", "Australia/Sydney", "Africa/Casablanca"])
def test_what_is_expected_belongs_to_the_local_hour_all_year(zone: str) -> None:
    first = days_since_1970(datetime(2026, 1, 1, tzinfo=UTC))
    around = [days_since_1970(change) + n for change in (AUTUMN, SPRING) for n in (-8, -1, 0, 1)]
    for day in [*range(first, first + 365, 15), *around]:
        steady = np.empty(168)  # the same channel, without summer time
        steady[local(BAGHDAD, 24 * day - 1, 168)] = expected(BAGHDAD, day)[:168]
        here = local(zone, 24 * day - 1, HOURS + 2)
        assert expected(zone, day) == pytest.approx(steady[here], rel=0.15, abs=0.03)


@pytest.mark.parametrize("zone", ["UTC", BAGHDAD, "Asia/Kolkata", "Asia/Tehran"])
def test_where_the_clock_is_never_turned_nothing_is_moved(zone: str) -> None:
    first = days_since_1970(datetime(2026, 1, 1, tzinfo=UTC))
    assert all(turned(ZoneInfo(zone), day) is None for day in range(first, first + 365))


def test_a_clock_turned_by_half_an_hour_moves_no_hour() -> None:
    day = days_since_1970(datetime(2026, 4, 8, tzinfo=UTC))
    turn, counts = turned(ZoneInfo("Australia/Lord_Howe"), day), np.arange(float(WINDOW))
    assert turn is not None
    assert (turn.past(counts) == counts).all()


@pytest.mark.parametrize("change", [AUTUMN, SPRING])
def test_each_hour_before_a_day_is_taken_once_and_none_of_after_it(change: datetime) -> None:
    for after in range(1, DAYS + 1):
        day = days_since_1970(change) + after
        turn = turned(ZoneInfo(KYIV), day)
        assert turn is not None
        taken = turn.past(np.arange(1.0, WINDOW + 1))
        known = taken[taken > 0]
        assert len(known) >= WINDOW - 1  # the hour that is missing in spring, or came in twice in autumn
        assert (np.diff(known) > 0).all()


def test_the_offset_is_that_of_the_hour() -> None:
    rhythm = Rhythm(KYIV, AlertsConfig())
    at = hours(AUTUMN)
    assert [rhythm.offset(at + h) for h in (0, 0.99, 1, 23)] == [3, 3, 2, 2]


def found(zone: str, change: datetime, weeks: int, per_hour: float, on: tuple[int, int]) -> list[Transition]:
    """What is told of a channel that posts by its clock, from a day before the change to four days after."""
    days = 7 * weeks + 5
    story, rng = Story(start=change - 7 * weeks * DAY), np.random.default_rng(3)
    for n, hour in enumerate(local(zone, int(hours(story.start)), 24 * days)):
        if on[0] <= hour % 24 < on[1]:
            for part in np.sort(rng.random(rng.poisson(per_hour))):
                story.at(story.start + (n + float(part)) * HOUR)
    story.length = days * DAY
    channels = [channel(story.number, zone=zone)]
    return turns(lived([story], story.end, channels=channels, decide_from=change - DAY)[1])


@pytest.mark.parametrize("zone", [KYIV, BAGHDAD])
@pytest.mark.parametrize("change", [AUTUMN, SPRING])
def test_nights_after_the_change_are_no_silences(zone: str, change: datetime) -> None:
    assert found(zone, change, 5, 40, (6, 23)) == []


def test_the_evening_after_the_change_is_no_surge() -> None:
    assert found(KYIV, AUTUMN, 8, 100, (5, 24)) == []


@pytest.mark.parametrize("before", [6, 1, 0, -1])
@pytest.mark.parametrize("change", [AUTUMN, SPRING])
def test_what_others_have_in_common_is_known_by_the_local_hour(change: datetime, before: int) -> None:
    day, weeks = days_since_1970(change) - before, []
    for zone in (KYIV, BAGHDAD):
        fleet, rhythm = Fleet(), Rhythm(zone, AlertsConfig())
        rhythm.forecast = Forecast(24.0 * day, expected(zone, day))
        fleet.note(1, rhythm, 24.0 * day + 20)
        weeks.append(fleet.known[1].week)
    assert (np.abs(weeks[0] - weeks[1]) > 0.1).sum() <= 1  # the hour that is missing in spring


@pytest.mark.parametrize("zone", [KYIV, "America/New_York", BAGHDAD])
@pytest.mark.parametrize("change", [AUTUMN, SPRING])
@pytest.mark.parametrize("days", [-7, -1, 0, 1, 3, 7, 8])
def test_the_days_before_are_expected_by_the_clock_they_had(zone: str, change: datetime, days: int) -> None:
    """What is shown of them, and a silence that began on them, is held against their own local hours."""
    day = days_since_1970(change) + days
    hourly, turn = expected(zone, day), turned(ZoneInfo(zone), day)
    forecast = Forecast(24.0 * day, hourly, None if turn is None else turn.week_before(hourly))
    first = 24 * day - 168
    hour = np.array([forecast.reach(first + h + 1) - forecast.reach(first + h) for h in range(168)])
    usual = WEEK[local(zone, first, 168)] / WEEK.mean()
    wrong = np.abs(hour - usual) > 0.5
    assert wrong.sum() <= 4  # half hours beside a sharp edge, and the hour that is missing or comes twice
    assert forecast.reach(24.0 * day) == pytest.approx(0.0)
    assert forecast.reach(first - 168.0) == pytest.approx(-2 * hour.sum(), rel=0.05)


@pytest.mark.parametrize("change", [AUTUMN, SPRING])
def test_what_a_chart_shows_of_the_days_before_the_change_is_by_their_own_hours(change: datetime) -> None:
    story, rng = Story(start=change - 30 * DAY), np.random.default_rng(3)
    for n, hour in enumerate(local(KYIV, int(hours(story.start)), 24 * 31 + 12)):
        if 6 <= hour % 24 < 23:
            for part in np.sort(rng.random(rng.poisson(10))):
                story.at(story.start + (n + float(part)) * HOUR)
    now = change + DAY + 12 * HOUR
    span = WatchSpan(channel_id=1, account="a", from_at=story.start, to_at=now, how=How.LIVE)
    outlook = Outlook(channel(zone=KYIV), story.readings, [span], AlertsConfig())
    first = change - 3 * DAY
    shown = outlook.beside([Bucket(start=first + n * HOUR, observed=0) for n in range(72)])
    there = local(KYIV, int(hours(first)), 72) % 24
    expects = np.array([point.expected for point in shown])
    assert expects[there < 5].max() < 2.0
    assert expects[there == 22].min() > 5.0
