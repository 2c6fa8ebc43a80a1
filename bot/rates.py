"""How fast the bot may speak: the rates that Telegram states, and the pauses it orders.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: about 30 messages a second
over all, one a second into one chat with short bursts, 20 a minute into one group. Measured in real time:
Telegram's patience knows no other, whatever clock the rest runs on.
"""

import math
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from domain.clock import Clock

_BURST = 3  #: messages into one chat at once, before its pace counts
_MOST_CHATS = 10_000
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class _Chat:
    left: float
    at: datetime
    minute: deque[datetime]
    held_until: datetime | None = None


class Rates:
    """Says when the next message may go, and counts those that went."""

    def __init__(
        self, pace: Clock, *, per_second: float, chat_per_second: float, group_per_minute: int
    ) -> None:
        self.pace = pace
        self._per_second = per_second
        self._chat_per_second = chat_per_second
        self._group_per_minute = group_per_minute
        self._chats: OrderedDict[int, _Chat] = OrderedDict()
        self._all: deque[datetime] = deque()
        self._held_until: datetime | None = None

    def wait(self, chat_id: int) -> timedelta:
        """How long a message into this chat must wait; zero: it may go now."""
        now = self.pace.now()
        return max(timedelta(), *(at - now for at in self._earliest(chat_id, now)))

    def _earliest(self, chat_id: int, now: datetime) -> list[datetime]:
        chat = self._chat(chat_id, now)
        out = [at for at in (self._held_until, chat.held_until) if at is not None]
        if chat.left < 1:
            out.append(now + timedelta(seconds=(1 - chat.left) / self._chat_per_second))
        most = max(1, math.floor(self._per_second))
        span = _SECOND * (most / self._per_second)
        _forget(self._all, now - span)
        if len(self._all) >= most:
            out.append(self._all[-most] + span)
        if chat_id < 0:
            _forget(chat.minute, now - _MINUTE)
            if len(chat.minute) >= self._group_per_minute:
                out.append(chat.minute[-self._group_per_minute] + _MINUTE)
        return out or [now]

    def _count(self, chat_id: int) -> None:
        now = self.pace.now()
        chat = self._chat(chat_id, now)
        chat.left -= 1
        self._all.append(now)
        if chat_id < 0:
            chat.minute.append(now)

    async def take(self, chat_id: int) -> None:
        """Wait for one's turn to send a message into this chat, and take it."""
        while (wait := self.wait(chat_id)) > timedelta():
            await self.pace.sleep(wait)
        self._count(chat_id)

    def hold(self, chat_id: int, pause: timedelta) -> None:
        """Telegram said to wait. When it says so of a second chat meanwhile, it means all of them."""
        now = self.pace.now()
        chat = self._chat(chat_id, now)
        others = any(
            c.held_until is not None and c.held_until > now for c in self._chats.values() if c is not chat
        )
        chat.held_until = now + pause
        if others:
            self._held_until = now + pause

    def _chat(self, chat_id: int, now: datetime) -> _Chat:
        chat = self._chats.pop(chat_id, None) or _Chat(_BURST, now, deque())
        refilled = chat.left + (now - chat.at).total_seconds() * self._chat_per_second
        chat.left, chat.at = min(float(_BURST), refilled), now
        self._chats[chat_id] = chat
        if len(self._chats) > _MOST_CHATS:
            self._chats.popitem(last=False)
        return chat


def _forget(past: deque[datetime], before: datetime) -> None:
    while past and past[0] <= before:
        past.popleft()


class Paced(BaseRequestMiddleware):
    """Lets every message of the bot wait for its turn, whoever sends it."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        # pydantic forgets how an answer is read once nothing holds it, and works it out anew with each call.
        self._answers: dict[type[TelegramMethod[Any]], type[Response[Any]]] = {}

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        if type(method) not in self._answers:
            self._answers[type(method)] = Response[method.__returning__]  # type: ignore[name-defined]
        chat_id = paced_chat(method)
        if chat_id is None:
            return await make_request(bot, method)
        await self._rates.take(chat_id)
        try:
            return await make_request(bot, method)
        except TelegramRetryAfter as flood:
            self._rates.hold(chat_id, timedelta(seconds=max(1, flood.retry_after)))
            raise


def paced_chat(method: TelegramMethod[Any]) -> int | None:
    """The chat whose patience a call costs; None for calls that show nothing to anyone."""
    if not method.__api_method__.startswith(("send", "edit", "copy", "forward")):
        return None
    chat_id = getattr(method, "chat_id", None)
    return chat_id if isinstance(chat_id, int) else None
