"""A stream: when an invented channel posted and about what, with the truth behind it.

Times are hours since a Monday 00:00 UTC. The channel's own clock is UTC+3. Eight weeks are history, eight
weeks are the test.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

WEEK = 168.0
HISTORY, END = 8 * WEEK, 16 * WEEK
STEP = 1 / 6  #: of the grid on which the truth is kept, in hours
GRID: NDArray[np.float64] = np.arange(0, END, STEP)
LOCAL = 3  #: hours ahead of UTC
RATES = (3, 12, 50, 200, 600)  #: posts a day
TOPICS = 4  #: topic 0 is the one that is watched
MONTH = 720.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What was done to a stream."""

    kind: str  #: silence, drop, spike or topic
    level: float  #: share of posts that vanish; of a spike, how many times as many come
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What no detector may know, except the oracle and, in part, the bounds."""

    rate: NDArray[np.float64]  #: posts an hour on GRID, clusters included
    news: NDArray[np.float64]  #: the factor in it that is the news of the day, on GRID
    news_sd: float  #: of its logarithm
    news_for: float  #: hours after which it is forgotten
    share: NDArray[np.float64]  #: of topic 0, on GRID
    branching: float  #: posts that a post brings about in the mean
    delay: float  #: after how long, in hours
    inherit: float  #: how often such a post keeps to the topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The posts of one channel."""

    seed: tuple[int, ...]
    rate: float  #: posts a day, as ordered
    t: NDArray[np.float64]  #: in order
    topic: NDArray[np.int8]
    cluster: NDArray[np.int64] = field(repr=False)  #: which cluster a post belongs to
    truth: Truth | None = field(default=None, repr=False)
    event: Event | None = None
