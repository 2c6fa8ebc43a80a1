"""A courier in a process of its own, to be killed as a machine kills it: at a step, or at any moment.

Forked from a process that has imported everything already, for hundreds of lives are wanted.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from bot.app import make_bot
from bot.config import BotConfig
from bot.courier import Courier
from bot.rates import Rates
from domain.clock import FastClock
from domain.subscription import Delivery
from storage.config import StorageConfig
from storage.store import open_store
from tests.support.logs import log_plainly

#: Where in the way of a delivery a process may die.
STEPS = ("before lease", "leased", "sent", "settled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a life is to do. It begins at `at` on a clock that runs as ours does."""

    url: str
    api_base: str
    token: str
    at: datetime
    die_at: str = ""  #: one of STEPS; empty: at nobody's command but the killer's
    after: int = 0  #: at how many deliveries it passes that step alive


class Mortal(Courier):
    """The courier as it is, but that it dies where it was ordered to. Says when it has settled something."""

    orders: Orders
    left: int
    said: Connection

    def _die_here(self, step: str, fresh: bool = True) -> None:
        # One that a killed process had under way is seen through: so each is killed once at the most.
        if self.orders.die_at != step or not fresh:
            return
        if self.left:
            self.left -= 1
            return
        os.kill(os.getpid(), signal.SIGKILL)

    async def deliver_one(self, worker: str = "") -> bool:
        self._die_here("before lease")
        return await super().deliver_one(worker)

    async def _see_through(self, delivery: Delivery) -> None:
        self._die_here("leased", delivery.attempts == 1)
        await super()._see_through(delivery)

    async def _settled(self, ends: Any, digested: Any) -> bool:
        fresh = all(delivery.attempts == 1 for delivery, _ in ends)
        self._die_here("sent", fresh)
        done = await super()._settled(ends, digested)
        self.said.send("settled" if fresh else "settled what another had begun")
        self._die_here("settled", fresh)
        return done


def start(orders: Orders) -> tuple[BaseProcess, Connection]:
    """A life. It ends by itself when nothing is due."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.courier_process", "tests.support.models", "bot.chart"])
    hears, says = context.Pipe(duplex=False)
    process = context.Process(target=_live, args=(orders, says), daemon=True)
    process.start()
    says.close()
    return process, hears


def _live(orders: Orders, says: Connection) -> None:
    log_plainly()
    with contextlib.suppress(BrokenPipeError):
        asyncio.run(_deliver(orders, says))


async def _deliver(orders: Orders, says: Connection) -> None:
    config = BotConfig.model_validate(
        {"api_base": orders.api_base, "timeout": timedelta(seconds=10), "lease": timedelta(seconds=30)}
    )
    # Telegram's rates are kept a thousand times as fast: this is about deaths, not about patience.
    pace = FastClock(orders.at, 1000)
    rates = Rates(pace, per_second=25, chat_per_second=1, group_per_minute=18)
    async with open_store(StorageConfig(url=orders.url, busy_timeout=10), create=False) as store:
        bot = make_bot(config, orders.token, rates)
        courier = Mortal(config, bot, store, FastClock(orders.at, 1), rates)
        courier.orders, courier.left, courier.said = orders, orders.after, says
        says.send("begun")
        while await courier.deliver_one():
            pass
        await bot.session.close()
