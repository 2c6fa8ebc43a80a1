"""A stretch of a channel's past apart from what has been read: newest first, resumed at any page, then proved
by its numbers.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from collector.archive import Archive
from collector.client import Line
from collector.history import before, older
from collector.translate import posts_of
from collector.watch import read_between
from collector.watched import Watched
from domain.clock import Clock
from domain.instant import utc
from domain.post import How
from storage.store import Transaction

#: Marks that say how far such a stretch has been read.
STRETCH = "backfill."


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is asked for of the past of channels."""

    since: datetime
    until: datetime | None = None  #: None: from the newest post on
    limit: int = 0  #: posts of each channel at most; 0: no limit

    def mark_of(self, channel_id: int) -> str:
        """The mark of this stretch of a channel."""
        return f"{STRETCH}{channel_id}.{self.since.isoformat()}.{self.until and self.until.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a stretch has been read."""

    newest_id: int  #: where it began
    oldest_id: int  #: down to here it has been read
    read: int = 0
    is_read: bool = False
    is_proved: bool = False  #: every number of it has been accounted for
    oldest_at: str = ""

    @classmethod
    def of(cls, mark: dict[str, Any]) -> "Reach | None":
        names = cls.__slots__
        return cls(**{name: mark[name] for name in names}) if mark else None


class Stretches:
    """On one connection."""

    def __init__(
        self,
        line: Line,
        account: str,
        archive: Archive,
        clock: Clock,
        history: History,
        fill: Callable[[Watched, int, int], Awaitable[dict[str, int]]],
    ) -> None:
        """`fill` looks into numbers under which nothing is held, and counts what each of a stretch is."""
        self._line = line
        self._account = account
        self._archive = archive
        self._clock = clock
        self._history = history
        self._fill = fill

    async def page(self, watched: Watched) -> bool:
        """One page further back. True when all of it has been read and proved. Raises Trouble."""
        name = self._history.mark_of(watched.id)
        reach = Reach.of(await self._archive.read(lambda tx: tx.marks.get(name)))
        if reach is None:
            assert self._history.until is not None  # noqa: S101 - else it is no stretch apart
            newest = await before(self._line, watched, self._history.until)
            reach = Reach(newest_id=newest, oldest_id=newest + 1, is_read=not newest)
        if not reach.is_read:
            reach = await self._read(watched, reach)
        elif not reach.is_proved:
            await self._prove(watched, reach)
            return True
        return reach.is_proved

    async def _read(self, watched: Watched, reach: Reach) -> Reach:
        page = await older(self._line, watched, reach.oldest_id, background=True)
        since = self._history.since
        wanted = [m for m in page.messages if getattr(m, "date", None) is None or utc(m.date) >= since]
        posts = posts_of(wanted, seen_at=self._clock.now(), how=How.BACKFILLED)
        kept = [m.id for m in wanted]
        read = reach.read + len(kept)
        is_last = not page.ids or len(wanted) < len(page.messages) or min(page.ids) <= 1
        is_enough = 0 < self._history.limit <= read
        after = replace(
            reach,
            oldest_id=min(kept, default=reach.oldest_id) if is_last else min(page.ids),
            read=read,
            is_read=is_last or is_enough,
            oldest_at=min((p.posted_at.isoformat() for p in posts), default=reach.oldest_at),
        )
        await self._keep(watched, after, posts)
        return after

    async def _keep(self, watched: Watched, reach: Reach, posts: list[Any]) -> None:
        async def deed(tx: Transaction) -> None:
            await tx.posts.put(posts)
            await tx.marks.set(self._history.mark_of(watched.id), asdict(reach), self._clock.now())
            if posts:
                tx.notify("posts")

        await self._archive.write(deed)

    async def _prove(self, watched: Watched, reach: Reach) -> None:
        """All its numbers are accounted for: from its beginning to its end, every post there still is."""
        census = {}
        if reach.oldest_id <= reach.newest_id:
            census = await self._fill(watched, reach.oldest_id, reach.newest_id)
        done = {**asdict(replace(reach, is_proved=True)), **census}
        until = self._history.until or self._clock.now()
        is_cut = 0 < self._history.limit <= reach.read
        since = datetime.fromisoformat(reach.oldest_at) if is_cut and reach.oldest_at else self._history.since

        async def deed(tx: Transaction) -> None:
            await read_between(tx, self._account, watched, min(since, until), until)
            await tx.marks.set(self._history.mark_of(watched.id), done, self._clock.now())

        await self._archive.write(deed)
