"""What Telegram's answers mean for the one who sends."""

from datetime import timedelta

import aiohttp
import pytest
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe

from bot.errors import BadToken, Gone, Moved, Refused, Trouble, Unreachable, Wait, outcome_of

CALL = GetMe()


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TelegramRetryAfter(CALL, "Flood", 7), Wait(timedelta(seconds=7))),
        (TelegramAPIError(CALL, "Too Many Requests"), Wait(timedelta(seconds=30))),
        (TelegramMigrateToChat(CALL, "upgraded", -100200), Moved(-100200)),
        (TelegramForbiddenError(CALL, "Forbidden: bot was blocked by the user"),
         Gone("bot was blocked by the user")),
        (TelegramBadRequest(CALL, "Bad Request: chat not found"), Gone("chat not found")),
        (TelegramBadRequest(CALL, "Bad Request: PEER_ID_INVALID"), Gone("PEER_ID_INVALID")),
        (TelegramBadRequest(CALL, "Bad Request: message is too long"), Refused("message is too long")),
        (TelegramEntityTooLarge(CALL, "Request Entity Too Large"), Refused("Request Entity Too Large")),
        (TelegramServerError(CALL, "Internal Server Error"), Unreachable("Internal Server Error")),
        (TelegramNetworkError(CALL, "Request timeout error"), Unreachable("Request timeout error")),
        (ClientDecodeError("no", ValueError(), "<html>"), Unreachable("an answer that cannot be read")),
        (aiohttp.ClientError("cut"), Unreachable("cut")),
        (TimeoutError(), Unreachable("TimeoutError")),
    ],
)  # fmt: skip
def test_each_error_says_what_to_do(error: Exception, outcome: Trouble) -> None:
    if isinstance(error, TelegramNetworkError | TelegramEntityTooLarge):
        error.message = error.message.removeprefix("HTTP Client says - ")
    assert outcome_of(error) == outcome


def test_a_wrong_token_is_nobodys_delivery_problem() -> None:
    with pytest.raises(BadToken, match="Unauthorized"):
        outcome_of(TelegramUnauthorizedError(CALL, "Unauthorized"))


def test_a_fault_of_ours_is_not_taken_for_telegrams() -> None:
    with pytest.raises(ZeroDivisionError):
        outcome_of(ZeroDivisionError())
