"""What was seen and what was not: every instant is one or the other, whatever spans there are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.post import How
from domain.watch import Gap, GapCause, Missing, Seen, WatchSpan, edits_seen

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


_SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair))), max_size=12
)
_WINDOW = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair)))


def seen(spans: list[tuple[int, int]]) -> Seen:
    return Seen.merged((at(a), at(b)) for a, b in spans)


@given(_SPANS)
def test_merged_stretches_are_in_order_and_say_the_same_as_the_spans(
    spans: list[tuple[int, int]],
) -> None:
    merged = seen(spans)
    assert all(a <= b for a, b in merged.stretches)
    assert all(one[1] < two[0] for one, two in zip(merged.stretches, merged.stretches[1:], strict=False))
    for half in range(121):
        instant = half / 2
        assert merged.at(at(instant)) == any(a <= instant <= b for a, b in spans)
    assert merged == seen(spans[::-1])


@given(_SPANS, _WINDOW)
def test_a_window_is_wholly_seen_or_has_holes(spans: list[tuple[int, int]], window: tuple[int, int]) -> None:
    merged, (start, end) = seen(spans), (at(window[0]), at(window[1]))
    holes = merged.holes(start, end)
    if start < end:
        assert merged.all_of(start, end) == (holes == [])
    assert all(start <= a < b <= end for a, b in holes)
    for quarter in range(window[0] * 4 + 1, window[1] * 4, 2):
        instant = at(quarter / 4)
        assert merged.at(instant) != any(a < instant < b for a, b in holes)


@given(_SPANS, st.integers(0, 60))
def test_more_watching_never_makes_more_holes(spans: list[tuple[int, int]], cut: int) -> None:
    def unseen(given: list[tuple[int, int]]) -> timedelta:
        return sum((b - a for a, b in seen(given).holes(at(0), at(60))), timedelta())

    assert unseen(spans) >= unseen([*spans, (0, cut)])


def test_of_nothing_watched_all_is_a_hole() -> None:
    assert Seen().holes(at(0), at(5)) == [(at(0), at(5))]
    assert Seen().until() is None
    assert not Seen().all_of(at(1), at(1))


def test_spans_of_any_account_and_way_become_one_stretch() -> None:
    spans = [
        WatchSpan(channel_id=1, account="a", from_at=at(0), to_at=at(5), how=How.LIVE),
        WatchSpan(channel_id=1, account="b", from_at=at(5), to_at=at(9), how=How.BACKFILLED),
    ]
    assert Seen.merged(spans).stretches == ((at(0), at(9)),)
    assert Seen.merged(spans).until() == at(9)


def test_a_span_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        WatchSpan(channel_id=1, account="a", from_at=at(1), to_at=at(0), how=How.LIVE)


_HOWS = st.lists(
    st.tuples(st.sampled_from(list(How)), st.sampled_from("ab"), st.integers(0, 60), st.integers(0, 60)),
    max_size=8,
)
_GAPS = st.lists(
    st.tuples(st.sampled_from(list(Missing)), st.sampled_from("ab"), st.integers(0, 60), st.integers(0, 60)),
    max_size=4,
)


@given(_HOWS, _GAPS, st.booleans())
def test_edits_come_as_they_are_made_only_where_an_account_without_a_gap_is_pushed(
    spans: list[tuple[How, str, int, int]], gaps: list[tuple[Missing, str, int, int]], lasts: bool
) -> None:
    found = edits_seen(
        [
            WatchSpan(channel_id=7, account=who, from_at=at(min(a, b)), to_at=at(max(a, b)), how=how)
            for how, who, a, b in spans
        ],
        [
            Gap(
                channel_id=7,
                account=who,
                from_at=at(min(a, b)),
                to_at=None if lasts and not n else at(max(a, b)),
                cause=GapCause.UNKNOWN,
                missing=missing,
            )
            for n, (missing, who, a, b) in enumerate(gaps)
        ],
    )
    ends = [60 if lasts and not n else max(a, b) for n, (_, _, a, b) in enumerate(gaps)]
    for half in range(1, 120, 2):
        instant = half / 2
        assert found.at(at(instant)) == any(
            how is How.LIVE
            and min(a, b) <= instant <= max(a, b)
            and not any(
                of == who and min(c, d) < instant < end for (_, of, c, d), end in zip(gaps, ends, strict=True)
            )
            for how, who, a, b in spans
        )
