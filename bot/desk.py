"""What every handler has at hand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from alerts.budgets import Budgets
from alerts.config import AlertsConfig
from bot.access import Door
from bot.config import BotConfig
from bot.finding import Search
from bot.markup import Html, bold, joined
from bot.naming import Names
from bot.say import Say
from bot.texts import common
from domain.clock import Clock
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedBy:
    """The rules by which the engine judges, so that what is said of a channel's rhythm is what it knows."""

    rules: AlertsConfig = field(default_factory=AlertsConfig)
    topics: Collection[str] | None = None
    budgets: Budgets | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    config: BotConfig
    store: Store
    clock: Clock
    door: Door
    claimants: Mapping[str, str] = field(default_factory=dict)  #: what people call each
    judged_by: JudgedBy = field(default_factory=JudgedBy)
    names: Names = field(default_factory=Names)  #: of claimants, places and weapons, by language
    search: Search | None = None  #: None: this installation has none
    topics: Sequence[str] = ()  #: those that are judged

    def labelled(self, words: Html, say: Say) -> Html:
        """With the word that it is a simulation, where it is one."""
        return joined([bold(say(common.SIMULATION)), words]) if self.config.simulated else words
