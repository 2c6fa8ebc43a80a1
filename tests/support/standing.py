"""What the archive must come to say while a collector is at work: for `eventually`."""

from datetime import UTC, datetime
from typing import Any

from domain.watch import Gap, GapCause
from sandbox.channel import Channel
from tests.support.collecting import is_read


def watched(*channels: Channel) -> Any:
    async def true(tx: Any) -> bool:
        return {c.id for c in channels} <= set(await tx.watch.until())

    return true


def stored(channel: Channel) -> Any:
    """All posts of the channel up to its newest are in the archive."""
    wanted = channel.top_id

    async def true(tx: Any) -> bool:
        return await is_read(tx, channel.id, wanted)

    return true


def state(wanted: str, name: str = "main") -> Any:
    async def true(tx: Any) -> Any:
        mark = await tx.marks.get(f"collector.account.{name}")
        return mark if mark.get("state") == wanted else None

    return true


def gap(channel: Channel, cause: GapCause) -> Any:
    async def true(tx: Any) -> Any:
        found = await open_gap(tx, channel.id, "main")
        return found if found and found.cause is cause else None

    return true


async def open_gap(tx: Any, channel_id: int, account: str) -> Gap | None:
    """The gap of that account that still lasts."""
    return next((g for g in await tx.watch.open_gaps([channel_id]) if g.account == account), None)


def holds(channel: Channel, n: int) -> Any:
    """So many posts."""

    async def true(tx: Any) -> bool:
        return await tx.posts.count(channel.id) >= n

    return true


def read_to_the_end(channel: Channel) -> Any:
    async def true(tx: Any) -> bool:
        cursor = await tx.posts.cursor(channel.id)
        return cursor is not None and cursor.complete

    return true


def watched_since(channel: Channel, at: datetime) -> Any:
    """A proof that was asked for after `at` is in the archive."""

    async def true(tx: Any) -> bool:
        until_ = (await tx.watch.until()).get(channel.id)
        return until_ is not None and until_ > at

    return true


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - these tests run on the wall clock, as the sandbox does
