"""The chain of each channel: what is stored is linked in the same transaction, in order of arrival."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.chain import (
    Document,
    Link,
    LinkKind,
    Order,
    beginning,
    canonical,
    document,
    in_order,
    linked,
    order,
)
from domain.post import RawCopy
from storage.tables import Chains, Links
from storage.types import micros, storable, to_json
from storage.upsert import append, upsert

_CHUNK = 500
#: The mark that says which posts are older than the chain, and those that say how far they are sealed.
UNSEALED, SEALED = "chain.unsealed", "chain.sealed."


class Entry(NamedTuple):
    """A record to be linked: what it is of, and its canonical form."""

    kind: LinkKind
    channel_id: int
    record: bytes
    post_id: int = 0
    version: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a chain ends: how many links it has, and the hash after the last."""

    channel_id: int
    began_as: int  #: the channel's number when its chain began: an invented one, of some that were imported
    number: int
    digest: bytes


class ChainRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def append(self, entries: Sequence[Entry]) -> None:
        """Link these records, each at the end of its channel's chain."""
        if not entries:
            return
        channels = {entry.channel_id for entry in entries}
        heads = {c: Head(channel_id=c, began_as=c, number=0, digest=beginning(c)) for c in channels}
        heads |= {head.channel_id: head for head in await self.heads(channels)}
        ends = {c: (head.number, head.digest) for c, head in heads.items()}
        rows: list[dict[str, Any]] = []
        for entry in entries:
            number, before = ends[entry.channel_id]
            number, digest = number + 1, linked(before, entry.record)
            ends[entry.channel_id] = number, digest
            rows.append(
                {
                    "channel_id": entry.channel_id,
                    "number": number,
                    "kind": entry.kind.value,
                    "post_id": entry.post_id,
                    "version": entry.version,
                    "at": entry.at,
                    "digest": digest,
                }
            )
        await append(self._connection, Links, rows)
        after = [
            {"channel_id": c, "began_as": heads[c].began_as, "number": number, "digest": digest}
            for c, (number, digest) in ends.items()
        ]
        await upsert(self._connection, Chains, after, key=("channel_id",))

    async def heads(self, channel_ids: Iterable[int] | None = None) -> Sequence[Head]:
        """Where the chains of these channels end, or of all; a channel without a chain is left out."""
        query = select(Chains.__table__).order_by(Chains.channel_id)
        if channel_ids is None:
            rows = list((await self._connection.execute(query)).mappings())
        else:
            wanted, rows = sorted(channel_ids), []
            for start in range(0, len(wanted), _CHUNK):
                part = wanted[start : start + _CHUNK]
                found = await self._connection.execute(query.where(Chains.channel_id.in_(part)))
                rows += list(found.mappings())
        return [Head(**{**row, "digest": bytes(row["digest"])}) for row in rows]

    async def links(self, channel_id: int, after: int, limit: int) -> Sequence[Link]:
        """The links that follow on number `after`."""
        rows = await self._connection.execute(
            select(Links.__table__)
            .where(Links.channel_id == channel_id, Links.number > after)
            .order_by(Links.number)
            .limit(limit)
        )
        return [
            Link(
                channel_id=channel_id,
                number=row["number"],
                kind=LinkKind(row["kind"]),
                post_id=row["post_id"],
                version=row["version"],
                at=row["at"],
                digest=bytes(row["digest"]),
            )
            for row in rows.mappings()
        ]


_COPY = ("copy_layer", "copy_sha256")
_DOCUMENTS_OF_A_POST = ("entities", "media", "forward", "raw", "details")
_DOCUMENTS_OF_A_REVISION = ("entities", "media")
#: What of a post is held fast: all that is never changed afterwards, under the names of its columns.
_POST = order(
    (
        *("id", "posted_at", "seen_at", "how", "kind", "text", "hash", "edited_at", "album_id"),
        *("reply_to", "author", "views", "forwards"),
        *_DOCUMENTS_OF_A_POST,
        *_COPY,
    )
)
_REVISION = order(
    ("post_id", "number", "seen_at", "edited_at", "text", "hash", *_DOCUMENTS_OF_A_REVISION, *_COPY)
)


def post_entry(row: Mapping[Any, Any], copy: RawCopy | None) -> Entry:
    """The link of a post as first seen, from its row as it is written or read."""
    record = _record(LinkKind.POST, row, _POST, _DOCUMENTS_OF_A_POST, copy)
    return Entry(LinkKind.POST, row["channel_id"], record, row["id"])


