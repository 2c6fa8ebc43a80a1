"""An episode in the terminal."""

from datetime import UTC, datetime

import pytest

from deadair.episode_view import numbers
from domain.episode import Episode, State, Subject
from domain.finding import Kind, Verdict

AT = datetime(2031, 3, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", [Kind.SILENCE, Kind.DROP, Kind.SURGE])
def test_how_improbable_it_is_is_said_of_a_stretch_like_it(kind: Kind) -> None:
    """The archive keeps the chance of so few or so many posts in one such stretch, not how many a month."""
    episode = Episode(
        id=1,
        kind=kind,
        subject=Subject(channel_id=1),
        state=State.OPEN,
        since_at=AT,
        found_at=AT,
        verdict=Verdict.confirmed(),
        observed=14,
        expected=82.84,
        probability=0.0018,
    )
    assert numbers(episode) == "14 posts, 82.8 expected, p = 0.002"
