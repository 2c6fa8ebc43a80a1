"""How posts come into the archive. Nothing is ever overwritten, and what was removed does not come back."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.post import Deletion, How, Post, PostKey
from storage.chain import (
    ChainRepository,
    Entry,
    copy_entry,
    deletion_entry,
    post_entry,
    return_entry,
    revision_entry,
)
from storage.documents import entities_document, media_document, media_record, post_row
from storage.keys import CHUNK, Wanted
from storage.raws import RawRepository, raw_row
from storage.tables import Deletions, Posts, Raws, Revisions
from storage.upsert import upsert
from storage.versions import Step, Version, next_version

#: After so many posts whatever else is at work has a turn: answers that have come, posts that are pushed.
_PORTION = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of a batch."""

    added: tuple[PostKey, ...] = ()
    revised: tuple[PostKey, ...] = ()
    same: int = 0


class PostIntake:
    """The writing half of the posts' repository."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._chain = ChainRepository(connection)
        self._raws = RawRepository(connection)

    async def put(self, posts: Iterable[Post]) -> Stored:
        """Store posts once, however often and by whatever way they come.

        A known post with another text or media appends a Revision. Which version stands now is decided by
        Telegram's edit time, so that an older copy that comes later (an import) does not pass for an edit;
        within one second by when it was seen.
        Each version is linked into its channel's chain, and keeps the raw copy of the first sighting that has
        one. A post whose content was removed is known to be there, and nothing of it is taken in again.
        """
        added: list[PostKey] = []
        revised: list[PostKey] = []
        same = 0
        for batch in _versions_apart(posts):
            known = await self._known(batch)
            new = {key: post for key, post in batch.items() if key not in known}
            await self._add(new)
            added += new
            seen = [post for key, post in batch.items() if key in known]
            if not seen:
                continue
            kept = [post for post in seen if known[post.key]["removed_at"] is None]
            changed = [post for post in kept if post.hash != known[post.key]["current_hash"]]
            fresh = await self._revise(changed, known) if changed else []
            revised += fresh
            same += len(seen) - len(fresh)
            await self._copy_late(kept, known)
            await self._seen_again(seen, known)
        return Stored(added=tuple(added), revised=tuple(revised), same=same)

    async def _add(self, posts: Mapping[PostKey, Post]) -> None:
        rows: list[dict[str, Any]] = []
        copies: list[dict[str, Any]] = []
        entries: list[Entry] = []
        each = list(posts.items())
        for start in range(0, len(each), _PORTION):
            for key, post in each[start : start + _PORTION]:
                row = post_row(post)
                rows.append(row)
                entries.append(post_entry(row, post.copy))
                if post.copy is not None:
                    copies.append(raw_row(key, 0, post.copy))
            await asyncio.sleep(0)
        await upsert(self._connection, Posts, rows, key=("channel_id", "id"), keep=True)
        await self._raws.add(copies)
        await self._chain.append(entries)

    async def _copy_late(self, posts: Sequence[Post], known: Mapping[PostKey, Mapping[Any, Any]]) -> None:
        """A version that came without a raw copy, from a file, gets that of a later sighting."""
        rows: list[dict[str, Any]] = []
        entries: list[Entry] = []
        for post in posts:
            stands = known[post.key]
            if post.copy is None or stands["copied"] or post.hash != stands["current_hash"]:
                continue
            rows.append(raw_row(post.key, stands["current"], post.copy, is_late=True))
            entries.append(copy_entry(*post.key, stands["current"], post.copy))
        await self._raws.add(rows)
        await self._chain.append(entries)

    async def _known(self, keys: Iterable[PostKey]) -> dict[PostKey, Mapping[Any, Any]]:
        wanted = Wanted(self._connection, keys)
        rows = await self._connection.execute(
            select(
                Posts.channel_id,
                Posts.id,
                Posts.hash,
                Posts.current,
                Posts.current_hash,
                Posts.edited_at,
                Posts.last_seen_at,
                Posts.removed_at,
                Raws.version.is_not(None).label("copied"),
            )
            .join_from(wanted.rows, Posts, wanted.are(Posts.channel_id, Posts.id))
            .outerjoin(
                Raws,
                and_(
                    Raws.channel_id == Posts.channel_id,
                    Raws.post_id == Posts.id,
                    Raws.version == Posts.current,
                ),
            )
        )
        return {PostKey(row["channel_id"], row["id"]): row for row in rows.mappings()}

    async def _revise(
        self, posts: Sequence[Post], known: Mapping[PostKey, Mapping[Any, Any]]
    ) -> list[PostKey]:
        """Append revisions where these posts, whose hash is another than the known one, are really others."""
        held = await self._versions(posts, known)
        rows: list[dict[str, Any]] = []
        copies: list[dict[str, Any]] = []
        entries: list[Entry] = []
        current: list[dict[str, Any]] = []
        for post in posts:
            versions = held[post.key]
            stands = next(v for v in versions if v.number == known[post.key]["current"])
            step = next_version(post, versions, stands)
            if step is None:
                continue
            rows.append(
                {
                    "channel_id": post.channel_id,
                    "post_id": post.id,
                    "number": versions[-1].number + 1,
                    "seen_at": post.seen_at,
                    "edited_at": post.edited_at,
                    "text": post.text,
                    "hash": post.hash,
                    "entities": entities_document(post.entities),
                    "media": media_document(post.media),
                }
            )
            entries.append(revision_entry(rows[-1], post.copy))
            if post.copy is not None:
                copies.append(raw_row(post.key, rows[-1]["number"], post.copy))
            if step is Step.STANDS:
                now = {"c": post.channel_id, "i": post.id, "number": rows[-1]["number"], "digest": post.hash}
                current.append(now)
        if rows:
            await self._connection.execute(insert(Revisions), rows)
            await self._raws.add(copies)
            await self._chain.append(entries)
        if current:
            await self._connection.execute(
                update(Posts)
                .where(Posts.channel_id == bindparam("c"), Posts.id == bindparam("i"))
                .values(current=bindparam("number"), current_hash=bindparam("digest")),
                current,
            )
        return [PostKey(row["channel_id"], row["post_id"]) for row in rows]

    async def _versions(
        self, posts: Sequence[Post], known: Mapping[PostKey, Mapping[Any, Any]]
    ) -> dict[PostKey, list[Version]]:
        """Every version that is held of these posts, oldest first."""
        out: dict[PostKey, list[Version]] = {}
        wanted = Wanted(self._connection, (post.key for post in posts))
        firsts = await self._connection.execute(
            select(Posts.channel_id, Posts.id, Posts.seen_at, Posts.text, Posts.media, Posts.how).join_from(
                wanted.rows, Posts, wanted.are(Posts.channel_id, Posts.id)
            )
        )
        for channel_id, post_id, seen_at, text, media, how in firsts:
            key = PostKey(channel_id, post_id)
            out[key] = [
                Version(
                    number=0,
                    hash=known[key]["hash"],
                    seen_at=seen_at,
                    edited_at=known[key]["edited_at"],
                    text=text,
                    media=media_record(media),
                    imported=how == How.IMPORTED.value,
                )
            ]
        later = await self._connection.execute(
            select(
                Revisions.channel_id,
                Revisions.post_id,
                Revisions.number,
                Revisions.hash,
                Revisions.seen_at,
                Revisions.edited_at,
                Revisions.text,
                Revisions.media,
            )
            .join_from(wanted.rows, Revisions, wanted.are(Revisions.channel_id, Revisions.post_id))
            .order_by(Revisions.channel_id, Revisions.post_id, Revisions.number)
        )
        for channel_id, post_id, number, digest, seen_at, edited_at, text, media in later:
            versions = out[PostKey(channel_id, post_id)]
            versions.append(
                Version(
                    number=number,
                    hash=digest,
                    seen_at=seen_at,
                    edited_at=edited_at,
                    text=text,
                    media=media_record(media),
                    imported=versions[0].imported,
                )
            )
        return out

    async def _seen_again(self, posts: Sequence[Post], known: Mapping[PostKey, Mapping[Any, Any]]) -> None:
        later: list[dict[str, Any]] = [
            {"c": p.channel_id, "i": p.id, "at": p.seen_at}
            for p in posts
            if p.how is not How.IMPORTED and p.seen_at > known[p.key]["last_seen_at"]
        ]
        if not later:
            return
        await self._connection.execute(
            update(Posts)
            .where(Posts.channel_id == bindparam("c"), Posts.id == bindparam("i"))
            .values(last_seen_at=bindparam("at")),
            later,
        )
        await self._returned({PostKey(row["c"], row["i"]): row["at"] for row in later})

    async def _returned(self, seen: Mapping[PostKey, datetime]) -> None:
        """End the deletions of posts that were seen after they had been missed."""
        ended: list[dict[str, Any]] = []
        wanted = Wanted(self._connection, seen)
        rows = await self._connection.execute(
            select(Deletions.channel_id, Deletions.post_id, Deletions.first_missed_at)
            .join_from(wanted.rows, Deletions, wanted.are(Deletions.channel_id, Deletions.post_id))
            .where(Deletions.returned_at.is_(None))
            .order_by(Deletions.channel_id, Deletions.post_id, Deletions.first_missed_at)
        )
        for channel_id, post_id, missed_at in rows:
            at = seen[PostKey(channel_id, post_id)]
            if missed_at < at:
                ended.append(
                    {
                        "channel_id": channel_id,
                        "post_id": post_id,
                        "first_missed_at": missed_at,
                        "returned_at": at,
                    }
                )
        if not ended:
            return
        await self._connection.execute(
            update(Deletions)
            .where(
                Deletions.channel_id == bindparam("c"),
                Deletions.post_id == bindparam("i"),
                Deletions.first_missed_at == bindparam("missed"),
            )
            .values(returned_at=bindparam("at")),
            [
                {
                    "c": row["channel_id"],
                    "i": row["post_id"],
                    "missed": row["first_missed_at"],
                    "at": row["returned_at"],
                }
                for row in ended
            ],
        )
        await self._chain.append([return_entry(row) for row in ended])

    async def missed(self, channel_id: int, ids: Iterable[int], at: datetime) -> Sequence[Deletion]:
        """These posts were asked for at `at` and are not there. Returns the deletions not recorded before."""
        wanted = sorted(set(ids))
        out: list[Deletion] = []
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start : start + CHUNK]
            rows = await self._connection.execute(
                select(Posts.id, Posts.last_seen_at)
                .outerjoin(
                    Deletions,
                    and_(
                        Deletions.channel_id == Posts.channel_id,
                        Deletions.post_id == Posts.id,
                        Deletions.returned_at.is_(None),
                    ),
                )
                .where(Posts.channel_id == channel_id, Posts.id.in_(part), Deletions.post_id.is_(None))
            )
            out += [
                Deletion(
                    channel_id=channel_id,
                    post_id=post_id,
                    last_seen_at=min(last_seen, at),
                    first_missed_at=at,
                )
                for post_id, last_seen in rows
            ]
        await self.delete_known(out)
        return out

    async def delete_known(self, deletions: Sequence[Deletion]) -> None:
        """Record deletions, also those that somebody else has watched; the same one twice is one."""
        held = await self._held(deletions)
        rows: list[dict[str, Any]] = []
        for d in deletions:
            if (d.channel_id, d.post_id, d.first_missed_at) in held:
                continue
            held.add((d.channel_id, d.post_id, d.first_missed_at))
            rows.append(
                {
                    "channel_id": d.channel_id,
                    "post_id": d.post_id,
                    "first_missed_at": d.first_missed_at,
                    "last_seen_at": d.last_seen_at,
                    "returned_at": d.returned_at,
                }
            )
        if not rows:
            return
        await self._connection.execute(insert(Deletions), rows)
        entries = [deletion_entry(row) for row in rows]
        entries += [return_entry(row) for row in rows if row["returned_at"] is not None]
        await self._chain.append(entries)

    async def _held(self, deletions: Sequence[Deletion]) -> set[tuple[int, int, datetime]]:
        """Which of these are recorded already."""
        wanted = Wanted(self._connection, (PostKey(d.channel_id, d.post_id) for d in deletions))
        rows = await self._connection.execute(
            select(Deletions.channel_id, Deletions.post_id, Deletions.first_missed_at).join_from(
                wanted.rows, Deletions, wanted.are(Deletions.channel_id, Deletions.post_id)
            )
        )
        return {(channel_id, post_id, at) for channel_id, post_id, at in rows}


def _versions_apart(posts: Iterable[Post]) -> Iterator[dict[PostKey, Post]]:
    """One version of each post at a time, in the order given, so that two versions in a batch are told
    apart.
    """
    left: list[tuple[PostKey, Post]] = [(post.key, post) for post in posts]
    while left:
        batch: dict[PostKey, Post] = {}
        more = []
        for key, post in left:
            if key in batch:
                more.append((key, post))
            else:
                batch[key] = post
        yield batch
        left = more
