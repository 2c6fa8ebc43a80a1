"""The bot: polling for what people say, couriers for what they are told."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import structlog
from aiogram import Bot, Dispatcher, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.types import BotCommand
from aiogram.utils.token import TokenValidationError

from bot.access import Door
from bot.bell import Bell
from bot.config import BotConfig
from bot.courier import Courier
from bot.desk import Desk, JudgedBy, Pages
from bot.digests import Digests
from bot.errors import BadToken, outcome_of
from bot.faults import FaultBell, Faults
from bot.finding import Search
from bot.handlers import (
    alert,
    audit,
    candidate,
    channel,
    channels,
    charts,
    claims,
    habits,
    health,
    invite,
    member,
    mute,
    pages,
    people,
    quiet,
    request,
    start,
    status,
    subscribe,
    subscriptions,
    thresholds,
    trial,
)
from bot.handlers import help as help_
from bot.handlers import search as searching
from bot.knock import Knock
from bot.middlewares import Guard
from bot.naming import Names
from bot.polling import Polling
from bot.rates import Paced, Rates
from bot.reminders import Reminders
from bot.say import ENGLISH, LANGUAGES, say_in
from domain.clock import Clock, WallClock
from domain.subscription import Role
from storage.store import Store

log = structlog.get_logger(__name__)
E = TypeVar("E", bound=BaseException)

#: Does some work where and when this is the process that does it, with the archive that it may write.
Alone = Callable[[Callable[[Store], Awaitable[None]]], Awaitable[None]]


async def serve(
    config: BotConfig,
    token: str,
    store: Store,
    clock: Clock,
    *,
    pace: Clock | None = None,
    claimants: Mapping[str, str] | None = None,
    topics: Sequence[str] = (),
    judged_by: JudgedBy | None = None,
    names: Names | None = None,
    search: Search | None = None,
    pages: Pages | None = None,
    alone: Alone | None = None,
    faults: Faults | None = None,
) -> None:
    """Run the bot until cancelled. `pace` is the time Telegram's patience is measured on: real, but in tests.

    Telegram lets one program poll a token, and what goes out by the clock must go out once: both are done
    `alone`. Couriers share the deliveries with those of other processes.

    `claimants` says what people call each, `names` the same by language, of places and weapons too; `topics`
    are those that are judged, `judged_by` says how. Without a `search` that is said to whoever searches,
    without `pages` to whoever wants to sign in to them. Without `faults` nobody is told what is wrong with
    Deadair itself.

    Raises BadToken when Telegram does not know the token. Everything else that Telegram or the archive can do
    is waited out.
    """
    pace = pace or WallClock()
    rates = Rates(
        pace,
        per_second=config.per_second,
        chat_per_second=config.chat_per_second,
        group_per_minute=config.group_per_minute,
    )
    bot = make_bot(config, token, rates)

    async def listen(store: Store) -> None:
        door = Door(config, store, clock, pace)
        await door.let_owners_in()
        desk = Desk(
            config=config,
            store=store,
            clock=clock,
            door=door,
            letters=courier.letters,
            claimants=claimants or {},
            judged_by=judged_by or JudgedBy(),
            names=names or Names(),
            search=search,
            pages=pages,
            faults=faults,
            topics=sorted(topics),
        )
        polling = Polling(config, bot, make_dispatcher(desk), store, clock)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(polling.run(), name="polling")
                tasks.create_task(Reminders(config, store, clock).run(), name="reminders")
                tasks.create_task(Digests(config, bot, store, clock).run(), name="digests")
                tasks.create_task(Bell(config, bot, store, clock).run(), name="bell")
                if faults is not None:
                    bell = FaultBell(faults, config, bot, store, clock)
                    tasks.create_task(bell.run(), name="faults")
                tasks.create_task(Knock(config, bot, store, clock).run(), name="knock")
                tasks.create_task(_tell_commands(bot), name="commands")
        finally:
            await desk.stop()

    try:
        courier = Courier(config, bot, store, clock, rates)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(courier.run(), name="courier")
            tasks.create_task(_as_one(alone, listen, store), name="listening")
    except BaseExceptionGroup as group:
        if (bad := next(_within(group, BadToken), None)) is not None:
            raise bad from None
        raise
    finally:
        await bot.session.close()


def make_bot(config: BotConfig, token: str, rates: Rates) -> Bot:
    """A bot that keeps to the rates. Raises BadToken for what cannot be one."""
    server = TelegramAPIServer.from_base(config.api_base) if config.api_base else PRODUCTION
    session = AiohttpSession(api=server, timeout=config.timeout.total_seconds())
    session.middleware(Paced(rates))
    try:
        return Bot(token, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
    except TokenValidationError as error:
        raise BadToken(str(error)) from None


def make_dispatcher(desk: Desk) -> Dispatcher:
    """All handlers, behind the guard."""
    dispatcher = Dispatcher(disable_fsm=True, desk=desk)
    guard = Guard(desk.door)
    for name, observer in dispatcher.observers.items():
        if name not in ("update", "error"):  # aiogram's own way in, and what tells of failures
            observer.middleware(guard)
    dispatcher.include_routers(*make_routers())
    return dispatcher


def make_routers() -> list[Router]:
    """Every group of commands; the last one answers what no other did."""
    asking = (
        member,
        start,
        subscribe,
        subscriptions,
        status,
        channel,
        charts,
        claims,
        searching,
        alert,
        pages,
    )
    settling = (mute, quiet, habits, trial)
    running = (candidate, request, invite, people, channels, thresholds, health, audit)
    groups = (*asking, *settling, *running, help_)
    return [*(group.make_router() for group in groups), help_.make_rest()]


async def _as_one(alone: Alone | None, work: Callable[[Store], Awaitable[None]], store: Store) -> None:
    """Without `alone` there is no other process."""
    await (work(store) if alone is None else alone(work))


def _within(group: BaseExceptionGroup[BaseException], kind: type[E]) -> Iterator[E]:
    """The errors of one kind in a group, however deep."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _within(error, kind)
        elif isinstance(error, kind):
            yield error


async def _tell_commands(bot: Bot) -> None:
    """Let Telegram show what can be said. A comfort only: where it fails, nothing is lost."""
    try:
        for language in LANGUAGES:
            say = say_in(language)
            commands = [
                BotCommand(command=name, description=say.bare(what))
                for name, what, role in help_.COMMANDS
                if role is Role.GUEST
            ]
            # Without a language it is for all that have none of their own.
            await bot.set_my_commands(commands, language_code=None if say is ENGLISH else language)
    except Exception as error:
        log.info("bot: the list of commands was not taken", why=str(outcome_of(error)))
