"""What every handler has at hand."""

import asyncio
from collections.abc import Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog

from alerts.budgets import Budgets
from alerts.config import AlertsConfig
from bot.access import Door
from bot.config import BotConfig
from bot.faults import Faults
from bot.finding import Search
from bot.letter import Letters
from bot.markup import Html, bold, joined
from bot.naming import Names
from bot.say import Say
from bot.texts import common
from domain.clock import Clock
from storage.store import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedBy:
    """The rules by which the engine judges, so that what is said of a channel's rhythm is what it knows."""

    rules: AlertsConfig = field(default_factory=AlertsConfig)
    topics: Collection[str] | None = None
    budgets: Budgets | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Where the pages are that one can be signed in to."""

    address: str
    link_expires: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    config: BotConfig
    store: Store
    clock: Clock
    door: Door
    letters: Letters = field(default_factory=Letters)
    claimants: Mapping[str, str] = field(default_factory=dict)  #: what people call each
    judged_by: JudgedBy = field(default_factory=JudgedBy)
    names: Names = field(default_factory=Names)  #: of claimants, places and weapons, by language
    search: Search | None = None  #: None: this installation has none
    pages: Pages | None = None  #: None: none are served
    faults: Faults | None = None  #: None: nobody judges how Deadair itself fares
    topics: Sequence[str] = ()  #: those that are judged
    reckoning: asyncio.Lock = field(default_factory=asyncio.Lock)  #: what takes the processor comes in turn
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)  #: what takes longer than a handler may

    def later(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """Do it beside whatever else is said; what fails is logged and does no harm to others."""

        async def done() -> None:
            try:
                await work
            except Exception as error:
                log.exception("bot: not done", what=what, error=str(error))

        task = asyncio.create_task(done(), name=what)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def stop(self) -> None:
        """End what is still under way."""
        for task in (tasks := list(self.tasks)):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def labelled(self, words: Html, say: Say) -> Html:
        """With the word that it is a simulation, where it is one."""
        return joined([bold(say(common.SIMULATION)), words]) if self.config.simulated else words
