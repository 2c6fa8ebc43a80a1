"""An episode with everything that can be held for or against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.baseline import WINDOW
from alerts.hours import hours, instant
from archive.pages.channel import expected_hours
from domain.channel import Channel
from domain.episode import Episode, Move
from domain.opinion import Opinion
from domain.series import Expected
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
    points: tuple[Expected, ...]  #: of its channel, around it; empty when it is about no single one
    is_known: bool  #: was there a rhythm to hold it against?


async def read_case(tx: Transaction, number: int, now: datetime) -> Case | None:
    """None: there is no such episode."""
    episode = await tx.episodes.get(number)
    if episode is None:
        return None
    channels = {c.id: c for c in await tx.channels.all()}
    points: tuple[Expected, ...] = ()
    is_known = False
    version = await tx.readings.live_version()
    about = channels.get(episode.subject.channel_id or 0)
    if about is not None and version is not None:
        start = _whole(episode.since_at - _BEFORE)
        end = min(_whole((episode.closed_at or now) + _DAY), _whole(now), start + _LONGEST)
        if end > start:
            learned = instant(24.0 * (hours(start) // 24)) - timedelta(hours=WINDOW)
            counts = await tx.overview.hours([about.id], version, learned, end)
            spans = await tx.overview.spans([about.id], learned)
            points, _ = expected_hours(about, counts.get(about.id, {}), spans.get(about.id, ()), start, end)
            is_known = any(p.upper for p in points)
    return Case(
        episode=episode,
        moves=await tx.episodes.moves(number),
        opinions=await tx.opinions.of(number),
        channels=channels,
        points=points,
        is_known=is_known,
    )


def _whole(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
