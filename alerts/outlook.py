"""What is to be expected of one channel, for whoever asks outside of an alert: pure."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from alerts.budgets import Budgets
from alerts.config import AlertsConfig
from alerts.explain import LEARNED
from alerts.hours import NEVER, hours, instant
from alerts.panel import Panel
from alerts.series import band
from alerts.tracks import Track
from domain.channel import Channel, ChannelStatus
from domain.reading import Reading
from domain.series import Bucket, Expected
from domain.watch import WatchSpan

__all__ = ["LEARNED", "Outlook"]


class Outlook:
    """One channel's rhythm, learned from its last eight weeks as the engine learns it."""

    def __init__(
        self,
        channel: Channel,
        readings: Iterable[Reading],
        spans: Sequence[WatchSpan],
        rules: AlertsConfig,
        *,
        topics: Collection[str] | None = None,
        names: Mapping[str, str] | None = None,
        budgets: Budgets | None = None,
    ) -> None:
        """`readings` in the order of posting, `spans` of their beginning, both since `LEARNED` ago."""
        known = replace(channel, status=ChannelStatus.OPEN)
        panel = Panel([known], rules, topics=topics, names=names, budgets=budgets)
        for span in spans:
            panel.span(span)
        for reading in readings:
            panel.learn(reading)
        track = panel.track(channel.id)
        assert track is not None  # noqa: S101 - it was admitted above
        self._track: Track = track

    @property
    def is_known(self) -> bool:
        """Is there a rhythm at all?"""
        return self._track.rhythm.last > -math.inf and self._track.rhythm.ripe > 0

    @property
    def overdue_at(self) -> datetime | None:
        """When the pause that runs becomes news, if nothing is posted; None while nobody can say."""
        due = self._track.rhythm.overdue_at
        return instant(due) if self.is_known and abs(due) < NEVER else None

    def expected(self, start: datetime, end: datetime) -> float:
        """How many posts are to be expected in [start, end], at the present level."""
        if self._track.rhythm.last == -math.inf or end <= start:
            return 0.0
        return self._track.rhythm.expected_between(hours(start), hours(end))

    @staticmethod
    def usual_of(expected: float) -> tuple[int, int]:
        """Between how many and how many posts are ordinary where so many were to be expected."""
        lower, upper = band(np.array([expected]))
        return int(lower[0]), int(upper[0])

    def beside(self, buckets: Sequence[Bucket]) -> tuple[Expected, ...]:
        """Hourly counts beside what was to be expected of each hour, at the present level."""
        if not buckets:
            return ()
        n = [hours(b.start) for b in buckets]
        between = self._track.rhythm.expected_between
        is_blank = self._track.rhythm.last == -math.inf
        expected = np.array([0.0 if is_blank else between(h, h + 1) for h in n])
        lower, upper = band(expected)
        return tuple(
            Expected(
                start=b.start,
                observed=b.observed,
                expected=round(float(e), 3),
                lower=float(low),
                upper=float(high),
            )
            for b, e, low, high in zip(buckets, expected, lower, upper, strict=True)
        )
