"""Looks into the numbers under which nothing is held: is a post missing, or was there none to be seen?"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog

from collector.archive import Archive
from collector.channels import Channels
from collector.client import Line
from collector.config import CollectorConfig
from collector.corrected import CorrectedClock
from collector.errors import Failed, Gone, Unanswered, Wait
from collector.history import PAGE, by_number
from collector.tasks import patiently, pause
from collector.translate import posts_of
from collector.watched import Roster, Watched
from domain.post import How, Post
from domain.watch import Gap, GapCause, Missing, Seen
from storage.store import Transaction

log = structlog.get_logger(__name__)

#: Marks that say of each channel what became of its numbers, for `deadair status --json`.
HOLES = "holes."
#: So many numbers are looked at before the next channel has its turn.
_STRETCH = 2_000
#: So many stretches of numbers that were never seen are kept at hand.
_KEPT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one channel's numbers have been looked into."""

    low: int
    high: int
    found: int = 0  #: posts that were there after all
    never_seen: tuple[tuple[int, int], ...] = ()  #: the last stretches of numbers without a post

    @classmethod
    def of(cls, mark: dict[str, Any]) -> "Progress | None":
        if not mark:
            return None
        return cls(
            low=mark["from"],
            high=mark["through"],
            found=mark["found"],
            never_seen=tuple((a, b) for a, b in mark["never_seen_numbers"]),
        )


