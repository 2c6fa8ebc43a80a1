"""Quiet hours last exactly as long as the clocks of the chat's zone say; mutes cover what was named."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.episode import Episode, State, Subject
from domain.finding import Kind, Verdict
from domain.hush import Digest, Every, Mute, QuietHours

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BERLIN, BAGHDAD, LORD_HOWE = (ZoneInfo(z) for z in ("Europe/Berlin", "Asia/Baghdad", "Australia/Lord_Howe"))


#: The days on which Berlin's clocks change.
CHANGES = [date(2026, 3, 29), date(2026, 10, 25)]


def quiet(start: str, end: str) -> QuietHours:
    return QuietHours(chat_id=5, start=time.fromisoformat(start), end=time.fromisoformat(end), made_at=NOON)


def local(text: str, zone: ZoneInfo, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def test_quiet_hours_run_across_midnight_and_end_on_the_minute() -> None:
    night = quiet("23:00", "07:00")
    for at in ("2026-03-01 23:00", "2026-03-02 00:00", "2026-03-02 06:59"):
        assert night.over_at(local(at, BAGHDAD), BAGHDAD) == local("2026-03-02 07:00", BAGHDAD)
    assert night.over_at(local("2026-03-02 07:00", BAGHDAD), BAGHDAD) is None
    assert night.over_at(local("2026-03-02 22:59", BAGHDAD), BAGHDAD) is None


def test_equal_ends_are_no_quiet_hours_at_all() -> None:
    for hour in range(24):
        assert quiet("08:00", "08:00").over_at(NOON + timedelta(hours=hour), BERLIN) is None


def test_an_end_that_the_clocks_leap_over_is_the_leap_itself() -> None:
    """29 March 2026: Berlin's clocks go from 02:00 to 03:00."""
    ends = local("2026-03-29 03:00", BERLIN)
    assert quiet("23:00", "02:30").over_at(local("2026-03-29 01:59", BERLIN), BERLIN) == ends
    assert quiet("23:00", "02:30").over_at(ends, BERLIN) is None
    assert quiet("02:10", "02:50").over_at(ends, BERLIN) is None
    assert quiet("02:30", "04:00").over_at(ends, BERLIN) == local("2026-03-29 04:00", BERLIN)


def test_an_end_that_the_clocks_show_twice_is_the_first_and_a_start_the_second() -> None:
    """25 October 2026: Berlin's clocks go from 03:00 back to 02:00."""
    assert quiet("23:00", "02:30").over_at(local("2026-10-25 02:29", BERLIN), BERLIN) == local(
        "2026-10-25 02:30", BERLIN
    )
    assert quiet("23:00", "02:30").over_at(local("2026-10-25 02:10", BERLIN, fold=1), BERLIN) is None
    assert quiet("02:30", "06:00").over_at(local("2026-10-25 02:40", BERLIN), BERLIN) is None
    assert quiet("02:30", "06:00").over_at(local("2026-10-25 02:40", BERLIN, fold=1), BERLIN) is not None


times = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(
    start=times,
    end=times,
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Baghdad", "Asia/Tehran", "Australia/Lord_Howe"]),
    day=st.dates(date(2021, 1, 1), date(2027, 12, 30))
    | st.sampled_from([date(2026, 3, 29), date(2026, 10, 25)]),
    minute=st.integers(0, 24 * 60 - 1),
)
def test_what_is_quiet_lies_between_its_ends_on_the_clock_and_nothing_else_does(
    start: time, end: time, zone: str, day: date, minute: int
) -> None:
    where = ZoneInfo(zone)
    hours = QuietHours(chat_id=5, start=start, end=end, made_at=NOON)
    now = datetime.combine(day, time(), UTC) + minute * MINUTE
    shown = now.astimezone(where).time()
    inside = start <= shown < end if start < end else shown >= start or shown < end
    over = hours.over_at(now, where)
    if start == end:
        assert over is None
        return
    if over is not None:
        assert inside
        assert now < over <= now + timedelta(hours=25)
        assert hours.over_at(over - MINUTE, where) == over
        assert hours.over_at(over, where) is None
    elif inside:
        # Only where the clocks are put back within a day, and an end of the quiet hours comes twice.
        offsets = {(now + timedelta(hours=h)).astimezone(where).utcoffset() for h in (-3, 0, 3)}
        assert len(offsets) > 1


@given(
    every=st.sampled_from(Every),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Tehran", "Australia/Lord_Howe"]),
    minutes=st.integers(0, 400 * 24 * 60),
)
def test_digests_come_once_a_day_or_week_at_their_hour(
    every: Every, hour: int, weekday: int, zone: str, minutes: int
) -> None:
    where = ZoneInfo(zone)
    digest = Digest(chat_id=5, every=every, hour=hour, weekday=weekday, made_at=NOON)
    at = NOON + minutes * MINUTE
    due = digest.next_after(at, where)
    days = 1 if every is Every.DAY else 7
    assert at < due <= at + timedelta(days=days, hours=1)
    shown = due.astimezone(where)
    # The hour is left out only where the clocks were put forward just then.
    assert shown.hour == hour or shown.utcoffset() != (due - 2 * MINUTE).astimezone(where).utcoffset()
    if every is Every.WEEK:
        assert shown.weekday() == weekday
    assert (
        timedelta(days=days, hours=-1) <= digest.next_after(due, where) - due <= timedelta(days=days, hours=1)
    )


def episode(members: tuple[int, ...] = (), **subject: object) -> Episode:
    return Episode(
        id=1,
        kind=Kind.SILENCE,
        subject=Subject(**subject),  # type: ignore[arg-type]  # the fields of Subject
        state=State.OPEN,
        since_at=NOON,
        found_at=NOON,
        verdict=Verdict.confirmed(),
        members=members,
    )


@pytest.mark.parametrize(
    ("mute", "about", "covered"),
    [
        ({}, episode(channel_id=1), True),
        ({"channel_id": 1}, episode(channel_id=1), True),
        ({"channel_id": 1}, episode(channel_id=1, topic="drones"), True),
        ({"channel_id": 1}, episode(channel_id=2), False),
        ({"channel_id": 1}, episode(members=(1, 2), group="net"), False),
        ({"channel_id": 1}, episode(members=(1,), group="net"), True),
        ({"channel_id": 1}, episode(), False),
        ({"topic": "drones"}, episode(channel_id=1, topic="drones"), True),
        ({"topic": "drones"}, episode(channel_id=1), False),
        ({"channel_id": 1, "topic": "drones"}, episode(channel_id=2, topic="drones"), False),
        ({"claimant": "hq"}, episode(channel_id=1, claimant="hq"), True),
        ({"claimant": "hq"}, episode(channel_id=1, topic="hq"), False),
    ],
)
def test_a_mute_covers_what_was_named_and_no_more(
    mute: dict[str, object], about: Episode, covered: bool
) -> None:
    muted = Mute(chat_id=5, made_at=NOON, **mute)  # type: ignore[arg-type]  # the fields of Mute
    assert muted.covers(about) is covered


def test_a_mute_stands_from_when_it_was_made_until_its_time_or_until_it_is_revoked() -> None:
    hour = timedelta(hours=1)
    mute = Mute(chat_id=5, made_at=NOON, until=NOON + hour)
    assert [mute.stands(NOON + n * hour / 2) for n in (-1, 0, 1, 2)] == [False, True, True, False]
    assert not Mute(chat_id=5, made_at=NOON, revoked_at=NOON + hour).stands(NOON + 2 * hour)
