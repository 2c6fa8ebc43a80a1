"""Peers that are packages of their own, fed hourly counts, past-only. Skipped where not installed.

pip install ruptures prophet adtk luminol salesforce-merlion

What surveillance.py asks of R is offered with them.
"""

import contextlib
import importlib
import importlib.util
import logging
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection.peers import surveillance
from benchmarks.detection.peers.parts import Array, Peer, closing, counts
from benchmarks.detection.score import Path
from benchmarks.detection.stream import END, HISTORY

HISTORY_HOURS = int(HISTORY)


def _load(name: str) -> Any:
    return importlib.import_module(name)


def _hours() -> Any:
    return _load("pandas").date_range(datetime(2024, 1, 1), periods=int(END), freq="h")  # noqa: DTZ001  # these packages want it naive


def _signed(bins: NDArray[np.int64], score: Array, sign: Array) -> dict[str, Path]:
    known = bins + 1.0
    return {"down": (known, np.where(sign < 0, score, 0.0)), "up": (known, np.where(sign > 0, score, 0.0))}


def _two_sided(bins: NDArray[np.int64], z: Array) -> dict[str, Path]:
    return {"down": (bins + 1.0, -z), "up": (bins + 1.0, z)}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


def ruptures(t: Array, a: float, b: float) -> dict[str, Path]:
    """Binseg (l2, one break) every three hours over the last two weeks of square-rooted hourly counts less
    their hour-of-week mean; the score is what a break within the last three days saves."""
    rpt, y, i = _load("ruptures"), np.sqrt(counts(t, 1.0)), closing(1.0, a, b)
    i = i[i % 3 == 0]
    gain, sign = np.zeros(i.size), np.zeros(i.size)
    for k, j in enumerate(i):
        first = j - 335
        season = np.mean([y[first - 168 * q : first - 168 * q + 168] for q in range(1, 5)], axis=0)
        x = y[first : j + 1] - np.tile(season, 2)
        cut = rpt.Binseg(model="l2", min_size=3, jump=3).fit(x.reshape(-1, 1)).predict(n_bkps=1)[0]
        if 336 - 72 <= cut < 336:
            saved = x.var() * 336 - x[:cut].var() * cut - x[cut:].var() * (336 - cut)
            gain[k] = saved / (x[:cut].var() + 1e-6)
            sign[k] = np.sign(x[cut:].mean() - x[:cut].mean())
    return _signed(i, gain, sign)


def prophet(t: Array, a: float, b: float) -> dict[str, Path]:
    """Refitted every two weeks on eight weeks of hourly counts; the score is the distance from its line in
    standard deviations of its own residuals."""
    pandas, hours, y, i = _load("pandas"), _hours(), counts(t, 1.0), closing(1.0, a, b)
    z = np.zeros(i.size)
    for block in np.unique(i // 336):
        here = i // 336 == block
        upto = min(max(HISTORY_HOURS, int(block * 336)), int(i[here][0]))
        past = slice(upto - HISTORY_HOURS, upto)
        table = pandas.DataFrame({"ds": hours[past], "y": y[past]})
        with _quiet():
            model = _load("prophet").Prophet(yearly_seasonality=False, uncertainty_samples=0).fit(table)
            line = model.predict(pandas.DataFrame({"ds": hours[i[here]]}))["yhat"].to_numpy()
            sd = (table.y - model.predict(table[["ds"]])["yhat"]).std() + 0.1
        z[here] = (y[i[here]] - line) / sd
    return _two_sided(i, z)


def adtk(t: Array, a: float, b: float) -> dict[str, Path]:
    """The seasonal decomposition inside SeasonalAD, fitted on eight weeks; its rule in units of the IQR."""
    pandas, y, i = _load("pandas"), counts(t, 1.0), closing(1.0, a, b)
    upto = int(a // 24 * 24)
    series = pandas.Series(y, _hours())
    model = _load("adtk.transformer").ClassicSeasonalDecomposition(freq=168)
    with _quiet():
        try:
            rest = model.fit_transform(series.iloc[upto - HISTORY_HOURS : upto])
        except (ValueError, RuntimeError):  # it refuses a series without a season
            return _two_sided(i, np.zeros(i.size))
        ahead = model.transform(series.iloc[upto : int(np.ceil(b))]).to_numpy()[i - upto]
    low, high = rest.quantile(0.25), rest.quantile(0.75)
    known, iqr = i + 1.0, high - low + 0.1
    return {"down": (known, (low - ahead) / iqr), "up": (known, (ahead - high) / iqr)}


def luminol(t: Array, a: float, b: float) -> dict[str, Path]:
    """Its exponential-average detector over the last week of hourly counts; the score of the last hour."""
    if not hasattr(np, "asscalar"):
        np.asscalar = lambda v: v.item()  # type: ignore[attr-defined]  # luminol needs what numpy dropped
    detector, y, i = _load("luminol.anomaly_detector").AnomalyDetector, counts(t, 1.0), closing(1.0, a, b)
    score, middle = np.zeros(i.size), np.zeros(i.size)
    for k, j in enumerate(i):
        week = {int(q) * 3600: float(y[q]) for q in range(j - 167, j + 1)}
        score[k] = detector(week, algorithm_name="exp_avg_detector").get_all_scores().values[-1]
        middle[k] = np.median(y[j - 167 : j + 1])
    return _signed(i, score, np.sign(y[i] - middle))


def merlion(t: Array, a: float, b: float) -> dict[str, Path]:
    """ZMS trained on eight weeks of hourly counts and run forward; its raw score, signed by the model."""
    series, model = _load("merlion.utils").TimeSeries, _load("merlion.models.anomaly.zms")
    identity, pandas = _load("merlion.transform.base").Identity, _load("pandas")
    hours, y, i, upto = _hours(), counts(t, 1.0), closing(1.0, a, b), int(a)

    def part(first: int, last: int) -> Any:
        return series.from_pd(pandas.DataFrame({"y": y[first:last]}, index=hours[first:last]))

    with _quiet():
        fitted = model.ZMS(model.ZMSConfig(base=2, transform=identity(), enable_calibrator=False))
        past = part(upto - HISTORY_HOURS, upto)
        fitted.train(past)
        raw = fitted.get_anomaly_score(part(upto, int(np.ceil(b))), time_series_prev=past).to_pd().iloc[:, 0]
    z = raw.reindex(hours[i]).fillna(0).to_numpy()
    return _signed(i, np.abs(z), np.sign(z))


PACKAGES = {
    "ruptures": Peer("ruptures Binseg, 1 h", ruptures),
    "prophet": Peer("Prophet, 1 h", prophet),
    "adtk": Peer("ADTK SeasonalAD, 1 h", adtk),
    "luminol": Peer("luminol, 1 h", luminol),
    "merlion": Peer("Merlion ZMS, 1 h", merlion),
}


def missing() -> list[str]:
    """The packages that are not here."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None] + surveillance.missing()


def installed() -> list[Peer]:
    """The peers whose packages are here."""
    away = missing()
    return [peer for name, peer in PACKAGES.items() if name not in away] + surveillance.installed()
