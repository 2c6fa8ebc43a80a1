"""How the parts are built. They meet in the store only."""

from collections.abc import Awaitable, Callable, Sequence

from deadair.config import Setup
from deadair.secrets import require
from domain.clock import Clock
from storage.store import Store

#: Every part by its name, in the order in which a post meets them.
PARTS = ("collector", "reader", "alerts", "bot", "jobs")

Part = Callable[[], Awaitable[None]]


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


def _collector(setup: Setup, store: Store, clock: Clock) -> Part:
    from collector.config import App
    from collector.run import collect

    config = setup.config
    hint = {"what": "Telegram's application id", "key": "collector.api_id_file"}
    api_id = require(str(setup.api_id) if setup.api_id else None, "DEADAIR_API_ID", **hint)
    api_hash = require(
        setup.api_hash,
        "DEADAIR_API_HASH",
        what="Telegram's application hash",
        key="collector.api_hash_file",
    )
    app = App(int(api_id), api_hash)
    return lambda: collect(
        config.collector, config.accounts, config.channels, store, clock, app=app, folder=setup.folder
    )


def _reader(setup: Setup, store: Store, clock: Clock) -> Part:
    from claims.config import word_topics
    from claims.reader import Reader
    from claims.version import settle_version

    topics = setup.config.topics

    async def read() -> None:
        words = {name: topic.words for name, topic in topics.items()}
        version = await settle_version(store, words, clock.now())
        await Reader(
            store, word_topics(topics), version=version, clock=clock, config=setup.config.claims
        ).run()

    return read


def _alerts(setup: Setup, store: Store, clock: Clock) -> Part:
    from alerts.engine import Engine

    return Engine(store, clock, setup.config.alerts).run


def _bot(setup: Setup, store: Store, clock: Clock) -> Part:
    from bot.app import serve

    token = require(setup.bot_token, "DEADAIR_BOT_TOKEN", what="the bot's token", key="bot.token_file")
    return lambda: serve(setup.config.bot, token, store, clock)


def _jobs(setup: Setup, store: Store, clock: Clock) -> Part:
    from deadair.jobs import run_jobs

    return lambda: run_jobs(setup.config.jobs, store, clock)
