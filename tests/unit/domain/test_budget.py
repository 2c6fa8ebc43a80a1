"""What may be set as a budget, by whichever way."""

import pytest

from domain.budget import LEAST, MOST, is_budget


@pytest.mark.parametrize("value", [LEAST, 0.25, MOST])
def test_from_the_least_to_the_most_each_is_one(value: float) -> None:
    assert is_budget(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 0.0, LEAST / 2, MOST + 0.1])
def test_what_cannot_be_reckoned_with_is_none(value: float) -> None:
    assert not is_budget(value)
