"""Asks for posts by their numbers: were these deleted, was one of the recent ones edited while nobody saw?"""

import asyncio
from collections import deque
from datetime import datetime, timedelta

import structlog

from collector.archive import Archive
from collector.channels import Channels
from collector.client import Line
from collector.config import CollectorConfig
from collector.doubts import Doubts, no_longer_in_doubt, said_deleted
from collector.errors import Failed, Gone, Unanswered, Wait
from collector.history import PAGE, by_number
from collector.ingest import Asked, Ingest
from collector.tasks import patiently, pause, woken
from collector.translate import posts_of
from collector.watched import Roster, Watched
from domain.clock import Clock
from domain.post import Post
from storage.store import Transaction

log = structlog.get_logger(__name__)


#: Seconds until the doubts of the next channel are asked for, where one cannot be asked for its own.
_NEXT = 1.0
#: Marks that say when the recent posts of a channel were last read again.
RECHECKED = "rechecked."


class Recheck:
    """The two loops that ask by number, on one connection."""

    def __init__(
        self,
        line: Line,
        roster: Roster,
        archive: Archive,
        ingest: Ingest,
        channels: Channels,
        clock: Clock,
        config: CollectorConfig,
    ) -> None:
        self._line = line
        self._roster = roster
        self._archive = archive
        self._ingest = ingest
        self._channels = channels
        self._clock = clock
        self._config = config

    async def confirm(self, doubts: Doubts) -> None:
        """Deletions are pushed, and not quite reliably: ask whether the posts are really not there."""
        while True:
            channel_id, ids = await doubts.next()
            watched = self._roster.get(channel_id)
            if watched is not None and watched.is_open:
                try:
                    at = self._clock.now()
                    there, empty = await by_number(self._line, watched, ids)
                except Wait as wait:
                    doubts.put_off(channel_id)
                    await pause(self._clock, timedelta(seconds=min(wait.seconds, _NEXT)))
                    continue
                except (Failed, Unanswered) as error:
                    log.warning("deletions unconfirmed for now", channel=watched.name, error=str(error))
                    doubts.put_off(channel_id)
                    await asyncio.sleep(_NEXT)
                    continue
                except Gone as gone:
                    await self._channels.gone(self._line, watched, gone)
                    continue
                # By way of the queue: the post itself may still be in it.
                self._ingest.take(Asked(channel_id, tuple(ids), frozenset(empty), at))
                if there:
                    log.info("said to be deleted, but still there", channel=watched.name, posts=len(there))
            doubts.settle(channel_id, ids)

    async def run(self) -> None:
        """Read the newest posts of every channel again: once on every connection, then now and then."""
        for watched in self._roster:
            watched.rechecked_at = None
        queue: deque[Watched] = deque()
        while True:
            now = self._clock.now()
            if not queue:
                due = [w for w in self._roster.open if self._is_due(w, now)]
                # Whoever has waited longest comes first, whatever ends this connection: else the last ones of
                # a line that breaks again and again would never have their turn.
                turns = await self._archive.read(self._turns) if due else {}
                queue.extend(sorted(due, key=lambda w: turns.get(w.id, "")))
            if not queue:
                await woken(self._clock, self._roster.doubted, self._config.recheck_every / 20)
                continue
            watched = queue.popleft()
            try:
                await self.read_again(watched)
            except Wait as wait:
                await patiently(self._clock, wait)
            except (Failed, Unanswered) as error:
                log.warning("recent posts could not be read again", channel=watched.name, error=str(error))
                await pause(self._clock, self._config.reconcile_every)
            except Gone as gone:
                await self._channels.gone(self._line, watched, gone)

    async def _turns(self, tx: Transaction) -> dict[int, str]:
        """When the recent posts of each channel were last read again."""
        return {int(name.removeprefix(RECHECKED)): v["at"] for name, v, _ in await tx.marks.all(RECHECKED)}

    def _is_due(self, watched: Watched, now: datetime) -> bool:
        last, doubted = watched.rechecked_at, watched.doubted_at
        return watched.proof is not None and (
            last is None
            or now - last >= self._config.recheck_every
            or (doubted is not None and last <= doubted)
        )

    async def read_again(self, watched: Watched) -> None:
        """The newest posts we hold: which have changed, which are gone? Those as well that were the newest
        when we were blind last, if they have not been read again since, and those that were said to have
        been deleted before anybody could ask.
        """
        most = self._config.recheck_posts

        async def held(tx: Transaction) -> list[int]:
            cursor = await tx.posts.cursor(watched.id)
            newest = last = cursor.newest_id if cursor else 0
            mark = await tx.marks.get(f"{RECHECKED}{watched.id}")
            since = datetime.fromisoformat(mark["at"]) if mark else started - self._config.since
            if gaps := await tx.watch.gaps(watched.id, since):
                # Posts are dated in whole seconds.
                blind = min(g.from_at for g in gaps) - timedelta(seconds=1)
                last = await tx.posts.last_before(watched.id, blind)
            recent = await tx.posts.ids(watched.id, last - most + 1, newest) if most else ()
            return sorted({*recent, *await said_deleted(tx, watched.id)})

        started = self._clock.now()
        ids = await self._archive.read(held)
        for start in range(0, len(ids), PAGE):
            at = self._clock.now()
            page = ids[start : start + PAGE]
            there, empty = await by_number(self._line, watched, page, background=True)
            posts = posts_of(there, seen_at=self._clock.now(), how=watched.how, known=True)

            async def keep(
                tx: Transaction,
                page: list[int] = page,
                posts: list[Post] = posts,
                empty: list[int] = empty,
                at: datetime = at,
            ) -> tuple[int, int]:
                stored = await tx.posts.put(posts)
                missed = await tx.posts.missed(watched.id, empty, at)
                await no_longer_in_doubt(tx, watched.id, page, at)
                if stored.revised or missed:
                    tx.notify("posts")
                return len(stored.revised), len(missed)

            edited, deleted = await self._archive.write(keep)
            if edited or deleted:
                log.info("found on looking again", channel=watched.name, edited=edited, deleted=deleted)
            await pause(self._clock, self._config.history_pause)
        watched.rechecked_at = started
        if not most:
            return
        done = {"at": started.isoformat()}
        await self._archive.write(lambda tx: tx.marks.set(f"{RECHECKED}{watched.id}", done, started))
