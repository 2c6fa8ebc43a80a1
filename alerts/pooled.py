"""Many channels as one: how much came of what was to come from them together, by steps of ten minutes."""

import math

from alerts.detect.counts import log_at_most
from alerts.forecast import NEWS_FADES

STEP = 1 / 6  #: hours
#: Stretches that are looked at, in steps: ten minutes to a day.
WINDOWS = (1, 2, 3, 6, 12, 24, 48, 144)
#: Scatter of channels that share their news: variance = PHI * mean + V * mean².
PHI, V = 2.5, 0.05
#: The news factor of all together: half-life in hours, and posts that an ordinary day counts against it.
NEWS_HALF, NEWS_PRIOR = 3.0, 60.0
#: While more than this part of the posts still come nothing is reckoned; nor where so few were to come.
LIVELY, LEAST = 0.7, 4.0
#: They are back when this part of the usual posts comes again, over the shortest stretch that tells.
BACK, TELLING, FEW = 0.6, 12.0, 3.0
_KEEP = math.exp2(-STEP / NEWS_HALF)
_KEPT = 2 * WINDOWS[-1]
MONTH = 720.0


class Pooled:
    """Posts of many channels beside what was expected of those that could be seen."""

    __slots__ = ("_e", "_n", "_news", "_recent_e", "_recent_n", "count", "tick")

    def __init__(self) -> None:
        self.count = 0  #: posts since the last step
        self.tick = -1  #: number of the last step, counted from 1970
        self._n: list[float] = [0.0]
        self._e: list[float] = [0.0]
        self._news: list[float] = [1.0]
        self._recent_n = self._recent_e = 0.0

    @property
    def at(self) -> float:
        """Up to when it is counted."""
        return self.tick * STEP

    def step(self, expected: float) -> None:
        """Ten minutes are over, in which so many posts were to be expected of those that could be seen."""
        self.tick += 1
        came, self.count = self.count if expected > 0 else 0, 0
        self._n.append(self._n[-1] + came)
        self._e.append(self._e[-1] + expected)
        self._recent_n = self._recent_n * _KEEP + came
        self._recent_e = self._recent_e * _KEEP + expected
        self._news.append((NEWS_PRIOR + self._recent_n) / (NEWS_PRIOR + self._recent_e))
        if len(self._n) > 2 * _KEPT:
            del self._n[:-_KEPT], self._e[:-_KEPT], self._news[:-_KEPT]

    def forget(self) -> None:
        """What was is told and over: nothing is looked for before this."""
        del self._n[:-1], self._e[:-1], self._news[:-1]
        self._recent_n = self._recent_e = 0.0

    def score(self) -> float:
        """How improbable the lack of posts is, in nats: of the stretch that says most, its looks a month
        allowed for.
        """
        best, last = -math.inf, len(self._n) - 1
        for w in WINDOWS:
            if w > last:
                break
            observed = self._n[-1] - self._n[last - w]
            hours = w * STEP
            fade = NEWS_FADES / hours * (1 - math.exp(-hours / NEWS_FADES))
            expected = (self._e[-1] - self._e[last - w]) * (1 + (self._news[last - w] - 1) * fade)
            if expected < LEAST or observed > LIVELY * expected:
                continue
            chance = log_at_most(observed, expected, PHI, V) * math.log(10)
            best = max(best, -chance - math.log(2 * MONTH / hours))
        return best

    def onset(self) -> float:
        """Since when they lack: where the lack of posts, as a likelihood ratio, is greatest."""
        best, where, last = -math.inf, len(self._n) - 1, len(self._n) - 1
        for i in range(max(0, last - WINDOWS[-1]), last):
            observed, expected = self._n[-1] - self._n[i], self._e[-1] - self._e[i]
            if expected <= 0 or observed >= expected:
                continue
            ratio = (observed + 0.5) / (expected + 0.5)
            gain = observed * math.log(ratio) + expected * (1 - ratio)
            if gain > best:
                best, where = gain, i
        return (self.tick - (last - where)) * STEP

    def back_since(self, since: float) -> float | None:
        """From when on they post again, if they do; nothing before `since` is looked at."""
        last = len(self._n) - 1
        most = min(last, self.tick - math.ceil(since / STEP))
        for w in range(2, most + 1):
            expected = self._e[-1] - self._e[last - w]
            if expected >= TELLING or (w >= WINDOWS[-1] and expected >= FEW):
                if self._n[-1] - self._n[last - w] < BACK * expected:
                    return None
                return self._turn(last, most)
        return None

    def _turn(self, last: int, most: int) -> float:
        """Where, of the last `most` steps, the posting set in again."""
        best, where = -math.inf, last
        for i in range(last - most, last):
            before = self._e[i] - self._e[last - most] - (self._n[i] - self._n[last - most])
            after = self._n[-1] - self._n[i] - BACK / 2 * (self._e[-1] - self._e[i])
            if before / 2 + after > best:
                best, where = before / 2 + after, i
        return (self.tick - (last - where)) * STEP
