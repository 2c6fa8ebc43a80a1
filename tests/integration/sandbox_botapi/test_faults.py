"""What goes wrong between a stock bot and Telegram, on demand."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from tests.support.botapi import hang_up, stock_bot


@pytest.fixture
def ana(server: BotApiServer) -> Person:
    return server.person("Ana", started=True)


async def test_a_flood_wait_names_the_seconds(server: BotApiServer, bot: Bot, ana: Person) -> None:
    server.faults.flood(17, "sendMessage")
    with pytest.raises(TelegramRetryAfter) as wait:
        await bot.send_message(ana.id, "an alert")
    assert wait.value.retry_after == 17
    assert ana.received == []
    await bot.send_message(ana.id, "an alert")
    assert len(ana.received) == 1


async def test_a_server_error_comes_as_json_or_as_a_page(server: BotApiServer, bot: Bot, ana: Person) -> None:
    server.faults.refuse(500, "Internal Server Error", "sendMessage")
    server.faults.bad_gateway("sendMessage")
    with pytest.raises(TelegramServerError):
        await bot.send_message(ana.id, "an alert")
    with pytest.raises(ClientDecodeError) as undecoded:
        await bot.send_message(ana.id, "an alert")
    assert "502 Bad Gateway" in str(undecoded.value.data)
    assert ana.received == []


async def test_an_answer_lost_after_the_deed_looks_like_a_call_that_never_came(
    server: BotApiServer, bot: Bot, ana: Person
) -> None:
    server.faults.drop("sendMessage")
    server.faults.lose_answer("sendMessage")
    for _ in range(2):
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(ana.id, "an alert")
    await server.received(ana.id, 1)
    assert [m.text for m in ana.received] == ["an alert"]
    assert [c.outcome for c in server.calls] == ["fault: drop", "ok"]


async def test_a_delayed_answer_outlasts_an_impatient_client(server: BotApiServer, ana: Person) -> None:
    impatient = stock_bot(server, timeout=0.2)
    server.faults.delay(0.5, "sendMessage")
    with pytest.raises(TelegramNetworkError, match="timeout"):
        await impatient.send_message(ana.id, "an alert")
    await server.received(ana.id, 1)
    await hang_up(impatient)


async def test_a_fault_strikes_only_its_method_and_chat_and_as_often_as_told(
    server: BotApiServer, bot: Bot, ana: Person
) -> None:
    ben = server.person("Ben", started=True)
    fault = server.faults.refuse(400, "Bad Request: not today", "sendMessage", chat=ben.id, times=2)
    await bot.get_me()
    await bot.send_message(ana.id, "an alert")
    for _ in range(2):
        with pytest.raises(TelegramBadRequest, match="not today"):
            await bot.send_message(ben.id, "an alert")
    await bot.send_message(ben.id, "an alert")
    assert fault.hits == 2


async def test_a_lasting_fault_ends_when_it_is_cleared(server: BotApiServer, bot: Bot) -> None:
    server.faults.refuse(401, "Unauthorized", times=None)
    for _ in range(3):
        with pytest.raises(TelegramUnauthorizedError):
            await bot.get_me()
    server.faults.clear()
    await bot.get_me()


async def test_a_conflict_can_be_had_without_a_second_bot(server: BotApiServer, bot: Bot) -> None:
    server.faults.refuse(409, "Conflict: terminated by other getUpdates request", "getUpdates")
    with pytest.raises(TelegramConflictError):
        await bot.get_updates()
    assert await bot.get_updates() == []


async def test_a_server_that_is_away_refuses_connections_and_comes_back_with_all_it_knew(
    server: BotApiServer, bot: Bot, ana: Person
) -> None:
    await bot.send_message(ana.id, "before")
    ana.say("a question")
    await server.go_away()
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ana.id, "meanwhile")
    await server.come_back()
    [update] = await bot.get_updates()
    assert update.message
    assert update.message.text == "a question"
    await bot.send_message(ana.id, "after")
    assert [m.text for m in ana.received] == ["before", "after"]


async def test_stopping_ends_a_poll_that_waits_and_every_watch(server: BotApiServer, bot: Bot) -> None:
    watch = server.watch()
    poll = asyncio.create_task(bot.get_updates(timeout=50))
    await server.until(lambda: server.world.queue.is_polled)
    async with asyncio.timeout(3):
        await server.stop()
        assert [event async for event in watch] == []
        await asyncio.gather(poll, return_exceptions=True)


async def test_a_bot_that_logged_out_is_not_served_any_more(server: BotApiServer, bot: Bot) -> None:
    with pytest.raises(TelegramRetryAfter):
        await bot.close()
    await bot.log_out()
    with pytest.raises(TelegramBadRequest, match="Logged out"):
        await bot.get_me()
