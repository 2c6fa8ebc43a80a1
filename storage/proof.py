"""Is the archive as it was stored? Each channel's chain is gone through, record by record."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.chain import Link, LinkKind, beginning, linked
from domain.post import PostKey, RawCopy
from storage.chain import (
    SEALED,
    UNSEALED,
    Entry,
    Head,
    adoption_entry,
    copy_entry,
    deletion_entry,
    file_entry,
    post_entry,
    removal_entry,
    return_entry,
    revision_entry,
    seal_entry,
)
from storage.keys import CHUNK, key_parts
from storage.raws import RawRepository, kept_record
from storage.store import Store, Transaction
from storage.tables import Deletions, Links, PostFiles, Posts, Raws, Removals, Revisions, Table

_PAGE = 2_000
#: The links whose records go with the content of a post.
_TEXTS = (LinkKind.POST, LinkKind.REVISION, LinkKind.COPY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Where an archive is not what was stored."""

    why: str
    post_id: int | None = None
    number: int | None = None  #: of the link; None: the record is in no link


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What came of going through one channel."""

    channel_id: int
    links: int = 0
    digest: bytes = b""  #: the hash after the last link
    kinds: Mapping[str, int] = field(default_factory=dict)  #: how many links of each kind
    #: Links of which only the hash is left: what they speak of was removed, as a later link says.
    removed: int = 0
    unsealed: int = 0  #: records older than the chain, which nothing holds fast yet
    contains: int | None = None  #: which link gives the hash that was asked for
    broken: Broken | None = None  #: the first that is


async def channels_of(store: Store) -> Sequence[int]:
    """Every channel that has posts, or a chain."""
    async with store.read() as tx:
        ids = set((await tx.connection.execute(select(Posts.channel_id).distinct())).scalars())
        return sorted(ids | {head.channel_id for head in await tx.chain.heads()})


async def prove(
    store: Store,
    channel_id: int,
    *,
    contains: bytes | None = None,
    heard: Callable[[int], None] | None = None,
) -> Proof:
    """Go through the chain of a channel, in flat memory, while others may write.

    `contains`: a hash that somebody kept; the proof says whether this archive went on from it. `heard` is
    told how many links are done.
    """
    async with store.read() as tx:
        heads = await tx.chain.heads([channel_id])
    head = heads[0] if heads else None
    kinds: dict[str, int] = {}
    digest = beginning(head.began_as if head else channel_id)
    found = 0 if contains == digest else None
    number = removed = 0

    def broken(why: Broken) -> Proof:
        return Proof(channel_id=channel_id, links=number, digest=digest, kinds=kinds, broken=why)

    while head is not None and number < head.number:
        async with store.read() as tx:
            links = await tx.chain.links(channel_id, number, min(_PAGE, head.number - number))
            page = await _Page.read(tx.connection, channel_id, head, links)
        if not links:
            return broken(Broken(why=f"the chain ends before link {head.number}", number=number + 1))
        for link in links:
            if link.number != number + 1:
                return broken(Broken(why=f"link {number + 1} is missing", number=number + 1))
            try:
                gone = page.removed(link)
                digest = link.digest if gone else linked(digest, page.entry(link).record)
            except _Missing as missing:
                return broken(Broken(why=str(missing), post_id=link.post_id or None, number=link.number))
            if digest != link.digest:
                why = f"{_said(link)} is not what was stored"
                return broken(Broken(why=why, post_id=link.post_id or None, number=link.number))
            number = link.number
            kinds[link.kind.value] = kinds.get(link.kind.value, 0) + 1
            removed += gone
            if digest == contains:
                found = number
        if heard is not None:
            heard(number)
    if head is not None and digest != head.digest:
        return broken(Broken(why="the chain does not end where it is said to", number=number))
    async with store.read() as tx:
        beside, unsealed = await _beside(tx, channel_id)
    return Proof(
        channel_id=channel_id,
        links=number,
        digest=digest,
        kinds=kinds,
        removed=removed,
        unsealed=unsealed,
        contains=found,
        broken=beside,
    )


def _said(link: Link) -> str:
    match link.kind:
        case LinkKind.POST:
            return f"post {link.post_id}"
        case LinkKind.REVISION:
            return f"revision {link.version} of post {link.post_id}"
        case LinkKind.COPY:
            return f"the raw copy of version {link.version} of post {link.post_id}"
        case LinkKind.DELETION | LinkKind.RETURN:
            return f"the {link.kind.value} of post {link.post_id}"
        case LinkKind.FILE:
            return f"the record of the file of post {link.post_id}"
        case LinkKind.REMOVAL:
            return f"what remains of post {link.post_id}"
        case _:
            return f"the {link.kind.value}"


class _Missing(Exception):
    """A record that is linked is not there, or cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """The records that some links speak of."""

    head: Head
    posts: Mapping[int, Mapping[Any, Any]]
    revisions: Mapping[tuple[int, int], Mapping[Any, Any]]
    deletions: Mapping[tuple[int, Any], Mapping[Any, Any]]
    files: Mapping[tuple[int, int], Mapping[Any, Any]]
    raws: Mapping[tuple[PostKey, int], Mapping[Any, Any]]
    removals: Mapping[int, Mapping[Any, Any]]

    @classmethod
    async def read(
        cls, connection: AsyncConnection, channel_id: int, head: Head, links: Sequence[Link]
    ) -> "_Page":
        def ids(*kinds: LinkKind) -> set[int]:
            return {link.post_id for link in links if link.kind in kinds}

        texts = _TEXTS
        removed = LinkKind.REMOVAL
        posts = await _rows(connection, Posts, Posts.id, channel_id, ids(LinkKind.POST, removed))
        revisions = await _rows(
            connection, Revisions, Revisions.post_id, channel_id, ids(LinkKind.REVISION, removed)
        )
        removals = await _rows(connection, Removals, Removals.post_id, channel_id, ids(*texts, removed))
        deletions = await _rows(
            connection, Deletions, Deletions.post_id, channel_id, ids(LinkKind.DELETION, LinkKind.RETURN)
        )
        files = await _rows(connection, PostFiles, PostFiles.post_id, channel_id, ids(LinkKind.FILE))
        return cls(
            head=head,
            posts={row["id"]: row for row in posts},
            revisions={(row["post_id"], row["number"]): row for row in revisions},
            deletions={(row["post_id"], row["first_missed_at"]): row for row in deletions},
            files={(row["post_id"], row["version"]): row for row in files},
            raws=await RawRepository(connection).rows(PostKey(channel_id, i) for i in ids(*texts)),
            removals={row["post_id"]: row for row in removals},
        )

    def removed(self, link: Link) -> bool:
        """Is the record of this link gone because its post's content was removed?

        That it was, by which rule and when is a link of its own, further on. Raises _Missing where the
        removal does not name this very link.
        """
        if link.kind not in _TEXTS or (removal := self.removals.get(link.post_id)) is None:
            return False
        if [link.number, link.digest.hex()] not in removal["links"]:
            raise _Missing(f"{_said(link)} is gone, and its removal does not name it")
        return True

    def entry(self, link: Link) -> Entry:
        """The record of a link as it is now. Raises _Missing."""
        match link.kind:
            case LinkKind.POST:
                return post_entry(self._one(link, self.posts, link.post_id), self._copy(link, late=False))
            case LinkKind.REVISION:
                row = self._one(link, self.revisions, (link.post_id, link.version))
                return revision_entry(row, self._copy(link, late=False))
            case LinkKind.COPY:
                if (copy := self._copy(link, late=True)) is None:
                    raise _Missing(f"{_said(link)} is missing")
                return copy_entry(link.channel_id, link.post_id, link.version, copy)
            case LinkKind.DELETION:
                return deletion_entry(self._one(link, self.deletions, (link.post_id, link.at)))
            case LinkKind.RETURN:
                return return_entry(self._one(link, self.deletions, (link.post_id, link.at)))
            case LinkKind.FILE:
                return file_entry(self._one(link, self.files, (link.post_id, link.version)))
            case LinkKind.REMOVAL:
                revisions = sorted(
                    (row for (post_id, _), row in self.revisions.items() if post_id == link.post_id),
                    key=lambda row: row["number"],
                )
                row = self._one(link, self.removals, link.post_id)
                return removal_entry(row, self._one(link, self.posts, link.post_id), revisions)
            case LinkKind.SEAL if link.at is not None:
                return seal_entry(link.channel_id, link.at)
            case LinkKind.ADOPTION:
                return adoption_entry(link.channel_id, self.head.began_as)
            case _:
                raise _Missing(f"{_said(link)} has no date")

    def _one(self, link: Link, rows: Mapping[Any, Mapping[Any, Any]], key: Any) -> Mapping[Any, Any]:
        row = rows.get(key)
        if row is None:
            raise _Missing(f"{_said(link)} is missing")
        return row

    def _copy(self, link: Link, *, late: bool) -> RawCopy | None:
        row = self.raws.get((PostKey(link.channel_id, link.post_id), link.version))
        if row is None or row["is_late"] is not late:
            return None
        try:
            return kept_record(row).copy
        except zlib.error:
            raise _Missing(f"the raw copy of {_said(link)} is damaged") from None


