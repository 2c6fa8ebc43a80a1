"""The usual check on a topic: its share of the last days against that of the four weeks before."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from benchmarks.detection.peers.parts import closing, counts
from benchmarks.detection.score import Path
from benchmarks.detection.stream import Stream


class ShareTest:
    """A binomial test, once an hour."""

    def __init__(self, days: int) -> None:
        self.name = f"share test, {days} d against 28 d"
        self._hours = 24 * days

    def paths(self, stream: Stream, a: float, b: float, want: Sequence[str]) -> dict[str, Path]:
        if "topic" not in want:
            return {}
        posts = np.r_[0, np.cumsum(counts(stream.t, 1.0))]
        about = np.r_[0, np.cumsum(counts(stream.t[stream.topic == 0], 1.0))]
        now = closing(1.0, a, b) + 1
        then, before = now - self._hours, now - self._hours - 672
        share = (about[then] - about[before] + 0.5) / (posts[then] - posts[before] + 1)
        log_p = stats.binom.logcdf(about[now] - about[then], posts[now] - posts[then], share)
        return {"topic": (now.astype(float), -log_p)}


SHARES = (ShareTest(3), ShareTest(7))
