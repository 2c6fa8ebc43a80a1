"""Charts of a channel that somebody asked for: its last days, and today by the hour."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bot.axes import (
    ALARM,
    BOTTOM,
    DPI,
    FAINT,
    HEIGHT,
    INK,
    LEFT,
    PAPER,
    RIGHT,
    WIDTH,
    days,
    frame,
    hours,
    legend,
    series,
    x,
)
from bot.bins import binned
from bot.drawable import drawable, isolated, laid_out
from bot.saying import zone_label
from bot.telling import Reader
from bot.texts import asking, charting, common
from domain.series import Expected

_HOUR = timedelta(hours=1)
_MARGIN = 0.008
#: Shorter spans are marked by the hour, longer ones by the day.
_BY_HOURS = timedelta(days=2)
_PROFILE_HEIGHT = 6.3


def draw_span(
    title: str, points: Sequence[Expected], at: datetime, reader: Reader, *, simulated: bool = False
) -> bytes:
    """A PNG of these hours. There must be one at least."""
    figure = _figure(HEIGHT)
    axes = figure.add_axes((LEFT, BOTTOM, RIGHT - LEFT, 0.68))
    size = _part(axes, points, reader)
    _title(figure, title, reader, 0.972)
    _subtitle(figure, reader, size, at, 0.883, simulated=simulated)
    legend(axes, reader, has_unknown=any(p.observed is None for p in points))
    return _png(figure)


def draw_profile(
    title: str,
    week: Sequence[Expected],
    today: Sequence[Expected],
    at: datetime,
    reader: Reader,
    *,
    simulated: bool = False,
) -> bytes:
    """The last days above today, whose hours to come show only what is to be expected."""
    figure = _figure(_PROFILE_HEIGHT)
    upper = figure.add_axes((LEFT, 0.46, RIGHT - LEFT, 0.33))
    lower = figure.add_axes((LEFT, 0.07, RIGHT - LEFT, 0.28))
    size = _part(upper, week, reader)
    _part(lower, today, reader, now=at, by_hours=True)
    _title(figure, title, reader, 0.98)
    _subtitle(figure, reader, size, at, 0.915, simulated=simulated)
    legend(upper, reader, has_unknown=any(p.observed is None for p in [*week, *_past(today, at)]))
    say, side = reader.say, "right" if reader.say.runs_left else "left"
    for axes, words in ((upper, asking.CHART_PROFILE_WEEK), (lower, asking.CHART_PROFILE_TODAY)):
        place = 1.0 if reader.say.runs_left else 0.0
        axes.text(
            place, 1.13 if axes is upper else 1.05, say.bare(words), transform=axes.transAxes, ha=side,
            va="bottom", fontsize=12, fontweight="bold", color=INK,
        )  # fmt: skip
    return _png(figure)


def _figure(height: float) -> Figure:
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


def _part(
    axes: Axes,
    points: Sequence[Expected],
    reader: Reader,
    *,
    now: datetime | None = None,
    by_hours: bool = False,
) -> int:
    """One stretch; returns the hours of a bar."""
    size, bins = binned(points, reader.zone, 1 if by_hours else 0)
    begin, end = bins[0].start, bins[-1].end
    limits = (x(begin), x(end) + (x(end) - x(begin)) * _MARGIN)
    # What is to come is not unknown: it is shaded neither as that nor as zero.
    top = series(axes, bins, points if now is None else _past(points, now))
    frame(axes, limits, top, reader.say)
    if now is not None and begin <= now <= end:
        axes.plot([x(now), x(now)], [0, top], color=ALARM, linewidth=1.2, linestyle="--", zorder=5)
    if by_hours or end - begin <= _BY_HOURS:
        hours(axes, begin, end, reader)
    else:
        days(axes, begin, end, reader)
    axes.set_xlim(*limits)
    return size


def _past(points: Sequence[Expected], now: datetime) -> list[Expected]:
    return [p for p in points if p.start + _HOUR <= now]


def _title(figure: Figure, title: str, reader: Reader, y: float) -> None:
    runs_left = reader.say.runs_left
    figure.text(
        RIGHT if runs_left else LEFT - 0.05,
        y,
        laid_out(isolated(drawable(title, 46)), runs_left),
        ha="right" if runs_left else "left",
        va="top",
        fontsize=17,
        fontweight="bold",
        color=INK,
    )


def _subtitle(figure: Figure, reader: Reader, size: int, at: datetime, y: float, *, simulated: bool) -> None:
    """What is counted, in which zone; and that it is a simulation, where it is."""
    say = reader.say
    per = say.bare(charting.CHART_PER_HOUR) if size == 1 else say.bare(charting.CHART_PER_HOURS, n=size)
    times = say.bare(charting.CHART_TIMES, zone=zone_label(at, reader.zone, say))
    near, far = (RIGHT, LEFT - 0.05) if say.runs_left else (LEFT - 0.05, RIGHT)
    sides = ("right", "left") if say.runs_left else ("left", "right")
    words = laid_out(f"{per} · {times}", say.runs_left)
    figure.text(near, y, words, ha=sides[0], va="top", fontsize=11.5, color=FAINT)
    if simulated:
        mark = say.bare(common.SIMULATION)
        figure.text(far, y, mark, ha=sides[1], va="top", fontsize=11.5, color=ALARM, fontweight="bold")


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": "Deadair"}, pil_kwargs={"compress_level": 3})
    return out.getvalue()
