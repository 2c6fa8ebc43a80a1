"""How the parts are built. They meet in the store only."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from archive.web.config import WebConfig
from collector.config import WEB, App, ChannelConfig
from deadair.config import Setup
from deadair.secrets import require
from domain.check import Check
from domain.clock import Clock
from domain.current import Current
from domain.place import place
from storage.keeper import Keeper, Work
from storage.store import Store

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from alerts.engine import Engine
    from archive.pages.site import Site
    from claims.lexicon.load import Lexicon
    from claims.version import Reads

#: Every part by its name, in the order in which a post meets them.
PARTS = ("collector", "reader", "indexer", "alerts", "bot", "web", "jobs", "health")

#: Those whose progress is watched over, whichever process they run in.
WORKING = ("collector", "reader", "indexer", "alerts", "bot", "jobs")

#: Those that as a whole one process does, of however many run them, under a lease of their name.
LEASED = ("reader", "indexer", "alerts", "jobs")

Part = Callable[[], Awaitable[None]]

#: What each part is made of.
_MODULES = {
    "collector": "collector.run",
    "reader": "claims.reader",
    "indexer": "archive.indexer",
    "alerts": "alerts.engine",
    "bot": "bot.app",
    "web": "archive.web.serve",
    "jobs": "deadair.jobs",
    "health": "deadair.health.watch",
}


def load_code(only: Sequence[str] = PARTS) -> None:
    """Import what the parts are made of. Outside of the event loop Ctrl-C ends that at once."""
    if "bot" in only:
        importlib.import_module("bot.models")  # before anything else of it
    for name in only:
        importlib.import_module(_MODULES[name])


def parts(
    setup: Setup,
    store: Store,
    clock: Clock,
    keeper: Keeper,
    *,
    only: Collection[str] = PARTS,
    channels: Current[Sequence[ChannelConfig]] | None = None,
) -> dict[str, Part]:
    """The parts named, each a coroutine function that runs until cancelled. `keeper`: of the leases under
    which they work; `channels`: those that the collector watches, where they may change while it runs.

    Raises SecretError when a part's secret is not given, before any part starts.
    """
    reads = _Reads(setup)
    makers: dict[str, Callable[[], Work]] = {
        "collector": lambda: _collector(setup, clock, channels, keeper),
        "reader": lambda: _reader(setup, clock, reads),
        "indexer": lambda: _indexer(setup, clock),
        "alerts": lambda: _alerts(setup, clock, reads),
        "bot": lambda: _bot(setup, clock, reads, keeper),
        "web": lambda: _web(setup, clock, reads),
        "jobs": lambda: _jobs(setup, clock),
        "health": lambda: _health(setup, clock),
    }
    works = {name: makers[name]() for name in PARTS if name in only}
    return {
        name: partial(keeper.alone, name, work) if name in LEASED else partial(work, store)
        for name, work in works.items()
    }


class _Reads:
    """What posts are read with, built once for all parts of a process, for it takes its second of work."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._building = asyncio.Lock()
        self._built: Reads | None = None

    async def built(self) -> "Reads":
        """Raises ConfigError when the lexicon's files or names in the config are wrong."""
        from deadair.lexicon import reads_of

        async with self._building:
            if self._built is None:
                self._built = await asyncio.to_thread(reads_of, self._setup)
        return self._built


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
    return App(int(api_id), api_hash, setup.keyring)


def _collector(
    setup: Setup, clock: Clock, current: Current[Sequence[ChannelConfig]] | None, keeper: Keeper
) -> Work:
    from collector.run import collect

    config = setup.config
    # Where every channel is read from the web there is no program that speaks with Telegram.
    needs = not config.channels or any(channel.source != WEB for channel in config.channels)
    app = application(setup) if needs else None
    return lambda store: collect(
        config.collector,
        config.accounts,
        config.channels,
        store,
        clock,
        app=app,
        folder=setup.folder,
        current=current,
        keeper=keeper,
    )


def _reader(setup: Setup, clock: Clock, reads: _Reads) -> Work:
    from claims.reader import Reader
    from claims.version import settle_version

    async def read(store: Store) -> None:
        built = await reads.built()
        version = await settle_version(store, built, clock.now())
        await Reader(store, built, version=version, clock=clock, config=setup.config.claims).run()

    return read


def _indexer(setup: Setup, clock: Clock) -> Work:
    from archive.indexer import Indexer

    return lambda store: Indexer(store, clock, setup.config.archive).run()


def engine_of(setup: Setup, lexicon: "Lexicon", store: Store, clock: Clock) -> "Engine":
    """The engine as the config has it. The lexicon is one that proves the topics that are to be judged."""
    from alerts.engine import Engine
    from deadair.budgets import budgets_of
    from deadair.lexicon import claimant_names

    rules = setup.config.alerts
    return Engine(
        store,
        clock,
        rules,
        topics={*rules.topics, *setup.config.topics},
        names=claimant_names(lexicon),
        budgets=budgets_of(setup.config),
        folder=setup.folder,
    )


