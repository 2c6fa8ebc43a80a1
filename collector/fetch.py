"""Reads the history of channels back to where it is asked for, proves it by its numbers, and ends."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from collector.config import WEB, AccountConfig, App, ChannelConfig, CollectorConfig
from collector.entries import KNOWN, UNRESOLVED
from collector.fleet import Fleet
from collector.holes import HOLES
from collector.resolving import key_of
from collector.run import checked
from collector.stretch import History, Reach
from collector.tasks import together
from domain.channel import ChannelStatus
from domain.clock import Clock
from domain.errors import DeadairError
from storage.cursors import Cursor
from storage.store import Store, Transaction

#: Real seconds between two looks at how far the history has come.
_LOOK_EVERY = 0.5
#: What became of numbers, in the words of a mark of holes.
_KINDS = ("posts", "album_parts", "service", "deleted", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """How far one channel's history has been read."""

    name: str
    posts: int = 0  #: held by now
    oldest_at: datetime | None = None
    share: float = 0.0  #: of what is asked for, as far as can be told
    is_read: bool = False
    is_done: bool = False  #: read, and every number accounted for
    numbers: dict[str, int] | None = None  #: what became of its numbers, by kind; None: not yet known
    found: int = 0  #: posts that the history had left out, and their numbers brought
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
    until: datetime | None = None,
    limit: int = 0,
    folder: Path = Path(),
    progress: Callable[[Sequence[Fetched]], None] | None = None,
) -> Sequence[Fetched]:
    """Read these channels back from `until` (the newest post) to `since`, at most `limit` posts of each.

    What was read before is not read again, and what is interrupted goes on where it stopped. At the end every
    number of the stretch is asked for under which no post is held. Raises DeadairError when nobody is logged
    in, or the session is in use (a running collector reads histories too).
    """
    if by_web := [c.name for c in channels if c.source == WEB]:
        raise DeadairError(
            f"{by_web[0]} is read from the public web preview, whose history `deadair run` reads by itself",
            hint="collector.since says how far back; or name other channels",
        )
    checked(accounts, channels)
    if until is not None and until <= since:
        raise DeadairError(
            f"nothing lies between {since:%Y-%m-%d %H:%M} and {until:%Y-%m-%d %H:%M}",
            hint="--since is the older end, --until the newer",
        )
    # Posts are dated in whole seconds.
    history = History(since=since.replace(microsecond=0), until=until, limit=limit)
    asked = config.model_copy(
        update={
            "history_limit": max(config.history_limit, 1),
            # Numbers are looked into as soon as all is read; recent posts are not read again meanwhile.
            "recheck_every": timedelta(seconds=30),
            "recheck_posts": 0,
            "witness": False,
        }
    )
    if until is None:
        async with store.begin() as tx:
            for each in channels:
                await _reopen(tx, each, since)
    fleet = asyncio.ensure_future(
        _alone(Fleet(asked, accounts, store, clock, app=app, folder=folder, history=history), store, channels)
    )
    standing = _standing if until is None else _standing_apart
    try:
        while True:
            async with store.read() as tx:
                found = [await standing(tx, each, history) for each in channels]
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


async def _alone(fleet: Fleet, store: Store, channels: Sequence[ChannelConfig]) -> None:
    await together(fleet.lead(store, channels), fleet.run())


async def _reopen(tx: Transaction, config: ChannelConfig, since: datetime) -> None:
    """A history that was read only as far as was asked then is not complete for whoever asks for more."""
    cursor = await _cursor(tx, config)
    if cursor is None or not cursor.complete or cursor.oldest_id is None or cursor.oldest_id <= 1:
        return
    oldest = await tx.posts.get(cursor.channel_id, cursor.oldest_id)
    if oldest is None or oldest.posted_at > since:
        await tx.posts.move_cursor(replace(cursor, complete=False))


