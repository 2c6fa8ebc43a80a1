"""Hears what Telegram pushes. Nothing is decided here, and nothing awaited: the next update waits behind this
one.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import structlog
from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.client import Line
from collector.doubts import Doubts
from collector.ingest import Ingest, SaidDeleted
from collector.translate import channel_of, post_of
from collector.watched import Roster, Watched
from domain.clock import Clock
from domain.post import How

log = structlog.get_logger(__name__)

#: So long Telethon keeps a push that shows a hole, before it asks for the difference.
_HELD_BACK = timedelta(seconds=0.5)

KINDS = (
    T.UpdateNewChannelMessage,
    T.UpdateEditChannelMessage,
    T.UpdateDeleteChannelMessages,
    T.UpdateChannel,
    T.UpdateChannelTooLong,
)


class Listener:
    def __init__(
        self, roster: Roster, ingest: Ingest, doubts: Doubts, clock: Clock, answer_within: timedelta
    ) -> None:
        self._roster = roster
        self._ingest = ingest
        self._doubts = doubts
        self._clock = clock
        self._answer_within = answer_within

    def attach(self, line: Line) -> None:
        line.listen(self.hear, KINDS)
        line.listen_to_differences(self.take, self.skipped, self.forgotten)

    async def hear(self, update: Any) -> None:
        """Take over one update."""
        self.take(update)

    def take(self, update: Any) -> None:
        """The same. An error here would lose it for good, so whatever fails is read from history."""
        try:
            self._take(update)
        except Exception as error:  # a post of a kind nobody has thought of must not be lost with its update
            log.warning("an update could not be understood", kind=type(update).__name__, error=repr(error))
            if (watched := self._roster.get(channel_of(getattr(update, "message", None)))) is not None:
                self._roster.tear(watched)

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
        began is lost. A push behind a hole is held back for a moment, and then the difference is asked for.
        """
        if (watched := self._roster.get(channel_id)) is not None:
            now = self._clock.now()
            began = now - self._answer_within - _HELD_BACK
            if watched.heard_since is not None:
                began = max(began, min(watched.heard_since, now))
            self._lose(watched, began, now, "of posts that are gone nobody told how they read last")

    def _lose(self, watched: Watched, began: datetime, now: datetime, why: str) -> None:
        """Edits may have been missed since `began`, or since it was last proved that nothing was."""
        if watched.joined and watched.proof is not None:
            heard_at = asyncio.get_running_loop().time()
            watched.pushes.skipped(since=min(watched.proof, began), until=now, now=heard_at, why=why)

    def _take(self, update: Any) -> None:
        match update:
            case T.UpdateNewChannelMessage() | T.UpdateEditChannelMessage():
                if (watched := self._roster.get(channel_of(update.message))) is None:
                    return
                edited = isinstance(update, T.UpdateEditChannelMessage)
                if not edited:
                    watched.pushes.heard(update.message.id)
                post = post_of(update.message, seen_at=self._clock.now(), how=How.LIVE, known=edited)
                if post is not None:
                    self._ingest.take(post)
            case T.UpdateDeleteChannelMessages():
                if self._roster.get(update.channel_id) is not None:
                    ids = tuple(update.messages)
                    self._ingest.take(SaidDeleted(update.channel_id, ids, self._clock.now()))
                    self._doubts.add(update.channel_id, ids)
            case T.UpdateChannel():
                if (watched := self._roster.get(update.channel_id)) is not None:
                    watched.look_now = True
                    self._roster.noticed.set()
            case T.UpdateChannelTooLong():
                if (watched := self._roster.get(update.channel_id)) is not None:
                    self._roster.tear(watched)