def _alerts(setup: Setup, clock: Clock, reads: _Reads) -> Work:
    from alerts.herald import Herald
    from collector.tasks import together
    from deadair.lexicon import entry_names

    async def judge(store: Store) -> None:
        lexicon = (await reads.built()).lexicon
        rules = setup.config.alerts
        herald = Herald(store, clock, rules.claims_within, entry_names(lexicon), poll=rules.poll)
        await together(engine_of(setup, lexicon, store, clock).run(), herald.run())

    return judge


def _bot(setup: Setup, clock: Clock, reads: _Reads, keeper: Keeper) -> Work:
    from bot.app import serve
    from bot.desk import JudgedBy, Pages
    from bot.faults import Faults
    from bot.naming import Names
    from deadair.budgets import budgets_of
    from deadair.health.examine import examine, measure_of
    from deadair.history import judged_topics
    from deadair.lexicon import claimant_names, names_by_language
    from deadair.searching import search_for_bot

    web = setup.config.web
    token = require(setup.bot_token, "DEADAIR_BOT_TOKEN", what="the bot's token", key="bot.token_file")

    measure = measure_of(setup, WORKING)

    async def found(store: Store, now: datetime) -> Sequence[Check]:
        _, checks = await examine(store, now, measure)
        return checks

    async def speak(store: Store) -> None:
        lexicon = (await reads.built()).lexicon
        topics = judged_topics(setup.config)
        faults = Faults(find=found, after=setup.config.health.tell_after)
        await serve(
            setup.config.bot,
            token,
            store,
            clock,
            claimants=claimant_names(lexicon),
            topics=sorted(topics),
            names=Names(known=names_by_language(lexicon)),
            search=search_for_bot(store, web.query_longest),
            pages=Pages(address=web.base, link_expires=web.link_expires) if web.base else None,
            judged_by=JudgedBy(rules=setup.config.alerts, topics=topics, budgets=budgets_of(setup.config)),
            alone=partial(keeper.alone, "bot"),
            # Where days pass in seconds, no part keeps up with them.
            faults=None if setup.config.bot.simulated or clock.speed > 1 else faults,
        )

    return speak


@asynccontextmanager
async def web_app(
    config: WebConfig, store: Store, clock: Clock, *, site: "Site | None" = None
) -> AsyncIterator["ASGIApp"]:
    """The API and the pages, behind one door. Without a `site`, the pages judge by the rules as shipped."""
    from alerts.config import AlertsConfig
    from archive.api.v1 import make_api
    from archive.pages.gate import DoorGate
    from archive.pages.routes.router import pages
    from archive.pages.site import Site
    from archive.web.app import make_app

    hurried = store.hurried(config.query_longest)
    site = site or Site(store=hurried, clock=clock, rules=AlertsConfig(), gate=DoorGate())
    try:
        async with make_app(config, store, clock, routers=[make_api(), pages(site)]) as app:
            yield app
    finally:
        await site.usuals.stop()


def _web(setup: Setup, clock: Clock, reads: _Reads) -> Work:
    """Serves nothing where no place is named, as the other parts go on all the same."""
    config = setup.config.web

    async def answer(store: Store) -> None:
        from archive.pages.gate import DoorGate
        from archive.pages.names import Names, names_of
        from archive.pages.site import Site
        from archive.web.serve import serve
        from deadair.budgets import budgets_of
        from deadair.history import judged_topics

        async def names() -> Names:
            return names_of((await reads.built()).lexicon)

        if not config.listen:
            await asyncio.Event().wait()
        site = Site(
            store=store.hurried(config.query_longest),
            clock=clock,
            rules=setup.config.alerts,
            topics=judged_topics(setup.config),
            budgets=budgets_of(setup.config),
            gate=DoorGate(setup.config.archive.zone),
            named=names,
        )
        async with web_app(config, store, clock, site=site) as app:
            await serve(config, app)

    return answer


def _jobs(setup: Setup, clock: Clock) -> Work:
    from collector.disk import Disk
    from deadair.jobs import Backups, Keeping, run_jobs

    backups = Backups(setup.config.backup, place(setup.folder, setup.config.backup.folder))
    disk = Disk(place(setup.folder, setup.config.collector.files.folder))
    keeping = Keeping(setup.config, disk)
    return lambda store: run_jobs(setup.config.jobs, backups, store, clock, keeping)


def _health(setup: Setup, clock: Clock) -> Work:
    from deadair.health.examine import measure_of
    from deadair.health.watch import HealthWatch

    measure = measure_of(setup, WORKING)
    return lambda store: HealthWatch(measure, store, clock).run()
