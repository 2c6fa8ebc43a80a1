"""Lets something happen for each person only now and then, and remembers no more of them than fit."""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime, timedelta

from domain.clock import Clock

_MOST = 10_000  #: remembered at once


class Seldom:
    """`pace` is the time it is measured on; `every` how long it stays shut for a key after it let it pass."""

    def __init__(self, pace: Clock, every: timedelta) -> None:
        self._pace = pace
        self._every = every
        self._passed: OrderedDict[Hashable, datetime] = OrderedDict()

    def passes(self, key: Hashable) -> bool:
        """Whether it may happen now; a yes counts."""
        now = self._pace.now()
        last = self._passed.get(key)
        if last is not None and now - last < self._every:
            return False
        self._passed.pop(key, None)
        self._passed[key] = now
        if len(self._passed) > _MOST:
            self._passed.popitem(last=False)
        return True
