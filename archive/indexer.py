"""The indexer: makes posts and their edits searchable, in the order in which they were stored.

Its place is kept with what it has indexed, in one transaction: killed at any moment, it goes on where it was.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from archive.config import ArchiveConfig
from archive.tokens import Document, fingerprint
from domain.clock import Clock
from domain.post import Post, PostKey, PostKind, Revision
from domain.use import Use
from storage.doc_number import doc_number
from storage.indexing import Held, Indexed, Progress
from storage.outage import PASSING, Outage
from storage.revisions import Revised
from storage.room import spare
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: Seconds in which posts that come one by one are gathered: each transaction has its price.
_GATHER = 0.3
#: So often at most, before it is seen to what else is to be done: a steady stream has no end.
_ROUNDS = 100
#: After so many posts at once the index is tidied up, which makes searches quick again.
_TIDY_AFTER = 20_000
#: While there is much to do, how far it has come is logged after so many posts.
_TELL_EVERY = 50_000

#: Told how many posts and edits were indexed since the start, and how many there were to index.
Heard = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    before: Progress
    after: Progress
    posts: Sequence[tuple[int, Post]] = ()
    revised: Sequence[Revised] = ()
    held: dict[PostKey, Held] = field(default_factory=dict)
    versions: dict[PostKey, Sequence[Revision]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.posts) + len(self.revised)


class Indexer:
    """Several may run at once: whoever comes second finds the work done."""

    def __init__(self, store: Store, clock: Clock, config: ArchiveConfig | None = None) -> None:
        self._store = store
        self._clock = clock
        self._config = config or ArchiveConfig()
        self._fingerprint = fingerprint()

    async def run(self) -> None:
        """Index until cancelled: woken by the notice of new posts, else by the poll; an archive
        that is away is waited for.
        """
        outage = Outage("search")
        with self._store.listen("posts") as notice:
            while True:
                pause = timedelta(seconds=self._config.poll)
                try:
                    await self.catch_up(gather=_GATHER)
                    outage.over()
                except PASSING as error:
                    pause = outage.goes_on(error)
                await notice.polled(self._clock, pause)
                await asyncio.sleep(_GATHER)

    async def catch_up(self, heard: Heard | None = None, *, gather: float = 0.0) -> int:
        """Index all that is not indexed now. Returns how many posts and edits that were.

        `gather`: seconds until what has come meanwhile is indexed, unless it is a whole batch. While it goes
        on coming, this returns now and then all the same.
        """
        total = left = told = rounds = 0
        if heard is not None and (left := await self.left()):
            heard(0, left)
        while n := await self.step():
            total += n
            left = max(0, left - n)
            if heard is not None:
                heard(total, total + left)
            if total - told >= _TELL_EVERY:
                told = total
                left = await self.left()
                log.info("search: indexing", indexed=total, left=left)
            is_whole = n >= self._config.batch
            await asyncio.sleep(0 if is_whole else gather)
            rounds += bool(gather) and not is_whole
            if rounds == _ROUNDS:
                break
        if total >= _TIDY_AFTER:
            await self.tidy()
        return total

    async def left(self) -> int:
        """How many posts and edits are not searchable yet."""
        async with self._store.read() as tx:
            return await unsearchable(tx)

    async def tidy(self) -> None:
        """Bring together what was indexed in pieces, a little at a time, in nobody's way."""
        more = True
        while more:
            async with self._store.begin() as tx:
                more = await tx.index.settle()
            await asyncio.sleep(0)

    async def step(self) -> int:
        """Index the next posts or edits, at most one batch, in one transaction. Returns how many."""
        spare(self._store, Use.INDEX)
        while True:
            async with self._store.read() as tx:
                batch = await self._next(tx)
            if not len(batch):
                return 0
            added, changed = await asyncio.to_thread(_documents, batch)
            async with self._store.begin() as tx:
                if await tx.index.progress() != batch.before:
                    continue  # another indexer was faster
                if batch.before.fingerprint != self._fingerprint:
                    await tx.index.clear()
                await tx.index.add(added)
                await tx.index.change(changed)
                await tx.index.keep(batch.after)
            return len(batch)

    async def _next(self, tx: Transaction) -> _Batch:
        """Edits come when no post is left, so that the post of each is indexed."""
        before = await tx.index.progress()
        place = before
        if before.fingerprint != self._fingerprint:
            place = Progress(fingerprint=self._fingerprint)
        posts = await tx.posts.after(place.post, self._config.batch)
        if posts:
            return _Batch(before=before, after=replace(place, post=posts[-1][0]), posts=posts)
        revised = await tx.posts.revisions_after(place.revision, self._config.batch)
        if not revised:
            return _Batch(before=before, after=place)
        keys = {each.post.key for each in revised}
        return _Batch(
            before=before,
            after=replace(place, revision=revised[-1].seq),
            revised=revised,
            held=await tx.index.held(keys),
            versions={key: await tx.posts.revisions(*key) for key in keys},
        )


async def unsearchable(tx: Transaction) -> int:
    """How many posts and edits of the archive the index does not have yet."""
    at = await _place(tx)
    return await tx.posts.count_versions_after(at.post, at.revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """How far the index is behind the archive."""

    n: int  #: posts and edits that cannot be found yet
    since: datetime | None  #: when the first of them came in; None: there is none


async def behind(tx: Transaction) -> Behind:
    """How far the index is behind, whichever process keeps it."""
    at = await _place(tx)
    came = [post.seen_at for _, post in await tx.posts.after(at.post, 1)]
    came += [each.revision.seen_at for each in await tx.posts.revisions_after(at.revision, 1)]
    return Behind(n=await tx.posts.count_versions_after(at.post, at.revision), since=min(came, default=None))


async def _place(tx: Transaction) -> Progress:
    """Up to where it is of today's making."""
    at = await tx.index.progress()
    return at if at.fingerprint == fingerprint() else Progress()


def _documents(batch: _Batch) -> tuple[list[Indexed], list[tuple[int, Sequence[str], Sequence[str]]]]:
    """What a batch adds to the index, and what it changes there."""
    added = [_indexed(seq, post) for seq, post in batch.posts if post.kind is PostKind.POST]
    numbers: dict[PostKey, list[int]] = defaultdict(list)
    posts: dict[PostKey, Post] = {}
    for each in batch.revised:
        numbers[each.post.key].append(each.revision.number)
        posts[each.post.key] = each.post
    changed: list[tuple[int, Sequence[str], Sequence[str]]] = []
    for key, new in numbers.items():
        held = batch.held.get(key)
        if held is None:
            continue  # a service message
        versions = batch.versions[key]
        former = _document(posts[key], [v for v in versions if v.number < min(new)], named=held.named)
        now = _document(posts[key], [v for v in versions if v.number <= max(new)], named=held.named)
        changed.append((held.doc, former.tokens, now.tokens))
    return added, changed


def _indexed(seq: int, post: Post) -> Indexed:
    document = _document(post, named=post.channel_id)
    return Indexed(
        doc=doc_number(post.posted_at, seq),
        key=post.key,
        band_a=document.band_a,
        band_b=document.band_b,
        tokens=document.tokens,
    )


def _document(post: Post, revisions: Sequence[Revision] = (), *, named: int) -> Document:
    """One that is stumbled over is found by its channel and time, and keeps no other from being found."""
    try:
        return Document(post, revisions, named=named)
    except Exception as error:
        key = post.key
        log.error(
            "search: a post could not be indexed by its words",
            channel=key.channel_id,
            post=key.post_id,
            error=repr(error),
        )
        return Document(replace(post, text="", media=None, forward=None), named=named)
