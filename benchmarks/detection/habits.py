"""What makes one channel differ from the next, and its true rate over the sixteen weeks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection.stream import END, GRID, HISTORY, LOCAL, STEP, WEEK

Rng = np.random.Generator
Curve = NDArray[np.float64]
FRIDAY, SATURDAY = 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """One channel's parameters."""

    rate: float  #: posts a day
    swing: float  #: of the hour of day, on the log scale
    peak: float  #: local hour
    swing_twice: float  #: of the half day
    peak_twice: float
    weekdays: tuple[float, ...]  #: factors, Monday first
    news_sd: float  #: of news days, on the log scale
    news_for: float  #: hours that a news day lasts
    trend: float  #: over all sixteen weeks, on the log scale
    ramp: tuple[float, float, float] | None  #: start, duration, size of a lasting change
    ramadan: tuple[float, float] | None  #: start of thirty days with shifted hours, and the shift
    branching: float
    delay: float
    share: float  #: of topic 0
    share_sd: float = 0.4
    share_for: float = 36.0
    inherit: float = 0.85


def draw(rng: Rng, rate: float) -> Habits:
    """A channel like those one finds: no two alike."""
    weekdays = np.exp(rng.normal(0, 0.05, 7))
    weekdays[FRIDAY] *= rng.uniform(0.55, 0.9)
    weekdays[SATURDAY] *= rng.uniform(0.75, 1.0)
    ramp = ramadan = None
    if rng.random() < 0.3:
        sign = rng.choice([-1, 1])
        ramp = (rng.uniform(0, END), rng.uniform(72, 144), float(sign * rng.uniform(0.15, 0.35)))
    if rng.random() < 0.25:
        ramadan = (rng.uniform(HISTORY - 240, HISTORY + 700), rng.uniform(1.5, 3.0))
    return Habits(
        rate=rate,
        swing=rng.uniform(0.8, 1.8),
        peak=rng.uniform(14, 19),
        swing_twice=rng.uniform(0.05, 0.35),
        peak_twice=rng.uniform(0, 12),
        weekdays=tuple(float(w) for w in weekdays),
        news_sd=rng.uniform(0.2, 0.45),
        news_for=rng.uniform(10, 30),
        trend=rng.normal(0, 0.25),
        ramp=ramp,
        ramadan=ramadan,
        branching=rng.uniform(0.25, 0.55),
        delay=rng.uniform(0.15, 1.0),
        share=float(rng.choice([0.05, 0.15, 0.35])),
    )


def swaying(rng: Rng, n: int, sd: float, lasting: float) -> Curve:
    """An Ornstein-Uhlenbeck path on the grid, stationary from its start."""
    from scipy.signal import lfilter  # it takes a second to load, and most of what is drawn here needs none

    keep = np.exp(-STEP / lasting)
    noise = rng.standard_normal(n) * sd * np.sqrt(1 - keep * keep)
    noise[0] = rng.standard_normal() * sd
    out: Curve = lfilter([1.0], [1.0, -keep], noise)
    return out


def _by_hour(hour: Curve, h: Habits, shift: float = 0.0, damp: float = 1.0) -> Curve:
    x = hour - shift
    main = damp * h.swing * np.cos(2 * np.pi * (x - h.peak) / 24)
    out: Curve = np.exp(main + h.swing_twice * np.cos(4 * np.pi * (x - h.peak_twice) / 24))
    return out


def true_rate(rng: Rng, h: Habits, shared: Curve | None = None) -> tuple[Curve, Curve]:
    """Posts an hour on the grid, and the factor in them that is the news of the day.

    `shared` is what the news does to all channels of a panel.
    """
    local = GRID + LOCAL
    hour, weekday = local % 24, ((local // 24) % 7).astype(int)
    shape = _by_hour(hour, h)
    if h.ramadan:
        start, shift = h.ramadan
        other = _by_hour(hour, h, shift, 0.8)
        on = (start <= GRID) & (start + 720 > GRID)
        shape = np.where(on, other * shape.mean() / other.mean(), shape)
    shape = shape * np.array(h.weekdays)[weekday]
    shape[(weekday == FRIDAY) & (hour >= 12) & (hour < 14)] *= 0.5
    shape /= shape.mean()
    wander = np.cumsum(rng.normal(0, 0.06, int(END / WEEK) + 1))
    level = h.trend * (GRID / END - 0.5) + np.repeat(wander, round(WEEK / STEP))[: GRID.size]
    if h.ramp:
        start, lasting, size = h.ramp
        level = level + size * np.clip((GRID - start) / lasting, 0, 1)
    news = swaying(rng, GRID.size, h.news_sd, h.news_for) - h.news_sd**2 / 2
    level = level - level[: round(HISTORY / STEP)].mean() + news
    if shared is not None:
        level, news = level + shared, news + shared
    return h.rate / 24 * shape * np.exp(level), np.exp(news)


def true_share(rng: Rng, h: Habits) -> Curve:
    """Of topic 0, on the grid."""
    odds = np.log(h.share / (1 - h.share)) + swaying(rng, GRID.size, h.share_sd, h.share_for)
    out: Curve = 1 / (1 + np.exp(-odds))
    return out
