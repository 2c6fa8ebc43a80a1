"""Holes in a running pause that nobody filled: what was seen before counts as far as no post came in them.

In a hole of so many posts expected, none came with a chance of exp(-expected). So the time that was watched
before it speaks against the channel by that part, what was watched since by the rest, and the hole itself is
no part of the pause. Of several holes it is the newest with a post in it from which the pause counts.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

#: Once it is likelier that a post came than that none did, nothing from before is counted.
LIKELY = 0.5
#: Of holes so small that this takes longer, no more are looked through.
MOST = 100
#: So near to the instant at which it is news is near enough, in posts expected.
EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Unseen:
    """The holes of a running pause, each as the chance that it is the newest in which a post came, with the
    posts expected of the pause before it, which do not count then; and the chance that none came at all.
    """

    parts: tuple[tuple[float, float], ...]

    def chance(self, law: Callable[[float], float], pause: float) -> float:
        """What `law` gives for the pause, by each part of it that may be all there is."""
        return math.fsum(part * law(max(pause - before, 0.0)) for part, before in self.parts)

    def least(self, law: Callable[[float], float], pause: float) -> float:
        """The pause with these holes that is as improbable as one of `pause` without any.

        `law` never grows. Never less than `pause`, and never more than that and all that was watched before.
        """
        if pause == math.inf:
            return pause
        goal, low, high = law(pause), pause, pause + max(before for _, before in self.parts)
        while high - low > EXACT:
            middle = (low + high) / 2
            if middle in (low, high):
                break
            if self.chance(law, middle) > goal:
                low = middle
            else:
                high = middle
        return high


def count_back(
    seen: Iterable[tuple[float, float]],
    since: float,
    until: float,
    expected: Callable[[float, float], float],
    counted: Callable[[float, float], float],
) -> tuple[list[tuple[float, float]], Unseen]:
    """Which of the stretches `seen` before `until` count, and what that is worth.

    `since` is the last post, `until` the end of the newest hole. Of a stretch, `expected` says how many posts
    were to come in it, `counted` how many of them its lack may be held against the channel. Returns the
    stretches, oldest first; without any, what was seen before the newest hole does not count.
    """
    stretches = [(max(a, since), b) for a, b in seen if b > since and a < until]
    if not stretches or stretches[0][0] > since:
        stretches.insert(0, (since, since))
    none, edge, after = 1.0, until, 0.0
    kept: list[tuple[float, float]] = []
    parts: list[tuple[float, float]] = []  # chances, with what was watched after the hole
    for a, b in reversed(stretches[-MOST:]):
        left = none * math.exp(-expected(b, edge))
        if left < LIKELY:
            break
        parts.append((none - left, after))
        none, edge, after = left, a, after + counted(a, b)
        kept.append((a, b))
    parts.append((none, after))
    return kept[::-1], Unseen(tuple((part, after - since_then) for part, since_then in parts))
