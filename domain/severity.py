"""How grave an episode is, for whoever wants to be told only of the graver ones."""

from enum import StrEnum
from typing import Final

from domain.episode import Episode
from domain.finding import Cause, Kind

#: So improbable, no chance that a person would reckon with brings it about.
GRAVE_BELOW: Final = 1e-6
#: Real, and by these causes of little weight: the channel said so itself, or its subject is over.
_SLIGHT: Final = frozenset({Cause.ANNOUNCED, Cause.TOPIC_ENDED})


class Severity(StrEnum):
    """From the least on."""

    SLIGHT = "slight"
    MARKED = "marked"
    GRAVE = "grave"

    def at_least(self, other: "Severity") -> bool:
        order = list(Severity)
        return order.index(self) >= order.index(other)


def severity(episode: Episode) -> Severity:
    """What it is as it stands. It may rise while the episode lasts, and fall when its cause becomes known."""
    if episode.verdict.cause in _SLIGHT:
        return Severity.SLIGHT
    if episode.kind is Kind.CHANNEL:
        return Severity.GRAVE if episode.verdict.cause is Cause.CHANNEL_GONE else Severity.MARKED
    together = len(episode.members) > 1 or episode.subject.country is not None
    if together or episode.escalated_at is not None or episode.probability <= GRAVE_BELOW:
        return Severity.GRAVE
    return Severity.MARKED
