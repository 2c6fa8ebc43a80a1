"""Reads the history of channels back to where it is asked for, and ends."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from collector.config import WEB, AccountConfig, App, ChannelConfig, CollectorConfig
from collector.fleet import Fleet
from collector.resolving import KNOWN, UNRESOLVED, key_of
from collector.run import checked
from domain.channel import ChannelStatus
from domain.clock import Clock
from domain.errors import DeadairError
from storage.posts import Cursor
from storage.store import Store, Transaction

#: Real seconds between two looks at how far the history has come.
_LOOK_EVERY = 0.2
#: What `collector.history_limit` has to be for there to be none.
NO_LIMIT = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """How far one channel's history has been read."""

    name: str
    posts: int = 0  #: held by now
    oldest_at: datetime | None = None
    is_done: bool = False
    trouble: str = ""  #: why it cannot be read


async def fetch(
    config: CollectorConfig,
    accounts: Sequence[AccountConfig],
    channels: Sequence[ChannelConfig],
    store: Store,
    clock: Clock,
    *,
    app: App,
    since: datetime,
    limit: int = 0,
    folder: Path = Path(),
    progress: Callable[[Sequence[Fetched]], None] | None = None,
) -> Sequence[Fetched]:
    """Read these channels back to `since`, at most `limit` posts held of each (0: no limit).

    What was read before is not read again, and what is interrupted goes on where it stopped. Raises
    DeadairError when nobody is logged in, or the session is in use (a running collector reads histories too).
    """
    if by_web := [c.name for c in channels if c.source == WEB]:
        raise DeadairError(
            f"{by_web[0]} is read from the public web preview, whose history `deadair run` reads by itself",
            hint="collector.since says how far back; or name other channels",
        )
    checked(accounts, channels)
    asked = config.model_copy(
        update={"since": max(clock.now() - since, timedelta()), "history_limit": limit or NO_LIMIT}
    )
    async with store.begin() as tx:
        for each in channels:
            await _reopen(tx, each, since)
    fleet = asyncio.ensure_future(
        Fleet(asked, accounts, channels, store, clock, app=app, folder=folder).run()
    )
    try:
        while True:
            async with store.read() as tx:
                found = [await _standing(tx, each) for each in channels]
            if progress is not None:
                progress(found)
            if all(each.is_done or each.trouble for each in found):
                return found
            await asyncio.wait({fleet}, timeout=_LOOK_EVERY)
            if fleet.done():
                fleet.result()
    finally:
        fleet.cancel()
        await asyncio.gather(fleet, return_exceptions=True)


async def _reopen(tx: Transaction, config: ChannelConfig, since: datetime) -> None:
    """A history that was read only as far as was asked then is not complete for whoever asks for more."""
    cursor = await _cursor(tx, config)
    if cursor is None or not cursor.complete or cursor.oldest_id is None or cursor.oldest_id <= 1:
        return
    oldest = await tx.posts.get(cursor.channel_id, cursor.oldest_id)
    if oldest is None or oldest.posted_at > since:
        await tx.posts.move_cursor(replace(cursor, complete=False))


async def _standing(tx: Transaction, config: ChannelConfig) -> Fetched:
    cursor = await _cursor(tx, config)
    if cursor is None:
        nowhere = await tx.marks.get(UNRESOLVED + key_of(config))
        return Fetched(name=config.name, trouble=str(nowhere.get("why", "")) if nowhere else "")
    channel = await tx.channels.get(cursor.channel_id)
    span = await tx.posts.span(cursor.channel_id)
    is_open = channel is not None and channel.status is ChannelStatus.OPEN
    return Fetched(
        name=channel.name if channel else config.name,
        posts=await tx.posts.count(cursor.channel_id),
        oldest_at=span[0] if span else None,
        is_done=cursor.complete,
        trouble="" if is_open or channel is None else f"it is {channel.status.value}",
    )


async def _cursor(tx: Transaction, config: ChannelConfig) -> Cursor | None:
    number = config.id or (await tx.marks.get(KNOWN + key_of(config))).get("id")
    return await tx.posts.cursor(number) if number else None
