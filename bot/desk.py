"""What every handler has at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.access import Door
from bot.config import BotConfig
from bot.markup import Html, bold, joined
from bot.say import Say
from bot.texts import common
from domain.clock import Clock
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    config: BotConfig
    store: Store
    clock: Clock
    door: Door
    claimants: Mapping[str, str] = field(default_factory=dict)  #: what people call each
    topics: Sequence[str] = ()  #: those that are judged

    def labelled(self, words: Html, say: Say) -> Html:
        """With the word that it is a simulation, where it is one."""
        return joined([bold(say(common.SIMULATION)), words]) if self.config.simulated else words
