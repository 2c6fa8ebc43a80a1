"""Charts as SVG, made on the server: no script, no style of their own, colours by class (static/pages.css).

Time runs from left to right in every language. Unwatched time is a shaded stretch without a bar.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from archive.pages.voice import Voice
from archive.usual import Hour

_SPARK_W, _SPARK_H = 120, 28


def spark(points: Sequence[Hour], *, label: str) -> Markup:
    """A small one: bars for what came, a band for what is ordinary."""
    if not points:
        return Markup("")
    top, step = _top_of(points), _SPARK_W / len(points)
    parts = []
    parts.append(_band(points, step, _SPARK_H, top))
    parts.append(_unknown(points, step, _SPARK_H))
    parts.append(_bars(points, step, _SPARK_H, top, 1))
    return _svg("spark", _SPARK_W, _SPARK_H, label, "".join(parts))


def activity(
    points: Sequence[Hour],
    zone: ZoneInfo,
    voice: Voice,
    *,
    label: str,
    episodes: Sequence[tuple[datetime, datetime, str]] = (),
) -> Markup:
    """Hours of days, with the band, unwatched time shaded, and the stretches of episodes marked below."""
    if not points:
        return Markup("")
    width, height, left, bottom = 960, 240, 34, 36
    top = _rounded_up(_top_of(points))
    step = (width - left) / len(points)
    inner = height - bottom
    parts = []
    for part in (0, 0.5, 1):
        y = inner - inner * part * 0.96
        value = voice.number(top * part)
        parts.append(f'<path class="grid" d="M{left} {y:.1f}H{width}"/>')
        parts.append(f'<text class="tick" x="{left - 4}" y="{max(y + 4, 10):.1f}">{escape(value)}</text>')
    parts.append(_band(points, step, inner, top / 0.96, left))
    parts.append(_unknown(points, step, inner, left))
    parts.append(_bars(points, step, inner, top / 0.96, min(1.0, step / 4), left))
    start, end = points[0].start, points[-1].start + timedelta(hours=1)
    for a, b, kind in episodes:
        x1 = left + (max(a, start) - start) / (end - start) * (width - left)
        x2 = left + (min(b, end) - start) / (end - start) * (width - left)
        if x2 > x1:
            parts.append(
                f'<rect class="mark {escape(kind)}" x="{x1:.1f}" y="{inner + 2}" '
                f'width="{max(x2 - x1, 2):.1f}" height="5"/>'
            )
    days = max(1, round(len(points) / 24 / 12))
    n = 0
    for i, point in enumerate(points):
        local = point.start.astimezone(zone)
        if local.hour == 0 or (local.hour == 1 and i and points[i - 1].start.astimezone(zone).hour == 23):
            x = left + i * step
            parts.append(f'<path class="day" d="M{x:.1f} 0V{inner}"/>')
            if n % days == 0 and x < width - 30:
                said = voice.digits(f"{local:%m-%d}")
                parts.append(f'<text class="date" x="{x + 2:.1f}" y="{height - 8}">{escape(said)}</text>')
            n += 1
    return _svg("activity", width, height, label, "".join(parts))


def heat(week: Sequence[Sequence[float]], voice: Voice, *, label: str) -> Markup:
    """Posts an hour by weekday and hour of day: the darker, the more."""
    cell, left, up = 30, 76, 18
    most = max([max(day) for day in week] + [1e-9])
    parts = []
    for hour in range(0, 24, 3):
        said = voice.digits(f"{hour:02}")
        parts.append(f'<text class="date" x="{left + hour * cell}" y="12">{said}</text>')
    for n, day in enumerate(week):
        y = up + n * 20
        parts.append(f'<text class="tick" x="{left - 6}" y="{y + 14}">{escape(voice.weekday(n))}</text>')
        for hour, value in enumerate(day):
            level = min(8, round(8 * value / most))
            parts.append(
                f'<rect class="h{level}" x="{left + hour * cell}" y="{y}" width="{cell - 1}" height="19">'
                f"<title>{escape(voice.weekday(n))} {voice.digits(f'{hour:02}:00')}: "
                f"{escape(voice.number(float(value)))}</title></rect>"
            )
    return _svg("heat", left + 24 * cell, up + 7 * 20, label, "".join(parts))


def columns(values: Sequence[tuple[int, bool, str]], *, label: str) -> Markup:
    """One bar for each of: how many, whether all of its time was watched, and what it is called.

    What was not wholly watched is shaded: a bar on it says "at least".
    """
    if not values:
        return Markup("")
    width, height = 240, 32
    top, step = max([1, *(n for n, _, _ in values)]), width / len(values)
    parts = []
    for i, (n, whole, said) in enumerate(values):
        x = i * step
        if not whole:
            parts.append(f'<rect class="unknown" x="{x:.1f}" y="0" width="{step:.1f}" height="{height}"/>')
        if n:
            h = max(1.0, height * n / top)
            parts.append(
                f'<rect class="bar" x="{x:.1f}" y="{height - h:.1f}" width="{max(step - 1, 0.5):.1f}" '
                f'height="{h:.1f}"><title>{escape(said)}</title></rect>'
            )
    return _svg("columns", width, height, label, "".join(parts))


def _svg(name: str, width: float, height: float, label: str, inner: str) -> Markup:
    fit = ' preserveAspectRatio="none"' if name in ("spark", "columns") else ""  # without letters in them
    # What is within was escaped where it was put there.
    return Markup(  # noqa: S704
        f'<svg class="{name}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(label)}"{fit}>{inner}</svg>'
    )


def _unknown(points: Sequence[Hour], step: float, height: float, left: float = 0) -> str:
    """The stretches that were not wholly watched."""
    out, start = [], None
    for i, point in enumerate([*points, None]):
        blind = point is not None and point.observed is None
        if blind and start is None:
            start = i
        elif not blind and start is not None:
            out.append(
                f"M{left + start * step:.1f} 0H{left + i * step:.1f}V{height:g}H{left + start * step:.1f}z"
            )
            start = None
    return f'<path class="unknown" d="{"".join(out)}"/>' if out else ""


def _band(points: Sequence[Hour], step: float, height: float, top: float, left: float = 0) -> str:
    """What is ordinary, in as many pieces as there are stretches of which it is known."""
    out = []
    for known, run in groupby(enumerate(points), key=lambda each: each[1].upper is not None):
        if not known:
            continue
        stretch = [(left + i * step, p.lower or 0.0, p.upper or 0.0) for i, p in run]
        out.append(
            "".join(
                f"{'ML'[n > 0]}{x:.1f} {height - height * upper / top:.1f}H{x + step:.1f}"
                for n, (x, _, upper) in enumerate(stretch)
            )
        )
        out.extend(
            f"L{x + step:.1f} {height - height * lower / top:.1f}H{x:.1f}" for x, lower, _ in stretch[::-1]
        )
        out.append("z")
    return f'<path class="band" d="{"".join(out)}"/>' if out else ""


def _bars(
    points: Sequence[Hour], step: float, height: float, top: float, space: float, left: float = 0
) -> str:
    out = []
    for i, point in enumerate(points):
        if point.observed:
            x = left + i * step
            y = height - max(1.0, height * point.observed / top)
            out.append(f"M{x:.1f} {height:g}V{y:.1f}H{x + step - space:.1f}V{height:g}z")
    return f'<path class="bar" d="{"".join(out)}"/>' if out else ""


def _top_of(points: Sequence[Hour]) -> float:
    """The highest that a chart of these must show."""
    return max([1.0, *(p.upper or 0.0 for p in points), *(float(p.observed or 0) for p in points)])


def _rounded_up(top: float) -> int:
    """A round number not below `top`, for an axis."""
    if top <= 5:
        return max(1, math.ceil(top))
    step = 10 ** math.floor(math.log10(top))
    return next(int(m * step) for m in (1, 2, 3, 5, 10) if m * step >= top)
