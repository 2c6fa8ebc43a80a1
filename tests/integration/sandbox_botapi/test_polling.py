"""How updates reach a stock bot: confirmed, redelivered, fought over."""

import asyncio
from datetime import timedelta

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import ClientDecodeError, TelegramConflictError, TelegramUnauthorizedError
from aiogram.types import Message

from domain.clock import SetClock
from sandbox.botapi.server import BotApiServer
from tests.support.botapi import hang_up, stock_bot


async def test_an_update_stays_until_a_later_offset_confirms_it(server: BotApiServer, bot: Bot) -> None:
    ana = server.person("Ana")
    ana.start()
    ana.say("hello")
    first, second = await bot.get_updates()
    again = await bot.get_updates()
    assert [u.update_id for u in again] == [first.update_id, second.update_id]
    assert (await bot.get_webhook_info()).pending_update_count == 2
    left = await bot.get_updates(offset=second.update_id)
    assert [u.message and u.message.text for u in left] == ["hello"]
    assert await bot.get_updates(offset=second.update_id + 1) == []
    assert (await bot.get_webhook_info()).pending_update_count == 0


async def test_a_bot_that_died_before_it_confirmed_gets_its_updates_again(server: BotApiServer) -> None:
    server.person("Ana").start("invite-17")
    dying = stock_bot(server)
    [seen] = await dying.get_updates()
    await hang_up(dying)
    successor = stock_bot(server)
    [again] = await successor.get_updates()
    await hang_up(successor)
    assert again == seen


async def test_a_long_poll_returns_as_soon_as_somebody_speaks(server: BotApiServer, bot: Bot) -> None:
    ana = server.person("Ana")
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await server.until(lambda: server.world.queue.is_polled)
    ana.start()
    async with asyncio.timeout(2):
        [update] = await poll
    assert update.message
    assert update.message.text == "/start"


async def test_a_long_poll_without_news_ends_empty_after_its_time(server: BotApiServer, bot: Bot) -> None:
    began = asyncio.get_running_loop().time()
    assert await bot.get_updates(timeout=1) == []
    assert 0.9 < asyncio.get_running_loop().time() - began < 3


async def test_a_second_poller_ends_the_poll_of_the_first(server: BotApiServer, bot: Bot) -> None:
    other = stock_bot(server)
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await server.until(lambda: server.world.queue.is_polled)
    second = asyncio.create_task(other.get_updates(timeout=30))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first
    server.person("Ana").start()
    assert len(await second) == 1
    await hang_up(other)


async def test_a_further_conflict_is_told_only_after_a_pause(server: BotApiServer, bot: Bot) -> None:
    server.world.queue.conflict_pause = 0.4
    told: list[float] = []

    async def poll_and_lose() -> None:
        with pytest.raises(TelegramConflictError):
            await bot.get_updates(timeout=30)
        told.append(asyncio.get_running_loop().time())

    first = asyncio.create_task(poll_and_lose())
    await server.until(lambda: server.world.queue.is_polled)
    second = asyncio.create_task(poll_and_lose())
    await first
    await server.until(lambda: server.world.queue.is_polled)
    began = asyncio.get_running_loop().time()
    third = asyncio.create_task(bot.get_updates(timeout=1))
    await second
    assert told[1] - began >= 0.4
    assert await third == []


async def test_a_webhook_and_polling_exclude_each_other(server: BotApiServer, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await server.until(lambda: server.world.queue.is_polled)
    await bot.set_webhook("https://bot.example/hook")
    with pytest.raises(TelegramConflictError, match="terminated by setWebhook request"):
        await poll
    server.person("Ana").start()
    with pytest.raises(TelegramConflictError, match="while webhook is active"):
        await bot.get_updates()
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == ("https://bot.example/hook", 1)
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == []


async def test_a_negative_offset_forgets_all_but_the_last(server: BotApiServer, bot: Bot) -> None:
    ana = server.person("Ana")
    for n in range(5):
        ana.say(f"message {n}")
    assert [u.message and u.message.text for u in await bot.get_updates(offset=-2)] == [
        "message 3",
        "message 4",
    ]
    assert (await bot.get_webhook_info()).pending_update_count == 2


async def test_only_the_kinds_asked_for_are_kept_from_then_on(server: BotApiServer, bot: Bot) -> None:
    ana = server.person("Ana", started=True)
    await bot.get_updates(allowed_updates=["my_chat_member"])
    ana.say("not asked for")
    ana.block()
    [update] = await bot.get_updates()
    assert update.my_chat_member
    assert update.my_chat_member.new_chat_member.status == "kicked"


async def test_updates_are_forgotten_after_a_day(server: BotApiServer, bot: Bot, pace: SetClock) -> None:
    server.person("Ana").say("yesterday")
    pace.advance(timedelta(hours=24, seconds=1))
    assert await bot.get_updates() == []


async def test_a_poisoned_update_spoils_every_batch_until_the_offset_passes_it(
    server: BotApiServer, bot: Bot
) -> None:
    poison = server.poison()
    server.person("Ana").say("behind it")
    for _ in range(2):
        with pytest.raises(ClientDecodeError):
            await bot.get_updates()
    [update] = await bot.get_updates(offset=poison + 1)
    assert update.message
    assert update.message.text == "behind it"


async def test_a_wrong_token_is_not_let_in(server: BotApiServer) -> None:
    stranger = stock_bot(server, token="100200300:guessed")
    with pytest.raises(TelegramUnauthorizedError):
        await stranger.get_me()
    await hang_up(stranger)


async def test_a_dispatcher_polls_on_through_the_servers_absence(server: BotApiServer) -> None:
    heard: list[str] = []
    dispatcher = Dispatcher()
    bot = stock_bot(server)

    @dispatcher.message()
    async def hear(message: Message) -> None:
        heard.append(message.text or "")
        await message.answer(f"heard {message.text}")

    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, polling_timeout=1))
    ana = server.person("Ana")
    ana.say("one")
    await server.received(ana.id)
    await server.go_away()
    ana.say("two")
    await asyncio.sleep(0)
    await server.come_back()
    await server.received(ana.id, 2, within=15)
    await dispatcher.stop_polling()
    await polling
    assert heard == ["one", "two"]
    assert [m.text for m in server.sent(ana.id)] == ["heard one", "heard two"]
