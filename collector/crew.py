"""The accounts as one process knows them: which are here, what is to be watched, and who watches it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from collector.account import Account
from collector.config import AccountConfig, ChannelConfig, CollectorConfig
from collector.far import Far
from collector.spread import Place
from domain.clock import Clock
from storage.keeper import Keeper
from storage.store import Store


@dataclass(slots=True, kw_only=True)
class Crew:
    """Shared by those who decide, and those who see to it. `keeper`: None: no other process has any."""

    config: CollectorConfig
    accounts: Sequence[AccountConfig]
    clock: Clock
    keeper: Keeper | None
    workers: dict[str, Account] = field(default_factory=dict)  #: all, by name
    here: dict[str, Store] = field(
        default_factory=dict
    )  #: those this process has, each with what it may write
    channels: dict[str, ChannelConfig] = field(default_factory=dict)  #: what is to be watched, by key
    places: Mapping[str, Place] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)  #: channels that another process is to let go of first
    lost: set[str] = field(default_factory=set)  #: accounts that could watch nothing when it was last decided
    far: Mapping[str, Far] = field(default_factory=dict)  #: accounts, as far as they are not here

    def at_work(self) -> dict[str, Account]:
        """Those of this process, by name."""
        return {name: self.workers[name] for name in self.here}
