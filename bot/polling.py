"""Polling: fetches what people say and hands it to the handlers: each update once, none lost."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import ClientDecodeError, TelegramConflictError, TelegramNotFound
from aiogram.methods import GetUpdates
from aiogram.types import Update
from pydantic import ValidationError

from bot.config import BotConfig
from bot.errors import BadToken, Unreachable, Wait, outcome_of, said
from bot.health import Health
from domain.clock import Clock
from storage.errors import StoreError
from storage.marks import POLLED
from storage.store import Store

log = structlog.get_logger(__name__)

_REMEMBERED = 200  #: updates handled last: Telegram repeats those it was not told of before a crash
_STAMP_EVERY = 10.0  #: seconds between two signs of life
_HANDLED_WITHIN = 60.0  #: seconds for one update
_SHORTEST, _LONGEST = 1.0, 30.0  #: seconds of pause after a failure
_SECOND_INSTANCE = "another program polls with the same token; only one of them is heard at a time"


class Polling:
    """One long poll after the other. An update is confirmed only after it has been handled."""

    def __init__(
        self, config: BotConfig, bot: Bot, dispatcher: Dispatcher, store: Store, clock: Clock
    ) -> None:
        self.config = config
        self.bot = bot
        self.dispatcher = dispatcher
        self.store = store
        self.clock = clock
        self.telegram = Health("telegram", log)
        self.archive = Health("archive", log)
        self._handled: deque[int] = deque(maxlen=_REMEMBERED)
        self._stamped = float("-inf")

    async def run(self) -> None:
        """Poll for ever. Raises BadToken when Telegram does not know the token."""
        offset: int | None = None
        pause = _SHORTEST
        remembered = False
        while True:
            try:
                if not remembered:
                    await self._remember()
                    remembered = True
                updates, after = await self._fetch(offset)
                self.telegram.well()
                await self._handle_all(updates)
                await self._stamp(force=bool(updates))
                self.archive.well()
            except StoreError as error:
                # Not confirmed: Telegram keeps it and gives it again.
                self.archive.broke(error.what)
            except _Pause as reason:
                self.telegram.broke(reason.why)
                pause = max(pause, reason.seconds)
            else:
                offset = after if after is not None else offset
                pause = _SHORTEST
                continue
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST)

    async def _fetch(self, offset: int | None) -> tuple[Sequence[Update], int | None]:
        """Updates, and the offset that confirms them. Raises _Pause, BadToken."""
        seconds = int(self.config.polling.total_seconds())
        call = GetUpdates(
            offset=offset, timeout=seconds, allowed_updates=self.dispatcher.resolve_used_update_types()
        )
        try:
            limit = int(seconds + self.config.timeout.total_seconds())
            updates = await self.bot(call, request_timeout=limit)
        except ClientDecodeError as error:
            return self._readable(error)
        except TelegramConflictError as error:
            if "webhook" in error.message.lower():
                await self._remove_webhook()
                raise _Pause("a webhook was set; it has been removed") from error
            raise _Pause(_SECOND_INSTANCE) from error
        except TelegramNotFound as error:
            raise BadToken(said(error)) from error
        except Exception as error:
            match outcome_of(error):
                case Wait(delay):
                    raise _Pause(said(error), delay) from error
                case Unreachable(why):
                    raise _Pause(why) from error
                case other:
                    raise _Pause(f"unexpected answer: {other}") from error
        return updates, updates[-1].update_id + 1 if updates else None

    def _readable(self, error: ClientDecodeError) -> tuple[Sequence[Update], int | None]:
        """What can be read of an answer that as a whole cannot; the rest would come for ever."""
        result = error.data.get("result") if isinstance(error.data, dict) else None
        if not isinstance(result, list):
            raise _Pause("an answer that cannot be read") from error
        updates: list[Update] = []
        last: int | None = None
        for raw in result:
            if not isinstance(raw, dict) or not isinstance(raw.get("update_id"), int):
                continue
            last = max(last or 0, raw["update_id"])
            try:
                updates.append(Update.model_validate(raw, context={"bot": self.bot}))
            except ValidationError as why:
                kinds = sorted(set(raw) - {"update_id"})
                log.warning(
                    "bot: an update nobody can read is passed over",
                    update=raw["update_id"],
                    kinds=kinds,
                    errors=why.error_count(),
                )
        if last is None:
            raise _Pause("an answer that cannot be read") from error
        return updates, last + 1

    async def _handle_all(self, updates: Sequence[Update]) -> None:
        """Chats side by side, each in its order. Raises StoreError: some must be handled again."""
        chats: dict[int, list[Update]] = {}
        for update in updates:
            if update.update_id not in self._handled:
                chats.setdefault(_place(update), []).append(update)
        results = await asyncio.gather(
            *(self._handle_in_order(chat) for chat in chats.values()), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _handle_in_order(self, updates: Sequence[Update]) -> None:
        for update in updates:
            try:
                async with asyncio.timeout(_HANDLED_WITHIN):
                    await self.dispatcher.feed_update(self.bot, update)
            except (StoreError, BadToken):
                raise
            except Exception as error:
                # One update must not stop the others; Telegram would send it again for ever.
                log.exception("bot: update failed", update=update.update_id, error=str(error))
            self._handled.append(update.update_id)

    async def _remember(self) -> None:
        async with self.store.read() as tx:
            mark = await tx.marks.get(POLLED)
        self._handled.extend(n for n in mark.get("handled", ()) if isinstance(n, int))

    async def _stamp(self, *, force: bool) -> None:
        """The sign of life: a poll has been answered and its updates are handled."""
        now = asyncio.get_running_loop().time()
        if not force and now - self._stamped < _STAMP_EVERY:
            return
        at = self.clock.now()
        async with self.store.begin() as tx:
            await tx.marks.set(POLLED, {"handled": list(self._handled)}, at)
        self._stamped = now

    async def _remove_webhook(self) -> None:
        try:
            await self.bot.delete_webhook(drop_pending_updates=False)
        except Exception as error:
            raise _Pause(str(outcome_of(error))) from error


class _Pause(Exception):
    """No updates for now, and why."""

    def __init__(self, why: str, delay: timedelta = timedelta()) -> None:
        super().__init__(why)
        self.why = why
        self.seconds = delay.total_seconds()


def _place(update: Update) -> int:
    """The chat an update belongs to; those without one are handled in a row."""
    event: Any = update.event
    chat = getattr(event, "chat", None) or getattr(getattr(event, "message", None), "chat", None)
    who = getattr(event, "from_user", None)
    return chat.id if chat is not None else who.id if who is not None else 0
