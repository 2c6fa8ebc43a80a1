"""What the demo's screen shows, read from the archive: what came, what was watched, what was not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.channel import Channel, ChannelStatus
from domain.post import Post
from domain.watch import Gap, Seen
from storage.store import Store

#: The little chart of a channel: two days in strokes of two hours.
STROKE = timedelta(hours=2)
STROKES = 24
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One channel as the archive knows it."""

    channel: Channel
    strokes: tuple[int | None, ...]  #: posts in each two hours; None: not watched
    last_post: Post | None
    seen: Seen
    gap: Gap | None


async def look(store: Store, now: datetime) -> list[Row]:
    """Read the standing of every channel, in one picture."""
    start = now - STROKE * STROKES
    rows = []
    async with store.read() as tx:
        for channel in await tx.channels.all():
            posts = [post async for post in tx.posts.of(channel.id, since=start)]
            seen = await tx.watch.seen(channel.id, start)
            gaps = [gap for gap in await tx.watch.gaps(channel.id) if gap.to_at is None]
            counts = [0] * STROKES
            for post in posts:
                counts[min(STROKES - 1, max(0, int((post.posted_at - start) / STROKE)))] += 1
            known = seen.until() or start
            rows.append(
                Row(
                    channel=channel,
                    strokes=tuple(
                        count if _was_watched(seen, start + STROKE * n, known) else None
                        for n, count in enumerate(counts)
                    ),
                    last_post=posts[-1] if posts else None,
                    seen=seen,
                    gap=gaps[0] if gaps else None,
                )
            )
    return rows


def _was_watched(seen: Seen, at: datetime, known: datetime) -> bool:
    """A stroke counts when all of it was watched; the running one, as far as it has come."""
    return seen.all_of(at, min(at + STROKE, known)) if at < known else False


def strokes(row: Row) -> str:
    """The little chart as text; an unwatched stretch is a gap, never a zero."""
    most = max((n for n in row.strokes if n is not None), default=0) or 1
    return "".join(
        "░" if n is None else " " if n == 0 else _BARS[min(7, (n * 8 - 1) // most)] for n in row.strokes
    )


def standing(row: Row, now: datetime) -> tuple[str, str]:
    """In a word or two how we stand with a channel, and the style to say it in."""
    if row.channel.status is not ChannelStatus.OPEN:
        return row.channel.status.value, "magenta"
    until = row.seen.until()
    if row.gap is not None or until is None or now - until > timedelta(hours=2):
        return "blind", "red"
    return "watching", "green"
