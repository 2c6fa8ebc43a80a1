"""The reader: goes through posts and edits in the order in which they were stored, and stores what they say.

Its place is kept with what it has read, in one transaction: killed at any moment, it goes on where it was.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from claims.batch import Batch, Next, Place, fetch, following, put, read
from claims.change import difference, drop_obsolete, go_live
from claims.config import ClaimsConfig
from claims.helpers import Helpers
from claims.incidents import Incidents
from claims.interpreter import Interpreter, Read, Usage, words_of
from claims.life import living
from claims.stumbles import Stumbles
from claims.version import Reads
from domain.clock import Clock
from domain.use import Use
from storage.outage import PASSING, Outage
from storage.room import spare
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: While much is unread, how far it has come is logged after so many batches.
_TELL_EVERY = 25

#: With so many posts unread after a full batch it pays to have others help, who take a second to come.
_MUCH = 1000

#: Told how many posts and edits were read since the start, and how many there were to read.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Ahead:
    """Posts that are read before it is their turn, by what their channels meant then."""

    next: Next
    usages: Mapping[int, Usage]
    reads: asyncio.Task[list[Read]]


async def _dropped(ahead: _Ahead) -> None:
    ahead.reads.cancel()
    await asyncio.gather(ahead.reads, return_exceptions=True)


async def _are_still_theirs(tx: Transaction, batch: Batch) -> bool:
    """Do the channels stand under whose numbers these posts were fetched? One that was known from files only
    has an invented number until it is found, and then its posts have another.
    """
    invented = {post.channel_id for _, post in batch.posts if post.channel_id < 0}
    invented |= {each.post.channel_id for each in batch.revised if each.post.channel_id < 0}
    return not invented or invented <= (await tx.channels.rows()).keys()


class Reader:
    """Reads every stored post once under one reader version (see `claims.version.settle_version`)."""

    def __init__(
        self, store: Store, reads: Reads, *, version: int, clock: Clock, config: ClaimsConfig | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._config = config or ClaimsConfig()
        self._interpreter = Interpreter(reads)
        self._helpers = Helpers(self._interpreter, self._config.helpers)
        self._channels: Mapping[int, tuple[Any, ...]] = {}  #: as they stood when they were read last
        self._usages: Mapping[int, Usage] = {}
        self._incidents: Incidents | None = None  #: what is known around the place where it last stopped
        self._stopped: Place | None = None
        self._ahead: _Ahead | None = None
        self._stumbles = Stumbles()
        self.version = version

    async def run(self) -> None:
        """Read until cancelled: woken by the notice of new posts, else by the poll; an archive
        that is away is waited for.
        """
        outage, is_live = Outage("reader"), False
        try:
            with self._store.listen("posts") as notice:
                async with living(self._store, self.version):
                    while True:
                        pause = timedelta(seconds=self._config.poll)
                        try:
                            if not is_live:
                                await self.take_over()
                                is_live = True
                            await self.catch_up()
                            outage.over()
                        except PASSING as error:
                            pause = outage.goes_on(error)
                        await notice.polled(self._clock, pause)
        finally:
            await self.close()

    async def close(self) -> None:
        """No more is read."""
        await self._drop_ahead()
        await self._helpers.close()

    async def take_over(self) -> None:
        """See to it that this version is the live one, once it has read all that the live one has.

        What it finds otherwise is logged and kept before it counts. Versions that no longer count are
        dropped.
        """
        live = await self.begin()
        if live != self.version:
            log.info("reader: the archive is read again", reader_version=self.version, live=live)
            await self.catch_up()
            await go_live(self._store, self._clock, await difference(self._store, live, self.version))
        await drop_obsolete(self._store, self._clock)

    async def begin(self) -> int:
        """The version that is live; an archive that nobody has read yet is ours at once."""
        await drop_obsolete(self._store, self._clock, only=self.version)
        async with self._store.begin() as tx:
            live = await tx.readings.live_version()
            if live is None:
                await tx.readings.go_live(self.version, self._clock.now())
                tx.notify("readings")
            return self.version if live is None else live

    async def catch_up(self, progress: Progress | None = None) -> int:
        """Read all that is unread now. Returns how many posts and edits that were."""
        total = left = batches = 0
        while n := await self.read_batch():
            total += n
            left = max(0, left - n)
            tell = batches % _TELL_EVERY == _TELL_EVERY - 1
            is_full = self._is_full(n)
            if tell or (is_full and not self._helpers.there) or (progress is not None and not left):
                left = await self.unread()
            if is_full and left >= _MUCH:
                self._helpers.much()
            if progress is not None:
                progress(total, total + left)
            if tell:
                log.info("reader: catching up", read=total, unread=left, reader_version=self.version)
            batches += 1
            await asyncio.sleep(0)
        if total > self._config.batch:
            log.info("reader: caught up", posts=total, reader_version=self.version)
        return total

    def _is_full(self, n: int) -> bool:
        """Is more to be expected behind a batch of so many? An album at its end may have shortened it."""
        return 2 * n >= self._config.batch

    async def unread(self) -> int:
        """How many posts and edits this version has not read yet."""
        async with self._store.read() as tx:
            place = await Place.of(tx, self.version)
            return await tx.posts.count_versions_after(place.seq, place.revision)

    async def read_batch(self) -> int:
        """Read the next posts or edits, at most one batch, in one transaction. Returns how many."""
        spare(self._store, Use.READINGS)
        while True:
            known = None if self._ahead is None else self._ahead.next
            async with self._store.read() as tx:
                batch = await fetch(tx, self.version, self._config.batch, known)
                await self._look_at_channels(tx)
            if not len(batch):
                return 0
            if await self._read(batch):
                return len(batch)

    async def _read(self, batch: Batch) -> bool:
        """Read a batch and store what it says. False: another reader was faster, or the posts are no longer
        what they were.
        """
        # What is known of acts is kept only from one stored batch to the next one behind it.
        incidents = self._incidents if self._stopped == batch.place else None
        self._incidents = self._stopped = None
        if incidents is None:
            incidents = Incidents(self._interpreter.lexicon.places, self.version)
        reads = await self._texts(batch)
        self._stumbles.over([(post, read) for (_, post), read in zip(batch.posts, reads, strict=True)])
        if self._helpers.there and self._is_full(len(batch.posts)):
            await self._look_ahead(batch)
        found = await asyncio.to_thread(read, batch, reads, self._interpreter, self._usages, self.version)
        for key, why in found.edited.stumbled:
            log.error(
                "reader: an edit could not be read", channel=key.channel_id, post=key.post_id, error=why
            )
        async with self._store.read() as tx:
            claims = await incidents.join(tx, found.edited.made)
        async with self._store.begin() as tx:
            # Another reader may have been here since; what is counted twice is never made good.
            # And what was read may have been removed since: it must not come back as a claim.
            if (await Place.of(tx, self.version), await tx.removals.count()) != (batch.place, batch.removals):
                return False
            if not await _are_still_theirs(tx, batch):
                return False
            await put(tx, batch, found, claims, incidents)
            await batch.after.keep(tx, self.version, self._clock.now())
            tx.notify("readings")
        self._incidents, self._stopped = incidents, batch.after
        return True

    async def _texts(self, batch: Batch) -> list[Read]:
        """What each post of a batch says by itself; it may have been read ahead of time."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            if batch.posts is ahead.next.posts and ahead.usages is self._usages:
                return await ahead.reads
            await _dropped(ahead)
        return await self._helpers.read([words_of(post) for _, post in batch.posts], self._usages)

    async def _look_ahead(self, batch: Batch) -> None:
        """Have the posts that follow on these read while these are stored."""
        async with self._store.read() as tx:
            following_on = await following(tx, batch, self._config.batch)
        if following_on.posts:
            words = [words_of(post) for _, post in following_on.posts]
            reads = asyncio.create_task(self._helpers.read(words, self._usages))
            self._ahead = _Ahead(following_on, self._usages, reads)

    async def _drop_ahead(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            await _dropped(ahead)

    async def _look_at_channels(self, tx: Transaction) -> None:
        channels = await tx.channels.rows()
        if channels != self._channels:
            handles = await tx.channels.all_handles()
            known = [(channel, handles.get(channel.id, ())) for channel in await tx.channels.all()]
            self._usages, self._channels = self._interpreter.usages(known), channels
