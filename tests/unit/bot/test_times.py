"""Times, hours and zones as people type them."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.times import is_clear, is_time, read_hour, read_hours, read_until, read_zone

NOON = datetime(2031, 3, 14, 12, 0, tzinfo=UTC)
BAGHDAD, BERLIN = ZoneInfo("Asia/Baghdad"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ("8h", timedelta(hours=8)),
        ("45m", timedelta(minutes=45)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("٨h", timedelta(hours=8)),
        ("18:00", timedelta(hours=3)),  # it is three in the afternoon there
        ("15:00", timedelta(hours=24)),  # that has just been
        ("2031-03-15", timedelta(hours=9)),
        ("2031-03-14T18:00", timedelta(hours=3)),
        ("2031-03-14T18:00+00:00", timedelta(hours=6)),
    ],
)
def test_until_when_is_read_in_the_zone_of_whoever_says_it(said: str, after: timedelta) -> None:
    assert read_until(said, NOON, BAGHDAD) == NOON + after
    assert is_time(said, NOON, BAGHDAD)


TOO_FAR = ["400d", "99999999d", "99999999999999999999w", "2033-01-01", "0001-01-01", "9999-12-31"]


@pytest.mark.parametrize("said", ["", "soon", "0m", "-3h", "25:00", "2031-03-13", "8", *TOO_FAR])
def test_what_is_no_time_or_over_or_too_far_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_until(said, NOON, BAGHDAD)


@pytest.mark.parametrize(
    "said", ["99999999h", "9999999999d", f"{'9' * 400}d", "0001-01-01", "9999-12-31T23:59"]
)
@pytest.mark.parametrize("zone", [BAGHDAD, ZoneInfo("America/New_York")])
def test_what_no_calendar_holds_is_refused_as_what_is_too_far(said: str, zone: ZoneInfo) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_until(said, NOON, zone)
    assert is_time(said, NOON, zone)


def test_without_an_end_only_by_saying_so() -> None:
    assert read_until("forever", NOON, BAGHDAD) is None


def test_a_clock_time_is_the_next_one_also_where_the_clocks_change() -> None:
    evening = datetime(2031, 3, 29, 22, 0, tzinfo=UTC)  # at 01:00 UTC the clocks of Berlin go to three
    assert read_until("08:00", evening, BERLIN) == datetime(2031, 3, 30, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("said", ["22:00-07:00", "22-7", "22:00 07:00", "22:00 – 07:00", "22 to 7", "٢٢-٧"])
def test_quiet_hours_are_read_however_they_are_written(said: str) -> None:
    assert read_hours(said) == (time(22), time(7))


@pytest.mark.parametrize("said", ["22", "24:00-07:00", "22:60-07:00", "late-early", "", "22-7-8"])
def test_what_is_no_two_times_of_a_day_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_hours(said)


def test_an_hour_is_a_whole_one() -> None:
    assert [read_hour(s) for s in ("8", "08:00", "0", "23")] == [8, 8, 0, 23]
    for said in ("8:30", "24", "x"):
        with pytest.raises(ValueError, match=r".*"):
            read_hour(said)


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("Asia/Baghdad", "Asia/Baghdad"),
        ("baghdad", "Asia/Baghdad"),
        ("بغداد", "Asia/Baghdad"),
        ("العراق", "Asia/Baghdad"),
        ("تهران", "Asia/Tehran"),
        ("Iran", "Asia/Tehran"),
        ("new york", "America/New_York"),
        ("+3:30", "Asia/Tehran"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_goes_by_its_name_its_city_its_country_or_its_offset(said: str, zone: str) -> None:
    found = read_zone(said, NOON)
    assert found == [zone]
    assert is_clear(said, found)


def test_what_several_may_be_meant_by_is_offered_the_likelier_first() -> None:
    found = read_zone("+3", NOON)
    assert found[0] == "Asia/Baghdad"
    assert len(found) == 6
    assert not is_clear("+3", found)
    assert read_zone("bagdad", NOON)[0] == "Asia/Baghdad"  # mistyped
    assert not is_clear("bagdad", ["Asia/Baghdad"])
    assert read_zone("Nowhereville-upon-Nothing", NOON) == []
