"""Removing what posts said once its time is over: proven before, named in the chain, and gone everywhere.

The post itself stays: its number, its times, its counters, the hash of each version, what was read of it. So
it is counted as ever, and nobody takes it for one that was never seen.
"""

import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.chain import Link, LinkKind, beginning, linked
from domain.file import FileState
from domain.post import Post, PostKey, Revision
from storage.chain import ChainRepository, Entry, Head, copy_entry, post_entry, removal_entry, revision_entry
from storage.documents import post_record
from storage.keys import key_parts
from storage.marks import MarkRepository
from storage.raws import RawRepository, kept_record
from storage.revisions import revision_record
from storage.straight import rows_of
from storage.tables import Documents, Links, PostFiles, Posts, Raws, Removals, Revisions, Table
from storage.types import to_json
from storage.upsert import append

#: The mark that rises with every removal: whoever read posts before and writes after it reads them again.
REMOVED: Final = "posts.removed"
#: What of a post's details stays: counters at first sight.
_COUNTED = ("replies", "reactions")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of old posts ends."""

    posted_at: datetime
    post_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """A post that is old enough, whole."""

    seq: int
    post: Post
    revisions: Sequence[Revision]
    last_revision: int  #: the `seq` of the one stored last; 0: there is none
    size: int  #: bytes of what would go, as they are stored
    links: Sequence[tuple[int, bytes]]  #: of the chain: number and hash of each that holds it fast
    is_sealed: bool  #: all of it is in the chain
    is_proven: bool  #: and is what was stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Aging:
    """A page of them, and how long the channel's chain was when it was read."""

    head: int
    posts: Sequence[Aged]
    place: Place | None  #: where the next begins; None: this was the last


class RemovalRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._chain = ChainRepository(connection)
        self._marks = MarkRepository(connection)

    async def count(self) -> int:
        """How many removals there were; of two equal counts, nothing was removed between them."""
        found: int = (await self._marks.get(REMOVED)).get("n", 0)
        return found

    async def any(self) -> bool:
        """Whether there is a post whose content was removed."""
        return bool(await rows_of(self._connection, "SELECT 1 FROM removals LIMIT 1"))

    async def why(self, channel_id: int, post_id: int) -> str:
        """By which rule what a post said was removed; "" where it was not."""
        found = await self._connection.execute(
            select(Removals.why).where(Removals.channel_id == channel_id, Removals.post_id == post_id)
        )
        return found.scalar_one_or_none() or ""

    async def page(self, channel_id: int, before: datetime, after: Place | None, limit: int) -> Aging:
        """Posts that were posted, and first seen, before that, by when they were posted; what was removed is
        left out.
        """
        heads = await self._chain.heads([channel_id])
        query = select(Posts.__table__).where(
            Posts.channel_id == channel_id,
            Posts.posted_at < before,
            Posts.seen_at < before,
            Posts.removed_at.is_(None),
        )
        if after is not None:
            query = query.where(
                Posts.posted_at >= after.posted_at,
                or_(Posts.posted_at > after.posted_at, Posts.id > after.post_id),
            )
        found = await self._connection.execute(query.order_by(Posts.posted_at, Posts.id).limit(limit))
        rows = list(found.mappings())
        place = Place(rows[-1]["posted_at"], rows[-1]["id"]) if len(rows) == limit else None
        ids = [row["id"] for row in rows]
        revisions = await self._revisions(channel_id, ids)
        raws = await RawRepository(self._connection).rows(PostKey(channel_id, i) for i in ids)
        links = await self._links(channel_id, ids)
        before_of = await self._before(heads[0] if heads else None, links)
        copies: dict[int, dict[int, Mapping[Any, Any]]] = defaultdict(dict)
        for (key, version), row in raws.items():
            copies[key.post_id][version] = row
        posts = [
            _aged(row, revisions[row["id"]], copies[row["id"]], links[row["id"]], before_of) for row in rows
        ]
        return Aging(head=heads[0].number if heads else 0, posts=posts, place=place)

    async def _revisions(self, channel_id: int, ids: Sequence[int]) -> dict[int, list[Mapping[Any, Any]]]:
        out: dict[int, list[Mapping[Any, Any]]] = defaultdict(list)
        for _, part in key_parts(PostKey(channel_id, i) for i in ids):
            rows = await self._connection.execute(
                select(Revisions.__table__)
                .where(Revisions.channel_id == channel_id, Revisions.post_id.in_(part))
                .order_by(Revisions.post_id, Revisions.number)
            )
            for row in rows.mappings():
                out[row["post_id"]].append(row)
        return out

    async def _links(self, channel_id: int, ids: Sequence[int]) -> dict[int, list[Link]]:
        """Goes through all links of the channel: there is no index by post, which all that is stored would
        pay for.
        """
        out: dict[int, list[Link]] = defaultdict(list)
        kinds = [kind.value for kind in (LinkKind.POST, LinkKind.REVISION, LinkKind.COPY)]
        for _, part in key_parts(PostKey(channel_id, i) for i in ids):
            rows = await self._connection.execute(
                select(Links.__table__)
                .where(
                    Links.channel_id == channel_id,
                    Links.post_id.between(part[0], part[-1]),
                    Links.post_id.in_(part),
                    Links.kind.in_(kinds),
                )
                .order_by(Links.number)
            )
            for row in rows.mappings():
                link = Link(**{**row, "kind": LinkKind(row["kind"]), "digest": bytes(row["digest"])})
                out[link.post_id].append(link)
        return out

    async def _before(self, head: Head | None, links: Mapping[int, Sequence[Link]]) -> dict[int, bytes]:
        """The hash before each of these links, by its number."""
        if head is None:
            return {}
        numbers = {link.number for each in links.values() for link in each}
        out = {1: beginning(head.began_as)}
        for channel_id, part in key_parts(PostKey(head.channel_id, n - 1) for n in numbers if n > 1):
            rows = await self._connection.execute(
                select(Links.number, Links.digest).where(
                    Links.channel_id == channel_id, Links.number.in_(part)
                )
            )
            out |= {number + 1: bytes(digest) for number, digest in rows}
        return out

    async def remove(
        self, channel_id: int, head: int, posts: Sequence[Aged], at: datetime, why: str
    ) -> int | None:
        """Remove what these posts said. Returns how long the channel's chain is then; None: something was
        stored in the channel since it was `head` links long, and nothing was removed.

        Their words in the index are the caller's to change, in this transaction.
        """
        heads = await self._chain.heads([channel_id])
        if not posts or not heads or heads[0].number != head:
            return None
        ids = [each.post.id for each in posts]
        await self._overwriting(True)
        for _, part in key_parts(PostKey(channel_id, i) for i in ids):
            await self._empty(channel_id, part, at, why)
        await self._overwriting(False)
        removals: list[dict[str, Any]] = [
            {
                "channel_id": channel_id,
                "post_id": each.post.id,
                "at": at,
                "why": why,
                "links": [[number, digest.hex()] for number, digest in each.links],
            }
            for each in posts
        ]
        await append(self._connection, Removals, removals)
        await self._chain.append(await self._entries(channel_id, ids, removals))
        n = await self.count()
        await self._marks.set(REMOVED, {"n": n + len(posts)}, at)
        return head + len(posts)

    async def _overwriting(self, on: bool) -> None:
        """SQLite leaves what was removed in the file until its room is needed, unless it is told to overwrite
        it with zeros. PostgreSQL keeps it until the next vacuum.
        """
        if self._connection.dialect.name == "sqlite":
            await self._connection.exec_driver_sql(f"PRAGMA secure_delete = {'ON' if on else 'OFF'}")

    async def _empty(self, channel_id: int, ids: Sequence[int], at: datetime, why: str) -> None:
        nothing = {"text": "", "entities": None, "media": None}
        also = {"forward": None, "author": None, "raw": None, "removed_at": at}

        def of(table: Any) -> Any:
            return (table.channel_id == channel_id) & table.post_id.in_(ids)

        of_posts = (Posts.channel_id == channel_id) & Posts.id.in_(ids)
        await self._put_in_place(
            Posts, of_posts, lambda row: {**row, **nothing, **also, "details": _counted(row["details"])}
        )
        await self._put_in_place(Revisions, of(Revisions), lambda row: {**row, **nothing})
        await self._connection.execute(delete(Raws).where(of(Raws)))
        # Their bytes go as those of files do whose own time is over; what was not fetched yet never is.
        await self._connection.execute(
            update(PostFiles)
            .where(of(PostFiles), PostFiles.state.in_((FileState.KEPT, FileState.WAITING, FileState.HELD)))
            .values(state=FileState.EXPIRED.value, at=at, why=why)
        )
        await self._connection.execute(update(Documents).where(of(Documents)).values(band_a=0, band_b=0))

    async def _put_in_place(
        self, table: type[Table], which: Any, emptied: Callable[[Mapping[Any, Any]], dict[str, Any]]
    ) -> None:
        """Rows that were emptied in the place of those that were. They are taken out and put in again: from a
        row that only becomes shorter SQLite gets no room back.
        """
        found = await self._connection.execute(select(table.__table__).where(which))
        rows = [emptied(row) for row in found.mappings()]
        await self._connection.execute(delete(table).where(which))
        await append(self._connection, table, rows)

    async def _entries(
        self, channel_id: int, ids: Sequence[int], removals: Sequence[Mapping[str, Any]]
    ) -> list[Entry]:
        """The links of these removals, from what is left in the tables."""
        rows: dict[int, Mapping[Any, Any]] = {}
        for _, part in key_parts(PostKey(channel_id, i) for i in ids):
            found = await self._connection.execute(
                select(Posts.__table__).where(Posts.channel_id == channel_id, Posts.id.in_(part))
            )
            rows |= {row["id"]: row for row in found.mappings()}
        revisions = await self._revisions(channel_id, ids)
        return [removal_entry(each, rows[each["post_id"]], revisions[each["post_id"]]) for each in removals]


