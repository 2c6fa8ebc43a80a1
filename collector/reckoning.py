"""Counts what push did not bring, channel by channel; says which are therefore polled faster."""

import asyncio

import structlog

from collector.archive import Archive
from collector.config import CollectorConfig
from collector.pushes import Unheard
from collector.watch import not_pushed
from collector.watched import Roster, Watched
from domain.clock import Clock
from domain.instant import write_span
from storage.store import Transaction

log = structlog.get_logger(__name__)

#: Marks of channels that push has failed, for `deadair status`: how many posts, and how often it is polled.
PUSH = "collector.push."


class Reckoning:
    """Of one account; it outlives connections. `missed`: posts that were never pushed."""

    def __init__(
        self, archive: Archive, account: str, roster: Roster, clock: Clock, config: CollectorConfig
    ) -> None:
        self._archive = archive
        self._account = account
        self._roster = roster
        self._clock = clock
        self._config = config
        self.missed = 0

    async def reckon(self) -> None:
        """What was found by asking, and has not been pushed for half the time an answer may take, was missed:
        on record as a gap in which edits and deletions may be lost."""
        before = asyncio.get_running_loop().time() - self._config.answer_within / 2
        for watched in self._roster:
            was_reliable = not watched.pushes.fail
            missed = watched.pushes.due(before)
            if missed or watched.pushes.fail is not watched.pushes.was_told:
                await self._write(watched, missed, was_reliable)

    async def _write(self, watched: Watched, missed: list[Unheard], was_reliable: bool) -> None:
        now, fails = self._clock.now(), watched.pushes.fail
        every = self._config.hurry_every if fails else self._config.reconcile_every
        posts = sum(len(each.ids) for each in missed)

        async def deed(tx: Transaction) -> None:
            mark = await tx.marks.get(f"{PUSH}{watched.id}")
            value = {
                "channel": watched.name,
                "missed_by_push": mark.get("missed_by_push", 0) + posts,
                "last_missed_at": now.isoformat() if posts else mark.get("last_missed_at", ""),
                "polled_every": write_span(every),
            }
            await tx.marks.set(f"{PUSH}{watched.id}", value, now)
            # Of a channel that counts as polled anyway, nothing more than that was claimed.
            for each in missed if was_reliable else ():
                await not_pushed(tx, self._account, watched, each.since, each.until, len(each.ids), each.why)

        await self._archive.write(deed)
        self.missed += posts
        if was_reliable or not fails:
            # What was not pushed of edits and deletions can still be found, now.
            self._roster.doubt(watched, now)
        if fails is not watched.pushes.was_told:
            watched.pushes.was_told = fails
            log.warning(
                "posts are not pushed; the channel is polled faster" if fails else "posts are pushed again",
                channel=watched.name,
            )