def revision_entry(row: Mapping[Any, Any], copy: RawCopy | None) -> Entry:
    return Entry(
        kind=LinkKind.REVISION,
        channel_id=row["channel_id"],
        post_id=row["post_id"],
        version=row["number"],
        record=_record(LinkKind.REVISION, row, _REVISION, _DOCUMENTS_OF_A_REVISION, copy),
    )


def copy_entry(channel_id: int, post_id: int, version: int, copy: RawCopy) -> Entry:
    fields = {"post_id": post_id, "version": version, **_copied(copy)}
    return Entry(
        kind=LinkKind.COPY,
        channel_id=channel_id,
        post_id=post_id,
        version=version,
        record=canonical(LinkKind.COPY, fields),
    )


def deletion_entry(row: Mapping[Any, Any]) -> Entry:
    names = ("post_id", "first_missed_at", "last_seen_at")
    return Entry(
        kind=LinkKind.DELETION,
        channel_id=row["channel_id"],
        post_id=row["post_id"],
        at=row["first_missed_at"],
        record=canonical(LinkKind.DELETION, {name: row[name] for name in names}),
    )


def return_entry(row: Mapping[Any, Any]) -> Entry:
    names = ("post_id", "first_missed_at", "returned_at")
    return Entry(
        kind=LinkKind.RETURN,
        channel_id=row["channel_id"],
        post_id=row["post_id"],
        at=row["first_missed_at"],
        record=canonical(LinkKind.RETURN, {name: row[name] for name in names}),
    )


def file_entry(row: Mapping[Any, Any]) -> Entry:
    names = ("post_id", "version", "file_id", "size", "sha256")
    return Entry(
        kind=LinkKind.FILE,
        channel_id=row["channel_id"],
        post_id=row["post_id"],
        version=row["version"],
        record=canonical(LinkKind.FILE, {name: row[name] for name in names}),
    )


#: What of a post stays when what it said is removed, under the names of its columns.
_REMAINS = (
    *("id", "posted_at", "seen_at", "how", "kind", "hash", "edited_at", "album_id", "reply_to"),
    *("views", "forwards", "details"),
)


def removal_entry(row: Mapping[Any, Any], post: Mapping[Any, Any], revisions: Sequence[Any]) -> Entry:
    """`row` of the removal; `post` and `revisions`, oldest first, as they remain."""
    fields = {name: post[name] for name in _REMAINS}
    if revisions:
        fields["versions"] = [
            [
                each["number"],
                micros(each["seen_at"]),
                each["edited_at"] and micros(each["edited_at"]),
                each["hash"],
            ]
            for each in revisions
        ]
    return Entry(
        kind=LinkKind.REMOVAL,
        channel_id=row["channel_id"],
        post_id=row["post_id"],
        at=row["at"],
        record=canonical(
            LinkKind.REMOVAL, {**fields, "at": row["at"], "why": row["why"], "links": row["links"]}
        ),
    )


def seal_entry(channel_id: int, at: datetime) -> Entry:
    record = canonical(LinkKind.SEAL, {"at": at})
    return Entry(kind=LinkKind.SEAL, channel_id=channel_id, at=at, record=record)


def adoption_entry(channel_id: int, former: int) -> Entry:
    """`former`: the number under which the chain began."""
    record = canonical(LinkKind.ADOPTION, {"channel_id": channel_id, "former": former})
    return Entry(kind=LinkKind.ADOPTION, channel_id=channel_id, record=record)


def _record(
    kind: LinkKind,
    row: Mapping[Any, Any],
    names: Order,
    documents: Sequence[str],
    copy: RawCopy | None,
) -> bytes:
    fields = dict(row)
    fields["text"] = storable(row["text"])  # as it is stored, whatever came
    if (author := fields.get("author")) is not None:
        fields["author"] = storable(author)
    for name in documents:
        if (held := row[name]) is not None:
            fields[name] = _stored(held)
    if copy is not None:
        fields["copy_layer"], fields["copy_sha256"] = copy.layer, copy.hash
    return in_order(kind, fields, names)


def _copied(copy: RawCopy) -> dict[str, Any]:
    return {"copy_layer": copy.layer, "copy_sha256": copy.hash}


def _stored(held: Any) -> Document:
    """A document as the database gives it back."""
    said = document(held)
    if "\\u0000" not in said and storable(said) == said:
        return said
    return document(json.loads(to_json(held)))
