"""Did a channel's audience jump or fall? Judged by how it usually moves from one count to the next. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import expm1, log, log1p, sqrt
from statistics import median

from domain.channel import Headcount

#: Until so many usual steps are known, only a leap by half counts.
_KNOWN = 7
_YOUNG = log1p(0.5)
#: A leap is so many usual deviations (by the median absolute deviation: one former leap does not hide the
#: next), and never less than this part of the audience.
_DEVIATIONS, _LEAST = 8.0, 0.03
#: Nor fewer members than this, nor less than so many times what comes and goes by chance.
_FEWEST, _BY_CHANCE = 20, 4.0
_MAD = 1.4826  #: makes it a standard deviation where steps are normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Leap:
    before: Headcount
    after: Headcount
    usual: float | None  #: by which part it usually moves in such a span; None: not known yet

    @property
    def is_up(self) -> bool:
        return self.after.members > self.before.members

    def says(self) -> str:
        """In one sentence."""
        change = self.after.members / max(self.before.members, 1) - 1
        by = f"{abs(change):.0%}" if abs(change) < 10 else f"{change + 1:.0f} times as many"
        days = (self.after.at - self.before.at) / timedelta(days=1)
        span = f"{days:.0f} days" if days >= 1.5 else "a day" if days > 0.5 else "less than a day"
        usual = "" if self.usual is None else f"; usually it moves by {self.usual:.1%} in such a time"
        return f"{'up' if self.is_up else 'down'} by {by} within {span}{usual}"


def leap(history: Sequence[Headcount], *, apart: timedelta) -> Leap | None:
    """Is the last of these counts, oldest first, a leap from the one before it?

    Counts closer together than `apart` are thinned out: members come and go in a day's rhythm.
    """
    if len(history) < 2:
        return None
    now = history[-1]
    kept: list[Headcount] = []
    for count in history[:-1]:
        if not kept or count.at - kept[-1].at >= apart:
            kept.append(count)
    before = kept[-1]
    if before.members <= 0 or now.members < 0:
        return None
    step = _step(before, now)
    steps = [_step(a, b) for a, b in pairwise(kept) if a.members > 0]
    usual, bound = None, _YOUNG
    if len(steps) >= _KNOWN:
        middle = median(steps)
        spread = _MAD * median(abs(s - middle) for s in steps)
        step -= middle
        bound = max(_LEAST, _DEVIATIONS * spread)
        usual = expm1(median(abs(s) for s in steps))
    bound += (before.within + now.within) / before.members
    enough = max(_FEWEST, _BY_CHANCE * sqrt(before.members))
    if abs(step) <= bound or abs(now.members - before.members) < enough:
        return None
    return Leap(before=before, after=now, usual=usual)


def _step(before: Headcount, after: Headcount) -> float:
    return log(max(after.members, 1) / before.members)
