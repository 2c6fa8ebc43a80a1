"""The courier: takes deliveries from the outbox, sends them, and settles what became of each.

At least once: between sending and settling a crash makes a double, which the episode's number shows for what
it is. The other order would lose an alert.
"""

import asyncio
import secrets
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiogram import Bot

from alerts.hushing import Decision, Fate, is_end
from bot.config import BotConfig
from bot.errors import Gone, Moved, Outcome, Refused, Sent, Unreachable, Wait
from bot.health import Health
from bot.letter import Letters
from bot.parcel import send_together
from bot.parting import part
from bot.rates import Rates
from bot.sender import send
from bot.situation import Situation, look
from domain.clock import Clock
from domain.errors import DeadairError
from domain.subscription import Delivery
from storage.errors import StoreError
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

# A chat that must wait no longer than this is waited for; one that must wait longer gives its courier free.
_PATIENCE = timedelta(seconds=3)
_SOONEST = timedelta(seconds=0.25)  #: between two looks into the outbox, in real time
# The same where all that is due follows on what another courier carries, who goes on with it himself.
_BEHIND = timedelta(seconds=1)
_SETTLE_EVERY = 0.5  #: seconds
_LAST_WORDS = 0.7  #: seconds that a delivery under way is given when the courier is told to stop


@dataclass(frozen=True, slots=True)
class Stumbled:
    """It failed in a way that nobody has thought of."""

    why: str