async def _rows(
    connection: AsyncConnection, table: type[Table], post_id: Any, channel_id: int, ids: Iterable[int]
) -> list[Mapping[Any, Any]]:
    out: list[Mapping[Any, Any]] = []
    for _, part in key_parts(PostKey(channel_id, i) for i in ids):
        rows = await connection.execute(
            select(table.__table__).where(
                table.__table__.c.channel_id == channel_id,
                post_id.between(part[0], part[-1]),
                post_id.in_(part),
            )
        )
        out += list(rows.mappings())
    return out


async def _beside(tx: Transaction, channel_id: int) -> tuple[Broken | None, int]:
    """What stands in the archive beside the chain: put in past it, or older than it (and how many)."""
    older = await tx.marks.get(UNSEALED)
    if (await tx.marks.get(f"{SEALED}{channel_id}")).get("done"):
        older = {}
    unsealed = 0
    for name, record, held, count in _kinds(channel_id):
        rows = (await tx.connection.execute(count)).scalar_one()
        links = (await tx.connection.execute(select(func.count()).select_from(held.subquery()))).scalar_one()
        if rows == links:
            continue
        outside = list(await tx.connection.execute(record.except_(held)))
        posts = [row[0] for row in outside]
        if name in ("posts", "revisions"):
            new = await _newer(tx, channel_id, name, outside, older.get(name, -1))
        else:
            new = [] if older and name in ("deletions", "returns") else posts
        unsealed += len(posts) - len(new)
        if new:
            which = {"posts": "post", "raws": "a late raw copy of post"}.get(
                name, f"one of the {name} of post"
            )
            why = f"{which} {min(new)} is in no link of the chain: it was put in past it"
            return Broken(why=why, post_id=min(new)), unsealed
    return None, unsealed