def _aged(
    row: Mapping[Any, Any],
    revisions: Sequence[Mapping[Any, Any]],
    raws: Mapping[int, Mapping[Any, Any]],
    links: Sequence[Link],
    before: Mapping[int, bytes],
) -> Aged:
    entries = _records(row, revisions, raws)
    held = {(link.kind, link.version): link for link in links}
    size = sum(_size(each) for each in (row, *revisions)) + sum(len(raw["body"]) for raw in raws.values())
    return Aged(
        seq=row["seq"],
        post=post_record(row),
        revisions=[revision_record(each) for each in revisions],
        last_revision=max((each["seq"] for each in revisions), default=0),
        size=size,
        links=[(link.number, link.digest) for link in links],
        is_sealed=entries is not None and held.keys() >= {(each.kind, each.version) for each in entries},
        is_proven=entries is not None
        and held.keys() == {(each.kind, each.version) for each in entries}
        and all(
            link.number in before and linked(before[link.number], each.record) == link.digest
            for each in entries
            for link in (held[each.kind, each.version],)
        ),
    )


def _records(
    row: Mapping[Any, Any], revisions: Sequence[Mapping[Any, Any]], raws: Mapping[int, Mapping[Any, Any]]
) -> list[Entry] | None:
    """What the chain must hold of a post; None: a raw copy of it cannot be read."""
    try:
        kept = {version: kept_record(raw) for version, raw in raws.items()}
    except zlib.error:
        return None
    with_it = {version: each.copy for version, each in kept.items() if not each.is_late}
    out = [post_entry(row, with_it.get(0))]
    out += [revision_entry(each, with_it.get(each["number"])) for each in revisions]
    late = [(version, each.copy) for version, each in kept.items() if each.is_late]
    return out + [copy_entry(row["channel_id"], row["id"], version, copy) for version, copy in late]


def _counted(details: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What of a post's details stays."""
    return {name: details[name] for name in _COUNTED if name in details} or None if details else None


def _size(row: Mapping[Any, Any]) -> int:
    documents = ("entities", "media", "forward", "raw", "details")
    found = [to_json(row[name]) for name in documents if row.get(name) is not None]
    return len(row["text"].encode()) + sum(len(each.encode()) for each in found)
