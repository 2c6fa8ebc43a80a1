"""Hears what Telegram pushes. Nothing is decided here, and nothing awaited: the next update waits behind this
one.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.client import Line
from collector.doubts import Doubts
from collector.ingest import Ingest, SaidDeleted
from collector.translate import channel_of, post_of
from collector.watched import Roster, Watched
from collector.witness import Watcher
from domain.clock import Clock
from domain.post import How

log = structlog.get_logger(__name__)

KINDS = (
    T.UpdateNewChannelMessage,
    T.UpdateEditChannelMessage,
    T.UpdateDeleteChannelMessages,
    T.UpdateChannel,
    T.UpdateChannelTooLong,
)

#: Those that are numbered: one after the other without a hole.
_IN_STEP = (T.UpdateNewChannelMessage, T.UpdateEditChannelMessage, T.UpdateDeleteChannelMessages)


class Listener:
    def __init__(
        self,
        roster: Roster,
        ingest: Ingest,
        doubts: Doubts,
        clock: Clock,
        whose: Callable[[int], Watcher | None],
    ) -> None:
        """`whose`: which other account watches a channel that this one does not, if any."""
        self._roster = roster
        self._ingest = ingest
        self._doubts = doubts
        self._clock = clock
        self._whose = whose

    def attach(self, line: Line) -> None:
        line.listen(self.hear, KINDS)
        line.listen_to_differences(self.take, self.skipped, self.forgotten, self.early)

    async def hear(self, update: Any) -> None:
        """Take over one update that was pushed, and that follows on what was pushed before it."""
        self.take(update)
        if isinstance(update, _IN_STEP):
            number = getattr(update, "channel_id", None) or channel_of(getattr(update, "message", None))
            if (watched := self._roster.get(number)) is not None:
                watched.in_step = self._clock.now()

    def take(self, update: Any) -> None:
        """The same. An error here would lose it for good, so whatever fails is read from history."""
        try:
            self._take(update)
        except Exception as error:  # a post of a kind nobody has thought of must not be lost with its update
            log.warning("an update could not be understood", kind=type(update).__name__, error=repr(error))
            if (watched := self._roster.get(channel_of(getattr(update, "message", None)))) is not None:
                self._roster.tear(watched)

    def early(self, update: Any) -> None:
        """A post or an edit is pushed before its turn; whatever is wrong with it is told when that comes."""
        try:
            watched = self._roster.get(channel_of(update.message))
            if watched is None or not watched.is_open:
                return
            edited = isinstance(update, T.UpdateEditChannelMessage)
            post = post_of(update.message, seen_at=self._clock.now(), how=How.LIVE, known=edited)
            if post is not None and not self._ingest.foretold.keep(post):
                self._ingest.take(post)
        except Exception as error:
            log.warning("an update could not be kept before its turn", error=repr(error))

    def skipped(self, channel_id: int) -> None:
        """Telegram told nothing of what happened in a channel: its posts are in the history, edits and
        deletions are found by looking again."""
        if (watched := self._roster.get(channel_id)) is not None:
            now = self._clock.now()
            self._lose(watched, now, now, "Telegram told only that too much had happened")
            self._roster.tear(watched)
            self._roster.doubt(watched, now)

    def forgotten(self, channel_id: int) -> None:
        """Deletions were told of afterwards, by a difference: what was edited in those posts since the hole
        began is lost. It began after the last update that was pushed: what is proved by asking is but that
        no post was missed since.
        """
        if (watched := self._roster.get(channel_id)) is not None:
            now = self._clock.now()
            known = [at for at in (watched.in_step, watched.heard_since) if at is not None]
            self._lose(
                watched, max(known, default=now), now, "of posts that are gone nobody told how they read last"
            )
            watched.in_step = now

    def _lose(self, watched: Watched, began: datetime, now: datetime, why: str) -> None:
        """Edits may have been missed since `began`, or since it was last proved that nothing was."""
        if watched.joined and watched.proof is not None:
            heard_at = asyncio.get_running_loop().time()
            watched.pushes.skipped(since=min(watched.proof, began), until=now, now=heard_at, why=why)

    def _take(self, update: Any) -> None:
        match update:
            case T.UpdateNewChannelMessage() | T.UpdateEditChannelMessage():
                number = channel_of(update.message)
                if (watched := self._roster.get(number)) is None:
                    self._overhear(number, update)
                    return
                edited = isinstance(update, T.UpdateEditChannelMessage)
                if not edited:
                    watched.pushes.heard(update.message.id)
                post = post_of(update.message, seen_at=self._clock.now(), how=How.LIVE, known=edited)
                if post is not None:
                    self._ingest.take(post)
            case T.UpdateDeleteChannelMessages():
                ids = tuple(update.messages)
                if self._roster.get(update.channel_id) is not None:
                    self._ingest.take(SaidDeleted(update.channel_id, ids, self._clock.now()))
                    self._doubts.add(update.channel_id, ids)
                elif (watcher := self._whose(update.channel_id)) is not None:
                    watcher.doubt(update.channel_id, list(ids))
            case T.UpdateChannel():
                if (watched := self._roster.get(update.channel_id)) is not None:
                    watched.look_now = True
                    self._roster.noticed.set()
            case T.UpdateChannelTooLong():
                if (watched := self._roster.get(update.channel_id)) is not None:
                    self._roster.tear(watched)

    def _overhear(self, number: int | None, update: Any) -> None:
        """A post of a channel that another account watches, and in which this one is as well: by the time
        that one asks it may be gone.
        """
        if number is None or self._whose(number) is None:
            return
        edited = isinstance(update, T.UpdateEditChannelMessage)
        post = post_of(update.message, seen_at=self._clock.now(), how=How.LIVE, known=edited)
        if post is not None:
            self._ingest.take(post)