def _kinds(channel_id: int) -> list[tuple[str, Any, Any, Any]]:
    """Each kind of record: its keys, the keys that are linked, and how many of it there are."""
    linked_ = select(Links.post_id).where(Links.channel_id == channel_id)
    dated = select(Links.post_id, Links.at).where(Links.channel_id == channel_id)
    versions = select(Links.post_id, Links.version).where(Links.channel_id == channel_id)
    gone, late = Deletions.channel_id == channel_id, (Raws.channel_id == channel_id) & Raws.is_late
    back = gone & Deletions.returned_at.is_not(None)
    kept = (PostFiles.channel_id == channel_id) & (PostFiles.state == "kept")
    of_removals = Removals.channel_id == channel_id
    of_posts, of_revisions = Posts.channel_id == channel_id, Revisions.channel_id == channel_id
    deleted = select(Deletions.post_id, Deletions.first_missed_at)
    return [
        ("posts", select(Posts.id).where(of_posts), linked_.where(Links.kind == "post"), _n(Posts, of_posts)),
        (
            "revisions",
            select(Revisions.post_id, Revisions.number).where(of_revisions),
            versions.where(Links.kind == "revision"),
            _n(Revisions, of_revisions),
        ),
        ("deletions", deleted.where(gone), dated.where(Links.kind == "deletion"), _n(Deletions, gone)),
        ("returns", deleted.where(back), dated.where(Links.kind == "return"), _n(Deletions, back)),
        (
            "raws",
            select(Raws.post_id, Raws.version).where(late),
            versions.where(Links.kind == "copy"),
            _n(Raws, late),
        ),
        (
            "files",
            select(PostFiles.post_id, PostFiles.version).where(kept),
            versions.where(Links.kind == "file"),
            _n(PostFiles, kept),
        ),
        (
            "removals",
            select(Removals.post_id).where(of_removals),
            linked_.where(Links.kind == "removal"),
            _n(Removals, of_removals),
        ),
    ]


def _n(table: type[Table], condition: Any) -> Select[Any]:
    return select(func.count()).select_from(table).where(condition)


async def _newer(tx: Transaction, channel_id: int, name: str, outside: Sequence[Any], last: int) -> list[int]:
    """Of these posts or revisions, those that were stored when there was a chain already."""
    new: list[int] = []
    for start in range(0, len(outside), CHUNK):
        part = outside[start : start + CHUNK]
        ids = [row[0] for row in part]
        if name == "posts":
            rows = await tx.connection.execute(
                select(Posts.id).where(Posts.channel_id == channel_id, Posts.id.in_(ids), Posts.seq > last)
            )
            new += list(rows.scalars())
            continue
        found = await tx.connection.execute(
            select(Revisions.post_id, Revisions.number).where(
                Revisions.channel_id == channel_id, Revisions.post_id.in_(ids), Revisions.seq > last
            )
        )
        wanted = {tuple(row) for row in part}
        new += [row[0] for row in found if tuple(row) in wanted]
    return new
