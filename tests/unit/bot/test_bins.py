"""Bins count only what was watched."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.bins import binned, unwatched
from bot.payload import read_payload
from domain.series import Expected
from tests.support.alerting import HOUR, NOON, a_payload

UTC = ZoneInfo("UTC")


def points(*observed: int | None, expected: float = 0.5) -> list[Expected]:
    return [
        Expected(start=NOON + n * HOUR, observed=seen, expected=expected, lower=0, upper=2 * expected)
        for n, seen in enumerate(observed)
    ]


def test_an_unwatched_hour_is_neither_counted_nor_expected() -> None:
    _, (first, second) = binned(points(1, None, None, 2, None, None, None, None), UTC, hours=4)
    assert (first.observed, first.expected, first.whole) == (3, 1.0, False)
    assert (second.observed, second.whole) == (None, False)


def test_a_watched_hour_without_posts_is_zero() -> None:
    _, (bin_,) = binned(points(0, 0, None), UTC, hours=24)
    assert bin_.observed == 0


def test_busy_series_keep_their_hours_and_quiet_ones_are_brought_together() -> None:
    sizes = [binned(read_payload(a_payload(rate=rate)).points, UTC)[0] for rate in (20, 2, 0.5, 0.05)]
    assert sizes == [1, 1, 4, 24]


def test_bins_begin_at_the_readers_midnight() -> None:
    _, bins = binned(points(*[1] * 30), ZoneInfo("Asia/Baghdad"), hours=24)
    assert [b.start.astimezone(ZoneInfo("Asia/Baghdad")).hour for b in bins[1:]] == [0]


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=60), st.sampled_from([1, 3, 6, 24])
)
def test_no_post_is_lost_and_none_is_made_up(observed: list[int | None], hours: int) -> None:
    given_points = points(*observed)
    _, bins = binned(given_points, UTC, hours)
    assert sum(b.observed or 0 for b in bins) == sum(n or 0 for n in observed)
    assert all((b.observed is None) == all(
        p.observed is None for p in given_points if b.start <= p.start < b.end
    ) for b in bins)  # fmt: skip
    shaded = sum((end - start for start, end in unwatched(given_points)), HOUR * 0)
    assert shaded == observed.count(None) * HOUR
