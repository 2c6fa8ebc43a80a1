"""Which accounts cannot read which channel, and whether another may be asked for it."""

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import datetime

import structlog

from collector.config import ChannelConfig
from collector.crew import Crew
from collector.far import Far
from collector.resolving import Elsewhere, key_of

log = structlog.get_logger(__name__)


class Refusals:
    """`changed` is called when it is to be decided anew who watches what."""

    def __init__(self, crew: Crew, changed: Callable[[], None]) -> None:
        self._crew = crew
        self._changed = changed
        self.of: dict[str, list[str]] = defaultdict(list)  #: channel -> accounts that cannot read it
        self._exhausted: dict[str, datetime] = {}  #: channels that none of them can read, and since when
        self._last: dict[str, datetime] = {}  #: when an account could not read a channel last

    def adopt(self, each: Far) -> None:
        """What an account elsewhere was refused is refused; what all were, the first one has to say."""
        for key, names in each.report.refused.items():
            refused = self.of[key]
            if key in self._exhausted:
                continue
            self.add(key, names)
            if len(refused) == len(self._crew.workers):
                self._exhausted[key] = self._crew.clock.now()
                del refused[0]

    def add(self, key: str, names: Collection[str]) -> None:
        """These cannot read it, either."""
        if new := [name for name in names if name not in self.of[key]]:
            self.of[key] += new
            self._last[key] = self._crew.clock.now()

    def forget(self, read: Collection[str]) -> None:
        """Of channels that are read, whoever could not long ago may be able to by now; it is found out when
        somebody must stand in, or by a witness.
        """
        now = self._crew.clock.now()
        for key in [key for key in read if self.of.get(key)]:
            if now - self._last.get(key, now) > self._crew.config.refresh_every:
                self.of[key].clear()
                self._exhausted.pop(key, None)

    def elsewhere_of(self, name: str) -> Elsewhere:
        """For the account of that name to ask."""

        def elsewhere(config: ChannelConfig, why: str) -> bool:
            """May another account read what this one cannot? When none can, the one that had it says so."""
            key, now = key_of(config), self._crew.clock.now()
            place = self._crew.places.get(key)
            stands_in = place is not None and place.home not in (None, name)
            if key in self._exhausted and now - self._exhausted[key] > self._crew.config.return_every:
                del self._exhausted[key]
                self.of[key].clear()
            if not stands_in and (name == config.account or key in self._exhausted):
                return False
            refused = self.of[key]
            gone = {
                n for n in self._crew.workers if (w := self._crew.at_work().get(n)) is not None and w.is_lost
            }
            gone |= self._crew.lost - self._crew.here.keys()
            others = [n for n in self._crew.workers if n not in (name, *refused) and n not in gone]
            if not others and not stands_in and not refused:
                return False
            self.add(key, [name])
            if not others and not stands_in:
                self._exhausted[key] = self._last[key] = now
                refused[:] = [n for n in self._crew.workers if n != refused[0]]
            log.info("another account is asked for the channel", channel=config.name, account=name, said=why)
            self._changed()
            return True

        return elsewhere
