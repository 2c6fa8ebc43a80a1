"""The rates Telegram states, as a stock bot meets them."""

from datetime import timedelta

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter

from domain.clock import SetClock
from sandbox.botapi.server import BotApiServer


async def test_a_chat_takes_a_short_burst_and_then_one_message_a_second(
    server: BotApiServer, bot: Bot, pace: SetClock
) -> None:
    ana = server.person("Ana", started=True)
    for n in range(5):
        await bot.send_message(ana.id, f"alert {n}")
    with pytest.raises(TelegramRetryAfter) as wait:
        await bot.send_message(ana.id, "alert 5")
    assert wait.value.retry_after == 1
    pace.advance(timedelta(seconds=1))
    await bot.send_message(ana.id, "alert 5")
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(ana.id, "alert 6")
    assert len(ana.received) == 6


async def test_a_group_takes_twenty_messages_a_minute(server: BotApiServer, bot: Bot, pace: SetClock) -> None:
    group = server.group("Watchers", server.person("Ana"))
    for n in range(20):
        await bot.send_message(group.id, f"alert {n}")
        pace.advance(timedelta(seconds=1))
    with pytest.raises(TelegramRetryAfter) as wait:
        await bot.send_message(group.id, "alert 20")
    assert wait.value.retry_after == 40
    pace.advance(timedelta(seconds=40))
    await bot.send_message(group.id, "alert 20")


async def test_thirty_messages_a_second_go_out_over_all_chats(
    server: BotApiServer, bot: Bot, pace: SetClock
) -> None:
    people = [server.person(f"Reader {n}", started=True) for n in range(31)]
    for person in people[:30]:
        await bot.send_message(person.id, "an alert")
    with pytest.raises(TelegramRetryAfter) as wait:
        await bot.send_message(people[30].id, "an alert")
    assert wait.value.retry_after == 1
    pace.advance(timedelta(seconds=1))
    await bot.send_message(people[30].id, "an alert")
    assert all(len(person.received) == 1 for person in people)


async def test_the_rates_can_be_switched_off(server: BotApiServer, bot: Bot) -> None:
    server.limits.on = False
    ana = server.person("Ana", started=True)
    for n in range(40):
        await bot.send_message(ana.id, f"alert {n}")
    assert len(ana.received) == 40
