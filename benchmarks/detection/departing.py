"""The scores of drops and surges that the panel's own scan knows, at every budget at once.

The panel raises a drop at one instant and a surge at one post, those at which their scores reach -log10 of
the budget. Here the same scores are asked for after every post and, where a drop is near, every few minutes
until the next.
"""

import math
from collections.abc import Callable

from alerts.rhythm import Rhythm

LOOK = 1 / 12  #: hours between two looks at a drop that is near
NEAR = -0.5  #: from this score on it is near
NOTHING = -math.inf


def surge_score(rhythm: Rhythm, hour: float) -> float:
    """Right after the post at `hour` of the panel's clock."""
    if rhythm.ripe < 0.5:
        return NOTHING
    return rhythm.scan.surge_score(rhythm, hour)


def drop_score(rhythm: Rhythm, hour: float) -> float:
    if rhythm.ripe < 0.5:
        return NOTHING
    return rhythm.scan.drop_score(rhythm, hour)


def drops(
    rhythm: Rhythm,
    begin: float,
    until: float,
    advance: Callable[[float], None],
    add: Callable[[float, float], None],
) -> None:
    """Scores from `begin` to just before `until`, in which nothing is posted; `advance` moves the panel."""
    now = begin
    while now < until:
        step = rhythm.scan.next
        end = step if now < step < until else until
        score = drop_score(rhythm, end)
        if score >= NEAR:
            for k in range(max(0, math.floor((end - now) / LOOK)) + 1):
                add(now + k * LOOK, drop_score(rhythm, now + k * LOOK))
        add(end, score)
        if end < until:
            advance(end)
        now = end
