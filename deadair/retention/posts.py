"""What posts say, removed once its time is over: a few at a time, and never what something cites."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from archive.tokens import Document, fingerprint
from claims.batch import Place as ReaderPlace
from domain.instant import write_span
from domain.post import Post, PostKey
from storage.exported import Held
from storage.indexing import Held as Indexed
from storage.removing import Aged, Place
from storage.store import Store, Transaction

#: So many posts are read at once, and removed in one transaction: others who write wait for it as long as for
#: a batch of new posts.
_PAGE, _BATCH = 2000, 200
#: So often a page is read anew because something was stored in its channel meanwhile; then it waits for the
#: next run.
_TRIES = 20


class Stays(StrEnum):
    """Why what a post says stays, old as it is."""

    CITED = "cited"  #: an alert, an opinion, a claim or an export is about it
    WAITING = "waiting"  #: it is not read or not indexed yet
    UNSEALED = "unsealed"  #: the chain does not hold it fast: removing it could not be proven
    BROKEN = "broken"  #: it is not what was stored: removing it would remove the trace of that


@dataclass(slots=True)
class Tally:
    """What is due, or was removed, and what stays."""

    posts: int = 0
    size: int = 0  #: bytes
    stay: Counter[Stays] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How long posts of a channel stay, and how long exports hold theirs."""

    channel_id: int
    keeps: timedelta
    exports: timedelta

    @property
    def why(self) -> str:
        return f"kept for {write_span(self.keeps)}"


class _Citations:
    """What cites posts of a channel. What exports hold is read again only when there is another."""

    def __init__(self, rule: Rule, now: datetime) -> None:
        self._channel_id = rule.channel_id
        self._since = now - rule.exports if rule.exports else None
        self._now = now
        self._last = -1
        self._exported = Held(())

    async def of(self, tx: Transaction, posts: Sequence[Post]) -> set[int]:
        """Of these posts those that are cited. An album is one post: where a part is quoted, all of it is."""
        cited = await tx.retention.cited(self._channel_id)
        if self._last != (last := await tx.exported.last()):
            self._exported = await tx.exported.held(self._channel_id, self._since, self._now)
            self._last = last
        albums = {post.album_id for post in posts if post.album_id is not None}
        parts = await tx.retention.parts(self._channel_id, albums)
        numbers = {post.id for post in posts}.union(*parts.values())
        quoted = await tx.retention.claimed(self._channel_id, numbers)
        quoted |= {number for number in numbers if number in self._exported}
        return {
            post.id
            for post in posts
            if not quoted.isdisjoint({post.id} if post.album_id is None else parts[post.album_id])
            or cited.holds(post.channel_id, post.id, post.posted_at)
        }


async def due_posts(store: Store, rule: Rule, now: datetime) -> Tally:
    """What would be removed; removes nothing."""
    citations = _Citations(rule, now)
    tally, after, more = Tally(), None, True
    while more:
        async with store.read() as tx:
            page = await tx.removals.page(rule.channel_id, now - rule.keeps, after, _PAGE)
            stay = await _staying(tx, citations, page.posts)
        _count(tally, page.posts, stay)
        after, more = page.place, page.place is not None
    return tally


async def remove_posts(store: Store, rule: Rule, now: datetime) -> Tally:
    """Remove it, in batches, each a transaction of its own.

    Raises StoreError. Killed at any moment it has removed less, and goes on with the next run.
    """
    citations = _Citations(rule, now)
    tally, after, more = Tally(), None, True
    while more:
        after = await _remove_page(store, rule, citations, after, now, tally)
        more = after is not None
    more = tally.posts > 0
    while more:  # an index that was told to forget words gives up their room when it is tidied
        async with store.begin() as tx:
            more = await tx.index.settle()
        await asyncio.sleep(0)
    return tally


