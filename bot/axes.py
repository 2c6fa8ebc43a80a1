"""What every chart has: observed as bars, expected as a line with its band, unwatched time shaded, days."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bot.bins import Bin, unwatched
from bot.say import Say
from bot.saying import say_time, say_weekday
from bot.telling import Reader
from bot.texts import charting
from domain.series import Expected

# A phone shows it about 1 080 pixels wide: letters of 25 pixels are what one reads without zooming.
WIDTH, HEIGHT, DPI = 7.2, 4.5, 150
PAPER, INK, FAINT, GRID = "#ffffff", "#1c2733", "#6b7885", "#e6eaee"
BAR, LINE, BAND = "#2f7fc1", "#e08a00", "#fbe3b8"
ALARM = "#c62828"
UNKNOWN_LOOK: Final[dict[str, Any]] = {"facecolor": "#d9dde2", "edgecolor": "#aab2bb", "hatch": "////"}
LEFT, RIGHT, BOTTOM = 0.075, 0.985, 0.095


def x(at: datetime) -> float:
    """A place along the time axis."""
    return at.timestamp() / 86400  # days


def series(axes: Axes, bins: Sequence[Bin], points: Sequence[Expected]) -> float:
    """Band, line, bars, and what was not watched. Returns the height of the picture."""
    edges = [x(b.start) for b in bins] + [x(bins[-1].end)]
    lower = [b.lower for b in bins]
    upper = [b.upper for b in bins]
    expected = [b.expected for b in bins]
    axes.fill_between(
        edges, [*lower, lower[-1]], [*upper, upper[-1]], step="post", color=BAND, linewidth=0, zorder=1
    )
    axes.step(edges, [*expected, expected[-1]], where="post", color=LINE, linewidth=1.6, zorder=3)
    seen = [(b, b.observed) for b in bins if b.observed is not None]
    # One collection instead of a patch for each bar: that is a third of the time.
    bars = PolyCollection(
        [_bar(x(b.start), x(b.end), n) for b, n in seen], facecolors=BAR, linewidths=0, zorder=2
    )
    axes.add_collection(bars, autolim=False)
    tallest = max([*upper, *(float(n) for _, n in seen), 1.0])
    shade_unwatched(axes, points)
    return tallest * 1.3


def _bar(start: float, end: float, height: float) -> list[tuple[float, float]]:
    left, right = start + (end - start) * 0.07, end - (end - start) * 0.07
    return [(left, 0.0), (left, height), (right, height), (right, 0.0)]


def shade_unwatched(axes: Axes, points: Sequence[Expected]) -> None:
    for start, end in unwatched(points):
        axes.axvspan(x(start), x(end), **UNKNOWN_LOOK, linewidth=0, zorder=4)


def frame(axes: Axes, limits: tuple[float, float], top: float, say: Say) -> None:
    axes.set_xlim(*limits)
    axes.set_ylim(0, top)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: say.digits(f"{value:.0f}")))
    axes.tick_params(axis="y", length=0, labelsize=12, labelcolor=FAINT, pad=3)
    axes.grid(axis="y", color=GRID, linewidth=1)
    axes.set_axisbelow(True)


def days(axes: Axes, begin: datetime, end: datetime, reader: Reader) -> None:
    """Days begin at the reader's midnight, whatever the clocks did in between."""
    zone = reader.zone
    day = begin.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    ticks: list[datetime] = []
    while day <= end:
        if day >= begin:
            ticks.append(day)
        day = (day + timedelta(days=1)).replace(tzinfo=zone)
    every = max(1, -(-len(ticks) // 8))
    axes.set_xticks([x(t) for t in ticks[::every]])
    axes.set_xticklabels([say_weekday(t, reader.zone, reader.say) for t in ticks[::every]], ha="left")
    # Weekdays have no short names in every language.
    size = 10.5 if reader.say.runs_left else 12
    axes.tick_params(axis="x", length=5, color=FAINT, labelsize=size, labelcolor=INK, pad=3)


def hours(axes: Axes, begin: datetime, end: datetime, reader: Reader) -> None:
    """Marks at the reader's hours, so many that they do not touch."""
    hour = begin.astimezone(reader.zone).replace(minute=0, second=0, microsecond=0)
    step = next((s for s in (1, 2, 3, 4, 6) if (end - begin) / timedelta(hours=s) <= 12), 6)
    ticks = []
    at = hour.astimezone(UTC)
    while at < end:
        if at >= begin and at.astimezone(reader.zone).hour % step == 0:
            ticks.append(at)
        at += timedelta(hours=1)
    axes.set_xticks([x(t) for t in ticks])
    axes.set_xticklabels([say_time(t, reader.zone, reader.say) for t in ticks], ha="left")
    axes.tick_params(axis="x", length=5, color=FAINT, labelsize=11, labelcolor=INK, pad=3)


def legend(axes: Axes, reader: Reader, *, has_unknown: bool) -> None:
    say = reader.say
    handles: list[Patch | Line2D] = [
        Patch(facecolor=BAR, label=say.bare(charting.CHART_OBSERVED)),
        Line2D([], [], color=LINE, linewidth=2, label=say.bare(charting.CHART_EXPECTED)),
    ]
    if has_unknown:
        handles.append(Patch(**UNKNOWN_LOOK, label=say.bare(charting.CHART_UNKNOWN)))
    axes.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=3,
        frameon=False,
        fontsize=10.5,
        labelcolor=INK,
        handlelength=1.2,
        handletextpad=0.5,
        columnspacing=1.2,
        borderaxespad=0.2,
    )
