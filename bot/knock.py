"""Tells owners who knocked. Each owner hears of each request once, also when Telegram was out of reach."""

from dataclasses import replace
from typing import NoReturn

import structlog
from aiogram import Bot
from aiogram.types import InlineKeyboardMarkup

from bot.access_keys import decide_buttons
from bot.config import BotConfig
from bot.errors import Gone, Refused, outcome_of
from bot.health import Health
from bot.markup import Html, foreign
from bot.say import Say, say_in
from bot.texts import door
from domain.clock import Clock
from domain.request import Request, RequestState
from domain.subscription import Role, Subscriber
from storage.errors import StoreError
from storage.store import Store

log = structlog.get_logger(__name__)


class Knock:
    """A loop beside the others."""

    def __init__(self, config: BotConfig, bot: Bot, store: Store, clock: Clock) -> None:
        self._config = config
        self._bot = bot
        self._store = store
        self._clock = clock
        self._archive = Health("archive", log)

    async def run(self) -> NoReturn:
        """Pass on what is asked, for ever."""
        with self._store.listen("requests") as notice:
            while True:
                try:
                    await self.look()
                    self._archive.well()
                except StoreError as error:
                    self._archive.broke(error.what)
                await notice.polled(self._clock, self._config.poll)

    async def look(self) -> None:
        """Pass on what has not been passed on yet. Raises StoreError."""
        async with self._store.read() as tx:
            waiting = await tx.access.waiting_requests()
            owners = [s for s in await tx.subscriptions.subscribers() if s.role is Role.OWNER]
        for request in waiting:
            for owner in owners:
                if owner.chat_id not in request.told and not await self._tell(request, owner):
                    return  # Telegram is out of reach: at the next look

    async def _tell(self, request: Request, owner: Subscriber) -> bool:
        words, buttons = said(request, say_in(owner.language))
        try:
            message = await self._bot.send_message(owner.chat_id, words, reply_markup=buttons)
            number = message.message_id
        except Exception as error:
            match outcome_of(error):
                case Gone() | Refused() as trouble:
                    log.warning("bot: an owner cannot be told", chat=owner.chat_id, why=trouble.why)
                    number = 0
                case trouble:
                    log.info("bot: an owner could not be told yet", chat=owner.chat_id, why=str(trouble))
                    return False
        async with self._store.begin() as tx:
            now = await tx.access.request(request.user_id)
            if now is not None and now.state is RequestState.WAITING:
                await tx.access.put_request(replace(now, told={**now.told, owner.chat_id: number}))
        return True


def said(request: Request, say: Say) -> tuple[Html, InlineKeyboardMarkup]:
    """A request as an owner reads it, with what he may do."""
    name = foreign(request.name, 80)
    if request.handle:
        words = say(door.WANTS_IN, name=name, handle=foreign("@" + request.handle), id=request.user_id)
    else:
        words = say(door.WANTS_IN_NO_HANDLE, name=name, id=request.user_id)
    return words, decide_buttons(request.user_id, say)
