"""How much of the time is looked at for the newest grows as long as too little is found, and ends."""

from hypothesis import given
from hypothesis import strategies as st

from storage.slice import first_slice, next_slice


@given(st.lists(st.integers(0, 10**6), max_size=60).map(sorted), st.integers(1, 100))
def test_whatever_is_found_all_of_the_time_is_looked_at_in_few_looks(at: list[int], wanted: int) -> None:
    """As the search does it: from the newest back."""
    all_of_it = 10**6 + 1
    left, looked_at, width = all_of_it, 0, first_slice(all_of_it)
    found: list[int] = []
    looks = 0
    while left > 0 and len(found) < wanted:
        low = max(0, left - width)
        found += [each for each in at if low <= each < left]
        looked_at += left - low
        left = low
        width = next_slice(looked_at, len(found), wanted - len(found)) if found else 8 * width
        looks += 1
    assert len(found) >= min(wanted, len(at))
    assert looks <= 25