class Holes:
    """The nightly round of one connection."""

    def __init__(
        self,
        line: Line,
        account: str,
        roster: Roster,
        archive: Archive,
        channels: Channels,
        clock: CorrectedClock,
        config: CollectorConfig,
    ) -> None:
        self._line = line
        self._account = account
        self._roster = roster
        self._archive = archive
        self._channels = channels
        self._clock = clock
        self._config = config

    async def run(self) -> None:
        """Every channel as often as recent posts are read again, once its history has been read."""
        while True:
            for watched in self._roster.open:
                if self._is_due(watched, self._clock.now()):
                    await self._turn(watched)
            await pause(self._clock, min(self._config.recheck_every / 100, self._config.reconcile_every))

    def _is_due(self, watched: Watched, now: datetime) -> bool:
        last = watched.sifted_at
        return watched.proof is not None and (last is None or now - last >= self._config.recheck_every)

    async def _turn(self, watched: Watched) -> None:
        try:
            if await self.look(watched):
                watched.sifted_at = self._clock.now()
        except Wait as wait:
            await patiently(self._clock, wait)
        except (Failed, Unanswered) as error:
            log.warning("numbers could not be looked into", channel=watched.name, error=str(error))
        except Gone as gone:
            await self._channels.gone(self._line, watched, gone)

    async def look(self, watched: Watched) -> bool:
        """One stretch of numbers further. True when there is no more to look into. Raises Trouble."""

        async def standing(tx: Transaction) -> tuple[Progress | None, int, int] | None:
            cursor = await tx.posts.cursor(watched.id)
            if cursor is None or not cursor.complete:
                return None  # its history is still being read
            newest = await tx.posts.get(watched.id, cursor.newest_id)
            if newest is not None and newest.posted_at > cursor.checked_at:
                return None  # nothing is known yet of whether that time was watched
            progress = Progress.of(await tx.marks.get(f"{HOLES}{watched.id}"))
            return progress, max(1, cursor.oldest_id or cursor.newest_id + 1), cursor.newest_id

        found = await self._archive.read(standing)
        if found is None:
            return False
        progress, oldest, newest = found
        if progress is None:
            low, high = oldest, min(newest, oldest + _STRETCH - 1)
        elif progress.high < newest:
            low, high = progress.high + 1, min(newest, progress.high + _STRETCH)
        elif oldest < progress.low:
            low, high = max(oldest, progress.low - _STRETCH), progress.low - 1
        else:
            return True
        if low > high:
            return True
        await self._look_into(watched, progress, low, high)
        return False

    async def fill(self, watched: Watched, low: int, high: int) -> dict[str, int]:
        """Fetch what is missing of these numbers, and count what each of them is. Raises Trouble."""
        found = 0
        for start in range(low, high + 1, _STRETCH):
            posts, _ = await self._missing(watched, start, min(high, start + _STRETCH - 1))
            found += len(posts)
            if posts:

                async def keep(tx: Transaction, posts: list[Post] = posts) -> None:
                    await tx.posts.put(posts)
                    tx.notify("posts")

                await self._archive.write(keep)
        census = await self._archive.read(lambda tx: tx.posts.census(watched.id, low, high))
        return {**asdict(census), "found": found}

    async def _missing(
        self, watched: Watched, low: int, high: int
    ) -> tuple[list[Post], list[tuple[int, int]]]:
        """The posts under numbers of which nothing is held, and the stretches of numbers without one."""
        held = set(await self._archive.read(lambda tx: tx.posts.ids(watched.id, low, high)))
        missing = [number for number in range(low, high + 1) if number not in held]
        there: list[Any] = []
        for start in range(0, len(missing), PAGE):
            some, _ = await by_number(self._line, watched, missing[start : start + PAGE], background=True)
            there += some
            await pause(self._clock, self._config.history_pause)
        posts = posts_of(there, seen_at=self._clock.now(), how=How.BACKFILLED)
        if posts:
            log.warning("posts were missing that are there", channel=watched.name, posts=len(posts))
        return posts, _stretches(n for n in missing if n not in {post.id for post in posts})

    async def _look_into(self, watched: Watched, progress: Progress | None, low: int, high: int) -> None:
        posts, unseen = await self._missing(watched, low, high)
        kept = progress or Progress(low=low, high=high)
        after = Progress(
            low=min(low, kept.low),
            high=max(high, kept.high),
            found=kept.found + len(posts),
            never_seen=(*kept.never_seen, *unseen)[-_KEPT:],
        )
        now = self._clock.now()

        async def deed(tx: Transaction) -> None:
            await tx.posts.put(posts)
            if posts:
                tx.notify("posts")
            for first, last in unseen:
                await self._confess(tx, watched, first, last)
            await tx.marks.set(f"{HOLES}{watched.id}", await _document(tx, watched, after), now)

        await self._archive.write(deed)

    async def _confess(self, tx: Transaction, watched: Watched, first: int, last: int) -> None:
        """Numbers that came and went between two posts, in a time of which we claim to have seen all: we did
        not, until the second one was seen. Where a gap is on record in which posts may be missing, that is
        why; one of edits is not.
        """
        since, until = await tx.posts.around(watched.id, first, last)
        if since is None or until is None or until < since:
            return
        spans = [s for s in await tx.watch.spans(watched.id) if s.how in (How.LIVE, How.POLLED)]
        if not Seen.merged(spans).all_of(since, until):
            return  # before the first look, or while we could not see
        gaps = [g for g in await tx.watch.gaps(watched.id) if g.missing is Missing.POSTS]
        if any(g.from_at <= until and (g.to_at or until) >= since for g in gaps):
            return
        which = f"post {first}" if first == last else f"posts {first} to {last}"
        gap = Gap(
            channel_id=watched.id,
            account=self._account,
            from_at=since,
            to_at=until,
            cause=GapCause.UNKNOWN,
            missing=Missing.POSTS,
            detail=f"{which} came and went unseen",
        )
        await tx.watch.add_gap(gap)
        tx.notify("watch")


async def _document(tx: Transaction, watched: Watched, progress: Progress) -> dict[str, Any]:
    census = asdict(await tx.posts.census(watched.id, progress.low, progress.high))
    return {
        "channel": watched.name,
        "from": progress.low,
        "through": progress.high,
        "never_seen": census.pop("unknown"),
        **census,
        "found": progress.found,
        "never_seen_numbers": [list(each) for each in progress.never_seen],
    }


def _stretches(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """1, 2, 3, 7 -> (1, 3), (7, 7)"""
    out: list[tuple[int, int]] = []
    for number in numbers:
        if out and out[-1][1] == number - 1:
            out[-1] = (out[-1][0], number)
        else:
            out.append((number, number))
    return out
