"""How many requests somebody may make: a bucket of tokens each, that fills with time. Pure."""

from collections import OrderedDict
from dataclasses import dataclass

#: So many askers are remembered; of more, those who have not asked for longest are forgotten.
_MOST = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


@dataclass(frozen=True, slots=True)
class Grant:
    """May it be done, and what is left."""

    ok: bool
    limit: int  #: a minute
    left: int
    wait: float  #: seconds until one more may be done; 0: at once


class Rates:
    """Each asker may ask so often a minute, and as often at once."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def ask(self, who: str, per_minute: int, now: float, cost: float = 1.0) -> Grant:
        """`now`: seconds on a clock that never goes back. `cost` 0: only look."""
        bucket = self._buckets.get(who)
        if bucket is None:
            bucket = _Bucket(float(per_minute), now)
            if cost:
                self._buckets[who] = bucket
                if len(self._buckets) > _MOST:
                    self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(who)
        bucket.left = min(float(per_minute), bucket.left + max(0.0, now - bucket.at) * per_minute / 60)
        bucket.at = now
        ok = bucket.left >= max(cost, 1.0)
        if ok:
            bucket.left -= cost
        wait = 0.0 if bucket.left >= 1 else (1 - bucket.left) * 60 / per_minute
        return Grant(ok, per_minute, int(bucket.left), wait)
