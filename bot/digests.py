"""Sends the daily and weekly digests: what was told, what goes on, and that somebody is still watching.

At least once: that one was sent is written down after it was sent.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

import structlog
from aiogram import Bot

from bot.alert_keys import digest_keys
from bot.config import BotConfig
from bot.errors import Gone, Moved, Refused, Sent
from bot.health import Health
from bot.parting import part
from bot.payload import read_payload
from bot.rounds import rounds
from bot.say import say_in
from bot.sender import send_words
from bot.standing import read_standing, say_standing
from bot.summing import Entry, newest, say_digest
from bot.telling import Reader
from bot.texts import digesting
from domain.clock import Clock
from domain.episode import Alert, Episode, Move, State
from domain.finding import Kind
from domain.hush import Digest, Every
from domain.subscription import Subscriber
from storage.store import Store

log = structlog.get_logger(__name__)
_SPANS = {Every.DAY: timedelta(days=1), Every.WEEK: timedelta(days=7)}
#: One that tells of so much more than that says since when: others were missed, or the hour was changed.
_LATE = timedelta(hours=6)


class Digests:
    """Looks now and then whether somebody's digest is due."""

    def __init__(self, config: BotConfig, bot: Bot, store: Store, clock: Clock) -> None:
        self._config = config
        self._bot = bot
        self._store = store
        self._clock = clock
        self._archive = Health("archive", log)

    async def run(self) -> NoReturn:
        """Send for ever."""
        await rounds(self.look, self._archive, self._clock, self._config.poll)

    async def look(self) -> int:
        """Send what is due. Returns how many went out. Raises StoreError."""
        now, sent = self._clock.now(), 0
        async with self._store.read() as tx:
            people = {p.chat_id: p for p in await tx.subscriptions.subscribers()}
            digests = await tx.hushes.digests()
        for digest in digests:
            to = people.get(digest.chat_id)
            if to is None or digest.due_at(ZoneInfo(to.zone)) > now:
                continue
            sent += await self._send(digest, to, now)
        return sent

    async def _send(self, digest: Digest, to: Subscriber, now: datetime) -> bool:
        async with self._store.read() as tx:
            if digest.instead and await tx.outbox.waits(to.chat_id):
                return False  # the courier sends it, with all that was held for it
            since = digest.sent_at or now - _SPANS[digest.every]
            entries = []
            for number in await tx.outbox.since(to.chat_id, since):
                alert, document = await tx.outbox.alert(number)
                if alert.episode.kind is not Kind.TEST:
                    alert = _as_it_stands(alert, await tx.episodes.get(alert.episode.id))
                    entries.append(Entry(alert=alert, payload=read_payload(document)))
        reader = Reader(zone=ZoneInfo(to.zone), say=say_in(to.language))
        standing = say_standing(await read_standing(self._store, now), reader.zone, reader.say)
        lines = newest(entries)
        headline = digesting.DAILY if digest.every is Every.DAY else digesting.WEEKLY
        is_made_up = now - since > _SPANS[digest.every] + _LATE
        words = say_digest(
            digesting.MADE_UP if is_made_up else headline,
            lines,
            reader,
            standing=standing,
            since=since if is_made_up else None,
            simulated=self._config.simulated,
        )
        going_on = [e.alert.episode.id for e in lines if e.alert.episode.state is State.OPEN]
        keys = digest_keys(going_on, reader.say)
        done = await send_words(self._bot, to.chat_id, words, keys, to.thread_id)
        async with self._store.begin() as tx:
            match done:
                case Sent() | Refused():
                    await tx.hushes.digest_sent(to.chat_id, now)
                case Gone(why):
                    await part(tx, to.chat_id, now, why)
                case Moved(chat_id):
                    await tx.move_chat(to.chat_id, chat_id)
                case _:
                    pass  # at the next look
        return isinstance(done, Sent)


def _as_it_stands(alert: Alert, episode: Episode | None) -> Alert:
    """What was told last may have ended since: its end waits, or the chat wants to hear nothing of it."""
    if episode is None or episode.state is not State.CLOSED or alert.episode.state is State.CLOSED:
        return alert
    return replace(alert, move=Move.CLOSED, episode=episode)
