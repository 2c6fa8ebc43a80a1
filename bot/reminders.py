"""Reminds a chat of what it snoozed, when the snooze is over and the episode is not."""

from dataclasses import replace
from typing import NoReturn

import structlog

from bot.config import BotConfig
from bot.health import Health
from domain.clock import Clock
from domain.episode import Move, State
from domain.subscription import DeliveryState
from storage.errors import StoreError
from storage.store import Store

log = structlog.get_logger(__name__)


class Reminders:
    """Puts into the outbox what snoozes held back: from there it goes its way as any alert does."""

    def __init__(self, config: BotConfig, store: Store, clock: Clock) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._archive = Health("archive", log)

    async def run(self) -> NoReturn:
        """Remind for ever."""
        with self._store.listen("acknowledgements") as notice:
            while True:
                try:
                    await self.look()
                    async with self._store.read() as tx:
                        out = await tx.acknowledgements.next_out()
                    self._archive.well()
                except StoreError as error:
                    self._archive.broke(error.what)
                    out = None
                now = self._clock.now()
                pause = self._config.poll if out is None or out <= now else min(self._config.poll, out - now)
                await notice.woken(self._clock, pause)

    async def look(self) -> int:
        """Settle the snoozes that have run out, one by one. Returns how many reminders that made.

        Raises StoreError.
        """
        now, made = self._clock.now(), 0
        async with self._store.read() as tx:
            due = await tx.acknowledgements.run_out(now)
        for answer in due:
            async with self._store.begin() as tx:
                episode = await tx.episodes.get(answer.episode_id)
                latest = await tx.outbox.latest(answer.episode_id, answer.chat_id)
                # What was held back by the snooze itself says it better.
                waits = any(
                    d.state in (DeliveryState.HELD, DeliveryState.WAITING)
                    for d in await tx.outbox.deliveries(answer.episode_id, answer.chat_id)
                )
                await tx.acknowledgements.reminded(answer.id, now)
                if episode is None or episode.state is not State.OPEN or latest is None or waits:
                    continue
                told, document = latest
                alert = replace(told, id=0, at=now, move=Move.REMINDED, episode=episode)
                await tx.outbox.add(alert, document, [answer.chat_id])
                tx.notify("deliveries")
                made += 1
        return made
