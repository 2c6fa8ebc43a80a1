"""Measurements as markdown."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

import numpy as np

from benchmarks.detection.bound import BOUNDS
from benchmarks.detection.calibration import BUDGETS, DROPS, FOUND, POISSON, SURGES, TOLD, TOPICS, Calibration
from benchmarks.detection.cause import CauseOfSilence
from benchmarks.detection.cold import AGES, ALONE, FLEET, ColdStart
from benchmarks.detection.cold import BUDGETS as COLD_BUDGETS
from benchmarks.detection.cold import KINDS as COLD_KINDS
from benchmarks.detection.delays import CLASS, COMMON, Delays, alarms_by_rate, by_rate, cost
from benchmarks.detection.field import OURS
from benchmarks.detection.inject import EVENTS, FOUND_IN, LASTS, title
from benchmarks.detection.panels import KINDS as PANELS
from benchmarks.detection.real import H6, H24, TOPIC, Measured
from benchmarks.detection.real_matched import Delayed
from benchmarks.detection.score import geometric_mean, restricted_mean
from benchmarks.detection.stream import RATES
from benchmarks.detection.stress import KINDS as STRESSES
from benchmarks.detection.triage import FOUND as FOUND_BY_PEOPLE
from benchmarks.detection.triage import Alarm, summary
from benchmarks.detection.triage import rows as triaged

BEST = 8  #: peers shown of each table


def markdown(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [headings, ["---", *["---:"] * (len(headings) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(c) for c in line) + " |" for line in lines)


def delays(results: Delays, target: float) -> str:
    """A table for each event: restricted mean delay by rate, ratio of the geometric mean to ours."""
    parts = []
    for kind, level in EVENTS:
        found = by_rate(results, kind, level, COMMON, target)
        found |= {
            name: by_rate(results, kind, level, CLASS, target)[name] for name in found if "oracle" in name
        }
        rows = []
        for name, delay in found.items():
            if set(delay) != set(RATES):
                continue
            means = [restricted_mean(delay[r], LASTS[kind]) for r in RATES]
            n = max(len(d) for d in delay.values())
            share = float(np.mean([np.isfinite(d) for ds in delay.values() for d in ds]))
            rows.append((geometric_mean(means), name, means, share, n))
        rows.sort()
        ours = next((g for g, name, *_ in rows if name == OURS[0]), None)
        peers = [r for r in rows if r[1] not in OURS and "oracle" not in r[1]][:BEST]
        shown = [r for r in rows if r in peers or r[1] in OURS or "oracle" in r[1]]
        table = markdown(
            ["detector", *(f"{r} a day" for r in RATES), "geometric mean, h", "to ours", "found", "streams"],
            [
                [
                    f"**{name}**" if name in OURS else "oracle" if "oracle" in name else name,
                    *(f"{m:.1f}" for m in means),
                    f"{g:.1f}",
                    f"{g / ours:.2f}" if ours else "–",
                    f"{share:.0%}",
                    n,
                ]
                for g, name, means, share, n in shown
            ],
        )
        parts.append(f"**{title(kind, level)}** (lasts {LASTS[kind]:.0f} h)\n\n{table}")
    return "\n\n".join(parts)


def bounds(results: Delays, target: float) -> str:
    """What stands between us and the oracle: by event, geometric means in hours, and over ours."""
    names = [OURS[0], *(b.name for b in BOUNDS)]
    rows = []
    for kind, level in EVENTS:
        found = by_rate(results, kind, level, COMMON, target)
        oracle = next(iter(n for n in found if "oracle" in n), None)
        if oracle is None or not found.keys() >= set(names):
            continue
        delays = [found[name] for name in names]
        delays.append(by_rate(results, kind, level, CLASS, target)[oracle])
        hours = [geometric_mean(restricted_mean(d[r], LASTS[kind]) for r in RATES) for d in delays]
        ratios = [f"{h:.1f} ({h / hours[0]:.2f})" for h in hours[1:]]
        rows.append([title(kind, level), f"{hours[0]:.1f}", *ratios])
    return markdown(["event", *names, "oracle"], rows)


def common_threshold(results: Delays, streams: int) -> str:
    """What one threshold for all channels means in each rate class, for those who find silences best."""
    names = [OURS[0], "Poisson gap, operational time", "longest gap x k", "fixed grace (healthchecks)"]
    rows = []
    for name in names:
        threshold = next(
            h
            for _, (how, target, h) in results.thresholds(name, FOUND_IN["silence"], streams)
            if target == 1.0 and how == COMMON
        )
        alarms = alarms_by_rate(results, name, FOUND_IN["silence"], threshold)
        rows.append([name, *(f"{alarms[r]:.2f}" for r in RATES)])
    return markdown(["false alarms a month", *(f"{r} a day" for r in RATES)], rows)


def costs(results: Delays) -> str:
    names = list(dict.fromkeys(r["detector"] for r in results.clean.rows))
    seconds = {n: c for n, c in cost(results, names).items() if "oracle" not in n and c > 0.001}
    ours = seconds.get(OURS[0], float("nan"))
    rows = [[n, f"{c:.2f}", f"{c / ours:.3f}"] for n, c in sorted(seconds.items(), key=lambda x: x[1])]
    return markdown(["detector", "CPU s a million posts", "to ours"], rows)


def calibration(found: Calibration) -> str:
    parts = []
    asked = [("deadair", what, b) for what in (FOUND, DROPS, SURGES, TOPICS) for b in BUDGETS]
    asked += [("deadair", TOLD, 1.0), (POISSON.name, FOUND, 1.0)]
    rows = [
        [f"{who}, {what}, at {b:g}"]
        + [f"{found.per_month(who, what, b, kind=k):.2f}" for k in STRESSES]
        + [f"{found.per_month(who, what, b):.2f}"]
        for who, what, b in asked
    ]
    parts.append(markdown(["alarms a month", *STRESSES, "all"], rows))
    rows = [
        [f"{who}, {what}, at {b:g}"]
        + [f"{found.per_month(who, what, b, kind=STRESSES[0], rate=r):.2f}" for r in RATES]
        + [f"{found.per_month(who, what, b, rate=r):.2f}" for r in RATES]
        for who, what, b in asked
    ]
    headings = [f"{r} a day" for r in RATES] + [f"all kinds, {r} a day" for r in RATES]
    parts.append(markdown(["alarms a month, ordinary streams", *headings], rows))
    return "\n\n".join(parts)


def cold(found: ColdStart) -> str:
    """Alarms a channel-month by days of history: by kind, then by rate."""
    rows = [
        [f"{kind.value}, {who}, at {budget:g}"]
        + [f"{found.per_month(who=who, budget=budget, kind=kind.value, days=days):.2f}" for days, _ in AGES]
        for budget in COLD_BUDGETS
        for kind in COLD_KINDS
        for who in (FLEET, ALONE)
    ]
    parts = [markdown(["alarms a month", *(f"{a} to {b} days" for a, b in AGES)], rows)]
    rows = [
        [f"{kind.value}, {a} to {b} days, at {budget:g}"]
        + [
            f"{found.per_month(who=FLEET, budget=budget, kind=kind.value, days=a, rate=rate):.2f}"
            for rate in RATES
        ]
        for budget in COLD_BUDGETS
        for kind in COLD_KINDS
        for a, b in AGES
    ]
    parts.append(markdown(["alarms a month, beside others", *(f"{r} a day" for r in RATES)], rows))
    return "\n\n".join(parts)


def cause(found: CauseOfSilence) -> str:
    rows = []
    for kind in PANELS:
        mine = list(found.results.having(kind=kind))
        if not mine:
            continue
        said = Counter(r["verdict"] for r in mine).most_common(3)
        delay = np.median([float(r["delay"]) for r in mine])
        alone = np.median([float(r["alone"]) for r in mine])
        sooner = np.median([float(r["alone"]) - float(r["delay"]) for r in mine]) if np.isfinite(alone) else 0
        rows.append(
            [
                kind,
                f"{sum(int(r['right']) for r in mine)} of {len(mine)}",
                "–" if np.isinf(delay) else f"{delay:.2f}",
                "–" if np.isinf(alone) else f"{alone:.2f}",
                "–" if np.isinf(alone) else f"{60 * sooner:+.0f} min",
                f"{sum(int(r['blamed']) for r in mine)}",
                f"{np.mean([int(r['told']) for r in mine]):.1f}",
                "; ".join(f"{what} ({n})" for what, n in said),
            ]
        )
    headings = [
        "what happened",
        "right",
        "median h",
        "first single, h",
        "sooner, same panel",
        "our fault told as theirs",
        "alerts each",
        "said first",
    ]
    return markdown(headings, rows)


def real(measured: list[Measured]) -> str:
    months = sum(m.months for m in measured)
    rows = []
    for m in measured:
        silences, topics = len(m.alarms["silence"]), len(m.alarms["topic"])
        cells = [_share(m, what) for what in (H6, H24, TOPIC)]
        rows.append(
            [m.name, f"{m.per_day:.0f}", f"{silences / m.months:.2f}", f"{topics / m.months:.2f}", *cells]
        )
    n = {k: sum(len(m.alarms[k]) for m in measured) / months for k in ("silence", "topic")}
    rows.append(
        ["all", "", f"{n['silence']:.2f}", f"{n['topic']:.2f}"]
        + [_share(measured, what) for what in (H6, H24, TOPIC)]
    )
    headings = ["channel", "posts a day", "silences a month", "topic silences a month", H6, H24, TOPIC]
    return markdown(headings, rows)


def triage(alarms: Sequence[Alarm], months: float) -> str:
    """Every alarm on the untouched channels, and how many of them nothing explains."""
    headings = ["kind", "alarms", *FOUND_BY_PEOPLE, "a channel-month", "unexplained a channel-month"]
    listed = markdown(
        [
            "channel",
            "since, local",
            "kind",
            "told after",
            "posts",
            "found",
            "what the posts say",
        ],
        triaged(alarms),
    )
    return f"{markdown(headings, summary(alarms, months))}\n\n{listed}"


def fixed(measured: list[Measured]) -> str:
    rows = [
        [m.name, *(_after(c.after) for c in m.cuts if c.what.startswith("fixed"))]
        for m in measured
        if any(c.what.startswith("fixed") for c in m.cuts)
    ]
    if not rows:
        return ""
    heads = [c.what.removeprefix("fixed: ") for c in next(m for m in measured if m.name == rows[0][0]).cuts]
    return markdown(["24 h taken out from", *heads[-(len(rows[0]) - 1) :]], rows)


def matched(delayed: list[Delayed]) -> str:
    """Geometric means over all channels and places, by event, and those of the silences by rate."""
    names = list(dict.fromkeys(d.detector for d in delayed))
    events = list(dict.fromkeys((d.kind, d.level) for d in delayed))

    def geo(name: str, kind: str, level: float) -> float:
        mine = [d.delay for d in delayed if (d.detector, d.kind, d.level) == (name, kind, level)]
        return geometric_mean(max(x, 0.05) for x in mine) if mine else math.nan

    rows = []
    for name in names:
        figures = [geo(name, kind, level) for kind, level in events]
        rows.append((figures[0], [name, *("–" if math.isnan(x) else f"{x:.1f}" for x in figures)]))
    rows.sort(key=lambda row: (math.isnan(row[0]), row[0]))
    return markdown(["detector", *(title(kind, level) for kind, level in events)], [row for _, row in rows])


def _share(measured: Measured | list[Measured], what: str) -> str:
    some = [measured] if isinstance(measured, Measured) else measured
    cuts = [c for m in some for c in m.cuts if c.what == what]
    after = [c.after for c in cuts if c.after is not None]
    if not after:
        return f"0 of {len(cuts)}"
    return f"{len(after)} of {len(cuts)}, median {_after(sorted(after)[len(after) // 2])}"


def _after(span: timedelta | None) -> str:
    return "missed" if span is None else f"{span / timedelta(hours=1):.1f} h"
