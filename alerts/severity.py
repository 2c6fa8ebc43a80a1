"""How grave an episode is, so that a subscription can say from which step on it wants to be told."""

from typing import Final

from domain.episode import Episode
from domain.finding import Cause, Kind, Ruling
from domain.severity import Severity

#: By chance once in so many: what is rarer is no longer minor, and then grave.
MAJOR, GRAVE = 1e-4, 1e-6
#: So many channels together are grave whatever each of them is worth.
MANY: Final = 3


def severity_of(episode: Episode) -> Severity:
    """How grave it is as it stands.

    What an episode bears itself counts first (claims). A silence, drop or surge is as grave as it is
    improbable; one that escalated, or that several channels share, is one step more. A country that is cut
    off is grave; whatever else is explained is minor. Our own blindness is grave when it is all channels, a
    channel that is gone is major.
    """
    if episode.severity is not None:
        return episode.severity
    if episode.kind is Kind.BLIND:
        return Severity.GRAVE if episode.subject.channel_id is None else Severity.MAJOR
    if episode.kind is Kind.CHANNEL:
        return Severity.MAJOR if episode.closed_at is None else Severity.MINOR
    if episode.verdict.ruling is Ruling.EXPLAINED:
        return Severity.GRAVE if episode.verdict.cause is Cause.COUNTRY_CUT else Severity.MINOR
    steps = (episode.probability <= MAJOR) + (episode.probability <= GRAVE)
    steps += (episode.escalated_at is not None) + (len(episode.members) >= MANY)
    return list(Severity)[min(steps, 2)]
