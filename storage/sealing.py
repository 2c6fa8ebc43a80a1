"""Links what was stored before there was a chain: from then on, and only from then on, it is held fast."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from storage.chain import (
    SEALED,
    UNSEALED,
    deletion_entry,
    post_entry,
    return_entry,
    revision_entry,
    seal_entry,
)
from storage.store import Store, Transaction
from storage.tables import Deletions, Links, Posts, Revisions

_BATCH = 2_000


async def seal(
    store: Store, channel_id: int, now: datetime, *, heard: Callable[[int], None] | None = None
) -> int:
    """Link the older records of a channel, in batches; a later run goes on where one was interrupted.

    Returns how many were linked by this run. Others may write meanwhile: what they store is linked as ever.
    """
    total = 0
    while True:
        async with store.begin() as tx:
            n = await _batch(tx, channel_id, now)
        if n is None:
            return total
        total += n
        if heard is not None:
            heard(total)


async def _batch(tx: Transaction, channel_id: int, now: datetime) -> int | None:
    """One batch; None: there is nothing left."""
    older, name = await tx.marks.get(UNSEALED), f"{SEALED}{channel_id}"
    mark = await tx.marks.get(name)
    if not older or mark.get("done"):
        return None
    if not mark:
        if not await _is_older(tx, channel_id, older["posts"]):
            return None
        await tx.chain.append([seal_entry(channel_id, now)])
    place: dict[str, Any] = {"post": -(2**62), "revision": [-(2**62), 0], "done": False, **mark}
    n = await _posts(tx, channel_id, place, older["posts"])
    n = n or await _revisions(tx, channel_id, place, older["revisions"])
    if not n:
        n = await _deletions(tx, channel_id)
        place["done"] = True
    await tx.marks.set(name, place, now)
    return n


async def _is_older(tx: Transaction, channel_id: int, last: int) -> bool:
    """Has the channel posts from before the chain?"""
    found = await tx.connection.execute(
        select(Posts.seq).where(Posts.channel_id == channel_id, Posts.seq <= last).limit(1)
    )
    return found.first() is not None


async def _posts(tx: Transaction, channel_id: int, place: dict[str, Any], last: int) -> int:
    found = await tx.connection.execute(
        select(Posts.__table__)
        .where(Posts.channel_id == channel_id, Posts.id > place["post"], Posts.seq <= last)
        .order_by(Posts.id)
        .limit(_BATCH)
    )
    rows = list(found.mappings())
    await tx.chain.append([post_entry(row, None) for row in rows])
    if rows:
        place["post"] = rows[-1]["id"]
    return len(rows)


async def _revisions(tx: Transaction, channel_id: int, place: dict[str, Any], last: int) -> int:
    post_id, number = place["revision"]
    found = await tx.connection.execute(
        select(Revisions.__table__)
        .where(
            Revisions.channel_id == channel_id,
            Revisions.seq <= last,
            or_(
                Revisions.post_id > post_id,
                and_(Revisions.post_id == post_id, Revisions.number > number),
            ),
        )
        .order_by(Revisions.post_id, Revisions.number)
        .limit(_BATCH)
    )
    rows = list(found.mappings())
    await tx.chain.append([revision_entry(row, None) for row in rows])
    if rows:
        place["revision"] = [rows[-1]["post_id"], rows[-1]["number"]]
    return len(rows)


async def _deletions(tx: Transaction, channel_id: int) -> int:
    """Deletions have no number of their own: those are older than the chain that are not in it."""
    found = await tx.connection.execute(
        select(Links.kind, Links.post_id, Links.at).where(
            Links.channel_id == channel_id, Links.kind.in_(("deletion", "return"))
        )
    )
    held = {tuple(row) for row in found}
    rows = await tx.connection.execute(
        select(Deletions.__table__)
        .where(Deletions.channel_id == channel_id)
        .order_by(Deletions.post_id, Deletions.first_missed_at)
    )
    entries = []
    for row in rows.mappings():
        key = row["post_id"], row["first_missed_at"]
        if ("deletion", *key) not in held:
            entries.append(deletion_entry(row))
        if row["returned_at"] is not None and ("return", *key) not in held:
            entries.append(return_entry(row))
    await tx.chain.append(entries)
    return len(entries)
