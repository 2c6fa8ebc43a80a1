"""Deletions in bulk, told from those of every day."""

from datetime import datetime, timedelta

from collector.purge import purges
from domain.post import Deletion
from tests.support.telegram import day

SETTLED = timedelta(minutes=6)
MINUTE = timedelta(minutes=1)


def gone(at: datetime, *ids: int) -> list[Deletion]:
    return [Deletion(channel_id=1, post_id=n, last_seen_at=at, first_missed_at=at) for n in ids]


def test_many_at_once_are_one_purge_however_many_answers_brought_them() -> None:
    found = [*gone(day(2), *range(1, 8)), *gone(day(2) + 3 * MINUTE, *range(8, 21))]
    [purge], until = purges(found, after=day(1), now=day(2, 1), settled=SETTLED)
    assert purge.ids == tuple(range(1, 21))
    assert (purge.first_at, purge.last_at, until) == (day(2), day(2) + 3 * MINUTE, day(2) + 3 * MINUTE)


def test_while_more_may_follow_nothing_is_told() -> None:
    found = gone(day(2), *range(1, 40))
    assert purges(found, after=day(1), now=day(2) + 5 * MINUTE, settled=SETTLED) == ([], day(1))


def test_a_few_are_no_purge_and_are_not_looked_at_again() -> None:
    assert purges(gone(day(2), 1, 2, 3), after=day(1), now=day(3), settled=SETTLED) == ([], day(2))


def test_what_was_told_is_not_told_again() -> None:
    found = gone(day(2), *range(1, 40))
    assert purges(found, after=day(2), now=day(3), settled=SETTLED) == ([], day(2))


def test_where_a_channel_deletes_daily_a_purge_is_more_than_that() -> None:
    daily = [d for n in range(1, 21) for d in gone(day(n), *range(100 * n, 100 * n + 8))]
    some = [*daily, *gone(day(21), *range(5000, 5040))]
    most = [*daily, *gone(day(21), *range(5000, 5100))]
    assert purges(some, after=day(20), now=day(22), settled=SETTLED)[0] == []
    [purge], _ = purges(most, after=day(20), now=day(22), settled=SETTLED)
    assert (len(purge.ids), round(purge.usual, 1)) == (100, 8.0)
