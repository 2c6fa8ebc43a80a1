"""A post whole: versions and how they differ, deletions, views over time, claims, and who passed it on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum

from archive.copies import Copies, family_of
from archive.tokens import source_sign
from domain.channel import Channel
from domain.claim import ArchivedClaim
from domain.counters import Sample
from domain.post import Deletion, Post, PostKey, Revision
from domain.reading import Reading
from storage.conditions import Narrowing
from storage.match import Both, Sign
from storage.store import Transaction

#: Of those who passed a post on, so many are named.
_RELAYS = 200
_PIECE = re.compile(r"\s+|\w+|[^\w\s]")


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and what became of it from one version to the next."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionOf:
    number: int
    seen_at: datetime
    edited_at: datetime | None
    text: str
    stands: bool
    media: str | None
    pieces: Sequence[Piece]  #: against the version before; of the first, its text


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Another post that has it from this one, or says nearly the same."""

    key: PostKey
    posted_at: datetime
    forwarded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    channel: Channel
    post: Post
    versions: Sequence[VersionOf]
    last_seen_at: datetime
    deletions: Sequence[Deletion]
    samples: Sequence[Sample]
    reading: Reading | None
    claims: Sequence[ArchivedClaim]
    relays: Sequence[Relay]
    copies: Copies | None
    removed_why: str = ""  #: by which rule what it said was removed; "" where it was not


async def history(tx: Transaction, channel: Channel, post: Post) -> History:
    version = await tx.readings.live_version()
    held = (await tx.index.held([post.key])).get(post.key)
    found = (await tx.search.load([held.doc])).get(held.doc) if held is not None else None
    revisions = await tx.posts.revisions(*post.key)
    current = found.current if found is not None else len(revisions)
    copies, relays = await _relays(tx, post) if held is not None else (None, ())
    return History(
        channel=channel,
        post=post,
        versions=_versions(post, revisions, current),
        last_seen_at=await tx.posts.last_seen_at(*post.key),
        deletions=[d for d in await tx.posts.deletions(channel.id) if d.post_id == post.id],
        samples=await tx.counters.of(channel.id, post.id),
        reading=await tx.readings.of_post(*post.key, version) if version is not None else None,
        claims=await tx.claims.of_post(*post.key, version) if version is not None else (),
        relays=relays,
        copies=copies,
        removed_why=await tx.removals.why(*post.key) if post.removed_at is not None else "",
    )


async def _relays(tx: Transaction, post: Post) -> tuple[Copies | None, Sequence[Relay]]:
    held = (await tx.index.held([post.key]))[post.key]
    kin = await family_of(tx, [held.doc])
    former = (await tx.index.former_numbers()).get(post.channel_id, ())
    sources = Sign(tuple(source_sign(n) for n in (post.channel_id, *former)))
    later = Narrowing(match=Both((sources,)), first=held.doc + 1)
    forwarded: set[int] = set()
    async for docs in tx.search.docs(later, 500):
        for doc, each in (await tx.search.load(docs)).items():
            source = each.post.forward
            if (
                source is not None
                and source.post_id == post.id
                and source.channel_id in (post.channel_id, *former)
            ):
                forwarded.add(doc)
        if len(forwarded) >= _RELAYS:
            break
    others = {doc for doc in kin.members(held.doc) if doc != held.doc} | forwarded
    known = await tx.search.held(sorted(others)[:_RELAYS])
    relays = [
        Relay(key=each.key, posted_at=each.posted_at, forwarded=doc in forwarded)
        for doc, each in sorted(known.items())
    ]
    return kin.of(held.doc), relays


def _versions(post: Post, revisions: Sequence[Revision], current: int) -> list[VersionOf]:
    out: list[VersionOf] = []
    before: str | None = None
    versions: list[Post | Revision] = [post, *revisions]
    for number, each in enumerate(versions):
        out.append(
            VersionOf(
                number=number,
                seen_at=each.seen_at,
                edited_at=each.edited_at,
                text=each.text,
                stands=number == current,
                media=each.media.kind if each.media is not None else None,
                pieces=[Piece(Change.SAME, each.text)] if before is None else difference(before, each.text),
            )
        )
        before = each.text
    return out


def difference(before: str, after: str) -> list[Piece]:
    """Word by word, what was taken out and what was put in."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    out: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            out.append(Piece(Change.SAME, "".join(old[a:b])))
            continue
        if b > a:
            out.append(Piece(Change.REMOVED, "".join(old[a:b])))
        if d > c:
            out.append(Piece(Change.ADDED, "".join(new[c:d])))
    return out
