"""The slow rounds of one connection: joins, looks up what may have changed, tries again what was gone or not
found.
"""

from datetime import datetime, timedelta

import structlog
from telethon import errors as E  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import functions as F  # noqa: N812

from collector.channels import Channels
from collector.client import Line
from collector.config import CollectorConfig
from collector.errors import Failed, Gone, Unanswered, Wait
from collector.resolving import Resolver
from collector.tasks import patiently, pause, woken
from collector.watched import Roster, Watched
from domain.clock import Clock

log = structlog.get_logger(__name__)

#: Errors from this code on are of Telegram's own, and say nothing of what was asked.
_STUMBLES = 500


class Tending:
    def __init__(
        self,
        line: Line,
        roster: Roster,
        channels: Channels,
        resolver: Resolver,
        clock: Clock,
        config: CollectorConfig,
    ) -> None:
        self._line = line
        self._roster = roster
        self._channels = channels
        self._resolver = resolver
        self._clock = clock
        self._config = config
        self._sought_at = clock.now()

    async def join(self) -> None:
        """Join the channels that push is wanted of, slowly: Telegram shuts accounts that join in a hurry."""
        while True:
            watched = next((w for w in self._roster.open if self._is_wanted(w)), None)
            if watched is None:
                await pause(self._clock, self._config.reconcile_every)
                continue
            try:
                await self._line.ask(F.channels.JoinChannelRequest(watched.input))
                watched.joined = True
                log.info("joined", channel=watched.name)
            except Wait as wait:
                log.info("joining waits", seconds=wait.seconds)
                await patiently(self._clock, wait)
                continue
            except (Failed, Unanswered) as error:
                self._not_joined(watched, error)
            except Gone as gone:
                await self._channels.gone(self._line, watched, gone)
            await pause(self._clock, self._config.join_pause)

    def _not_joined(self, watched: Watched, error: Failed | Unanswered) -> None:
        why = error.__cause__
        if isinstance(error, Unanswered) or (isinstance(why, E.RPCError) and abs(why.code or 0) >= _STUMBLES):
            watched.join_again_at = self._clock.now() + self._config.return_every
            log.info("not joined just now; tried again", channel=watched.name, error=str(error))
            return
        watched.join_refused = True
        full = isinstance(why, E.ChannelsTooMuchError)
        log.warning(
            "not joined; it is polled instead",
            channel=watched.name,
            error=str(error),
            hint="the account is in as many channels as Telegram allows: leave some" if full else "",
        )

    def _is_wanted(self, watched: Watched) -> bool:
        wanted = self._config.join if watched.config.join is None else watched.config.join
        again = watched.join_again_at
        is_time = again is None or again <= self._clock.now()
        return (
            wanted and is_time and not (watched.joined or watched.join_refused) and watched.proof is not None
        )

    async def run(self) -> None:
        """Look at what is due, or at once at what Telegram says has changed."""
        while True:
            now = self._clock.now()
            for watched in self._roster:
                await self._one(watched, now)
            if self._resolver.pending and now - self._sought_at >= self._config.return_every:
                self._sought_at = now
                await self._resolver.run(self._line)
            nap = min(self._config.return_every, self._config.refresh_every) / 10
            await woken(self._clock, self._roster.noticed, nap)

    async def _one(self, watched: Watched, now: datetime) -> None:
        if watched.is_released:
            return  # it was handed over while another was looked at
        try:
            if not watched.is_open:
                tried = watched.tried_at
                if watched.look_now or tried is None or now - tried >= self._config.return_every:
                    watched.look_now = False
                    await self._channels.try_again(self._line, watched)
            elif watched.look_now:
                watched.look_now = False
                await self._channels.look(self._line, watched)
            elif _is_due(watched.refreshed_at, now, self._config.refresh_every):
                await self._channels.refresh(self._line, watched)
                await pause(self._clock, self._config.history_pause)
        except Gone as gone:
            await self._channels.gone(self._line, watched, gone)
        except Wait as wait:
            log.info("looking at channels waits", seconds=wait.seconds)
            await patiently(self._clock, wait)
        except (Failed, Unanswered) as error:
            log.warning("channel could not be looked at", channel=watched.name, error=str(error))
            watched.refreshed_at = watched.refreshed_at or now


def _is_due(last: datetime | None, now: datetime, every: timedelta) -> bool:
    return last is None or now - last >= every
