"""Stretches of a channel's past that people have judged: what happened teaches nothing, a false alarm all."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from alerts.cover import spread
from alerts.hours import hours
from alerts.strand import Strand, strand_of
from domain.episode import Episode
from domain.finding import Kind
from domain.opinion import Fault, Opinion, Says

#: A stretch as hours since 1970, from the last post before it to its end.
Stretch = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Lessons:
    """Of one series."""

    left_out: tuple[Stretch, ...] = ()  #: confirmed: no part of the rhythm
    habit: tuple[Stretch, ...] = ()  #: wrong: so the channel is at times
    normal: tuple[Stretch, ...] = ()  #: what began then has been the rule since a person said so

    def leaves_out(self, start: float, end: float) -> bool:
        """Is this pause, or this post after a pause, part of what was confirmed?"""
        return bool(self.left_out) and any(a < end <= b and start >= a for a, b in self.left_out)

    def is_habit(self, start: float, end: float) -> bool:
        """Did people say of a silence, drop or surge in this stretch that it was none?"""
        if not self.habit and not self.normal:
            return False
        return any(a < end and start < b for a, b in (*self.habit, *self.normal))

    def is_normal(self, found: float, at: float) -> bool:
        """Had people said by `at` that what was found at `found` is the new normal?"""
        return any(a <= found <= b <= at for a, b in self.normal)

    def mask(self, watched: NDArray[np.float64], first: int) -> None:
        """Take what is left out from the hours that a baseline is fitted on; `first` is their first hour."""
        for a, b in self.left_out:
            spread(watched, a - first, b - first, -1.0)


NONE = Lessons()


@dataclass(frozen=True, slots=True)
class Schooling:
    """Of all series of one channel."""

    of: dict[Strand | None, Lessons] = field(default_factory=dict)

    def series(self, strand: Strand | None) -> Lessons:
        return self.of.get(strand, NONE)


UNSCHOOLED = Schooling()


_NO_HABIT = frozenset({Fault.BLIND, Fault.ANNOUNCED, Fault.HOLIDAY})


def heard(opinions: Iterable[tuple[Episode, Opinion]]) -> list[tuple[Episode, Says]]:
    """The episodes with what stands of each. What is said to be normal is over from that moment on.

    An alarm that was wrong because we were blind, or it had been announced, or for a feast, shows no habit of
    the channel: its stretch is left out of the rhythm.
    """
    return [
        (
            replace(episode, closed_at=min(opinion.at, episode.closed_at or opinion.at))
            if opinion.says is Says.NORMAL
            else episode,
            Says.CONFIRMED if opinion.fault in _NO_HABIT else opinion.says,
        )
        for episode, opinion in opinions
    ]


def schooling(judged: Iterable[tuple[Episode, Says]]) -> dict[int, Schooling]:
    """What people's words on episodes mean for each channel, by its number.

    Only silences, drops and surges that are over teach or are left out: of an open one nobody knows where it
    ends. A grouped episode speaks of each of its members.
    """
    found: dict[int, dict[Strand | None, dict[Says, list[Stretch]]]] = {}
    for episode, says in judged:
        is_told = episode.kind in (Kind.SILENCE, Kind.DROP, Kind.SURGE) and episode.closed_at is not None
        if not is_told or says is Says.UNKNOWN or episode.closed_at is None:
            continue
        number = episode.subject.channel_id
        stretch = (hours(episode.since_at), hours(episode.closed_at))
        for channel_id in episode.members if number is None else (number,):
            of = found.setdefault(channel_id, {}).setdefault(strand_of(episode.subject), {})
            of.setdefault(says, []).append(stretch)
    return {
        channel_id: Schooling(
            {
                strand: Lessons(
                    left_out=tuple(sorted(by.get(Says.CONFIRMED, ()))),
                    habit=tuple(sorted(by.get(Says.WRONG, ()))),
                    normal=tuple(sorted(by.get(Says.NORMAL, ()))),
                )
                for strand, by in strands.items()
            }
        )
        for channel_id, strands in found.items()
    }
