"""How many false alarms a month somebody may accept."""

from typing import Final

#: Of one channel: fewer cannot be reckoned with, more than one a day is noise.
LEAST: Final = 1e-6
MOST: Final = 30.0


def is_budget(value: float) -> bool:
    """May so many a month be set? Not a number is none."""
    return LEAST <= value <= MOST