#: What becomes of a delivery: what Telegram made of it, or what the chat wants to hear.
End = Outcome | Decision | Stumbled


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
        self.letters = Letters(simulated=config.simulated, pages=config.pages)
        self.telegram = Health("telegram", log)
        self.archive = Health("archive", log)

    async def run(self) -> None:
        """Deliver for ever."""
        async with asyncio.TaskGroup() as tasks:
            for n in range(self.config.couriers):
                tasks.create_task(self._work(f"{self.name}-{n}"), name=f"courier-{n}")

    async def _work(self, worker: str) -> None:
        with self.store.listen("deliveries") as notice:
            while True:
                try:
                    # A look costs less than the transaction in which a delivery is leased.
                    pause = await self._until_next()
                    if pause <= timedelta():
                        if await self.deliver_one(worker):
                            continue
                        pause = _BEHIND
                    self.archive.well()
                except StoreError as error:
                    self.archive.broke(error.what)
                    pause = self.config.retry
                await notice.polled(self.clock, max(pause, _SOONEST))

    async def _until_next(self) -> timedelta:
        now = self.clock.now()
        async with self.store.read() as tx:
            due = await tx.outbox.next_due(now)
        return self.config.poll if due is None else min(self.config.poll, due - now)

    async def deliver_one(self, worker: str = "") -> bool:
        """Take one delivery that is due and see it through. False: there was none."""
        now = self.clock.now()
        async with self.store.begin() as tx:
            delivery = await tx.outbox.claim_one(
                worker or self.name, now, self.config.lease * self.clock.speed
            )
        if delivery is None:
            return False
        await _finished(self._attempt(delivery))
        return True

    async def _attempt(self, delivery: Delivery) -> None:
        """See it through; one that nobody can is put off, and keeps no other from going out."""
        try:
            await self._see_through(delivery)
        except DeadairError:
            raise  # the archive is away, or the token is wrong
        except Exception as error:
            log.exception(
                "bot: a delivery failed",
                chat=delivery.chat_id,
                episode=delivery.episode_id,
                delivery=delivery.id,
            )
            await self._settle_surely([(delivery, Stumbled(repr(error)))])

    async def _see_through(self, delivery: Delivery) -> None:
        wait = self.rates.wait(delivery.chat_id)
        if wait > _PATIENCE:
            await self._settle_surely([(delivery, Wait(wait))])
            return
        now = self.clock.now()
        async with self.store.read() as tx:
            found = await look(tx, delivery, now)
        if found is None:
            await self._settle_surely([(delivery, Gone("the chat is no longer let in"))])
            return
        decision = found.decide(now)
        if self._is_for_digest(found) and (decision.fate is Fate.NOW or is_end(found.alert)):
            await self._see_through_together(delivery)
            return
        await self._settle_surely([(delivery, await self._carry(found, decision))])

    def _is_for_digest(self, found: Situation) -> bool:
        """Has it waited so long that it is told with whatever else has?"""
        delivery = found.delivery
        if delivery.hold is not None:
            return delivery.hold.ends_in_digest
        return self._late(found) >= self.config.digest_after

    async def _see_through_together(self, first: Delivery) -> None:
        """All that is due for the chat: changes of messages one by one, whatever rings in one digest."""
        now = self.clock.now()
        async with self.store.begin() as tx:
            deliveries = [first, *await tx.outbox.claim_rest(first, now)]
            numbers = {d.id for d in deliveries}
            found = [s for d in deliveries if (s := await look(tx, d, now, numbers)) is not None]
        ends: list[tuple[Delivery, End]] = []
        rings: list[Situation] = []
        for each in found:
            decision = each.decide(now)
            if decision.fate is Fate.NOW and decision.rings:
                rings.append(each)
            else:
                ends.append((each.delivery, await self._carry(each, decision)))
        if len(rings) == 1 and (rings[0].told or not is_end(rings[0].alert)):
            ends.append((rings[0].delivery, await self._carry(rings[0], rings[0].decide(now))))
            rings = []
        done: Outcome | None = None
        if rings:
            try:
                done = await send_together(self.bot, self.store, self.letters, rings, now)
            except DeadairError:
                raise
            except Exception:
                log.exception("bot: no digest could be written", chat=first.chat_id, alerts=len(rings))
                ends += [(s.delivery, await self._carry(s, s.decide(now))) for s in rings]
                rings = []
        await self._settle_surely([*ends, *((s.delivery, done) for s in rings if done)], digested=rings)

    async def _carry(self, found: Situation, decision: Decision) -> End:
        """Send it if it is to be sent now."""
        if decision.fate is not Fate.NOW:
            return decision
        late = timedelta() if found.delivery.hold is not None else self._late(found)
        letter = await self.letters.write(
            found.alert, found.document, found.to, late, answer=found.answer, rings=decision.rings
        )
        return await send(self.bot, found.to.chat_id, letter, found.message_id)

    def _late(self, found: Situation) -> timedelta:
        """In real time."""
        return (self.clock.now() - found.alert.at) / self.clock.speed

    async def _settle_surely(
        self, ends: Sequence[tuple[Delivery, End]], *, digested: Sequence[Situation] = ()
    ) -> None:
        """Write down what became of them; while the archive is away, keep trying while the lease lasts."""
        for _, end in ends:
            if isinstance(end, Unreachable):
                self.telegram.broke(end.why)
            elif not isinstance(end, Wait | Decision | Stumbled):
                self.telegram.well()
        try:
            async with asyncio.timeout(self.config.lease.total_seconds()):
                # A database has no event to wait for: it is asked again.
                while not await self._settled(ends, digested):  # noqa: ASYNC110
                    await asyncio.sleep(_SETTLE_EVERY)
        except TimeoutError:
            log.error(
                "bot: delivered, but that could not be written down", deliveries=[d.id for d, _ in ends]
            )

    async def _settled(self, ends: Sequence[tuple[Delivery, End]], digested: Sequence[Situation]) -> bool:
        numbers = {s.delivery.id for s in digested}
        # What was held for the night, or came late, stands in for a digest only where nothing is told but by
        # digests. Where they sum up what was told, they sum up that as well.
        stands_in = any(s.wishes.digest is not None and s.wishes.digest.instead for s in digested)
        try:
            async with self.store.begin() as tx:
                for delivery, end in ends:
                    await self._settle(tx, delivery, end, digested=delivery.id in numbers)
                if stands_in and any(isinstance(end, Sent) for d, end in ends if d.id in numbers):
                    await tx.hushes.digest_sent(digested[0].to.chat_id, self.clock.now())
        except StoreError as error:
            self.archive.broke(error.what)
            return False
        return True

    async def _settle(self, tx: Transaction, delivery: Delivery, end: End, *, digested: bool = False) -> None:
        now = self.clock.now()
        told = log.bind(chat=delivery.chat_id, episode=delivery.episode_id, delivery=delivery.id)
        match end:
            case Sent(message_id):
                if not await tx.outbox.settle(delivery, message_id, now, digested=digested):
                    told.warning("bot: sent, but the lease was lost: it may come twice")
                await tx.outbox.supersede(delivery, "a later alert of the episode told it")
            case Decision():
                await self._hush(tx, delivery, end)
            case Wait(delay):
                await tx.outbox.give_back(
                    delivery, now + delay * self.clock.speed, f"Telegram says wait: {delay}"
                )
            case Moved(chat_id):
                await tx.outbox.give_back(delivery, now, f"moved to {chat_id}")
                await tx.move_chat(delivery.chat_id, chat_id)
                told.info("bot: the group became a supergroup", new=chat_id)
            case Gone(why):
                dropped = await part(tx, delivery.chat_id, now, why)
                told.warning("bot: subscription ended, the chat is out of reach", why=why, dropped=dropped)
            case Unreachable(why) | Stumbled(why):
                await tx.outbox.give_back(delivery, now + self._backoff(delivery) * self.clock.speed, why)
            case Refused(why):
                await tx.outbox.drop(delivery, why)
                told.error("bot: Telegram will not take this alert", why=why)

    async def _hush(self, tx: Transaction, delivery: Delivery, decision: Decision) -> None:
        """It is told later or not at all. A later alert says what an earlier one that is held was to say."""
        if decision.fate is Fate.HOLD and decision.until is not None and decision.hold is not None:
            await tx.outbox.hold(delivery, decision.until, decision.hold, decision.reason)
        else:
            await tx.outbox.drop(delivery, decision.reason)
        await tx.outbox.supersede(delivery, f"a later alert of the episode is {decision.fate.value}")

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