async def _remove_page(
    store: Store, rule: Rule, citations: _Citations, after: Place | None, now: datetime, tally: Tally
) -> Place | None:
    """Returns where the next page begins; None: this was the last."""
    for _ in range(_TRIES):
        async with store.read() as tx:
            page = await tx.removals.page(rule.channel_id, now - rule.keeps, after, _PAGE)
            stay = await _staying(tx, citations, page.posts)
            held = await tx.index.held(each.post.key for each in page.posts if each.post.id not in stay)
        going = [each for each in page.posts if each.post.id not in stay]
        end, is_done = page.head, True
        for start in range(0, len(going), _BATCH):
            batch = going[start : start + _BATCH]
            words = await asyncio.to_thread(_words, batch, held, now)
            after_it = await _remove_batch(store, rule, citations, end, batch, words, now)
            if after_it is None:
                is_done = False
                break
            end = after_it
            _count(tally, batch, {})
            await asyncio.sleep(0)
        if is_done:
            break
    tally.stay.update(stay.values())
    return page.place


async def _remove_batch(
    store: Store,
    rule: Rule,
    citations: _Citations,
    end: int,
    batch: Sequence[Aged],
    words: Sequence[tuple[int, Sequence[str], Sequence[str]]],
    now: datetime,
) -> int | None:
    """Returns where the chain ends then; None: something is otherwise than it was read, and nothing was
    removed.
    """
    async with store.begin() as tx:
        # Somebody may have been told of one, or exported it, since.
        if await _staying(tx, citations, batch):
            return None
        after = await tx.removals.remove(rule.channel_id, end, batch, now, rule.why)
        if after is not None:
            await tx.index.change(words)
        return after


def _count(tally: Tally, posts: Sequence[Aged], stay: Mapping[int, Stays]) -> None:
    going = [each for each in posts if each.post.id not in stay]
    tally.posts += len(going)
    tally.size += sum(each.size for each in going)
    tally.stay.update(stay.values())


async def _staying(tx: Transaction, citations: _Citations, posts: Sequence[Aged]) -> dict[int, Stays]:
    """Of these posts those that must stay, by their numbers."""
    if not posts:
        return {}
    cited = await citations.of(tx, [each.post for each in posts])
    live, index = await tx.readings.live_version(), await tx.index.progress()
    read = ReaderPlace() if live is None else await ReaderPlace.of(tx, live)
    if index.fingerprint != fingerprint():  # it is about to be made anew
        index = replace(index, post=0, revision=0)
    out: dict[int, Stays] = {}
    for each in posts:
        post = each.post
        if post.id in cited:
            out[post.id] = Stays.CITED
        elif each.seq > min(read.seq, index.post) or each.last_revision > min(read.revision, index.revision):
            out[post.id] = Stays.WAITING
        elif not each.is_sealed:
            out[post.id] = Stays.UNSEALED
        elif not each.is_proven:
            out[post.id] = Stays.BROKEN
    return out


def _words(
    posts: Sequence[Aged], held: Mapping[PostKey, Indexed], at: datetime
) -> list[tuple[int, Sequence[str], Sequence[str]]]:
    """What the index has of these posts, and what it shall have."""
    out: list[tuple[int, Sequence[str], Sequence[str]]] = []
    for each in posts:
        known = held.get(each.post.key)
        if known is None:
            continue  # a service message
        former = Document(each.post, each.revisions, named=known.named)
        nothing = [replace(v, text="", entities=(), media=None) for v in each.revisions]
        now = Document(emptied(each.post, at), nothing, named=known.named)
        out.append((known.doc, former.tokens, now.tokens))
    return out


def emptied(post: Post, at: datetime) -> Post:
    """What remains of it, as far as the index knows posts."""
    return Post(
        channel_id=post.channel_id,
        id=post.id,
        posted_at=post.posted_at,
        seen_at=post.seen_at,
        how=post.how,
        kind=post.kind,
        edited_at=post.edited_at,
        album_id=post.album_id,
        reply_to=post.reply_to,
        removed_at=at,
    )
