"""The courier: takes deliveries from the outbox, sends them, and settles what became of each.

At least once: between sending and settling a crash makes a double, which the episode's number shows for what
it is. The other order would lose an alert.
"""

import asyncio
import secrets
from collections.abc import Coroutine
from datetime import timedelta

import structlog
from aiogram import Bot

from bot.config import BotConfig
from bot.errors import Gone, Moved, Outcome, Refused, Sent, Unreachable, Wait
from bot.health import Health
from bot.letter import Letters
from bot.rates import Rates
from bot.sender import send
from domain.clock import Clock
from domain.episode import Move
from domain.subscription import Delivery, DeliveryState
from storage.errors import StoreError
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

# A chat that must wait no longer than this is waited for; one that must wait longer gives its courier free.
_PATIENCE = timedelta(seconds=3)
_SOONEST = timedelta(seconds=0.25)  #: between two looks into the outbox, in real time
_SETTLE_EVERY = 0.5  #: seconds
_LAST_WORDS = 0.7  #: seconds that a delivery under way is given when the courier is told to stop


class Courier:
    """Delivers what is due. Several run side by side; a chat's deliveries keep their order."""

    def __init__(
        self, config: BotConfig, bot: Bot, store: Store, clock: Clock, rates: Rates, *, name: str = ""
    ) -> None:
        self.config = config
        self.bot = bot
        self.store = store
        self.clock = clock
        self.rates = rates
        self.name = name or f"courier-{secrets.token_hex(4)}"
        self.letters = Letters(simulated=config.simulated)
        self.telegram = Health("telegram", log)
        self.archive = Health("archive", log)

    @property
    def _speed(self) -> float:
        """What is promised in real time (a lease, an ordered pause) is longer on a clock that runs fast."""
        return float(getattr(self.clock, "speed", 1.0))

    async def run(self) -> None:
        """Deliver for ever."""
        async with asyncio.TaskGroup() as tasks:
            for n in range(self.config.couriers):
                tasks.create_task(self._work(f"{self.name}-{n}"), name=f"courier-{n}")

    async def _work(self, worker: str) -> None:
        with self.store.listen("deliveries") as notice:
            while True:
                try:
                    if await self.deliver_one(worker):
                        continue
                    pause = await self._until_next()
                    self.archive.well()
                except StoreError as error:
                    self.archive.broke(error.what)
                    pause = self.config.retry
                await notice.woken(self.clock, max(pause, _SOONEST * self._speed))

    async def _until_next(self) -> timedelta:
        now = self.clock.now()
        async with self.store.read() as tx:
            due = await tx.outbox.next_due(now)
        return self.config.poll if due is None else min(self.config.poll, due - now)

    async def deliver_one(self, worker: str = "") -> bool:
        """Take one delivery that is due and see it through. False: there was none."""
        now = self.clock.now()
        async with self.store.begin() as tx:
            delivery = await tx.outbox.claim_one(worker or self.name, now, self.config.lease * self._speed)
        if delivery is None:
            return False
        await _finished(self._see_through(delivery))
        return True

    async def _see_through(self, delivery: Delivery) -> None:
        wait = self.rates.wait(delivery.chat_id)
        outcome = Wait(wait) if wait > _PATIENCE else await self._carry(delivery)
        await self._settle_surely(delivery, outcome)

    async def _carry(self, delivery: Delivery) -> Outcome:
        async with self.store.read() as tx:
            alert, document = await tx.outbox.alert(delivery.alert_id)
            to = await tx.subscriptions.subscriber(delivery.chat_id)
            first = await tx.outbox.first_message(delivery.episode_id, delivery.chat_id)
            news = alert.move is not Move.CLOSED or await _was_told(tx, delivery)
        if to is None:
            return Gone("the chat is no longer let in")
        if not news:
            return Refused("never told of its beginning")
        late = (self.clock.now() - alert.at) / self._speed
        letter = await self.letters.write(alert, document, to, late)
        return await send(self.bot, delivery.chat_id, letter, first)

    async def _settle_surely(self, delivery: Delivery, outcome: Outcome) -> None:
        """Write down what became of it; while the archive is away, keep trying as long as the lease lasts."""
        if isinstance(outcome, Unreachable):
            self.telegram.broke(outcome.why)
        elif not isinstance(outcome, Wait):
            self.telegram.well()
        try:
            async with asyncio.timeout(self.config.lease.total_seconds()):
                # A database has no event to wait for: it is asked again.
                while not await self._settled(delivery, outcome):  # noqa: ASYNC110
                    await asyncio.sleep(_SETTLE_EVERY)
        except TimeoutError:
            log.error("bot: delivered, but that could not be written down", delivery=delivery.id)

    async def _settled(self, delivery: Delivery, outcome: Outcome) -> bool:
        try:
            async with self.store.begin() as tx:
                await self._settle(tx, delivery, outcome)
        except StoreError as error:
            self.archive.broke(error.what)
            return False
        return True

    async def _settle(self, tx: Transaction, delivery: Delivery, outcome: Outcome) -> None:
        now = self.clock.now()
        told = log.bind(chat=delivery.chat_id, episode=delivery.episode_id, delivery=delivery.id)
        match outcome:
            case Sent(message_id):
                if not await tx.outbox.settle(delivery, message_id, now):
                    told.warning("bot: sent, but the lease was lost: it may come twice")
            case Wait(delay):
                await tx.outbox.give_back(delivery, now + delay * self._speed, f"Telegram says wait: {delay}")
            case Moved(chat_id):
                await self._move(tx, delivery, chat_id)
                told.info("bot: the group became a supergroup", new=chat_id)
            case Gone(why):
                dropped = await tx.outbox.drop_chat(delivery.chat_id, why)
                await tx.subscriptions.end(delivery.chat_id, now, why)
                told.warning("bot: subscription ended, the chat is out of reach", why=why, dropped=dropped)
            case Unreachable(why):
                await tx.outbox.give_back(delivery, now + self._backoff(delivery) * self._speed, why)
            case Refused(why):
                await tx.outbox.drop(delivery, why)
                told.error("bot: Telegram will not take this alert", why=why)

    async def _move(self, tx: Transaction, delivery: Delivery, chat_id: int) -> None:
        await tx.outbox.give_back(delivery, self.clock.now(), f"moved to {chat_id}")
        await tx.move_chat(delivery.chat_id, chat_id)

    def _backoff(self, delivery: Delivery) -> timedelta:
        """Twice as long after each attempt, up to the longest."""
        doubled: int = 2 ** min(max(delivery.attempts - 1, 0), 12)
        return min(self.config.retry * doubled, self.config.retry_most)


async def _finished(work: Coroutine[None, None, None]) -> None:
    """Do it; when told to stop meanwhile, give it a moment more, for what is half done comes twice later."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_LAST_WORDS)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise


async def _was_told(tx: Transaction, delivery: Delivery) -> bool:
    """Whether the end is news to this chat: not when all it was to get before was dropped.

    A chat without any earlier delivery has moved here from another number, or it was routed on purpose.
    """
    earlier = [
        d
        for d in await tx.outbox.deliveries(delivery.episode_id)
        if d.chat_id == delivery.chat_id and d.id < delivery.id
    ]
    return not earlier or any(d.state is not DeliveryState.DROPPED for d in earlier)
