"""What befalls a Deadair in a week, at random."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

#: What may befall it.
KILL, RESTART, EDIT, BAD_EDIT, CLOCK_OFF, CLOCK_RIGHT = (
    "killed",
    "restarted",
    "config changed",
    "bad config",
    "clock put off",
    "clock put right",
)
#: How often each befalls it in a week.
A_WEEK = {KILL: 8, RESTART: 8, EDIT: 8, BAD_EDIT: 5, CLOCK_OFF: 6}
#: Minutes for which it is away, and its clock wrong.
_AWAY, _OFF = (5.0, 150.0), (0.5, 15.0)


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that befalls it."""

    at: timedelta  #: since the live part began
    what: str
    span: timedelta = timedelta()  #: how long it is away; by how much its clock is off


def events(dice: random.Random, live: timedelta, n: Mapping[str, int]) -> list[Event]:
    """So many of each, at random moments but for the last hours."""
    found = []
    for what, times in n.items():
        for _ in range(times):
            at = timedelta(hours=1) + (live - timedelta(hours=7)) * dice.random()
            if what == CLOCK_OFF:
                by = timedelta(minutes=_between(dice, _OFF)) * dice.choice((-1, 1))
                lasts = timedelta(hours=dice.uniform(1, 5))
                found += [Event(at, CLOCK_OFF, by), Event(at + lasts, CLOCK_RIGHT)]
            else:
                found.append(Event(at, what, timedelta(minutes=_between(dice, _AWAY))))
    return sorted(found)


def _between(dice: random.Random, ends: tuple[float, float]) -> float:
    """The smaller ones are the rule."""
    shortest, longest = ends
    return shortest * (longest / shortest) ** dice.random()
