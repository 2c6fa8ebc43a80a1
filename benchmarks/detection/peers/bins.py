"""Peers that count in bins."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from benchmarks.detection.peers.parts import Array, Peer, closing, counts, expected
from benchmarks.detection.score import Path
from benchmarks.detection.stream import WEEK


def _both(width: float, bins: NDArray[np.int64], z: Array) -> dict[str, Path]:
    known = (bins + 1) * width
    return {"down": (known, -z), "up": (known, z)}


def seasonal_z(width: float) -> Peer:
    """Against the same bin of the week in the eight weeks before: the band of monitoring tools."""

    def rule(t: Array, a: float, b: float) -> dict[str, Path]:
        y, i = counts(t, width), closing(width, a, b)
        past = np.stack([y[i - round(WEEK / width) * k] for k in range(1, 9)])
        z = (y[i] - past.mean(0)) / np.sqrt(past.var(0, ddof=1) + 0.25)
        return _both(width, i, z)

    return Peer(f"seasonal z, {width:g} h", rule)


def rolling_z(width: float) -> Peer:
    """Against the seven days before, whatever the hour; against four weeks with bins of a day."""

    def rule(t: Array, a: float, b: float) -> dict[str, Path]:
        y, i = counts(t, width), closing(width, a, b)
        n = round((672 if width >= 24 else 168) / width)
        total, squares = np.r_[0, np.cumsum(y)], np.r_[0, np.cumsum(y * y)]
        mean = (total[i] - total[i - n]) / n
        sd = np.sqrt(np.maximum((squares[i] - squares[i - n]) / n - mean**2, 0)) + 1e-3
        return _both(width, i, (y[i] - mean) / sd)

    return Peer(f"rolling z, {width:g} h", rule)


def ears(kind: str, width: float = 24.0) -> Peer:
    """EARS (Hutwagner et al. 2003): seven bins, a lag of none (C1) or two (C2); C3 adds up three C2."""
    lag = 0 if kind == "C1" else 2

    def rule(t: Array, a: float, b: float) -> dict[str, Path]:
        y = counts(t, width)
        seven = np.lib.stride_tricks.sliding_window_view(y, 7)[: y.size - 7 - lag]
        z = np.zeros(y.size)
        z[7 + lag :] = (y[7 + lag :] - seven.mean(1)) / (seven.std(1, ddof=1) + 1e-3)
        down, up = -z, z
        if kind == "C3":
            down = np.sum([np.maximum(0, np.roll(-z, k) - 1) for k in range(3)], axis=0)
            up = np.sum([np.maximum(0, np.roll(z, k) - 1) for k in range(3)], axis=0)
        i = closing(width, a, b)
        known = (i + 1) * width
        return {"down": (known, down[i]), "up": (known, up[i])}

    return Peer(f"EARS {kind}, {width:g} h", rule)


def shesd(t: Array, a: float, b: float) -> dict[str, Path]:
    """S-H-ESD (Hochenbaum et al. 2017) on hourly counts, streamed: median, MAD, last week's season."""
    y, i = counts(t, 1.0), closing(1.0, a, b)
    z = np.zeros(i.size)
    for d in np.unique(i // 24):
        x = y[d * 24 - 672 : d * 24]
        season = np.median(x.reshape(4, 168), axis=0)
        season = season - season.mean()
        rest = x - np.tile(season, 4) - np.median(x)
        mad = 1.4826 * np.median(np.abs(rest - np.median(rest))) + 0.25
        here = i // 24 == d
        z[here] = (y[i[here]] - season[(i[here] - d * 24) % 168] - np.median(x)) / mad
    return _both(1.0, i, z)


def bocpd(t: Array, a: float, b: float) -> dict[str, Path]:
    """Adams & MacKay 2007 on six-hour counts, gamma-Poisson with the weekly profile as exposure.

    The score is the log-odds of a change within the last three days.
    """
    width, hazard, prior, kept, recent = 6.0, 6 / 720, 5.0, 200, 12
    y, first = counts(t, width), int(a // width)
    last = int(b // width)
    exposure = expected(t, width, a, last) + 1e-6
    start = max(0, first - 112)
    shape, rate, log_p = np.array([prior]), np.array([prior]), np.zeros(1)
    odds, lower = np.zeros(last), np.zeros(last, bool)
    for i in range(start, last):
        share = rate / (rate + exposure[i])
        fit = gammaln(shape + y[i]) - gammaln(shape) + shape * np.log(share) + y[i] * np.log1p(-share)
        grown = log_p + fit
        top = grown.max()
        log_p = np.r_[top + np.log(np.exp(grown - top).sum() * hazard), grown + np.log1p(-hazard)][:kept]
        log_p -= log_p.max() + np.log(np.exp(log_p - log_p.max()).sum())
        shape, rate = np.r_[prior, shape + y[i]][:kept], np.r_[prior, rate + exposure[i]][:kept]
        p = np.exp(log_p)
        changed = p[: recent + 1].sum()
        odds[i] = np.log(changed + 1e-12) - np.log(max(1 - changed, 0) + 1e-12)
        lower[i] = (p[1 : recent + 1] * (shape / rate)[1 : recent + 1]).sum() < p[1 : recent + 1].sum()
    bins = closing(width, a, b)
    known = (bins + 1) * width
    return {
        "down": (known, np.where(lower[bins], odds[bins], -50.0)),
        "up": (known, np.where(lower[bins], -50.0, odds[bins])),
    }


BINS = (
    seasonal_z(1.0),
    seasonal_z(6.0),
    rolling_z(24.0),
    ears("C1"),
    ears("C2"),
    ears("C3"),
    Peer("S-H-ESD, 1 h", shesd),
    Peer("BOCPD gamma-Poisson, 6 h", bocpd),
)
