"""What the pages are made from, and for whom."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

from starlette.requests import Request

from alerts.budgets import Budgets
from alerts.config import AlertsConfig
from archive.pages.names import Names
from archive.pages.normal import Usuals
from archive.pages.tuning import Tuner
from domain.clock import Clock
from domain.subscription import Role
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who looks, as the sign-in knows them."""

    name: str  #: as an opinion is signed
    role: Role
    language: str = "en"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    person: int = 0  #: their number on Telegram, where they came by the bot
    csrf: str = ""  #: what a form must bring back

    def may(self, role: Role) -> bool:
        return self.role.at_least(role)


class Gate(Protocol):
    """The way in: who somebody is, and that a form comes from a page of ours."""

    async def enter(self, request: Request) -> Visitor:
        """Raises what sends them to the sign-in."""

    async def form(self, request: Request, visitor: Visitor) -> Mapping[str, str]:
        """The fields of a form that is theirs. Raises what refuses others."""


async def _no_names() -> Names:
    return Names()


@dataclass(slots=True, kw_only=True)
class Site:
    """The archive, and by what it is judged."""

    store: Store
    clock: Clock
    rules: AlertsConfig
    topics: Collection[str] = ()  #: whose silence is judged
    budgets: Budgets = field(default_factory=Budgets)
    gate: Gate
    named: Callable[[], Awaitable[Names]] = _no_names  #: reads the lexicon, which takes its second
    usuals: Usuals = field(default_factory=Usuals)
    tuner: Tuner = field(default_factory=Tuner)
    _names: Names | None = None

    async def names(self) -> Names:
        """What the lexicon calls things, read once."""
        if self._names is None:
            self._names = await self.named()
        return self._names
