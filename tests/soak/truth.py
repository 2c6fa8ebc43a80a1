"""The archive held against what really happened: posts that nobody could have seen, and the time between."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.post import How
from domain.watch import Seen, edits_seen
from sandbox.channel import Channel
from sandbox.post import Post
from storage.store import Store
from tests.soak.given import Given
from tests.support.collecting import differences
from tests.support.telegram import Telegram

#: After a gap so much time passes at most until recent posts have been read again.
READ_AGAIN_WITHIN = timedelta(seconds=5)

Stretches = Sequence[tuple[datetime, datetime]]


async def unexplained(
    telegram: Telegram, store: Store, channel: Channel, given: Sequence[tuple[Given, Seen]]
) -> list[str]:
    """How the archive departs from the sandbox's record, but for what no one could have kept and nobody was
    given: posts that came and went before the first look or within a gap that is on record, and last words of
    such as went while the archive does not claim that edits came as they were made. `given`: what each server
    gave out, and when that may have come to nobody.
    """
    found = await differences(telegram, store, channel)
    if not found:
        return []
    async with store.read() as tx:
        spans, on_record = await tx.watch.spans(channel.id), await tx.watch.gaps(channel.id)
    looked = [s.from_at for s in spans if s.how in (How.LIVE, How.POLLED)]
    closed = [(g.from_at, g.to_at) for g in on_record if g.to_at is not None]
    before = [(channel.created_at - timedelta(days=99), min(looked))] if looked else []
    blind = union([*before, *closed])
    unheard = union(
        edits_seen(spans, on_record).holes(
            channel.created_at, max((s.to_at for s in spans), default=channel.created_at)
        )
    )
    unseen = set()
    for number, record in channel.record().items():
        if record.deleted_at is None:
            continue
        posted, edited, deleted = record.first.posted_at, record.last.edited_at, record.deleted_at
        if blind.all_of(posted, deleted) and not _came(record.versions, given):
            unseen.add(f"post {number} is missing")
        # What was edited unheard is found by reading again, unless it is deleted before its turn comes.
        if (
            edited is not None
            and unheard.all_of(edited, max(edited, deleted - READ_AGAIN_WITHIN))
            and not _came([record.last], given)
        ):
            unseen.add(f"post {number} reads")
    left = [each for each in found if each not in unseen and each.partition(" [")[0] not in unseen]
    records = {f"post {number} is missing": record for number, record in channel.record().items()}
    return [
        f"{each} ({_life(records[each].versions, records[each].deleted_at, given)})"
        if each in records
        else each
        for each in left
    ]


def _life(versions: Sequence[Post], deleted: datetime | None, given: Sequence[tuple[Given, Seen]]) -> str:
    """From when to when a post stood, and at which instants each server gave it out: who looks for a fault
    begins with that.
    """
    instants = [
        f"{at:%d %H:%M:%S} by {n}{' in vain' * lost.at(at)}"
        for n, (each, lost) in enumerate(given)
        for one in versions
        for at in each.times(one)
    ]
    until = f"{deleted:%d %H:%M:%S}" if deleted else "now"
    return f"{versions[0].posted_at:%d %H:%M:%S} to {until}; given out {instants[:12]}"


def _came(versions: Iterable[Post], given: Iterable[tuple[Given, Seen]]) -> bool:
    """Was one of these given out at a time when it must have come to the archive?"""
    told = list(versions)
    return any(not lost.at(at) for each, lost in given for one in told for at in each.times(one))


def union(stretches: Iterable[tuple[datetime, datetime]]) -> Seen:
    return Seen.merged(stretches)


def length(stretches: Stretches) -> timedelta:
    return sum(((b - a) for a, b in stretches), timedelta())


def outside(what: Seen, cover: Seen) -> list[tuple[datetime, datetime]]:
    """The parts of `what` that `cover` does not hold."""
    return [hole for a, b in what.stretches for hole in cover.holes(a, b)]


def without_moments(stretches: Stretches, shorter: timedelta) -> list[tuple[datetime, datetime]]:
    return [(a, b) for a, b in stretches if b - a > shorter]


async def gaps(store: Store, channel_id: int, until: datetime) -> Seen:
    """All that is on record as a gap, until then."""
    async with store.read() as tx:
        found: Any = await tx.watch.gaps(channel_id)
    return union((g.from_at, min(g.to_at or until, until)) for g in found if g.from_at < until)
