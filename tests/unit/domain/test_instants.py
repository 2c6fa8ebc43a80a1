"""No record takes an instant of which nobody can say when it was; spans are written as people read them."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

import domain
from domain.clock import SetClock
from domain.instant import parse_span, say_span, utc, write_span
from domain.post import Deletion, How, Post

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEHRAN = timezone(timedelta(hours=3, minutes=30))


def instants() -> Iterator[tuple[type, str]]:
    """Every field of every record of ours that holds an instant."""
    for module in pkgutil.iter_modules(domain.__path__):
        for record in vars(importlib.import_module(f"domain.{module.name}")).values():
            if not (isinstance(record, type) and dataclasses.is_dataclass(record)):
                continue
            if record.__module__ != f"domain.{module.name}":
                continue
            for name, kind in get_type_hints(record).items():
                if kind is datetime or datetime in get_args(kind):
                    yield record, name


FIELDS = sorted(set(instants()), key=str)


def build(record: type, **changes: Any) -> Any:
    """A record with something in every field that must be given."""
    given: dict[str, Any] = {}
    for field in dataclasses.fields(record):
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            given[field.name] = NOON if (record, field.name) in FIELDS else 1
    return record(**{**given, **changes})


def test_there_are_records_to_look_at() -> None:
    assert len(FIELDS) > 30


@pytest.mark.parametrize(("record", "name"), FIELDS, ids=lambda value: getattr(value, "__name__", value))
def test_no_record_takes_a_naive_instant_and_every_one_is_kept_in_utc(record: type, name: str) -> None:
    with pytest.raises(ValueError, match="an instant needs a time zone"):
        build(record, **{name: datetime(2026, 3, 1, 12)})  # noqa: DTZ001 - that is the point
    kept = getattr(build(record, **{name: NOON.astimezone(TEHRAN)}), name)
    assert kept == NOON
    assert kept.tzinfo is UTC


def test_a_deletion_cannot_be_missed_before_it_was_seen() -> None:
    with pytest.raises(ValueError, match="missed before it was last seen"):
        Deletion(channel_id=1, post_id=2, last_seen_at=NOON, first_missed_at=NOON - timedelta(seconds=1))


def test_views_and_markup_make_no_other_version_of_a_post() -> None:
    post = Post(channel_id=1, id=2, posted_at=NOON, seen_at=NOON, how=How.LIVE, text="a")
    assert post.hash == dataclasses.replace(post, views=9, edited_at=NOON, how=How.POLLED).hash
    assert post.hash != dataclasses.replace(post, text="b").hash
    assert dataclasses.replace(post, text="\ud83d").hash


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("45s", timedelta(seconds=45)),
        ("90m", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        (" 1.5 H ", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_spans_are_read(text: str, span: timedelta) -> None:
    assert parse_span(text) == span


_TOO_LONG = ["366000d", "99999999999d", f"{10**400}w"]


@pytest.mark.parametrize(
    "text", ["", " ", "5", "h", "-5m", "5 parsecs", "1h 30", "1h,30m", "١h30x", *_TOO_LONG]
)
def test_what_is_no_span_is_refused_with_what_would_be(text: str) -> None:
    with pytest.raises(ValueError, match="write it like"):
        parse_span(text)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(), "0 s"),
        (timedelta(seconds=20), "20 s"),
        (timedelta(minutes=45, seconds=1), "45 min 1 s"),
        (timedelta(days=2, hours=3, minutes=5), "2 d 3 h"),
        (timedelta(days=2, minutes=5), "2 d"),
        (timedelta(hours=-3), "3 h"),
        (timedelta(seconds=59.7), "1 min"),
    ],
)
def test_spans_are_said_by_their_two_largest_units(span: timedelta, said: str) -> None:
    assert say_span(span) == said


@given(
    st.datetimes(
        min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2090, 1, 1),  # noqa: DTZ001 - the same
        timezones=st.timezones(),
    )
)
def test_the_same_instant_stays_the_same_instant(at: datetime) -> None:
    # Not by ==: across zones an hour that a clock change repeats equals nothing in Python (PEP 495).
    assert utc(at).timestamp() == at.timestamp()
    assert utc(at).utcoffset() == timedelta()


async def test_a_set_clock_moves_by_what_is_slept() -> None:
    clock = SetClock(NOON.astimezone(TEHRAN))
    await clock.sleep(timedelta(hours=2))
    await clock.sleep(timedelta(hours=-2))
    assert clock.now() == NOON + timedelta(hours=2)


@given(st.integers(0, 10**9))
def test_a_span_that_is_written_is_read_as_the_same(seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert parse_span(write_span(span)) == span
