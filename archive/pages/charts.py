"""Charts as SVG, for pages and notebooks: no script, no style, colours by class (static/charts.css).

Time runs from left to right in every language. Unwatched time is a shaded stretch without a bar.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from markupsafe import escape

from archive.pages.voice import Voice
from archive.usual import Hour

_SPARK_W, _SPARK_H = 120, 28
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 960, 240, 34, 36
#: The height of a chart with an axis that its highest value takes.
_FULL = 0.96


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart: what it shows, and how large it is in its own units. Empty where there is nothing to show."""

    name: str = ""
    width: float = 0
    height: float = 0
    label: str = ""
    inner: str = ""  #: escaped already

    def __bool__(self) -> bool:
        return bool(self.inner)

    def __html__(self) -> str:
        """As the pages show it, which say how large."""
        if not self.inner:
            return ""
        fit = (
            ' preserveAspectRatio="none"' if self.name in ("spark", "columns") else ""
        )  # without letters in them
        return (
            f'<svg class="{self.name}" viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'aria-label="{escape(self.label)}"{fit}>{self.inner}</svg>'
        )


def spark(points: Sequence[Hour], *, label: str) -> Drawing:
    """A small one: bars for what came, a band for what is ordinary."""
    if not points:
        return Drawing()
    top, step = _top_of(points), _SPARK_W / len(points)
    inner = (
        _band(points, step, _SPARK_H, top)
        + _unknown(points, step, _SPARK_H)
        + _bars(points, step, _SPARK_H, top, 1)
    )
    return Drawing("spark", _SPARK_W, _SPARK_H, label, inner)


def activity(
    points: Sequence[Hour],
    zone: ZoneInfo,
    voice: Voice,
    *,
    label: str,
    episodes: Sequence[tuple[datetime, datetime, str]] = (),
) -> Drawing:
    """Hours of days, with the band, unwatched time shaded, and the stretches of episodes marked below."""
    if not points:
        return Drawing()
    top, inner, width = _rounded_up(_top_of(points)), _HEIGHT - _BOTTOM, _WIDTH - _LEFT
    step = width / len(points)
    parts = [
        _grid(top, voice),
        _band(points, step, inner, top / _FULL, _LEFT),
        _unknown(points, step, inner, _LEFT),
        _bars(points, step, inner, top / _FULL, min(1.0, step / 4), _LEFT),
    ]
    start, end = points[0].start, points[-1].start + timedelta(hours=1)
    for a, b, kind in episodes:
        x1 = _LEFT + (max(a, start) - start) / (end - start) * width
        x2 = _LEFT + (min(b, end) - start) / (end - start) * width
        if x2 > x1:
            parts.append(
                f'<rect class="mark {escape(kind)}" x="{x1:.1f}" y="{inner + 2}" '
                f'width="{max(x2 - x1, 2):.1f}" height="5"/>'
            )
    midnights = []
    for i, point in enumerate(points):
        local = point.start.astimezone(zone)
        if local.hour == 0 or (local.hour == 1 and i and points[i - 1].start.astimezone(zone).hour == 23):
            midnights.append((_LEFT + i * step, local.date()))
    parts.append(_dates(midnights, voice))
    return Drawing("activity", _WIDTH, _HEIGHT, label, "".join(parts))


def heat(week: Sequence[Sequence[float]], voice: Voice, *, label: str) -> Drawing:
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
    return Drawing("heat", left + 24 * cell, up + 7 * 20, label, "".join(parts))


def columns(values: Sequence[tuple[int, bool, str]], *, label: str) -> Drawing:
    """One bar for each of: how many, whether all of its time was watched, and what it is called.

    What was not wholly watched is shaded: a bar on it says "at least".
    """
    if not values:
        return Drawing()
    width, height = 240, 32
    top = max([1, *(n for n, _, _ in values)])
    return Drawing("columns", width, height, label, _columns(values, width, height, top))


def days(values: Sequence[tuple[date, int, bool]], voice: Voice, *, label: str) -> Drawing:
    """The same by the day, large and with an axis: how many, and whether all of the day was watched."""
    if not values:
        return Drawing()
    top, inner, width = _rounded_up(max(n for _, n, _ in values)), _HEIGHT - _BOTTOM, _WIDTH - _LEFT
    named = [(n, whole, f"{voice.day(day)}: {voice.number(n)}") for day, n, whole in values]
    starts = [(_LEFT + i * width / len(values), day) for i, (day, _, _) in enumerate(values)]
    parts = [
        _grid(top, voice),
        f'<g transform="translate({_LEFT})">{_columns(named, width, inner, top / _FULL)}</g>',
        _dates(starts, voice),
    ]
    return Drawing("days", _WIDTH, _HEIGHT, label, "".join(parts))


def weeks(
    rows: Sequence[tuple[str, Sequence[tuple[int, bool]]]],
    mondays: Sequence[date],
    voice: Voice,
    *,
    label: str,
) -> Drawing:
    """A row of columns for each name, one for each week, with whether all of it is known; at its end the most
    that one week has.

    Each row has a height of its own: rows are compared by their figures.
    """
    if not rows or not mondays:
        return Drawing()
    left, right, row = 220, 70, 40
    width, height = _WIDTH - left - right, row * len(rows)
    parts = []
    for i, (name, columns) in enumerate(rows):
        counts = [n for n, _ in columns]
        top, y = max([1, *counts]), i * row
        named = [
            (n, whole, f"{voice.day(monday)}: {voice.number(n)}")
            for (n, whole), monday in zip(columns, mondays, strict=True)
        ]
        parts.append(
            f'<text class="tick" x="{left - 8}" y="{y + row - 12}">{escape(voice.isolated(name))} '
            f"{voice.number(sum(counts))}</text>"
            f'<g transform="translate({left} {y})">{_columns(named, width, row - 6, top)}</g>'
            f'<text class="date" x="{_WIDTH - right + 6}" y="{y + 12}">≤ {voice.number(top)}</text>'
        )
    for i, monday in enumerate(mondays):
        if i % max(1, round(len(mondays) / 7)) == 0:
            x = left + i * width / len(mondays)
            parts.append(f'<text class="date" x="{x:.1f}" y="{height + 14}">{_short(monday, voice)}</text>')
    return Drawing("weeks", _WIDTH, height + 20, label, "".join(parts))


def _columns(values: Sequence[tuple[int, bool, str]], width: float, height: float, top: float) -> str:
    parts, step = [], width / len(values)
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
    return "".join(parts)


def _grid(top: int, voice: Voice) -> str:
    parts, inner = [], _HEIGHT - _BOTTOM
    for part in (0, 0.5, 1):
        y = inner - inner * part * _FULL
        parts.append(
            f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH}"/>'
            f'<text class="tick" x="{_LEFT - 4}" y="{max(y + 4, 10):.1f}">'
            f"{escape(voice.number(top * part))}</text>"
        )
    return "".join(parts)


def _dates(starts: Sequence[tuple[float, date]], voice: Voice) -> str:
    """Where each day begins; about twelve of them are written."""
    parts, every = [], max(1, math.ceil(len(starts) / 14))
    for n, (x, day) in enumerate(starts):
        if len(starts) <= 31:
            parts.append(f'<path class="day" d="M{x:.1f} 0V{_HEIGHT - _BOTTOM}"/>')
        if n % every == 0 and x < _WIDTH - 30:
            parts.append(f'<text class="date" x="{x + 2:.1f}" y="{_HEIGHT - 8}">{_short(day, voice)}</text>')
    return "".join(parts)


def _short(day: date, voice: Voice) -> str:
    return voice.digits(f"{day:%m-%d}")


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
