"""What came of a call to Telegram, named by what the caller can do about it."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from domain.errors import DeadairError


@dataclass(frozen=True, slots=True)
class Sent:
    """It is there, as this message; None where nothing had to be sent."""

    message_id: int | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Telegram wants a pause (real time)."""

    delay: timedelta


@dataclass(frozen=True, slots=True)
class Moved:
    """The group became a supergroup with this number."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class Gone:
    """The chat takes nothing from us any more."""

    why: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Telegram did not answer, or not sensibly; the deed may have been done all the same."""

    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Telegram will not take it in this form, however often it is tried."""

    why: str


Trouble = Wait | Moved | Gone | Unreachable | Refused
Outcome = Sent | Trouble


class BadToken(DeadairError):
    """Telegram does not know the bot's token."""

    def __init__(self, said: str) -> None:
        super().__init__(
            f"Telegram does not accept the bot's token: {said}",
            hint="get the token from @BotFather (/mybots, API Token) and put it into DEADAIR_BOT_TOKEN "
            "or into the file named by bot.token_file",
        )


#: Ordinary 400s that are final all the same (texts of the Bot API server, telegram-bot-api/Client.cpp).
_FINAL = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user is deactivated",
    "bot was blocked",
    "bot was kicked",
    "bot is not a member",
    "group chat was deactivated",
    "group chat was deleted",
    "chat_write_forbidden",
    "have no rights to send a message",
    "not enough rights to send text messages",
    "need administrator rights in the channel chat",
    "bot can't initiate conversation",
    "chat_admin_required",
    "channel_private",
    "topic_closed",
    "topic_deleted",
    "message thread not found",
)
_FLOOD = timedelta(seconds=30)  #: where Telegram says "too many requests" and not for how long


def outcome_of(error: BaseException) -> Trouble:
    """What an error of the client means for the one who sends. Raises BadToken, and anything unknown."""
    match error:
        case TelegramRetryAfter():
            return Wait(timedelta(seconds=max(1, error.retry_after)))
        case TelegramMigrateToChat():
            return Moved(error.migrate_to_chat_id)
        case TelegramUnauthorizedError():
            raise BadToken(said(error)) from error
        case TelegramForbiddenError():
            return Gone(said(error))
        case TelegramBadRequest() | TelegramNotFound():
            words = said(error)
            return Gone(words) if any(final in words.lower() for final in _FINAL) else Refused(words)
        case TelegramEntityTooLarge():
            return Refused(said(error))
        case TelegramNetworkError() | TelegramServerError():
            return Unreachable(said(error))
        case ClientDecodeError():  # a page of HTML from the server in front, or a change of the API
            return Unreachable("an answer that cannot be read")
        case TelegramAPIError() if "too many requests" in error.message.lower():
            return Wait(_FLOOD)
        case TelegramAPIError():
            return Refused(said(error))
        case aiohttp.ClientError() | asyncio.TimeoutError() | OSError():
            return Unreachable(str(error) or type(error).__name__)
        case _:
            raise error


def said(error: BaseException) -> str:
    """Telegram's own words, without what the library puts around them."""
    words = error.message if isinstance(error, TelegramAPIError) else str(error)
    return words.removeprefix("Bad Request: ").removeprefix("Forbidden: ").strip() or type(error).__name__
