"""What is held of a channel, a topic or a claimant by the hour, read for `archive/usual.py`."""

from datetime import datetime

from archive.usual import Counted, learned_from
from claims.scope import CLAIMANT, TOPIC, Scope
from domain.channel import Channel
from domain.series import SeriesKey
from storage.store import Transaction


async def read_counted(
    tx: Transaction,
    channel: Channel,
    start: datetime,
    end: datetime,
    *,
    topic: str | None = None,
    claimant: str | None = None,
) -> Counted:
    """The whole hours of [start, end), by the reader version that counts."""
    version, back = await tx.readings.live_version(), learned_from(start)

    async def counts(series: SeriesKey) -> dict[datetime, int]:
        return await tx.tallies.hours(series, version, back, end) if version is not None else {}

    whole, series = SeriesKey(channel.id), SeriesKey(channel.id, topic=topic, claimant=claimant)
    unread: frozenset[datetime] = frozenset()
    if version is not None and series != whole:
        missed = (await Scope.of(tx, version)).missed(
            *((TOPIC, [topic]) if topic else (CLAIMANT, [str(claimant)]))
        )
        unread = await tx.readings.hours_read_by(missed, version, back, end, [channel.id])
    return Counted(
        channel=channel,
        start=start,
        end=end,
        posts=await counts(whole),
        about=None if series == whole else await counts(series),
        unread=unread,
        spans=await tx.watch.spans(channel.id, back),
        reader_version=version,
    )
