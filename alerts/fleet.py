"""What the channels that are long known have in common, for judging one that was found only lately.

The shape of their week, how long their pauses are in posts expected, and how far they scatter about what was
forecast. A channel's own rhythm takes over as it ripens (an empirical prior, as in Robbins 1956).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from alerts.rhythm import Rhythm

#: With fewer channels than this there is nothing in common yet.
LEAST = 3
WEEK = 168


@dataclass(frozen=True, slots=True)
class Prior:
    """What is to be expected of a channel of which little is known."""

    week: NDArray[np.float64]  #: mean 1 an hour, by the local hour of the week from Monday 00:00
    pauses: NDArray[np.float64]  #: part of all pauses in each bin of alerts/pauses.py
    scatter: Mapping[float, tuple[float, float]]  #: phi and v of each window, by its hours
    channels: int  #: of so many

    def blended(
        self, own: NDArray[np.float64], first: int, offset: float, part: float
    ) -> NDArray[np.float64]:
        """Hours from `first` on: `part` the channel's own, the rest what is common at its local hour."""
        return part * own + (1 - part) * self.week[_local(first + np.arange(len(own)), offset)]


@dataclass(slots=True)
class Known:
    """Of one channel that is ripe."""

    week: NDArray[np.float32]
    pauses: NDArray[np.float32]
    scatter: dict[float, tuple[float, float]]


@dataclass(slots=True)
class Fleet:
    """One entry for each channel that is ripe; taken up anew once a day of each."""

    known: dict[int, Known] = field(default_factory=dict)
    common: Prior | None = None  #: what was reckoned last, and
    day: int = -1  #: on which day

    def note(self, number: int, rhythm: "Rhythm", at: float) -> None:
        """A ripe channel has begun a new day at `at`: what its rhythm is by now."""
        start, hourly = rhythm.forecast.start, rhythm.forecast.hours(WEEK)
        week, hours, offset = np.empty(WEEK), int(start) + np.arange(WEEK), rhythm.offset(start)
        week[_local(hours, offset)] = hourly
        if (turn := rhythm.turned(start)) is not None:  # over all hours, for in spring one is left out
            week[_local(hours + turn.later[1 : WEEK + 1], offset)] = hourly
        pauses = rhythm.pauses
        self.known[number] = Known(
            week=(week / max(float(week.mean()), 1e-9)).astype(np.float32),
            pauses=(pauses / max(float(pauses.sum()), 1.0)).astype(np.float32),
            scatter=rhythm.scan.scatter,
        )

    def prior(self, at: float) -> Prior | None:
        """What is common to those known by `at`, reckoned once a day. None: too few are known."""
        day = int(at // 24)
        if day != self.day:
            self.day, self.common = day, self._pooled()
        return self.common

    def _pooled(self) -> Prior | None:
        known = list(self.known.values())
        if len(known) < LEAST:
            return None
        week = np.mean([k.week for k in known], axis=0, dtype=np.float64)
        pauses: NDArray[np.float64] = np.mean([k.pauses for k in known], axis=0, dtype=np.float64)
        windows = known[0].scatter
        return Prior(
            week=week / week.mean(),
            pauses=pauses,
            scatter={
                h: (median(k.scatter[h][0] for k in known), median(k.scatter[h][1] for k in known))
                for h in windows
            },
            channels=len(known),
        )


def _local(hour: NDArray[np.int64], offset: float) -> NDArray[np.int64]:
    """The local hour of the week of hours since 1970, a Thursday."""
    out: NDArray[np.int64] = (np.floor(hour + 0.5 + offset).astype(np.int64) + 3 * 24) % WEEK
    return out


#: So many pauses of the fleet's stand for those that a new channel has not made yet.
WEIGHT = 60.0


def pauses_with(own: NDArray[np.float64], prior: Prior | None, ripe: float) -> NDArray[np.float64]:
    """A channel's own pauses, by bin, with the fleet's beside them as far as it is not ripe."""
    if prior is None or ripe >= 1:
        return own
    return own + WEIGHT * (1 - ripe) * prior.pauses


def asked_for(ripe: float, posts: float, prior: Prior | None) -> float:
    """How sure a rhythm of this ripeness is: a pause is news when it is longer by the inverse of this.

    `posts` is which part of the posts that are wanted is known: the others tell of a channel's hours and of
    its scatter, and nothing of how much it posts.
    """
    return ripe if prior is None else min(math.cbrt(ripe), posts)
