"""Who gets a lease, as it stands and at that instant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.lease import NOBODY, Lease, Reason, Standby, take, to_hand_over

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LASTS = timedelta(seconds=15)
STANDING = Lease(name="reader", holder="one", token=7, until=NOON + LASTS, since=NOON)


def test_what_nobody_ever_had_is_given() -> None:
    answer = take(None, "reader", "one", LASTS, NOON)
    assert answer.reason is Reason.NEW
    assert answer.lease == replace(STANDING, token=1)


def test_what_another_has_is_not_given_until_the_last_moment_is_over() -> None:
    last = take(STANDING, "reader", "two", LASTS, STANDING.until - timedelta(microseconds=1))
    assert (last.reason, last.is_given, last.lease) == (Reason.HELD, False, STANDING)
    over = take(STANDING, "reader", "two", LASTS, STANDING.until)
    assert (over.reason, over.lease.holder, over.lease.token) == (Reason.LAPSED, "two", 8)
    assert over.lease.until == STANDING.until + LASTS


def test_of_a_holder_that_is_known_to_be_dead_it_is_given_at_once() -> None:
    answer = take(STANDING, "reader", "two", LASTS, NOON, is_dead=True)
    assert (answer.reason, answer.lease.token) == (Reason.ORPHANED, 8)


def test_what_was_given_back_is_given_at_once_with_a_greater_token() -> None:
    free = replace(STANDING, holder=NOBODY)
    answer = take(free, "reader", "two", LASTS, NOON)
    assert (answer.reason, answer.lease.token) == (Reason.FREE, 8)


def test_the_same_process_takes_it_anew_under_another_token() -> None:
    """What it began under the former one is over, whether it knows it or not."""
    answer = take(STANDING, "reader", "one", LASTS, NOON + timedelta(seconds=1))
    assert (answer.reason, answer.lease.token, answer.lease.since) == (
        Reason.OWN,
        8,
        NOON + timedelta(seconds=1),
    )


def test_a_lease_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(STANDING, until=datetime(2026, 3, 1))  # noqa: DTZ001 - that is what is refused


ASKING = st.tuples(st.sampled_from(["one", "two", "three"]), st.integers(0, 30), st.booleans())


@given(st.lists(ASKING, max_size=30))
def test_no_two_are_given_it_at_once_and_tokens_only_grow(asking: list[tuple[str, int, bool]]) -> None:
    standing: Lease | None = None
    now = NOON
    for who, seconds, is_dead in asking:
        now += timedelta(seconds=seconds)
        answer = take(standing, "reader", who, LASTS, now, is_dead=is_dead)
        if answer.is_given:
            assert answer.lease.holder == who
            assert answer.lease.token == (standing.token if standing else 0) + 1
            other = standing is not None and standing.is_held(now) and standing.holder != who
            assert not other or is_dead
        else:
            assert answer.lease == standing
            assert standing is not None
            assert standing.is_held(now)
            assert standing.holder != who
        standing = answer.lease


def leases(**holders: str) -> list[Lease]:
    return [replace(STANDING, name=name, holder=holder) for name, holder in holders.items()]


def waits(holder: str, *names: str) -> list[Standby]:
    return [Standby(name=name, holder=holder, until=STANDING.until) for name in names]


def test_whoever_has_two_more_than_one_that_stands_by_hands_one_over() -> None:
    standing = leases(a="one", b="one")
    assert to_hand_over("one", standing, waits("two", "b"), NOON) == "b"
    # Whoever has one more keeps it: it would only go back and forth.
    assert to_hand_over("one", leases(a="one"), waits("two", "a"), NOON) is None
    assert to_hand_over("one", leases(a="one", b="one", c="two"), waits("two", "a", "b"), NOON) is None


def test_the_poorest_that_stands_by_is_handed_to() -> None:
    standing = leases(a="one", b="one", c="one", d="two")
    standbys = [*waits("two", "a"), *waits("three", "c")]
    assert to_hand_over("one", standing, standbys, NOON) == "c"


def test_nothing_is_handed_over_that_nobody_stands_by_for_or_that_another_has() -> None:
    assert to_hand_over("one", leases(a="one", b="one"), [], NOON) is None
    assert to_hand_over("one", leases(a="one", b="one", c="two"), waits("three", "c"), NOON) is None
    assert to_hand_over("two", leases(a="one", b="one"), waits("two", "a"), NOON) is None


def test_what_has_lapsed_counts_for_nobody() -> None:
    standing = leases(a="one", b="one")
    assert to_hand_over("one", standing, waits("two", "a"), STANDING.until) is None
