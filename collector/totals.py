"""How many posts Telegram says a channel has, held against what we know: so many vanished unseen."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import structlog
from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812

from collector.archive import Archive
from collector.client import Line
from collector.errors import Gone
from collector.history import PAGE, by_number
from collector.watched import Watched
from domain.channel import ChannelStatus
from domain.clock import Clock
from storage.store import Transaction

log = structlog.get_logger(__name__)

Notice = Callable[[Line, Watched, Any], Awaitable[None]]
#: Marks that say how many posts there were when it was last asked.
TOTAL = "total."
#: So many must be missing before every post that we hold is asked for.
_MISSING = 10


class Totals:
    """One request a day and channel finds what no push and no look at the newest posts can: old posts taken
    away while nobody saw.
    """

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self._archive = archive
        self._clock = clock

    async def check(self, line: Line, watched: Watched, notice: Notice) -> None:
        """`notice`: takes up what the answer says of the channel itself, which may be why it shows nothing.
        Raises Gone when its history shows nothing of what we hold, and other Trouble.
        """
        now = self._clock.now()
        answer = await line.ask(newest_post(watched.peer), background=True)
        await notice(line, watched, answer.chats)
        count, newest = getattr(answer, "count", None), max((m.id for m in answer.messages), default=0)
        if count is None:
            return

        async def known(tx: Transaction) -> tuple[dict[str, Any], int, int]:
            mark = await tx.marks.get(f"{TOTAL}{watched.id}")
            held = 0 if answer.messages else len(await tx.posts.standing_ids(watched.id))
            if not mark:
                return mark, held, 0
            came = len(await tx.posts.ids(watched.id, mark["newest"] + 1, newest))
            since = datetime.fromisoformat(mark["at"])
            went = [d for d in await tx.posts.deleted_since(since) if d.channel_id == watched.id]
            return mark, held, mark["count"] + came - len(went)

        mark, held, expected = await self._archive.read(known)
        if not count and not answer.messages and held:
            raise Gone(
                ChannelStatus.HIDDEN,
                f"its history shows no post, and we hold {held} that were not seen to go: it was hidden, or "
                "all of it was deleted",
            )
        if mark and expected - count >= _MISSING:
            log.warning("posts have vanished unseen", channel=watched.name, posts=expected - count)
            await self._sift(line, watched)
        said = {"count": count, "newest": newest, "at": now.isoformat()}
        await self._archive.write(lambda tx: tx.marks.set(f"{TOTAL}{watched.id}", said, now))

    async def _sift(self, line: Line, watched: Watched) -> None:
        """Ask for every post that we hold: which are gone?"""
        ids = await self._archive.read(lambda tx: tx.posts.standing_ids(watched.id))
        for start in range(0, len(ids), PAGE):
            at = self._clock.now()
            _, empty = await by_number(line, watched, list(ids[start : start + PAGE]), background=True)

            async def keep(tx: Transaction, empty: list[int] = empty, at: datetime = at) -> None:
                if await tx.posts.missed(watched.id, empty, at):
                    tx.notify("posts")

            await self._archive.write(keep)


def newest_post(peer: Any) -> Any:
    """The request that brings the newest post of a channel, with the number of all."""
    assert isinstance(peer, T.InputPeerChannel)  # noqa: S101 - nothing else is watched
    return F.messages.GetHistoryRequest(
        peer=peer, offset_id=0, offset_date=None, add_offset=0, limit=1, max_id=0, min_id=0, hash=0
    )
