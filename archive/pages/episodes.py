"""An episode with everything that can be held for or against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.activity import read_counted
from archive.usual import Hour, usual_hours
from domain.channel import Channel
from domain.episode import Episode, Move
from domain.opinion import Opinion
from storage.store import Transaction

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
#: Shown are so much before it, and of a long one no more than this.
_BEFORE, _LONGEST = 3 * _DAY, 30 * _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One episode."""

    episode: Episode
    moves: Sequence[tuple[Move, datetime]]
    opinions: Sequence[Opinion]  #: the last one stands
    channels: Mapping[int, Channel]
    points: tuple[Hour, ...]  #: of its channel, around it; empty when it is about no single one


async def read_case(tx: Transaction, number: int, now: datetime) -> Case | None:
    """None: there is no such episode."""
    episode = await tx.episodes.get(number)
    if episode is None:
        return None
    channels = {c.id: c for c in await tx.channels.all()}
    points: tuple[Hour, ...] = ()
    about = channels.get(episode.subject.channel_id or 0)
    if about is not None and await tx.readings.live_version() is not None:
        start = _whole(episode.since_at - _BEFORE)
        end = min(_whole((episode.closed_at or now) + _DAY), _whole(now), start + _LONGEST)
        if end > start:
            points = usual_hours(await read_counted(tx, about, start, end))
    return Case(
        episode=episode,
        moves=await tx.episodes.moves(number),
        opinions=await tx.opinions.of(number),
        channels=channels,
        points=points,
    )


def _whole(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
