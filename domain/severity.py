"""How grave an episode is: three steps, so that a person can say from which one on they want to be told."""

from enum import StrEnum


class Severity(StrEnum):
    """From the least to the gravest."""

    MINOR = "minor"
    MAJOR = "major"
    GRAVE = "grave"

    def at_least(self, other: "Severity") -> bool:
        order = list(Severity)
        return order.index(self) >= order.index(other)
