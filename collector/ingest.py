"""Stores what is pushed, or told by the way: once, in order, in batches, together with how far the channel
has thereby been read.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from collector.archive import Archive
from collector.doubts import keep_in_doubt, no_longer_in_doubt
from collector.foretold import Foretold
from collector.watch import followed
from collector.watched import Roster
from domain.post import How, Post, PostKey
from domain.watch import GapCause
from storage.store import Transaction

log = structlog.get_logger(__name__)

#: Pushed posts kept while the archive takes none; beyond, the history has them.
KEPT = 20_000
_BATCH = 500


@dataclass(frozen=True, slots=True)
class SaidDeleted:
    """Telegram has told at `at` that these posts are gone, and is yet to be asked."""

    channel_id: int
    ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """These posts were asked for at `at`; those of `missing` are not there."""

    channel_id: int
    ids: tuple[int, ...]
    missing: frozenset[int]
    at: datetime


Arrival = Post | SaidDeleted | Asked


class Ingest:
    """The queue between Telegram and the archive. It outlives connections."""

    def __init__(self, archive: Archive, account: str, roster: Roster) -> None:
        self._archive = archive
        self._account = account
        self._roster = roster
        self._queue: deque[Arrival] = deque()
        self._filled = asyncio.Event()
        self.pushed = 0  #: posts that came by push
        self.foretold = Foretold()
        self._taken = 0
        self._stored = 0
        self._moved = asyncio.Event()

    def take(self, arrival: Arrival) -> None:
        """Keep it until it is stored. When there is no more room, its channel's history is read
        afterwards.
        """
        if len(self._queue) >= KEPT:
            watched = self._roster.get(arrival.channel_id)
            if watched is not None and not watched.torn:
                log.warning(
                    "too many posts wait for the archive; the rest comes from history", channel=watched.name
                )
                watched.break_off(GapCause.DISK)
                self._roster.tear(watched)
            return
        if isinstance(arrival, Post) and arrival.how is How.LIVE:
            self.pushed += 1
        self._queue.append(arrival)
        self._taken += 1
        self._filled.set()

    async def run(self) -> None:
        """Store what comes, for ever."""
        while True:
            await self._filled.wait()
            batch = self._batch()
            torn, told, added = await self._archive.write(lambda tx, batch=batch: self._store(tx, batch))  # type: ignore[misc]
            self.foretold.stored(told, added)
            # Only now: a batch that is not stored stays where it is.
            for _ in batch:
                self._queue.popleft()
            self._stored += len(batch)
            self._moved.set()
            self._moved = asyncio.Event()
            for channel_id in torn:
                if (watched := self._roster.get(channel_id)) is not None and watched.is_open:
                    self._roster.tear(watched)
            if not self._queue:
                self._filled.clear()

    async def caught_up(self) -> None:
        """Wait until what has come so far is stored: what is read by asking must not overtake it, for it was
        seen earlier."""
        wanted = self._taken
        while self._stored < wanted:
            await self._moved.wait()

    async def store_left(self, tx: Transaction) -> None:
        """Once nobody stores any more what comes: what has come until then, as far as one batch goes."""
        await self._store(tx, self._batch())

    def _batch(self) -> list[Arrival]:
        return [self._queue[n] for n in range(min(_BATCH, len(self._queue)))]

    async def _store(
        self, tx: Transaction, batch: Iterable[Arrival]
    ) -> tuple[set[int], list[Post], list[PostKey]]:
        """Returns the channels in which something is missing before what came, what was foretold of these
        posts, and which were not known before.
        """
        torn: set[int] = set()
        told: list[Post] = []
        added: list[PostKey] = []
        posts: list[Post] = []
        for arrival in batch:
            # An edit or a deletion comes after what it is of.
            before = self.foretold.of(
                arrival.channel_id, (arrival.id,) if isinstance(arrival, Post) else arrival.ids
            )
            told += before
            posts += before
            if isinstance(arrival, Post):
                posts.append(arrival)
                continue
            torn |= await self._put(tx, posts, added)
            posts = []
            channel_id, ids, at = arrival.channel_id, arrival.ids, arrival.at
            if isinstance(arrival, SaidDeleted):
                await keep_in_doubt(tx, channel_id, ids, at)
                continue
            await no_longer_in_doubt(tx, channel_id, ids, at)
            if await tx.posts.missed(channel_id, sorted(arrival.missing), at):
                tx.notify("posts")
        return torn | await self._put(tx, posts, added), told, added

    async def _put(self, tx: Transaction, posts: list[Post], added: list[PostKey]) -> set[int]:
        """Store posts, and move each cursor over those that follow on it without a hole in the numbers."""
        if not posts:
            return set()
        stored = await tx.posts.put(posts)
        added += stored.added
        if stored.added or stored.revised:
            tx.notify("posts")
        ids: defaultdict[int, dict[int, Post]] = defaultdict(dict)
        for post in posts:
            ids[post.channel_id][post.id] = post
        torn, steps = set(), []
        # A channel without a cursor has not been read yet: the first look will come upon these posts.
        for channel_id, cursor in (await tx.posts.cursors(ids)).items():
            came = ids[channel_id]
            newest, is_torn = follow(cursor.newest_id, came)
            if is_torn:
                torn.add(channel_id)
            if newest != cursor.newest_id:
                at = min(came[newest].posted_at, came[newest].seen_at)
                steps.append((self._roster.get(channel_id), replace(cursor, newest_id=newest), at))
        await followed(tx, self._account, steps)
        return torn


def follow(newest: int, ids: Iterable[int]) -> tuple[int, bool]:
    """How far the numbers follow on `newest` without a hole, and whether there is something beyond a hole."""
    ahead = sorted({i for i in ids if i > newest})
    for number in ahead:
        if number != newest + 1:
            return newest, True
        newest = number
    return newest, False
