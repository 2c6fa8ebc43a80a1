"""A courier that a test drives step by step."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.app import make_bot
from bot.config import BotConfig
from bot.courier import Courier
from bot.rates import Rates
from domain.clock import SetClock
from domain.subscription import DeliveryState
from sandbox.botapi.server import BotApiServer
from storage.store import Store


@pytest.fixture
async def courier(
    server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> AsyncIterator[Courier]:
    """A courier that the test drives step by step."""
    made = make_courier(server, store, clock, pace)
    yield made
    await made.bot.session.close()


def make_courier(
    server: BotApiServer, store: Store, clock: SetClock, pace: SetClock, **config: object
) -> Courier:
    made = BotConfig.model_validate({"api_base": server.url, "timeout": timedelta(seconds=3), **config})
    rates = Rates(
        pace,
        per_second=made.per_second,
        chat_per_second=made.chat_per_second,
        group_per_minute=made.group_per_minute,
    )
    return Courier(made, make_bot(made, server.token, rates), store, clock, rates)


async def deliver_all(courier: Courier) -> int:
    n = 0
    while await courier.deliver_one():
        n += 1
    return n


async def states(store: Store, episode_id: int) -> list[DeliveryState]:
    async with store.read() as tx:
        return [d.state for d in await tx.outbox.deliveries(episode_id)]
