"""What comes at once after a silence counts for nothing, as far as it was withheld."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.backlog import HALF, LEAST, ROUGHLY, Backlog

GAPS = st.lists(st.floats(0.0, 3.0), min_size=1, max_size=80)


def test_without_a_silence_each_post_counts() -> None:
    backlog = Backlog()
    assert [backlog.part(n, 0.1) for n in range(5)] == [1.0] * 5
    assert backlog.owed(0.0, 5.0) == 0.0


def test_a_burst_counts_as_what_was_to_be_expected_of_it() -> None:
    backlog = Backlog()
    backlog.begin(50.0, 100.0)
    counted = sum(backlog.part(100.0 + n / 100, 0.1) for n in range(40))
    assert counted == pytest.approx(4.0)
    assert backlog.came == pytest.approx(36.0)


def test_what_came_stays_excused_where_all_of_it_is_looked_at_and_nowhere_else() -> None:
    backlog = Backlog()
    backlog.begin(50.0, 100.0)
    for n in range(40):
        backlog.part(100.0 + n / 100, 0.1)
    later = 100.0 + 4 * HALF
    assert backlog.owed(99.0, later) == pytest.approx(36.0)
    assert backlog.owed(102.0, later) == pytest.approx(50.0 / 16)


def test_clearly_more_than_was_withheld_counts_in_full() -> None:
    backlog = Backlog()
    backlog.begin(10.0, 100.0)
    assert sum(backlog.part(100.0, 0.0) for _ in range(30)) == pytest.approx(30.0 - 10.0 * ROUGHLY)


@given(withheld=st.floats(0.0, 200.0), gaps=GAPS, rate=st.floats(0.1, 20.0))
def test_no_post_counts_less_than_nothing_and_what_does_not_count_is_the_backlog(
    withheld: float, gaps: list[float], rate: float
) -> None:
    backlog, at, parts = Backlog(), 100.0, []
    backlog.begin(withheld, at)
    for gap in gaps:
        at += gap
        if withheld * 2 ** (-(at - 100.0) / HALF) < LEAST:
            break
        parts.append(backlog.part(at, gap * rate))
    assert all(part >= -1e-9 for part in parts)
    assert len(parts) - sum(parts) == pytest.approx(backlog.came, abs=1e-6)
    assert backlog.came <= ROUGHLY * withheld + 1e-9
