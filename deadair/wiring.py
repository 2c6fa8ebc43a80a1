"""How the parts are built. They meet in the store only."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Sequence

from collector.config import App
from deadair.config import Setup
from deadair.secrets import require
from domain.clock import Clock
from storage.store import Store

#: Every part by its name, in the order in which a post meets them.
PARTS = ("collector", "reader", "alerts", "bot", "jobs")

Part = Callable[[], Awaitable[None]]

#: What each part is made of.
_MODULES = {
    "collector": "collector.run",
    "reader": "claims.reader",
    "alerts": "alerts.engine",
    "bot": "bot.app",
    "jobs": "deadair.jobs",
}


def load_code(only: Sequence[str] = PARTS) -> None:
    """Import what the parts are made of. Outside of the event loop Ctrl-C ends that at once."""
    for name in only:
        importlib.import_module(_MODULES[name])


def parts(setup: Setup, store: Store, clock: Clock, *, only: Sequence[str] = PARTS) -> dict[str, Part]:
    """The parts named, each a coroutine function that runs until cancelled.

    Raises SecretError when a part's secret is not given, before any part starts.
    """
    makers: dict[str, Callable[[Setup, Store, Clock], Part]] = {
        "collector": _collector,
        "reader": _reader,
        "alerts": _alerts,
        "bot": _bot,
        "jobs": _jobs,
    }
    return {name: makers[name](setup, store, clock) for name in PARTS if name in only}


def application(setup: Setup) -> App:
    """What Telegram knows this program by. Raises SecretError."""
    api_id = require(
        str(setup.api_id) if setup.api_id else None,
        "DEADAIR_API_ID",
        what="Telegram's application id",
        key="collector.api_id_file",
    )
    api_hash = require(
        setup.api_hash,
        "DEADAIR_API_HASH",
        what="Telegram's application hash",
        key="collector.api_hash_file",
    )
    return App(int(api_id), api_hash)


def _collector(setup: Setup, store: Store, clock: Clock) -> Part:
    from collector.run import collect

    config, app = setup.config, application(setup)
    return lambda: collect(
        config.collector, config.accounts, config.channels, store, clock, app=app, folder=setup.folder
    )


def _reader(setup: Setup, store: Store, clock: Clock) -> Part:
    from claims.reader import Reader
    from claims.version import settle_version
    from deadair.lexicon import reads_of

    async def read() -> None:
        # Building the lexicon takes its second.
        reads = await asyncio.to_thread(reads_of, setup)
        version = await settle_version(store, reads, clock.now())
        await Reader(store, reads, version=version, clock=clock, config=setup.config.claims).run()

    return read


def _alerts(setup: Setup, store: Store, clock: Clock) -> Part:
    from alerts.engine import Engine
    from deadair.budgets import budgets_of
    from deadair.lexicon import claimant_names, reads_of

    async def judge() -> None:
        # Building the lexicon takes its second; it proves the topics that are to be judged.
        reads = await asyncio.to_thread(reads_of, setup)
        rules = setup.config.alerts
        await Engine(
            store,
            clock,
            rules,
            topics={*rules.topics, *setup.config.topics},
            names=claimant_names(reads.lexicon),
            budgets=budgets_of(setup.config),
        ).run()

    return judge


def _bot(setup: Setup, store: Store, clock: Clock) -> Part:
    from bot.app import serve
    from deadair.lexicon import claimant_names, lexicon_of

    token = require(setup.bot_token, "DEADAIR_BOT_TOKEN", what="the bot's token", key="bot.token_file")

    async def speak() -> None:
        names = claimant_names(await asyncio.to_thread(lexicon_of, setup))
        await serve(setup.config.bot, token, store, clock, claimants=names)

    return speak


def _jobs(setup: Setup, store: Store, clock: Clock) -> Part:
    from deadair.jobs import run_jobs

    return lambda: run_jobs(setup.config.jobs, store, clock)