async def _standing(tx: Transaction, config: ChannelConfig, history: History) -> Fetched:
    cursor = await _cursor(tx, config)
    if cursor is None:
        return await _unknown(tx, config)
    span = await tx.posts.span(cursor.channel_id)
    posts = await tx.posts.count(cursor.channel_id)
    mark = await tx.marks.get(f"{HOLES}{cursor.channel_id}")
    is_proved = cursor.complete and _covers(mark, cursor)
    oldest = span[0] if span else None
    return Fetched(
        name=await _name(tx, config, cursor.channel_id),
        posts=posts,
        oldest_at=oldest,
        share=1.0 if cursor.complete else _share(cursor, oldest, posts, history),
        is_read=cursor.complete,
        is_done=is_proved,
        numbers=_numbers(mark) if is_proved else None,
        found=mark.get("found", 0),
        trouble=await _trouble(tx, cursor.channel_id),
    )


async def _standing_apart(tx: Transaction, config: ChannelConfig, history: History) -> Fetched:
    cursor = await _cursor(tx, config)
    if cursor is None:
        return await _unknown(tx, config)
    mark = await tx.marks.get(history.mark_of(cursor.channel_id))
    reach = Reach.of(mark)
    if reach is None:
        return Fetched(
            name=await _name(tx, config, cursor.channel_id), trouble=await _trouble(tx, cursor.channel_id)
        )
    oldest = datetime.fromisoformat(reach.oldest_at) if reach.oldest_at else None
    share = (reach.newest_id - reach.oldest_id) / reach.newest_id if reach.newest_id else 1.0
    if oldest is not None and history.until is not None:
        share = max(share, (history.until - oldest) / (history.until - history.since))
    if history.limit:
        share = max(share, reach.read / history.limit)
    return Fetched(
        name=await _name(tx, config, cursor.channel_id),
        posts=reach.read,
        oldest_at=oldest,
        share=1.0 if reach.is_read else min(share, 0.999),
        is_read=reach.is_read,
        is_done=reach.is_proved,
        numbers=_numbers(mark) if reach.is_proved else None,
        found=mark.get("found", 0),
        trouble=await _trouble(tx, cursor.channel_id),
    )


def _share(cursor: Cursor, oldest: datetime | None, posts: int, history: History) -> float:
    """How much of what is asked for has been read: by the numbers down to the first, by the time back to
    where it is to end, or by the posts that are asked for; whichever comes first."""
    if cursor.oldest_id is None or not cursor.newest_id:
        return 0.0
    shares = [(cursor.newest_id - cursor.oldest_id + 1) / cursor.newest_id]
    if oldest is not None and cursor.checked_at > history.since:
        shares.append((cursor.checked_at - oldest) / (cursor.checked_at - history.since))
    if history.limit:
        shares.append(posts / history.limit)
    return min(max(shares), 0.999)


def _covers(mark: dict[str, Any], cursor: Cursor) -> bool:
    """Have all numbers been looked into that have been read?"""
    if not cursor.newest_id or cursor.oldest_id is None:
        return True  # it has no posts
    return bool(mark) and mark["from"] <= max(1, cursor.oldest_id) and mark["through"] >= cursor.newest_id


def _numbers(mark: dict[str, Any]) -> dict[str, int]:
    named = {**mark, "unknown": mark.get("unknown", mark.get("never_seen", 0))}
    return {kind: int(named.get(kind, 0)) for kind in _KINDS}


async def _unknown(tx: Transaction, config: ChannelConfig) -> Fetched:
    nowhere = await tx.marks.get(UNRESOLVED + key_of(config))
    return Fetched(name=config.name, trouble=str(nowhere.get("why", "")) if nowhere else "")


async def _name(tx: Transaction, config: ChannelConfig, channel_id: int) -> str:
    channel = await tx.channels.get(channel_id)
    return channel.name if channel is not None else config.name


async def _trouble(tx: Transaction, channel_id: int) -> str:
    channel = await tx.channels.get(channel_id)
    is_open = channel is None or channel.status is ChannelStatus.OPEN
    return "" if is_open or channel is None else f"it is {channel.status.value}"


async def _cursor(tx: Transaction, config: ChannelConfig) -> Cursor | None:
    number = config.id or (await tx.marks.get(KNOWN + key_of(config))).get("id")
    return await tx.posts.cursor(number) if number else None
