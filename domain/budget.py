"""How many false alarms a month somebody may accept."""

from typing import Final

#: Of one channel: fewer cannot be reckoned with, more than one a day is noise.
LEAST: Final = 1e-6
MOST: Final = 30.0


def is_budget(value: float) -> bool:
    return LEAST <= value <= MOST
