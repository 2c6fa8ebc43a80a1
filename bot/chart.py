"""The chart of an alert: observed against expected, unwatched time shaded, the moment marked."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from bot.bins import Bin, binned, unwatched
from bot.drawable import drawable, isolated, left_to_right
from bot.payload import Member, Payload
from bot.saying import say_expected, say_span, say_weekday, zone_name
from bot.telling import Reader
from bot.texts import charting, common
from domain.episode import Alert, Move
from domain.finding import Kind, Ruling

# A phone shows it about 1 080 pixels wide: letters of 25 pixels are what one reads without zooming.
WIDTH, HEIGHT, DPI = 7.2, 4.5, 150
_PAPER, _INK, _FAINT, _GRID = "#ffffff", "#1c2733", "#6b7885", "#e6eaee"
_BAR, _LINE, _BAND = "#2f7fc1", "#e08a00", "#fbe3b8"
_UNKNOWN_LOOK: Final[dict[str, Any]] = {"facecolor": "#d9dde2", "edgecolor": "#aab2bb", "hatch": "////"}
_ALARM = "#c62828"
_LEFT, _RIGHT, _BOTTOM = 0.075, 0.985, 0.095
_MOST_ROWS = 8
_MARGIN = 0.008  #: room for the mark at the right end, as a part of the time shown


def draw(alert: Alert, payload: Payload, reader: Reader, *, simulated: bool = False) -> bytes:
    """A PNG. Needs `payload.has_chart`."""
    size, bins = binned(payload.points, reader.zone)
    members = _rows(alert, payload)
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=_PAPER)
    FigureCanvasAgg(figure)
    share = min(0.36, 0.07 + 0.048 * len(members)) if members else 0.0
    bottom = _BOTTOM + share
    axes = figure.add_axes((_LEFT, bottom, _RIGHT - _LEFT, 0.775 - bottom))
    begin = payload.start or bins[0].start
    end = max(payload.end or bins[-1].end, bins[-1].end, alert.at)
    limits = (_x(begin), _x(end) + (_x(end) - _x(begin)) * _MARGIN)
    top = _series(axes, bins, payload)
    _moments(axes, alert, reader, top, limits)
    _frame(axes, limits, top)
    lowest = axes
    if members:
        lowest = figure.add_axes((_LEFT, _BOTTOM, _RIGHT - _LEFT, share - 0.02))
        _member_rows(lowest, members, alert, payload, limits, reader)
        axes.tick_params(axis="x", labelbottom=False)
    _days(lowest, begin, end, reader)
    if lowest is not axes:
        axes.set_xticks(lowest.get_xticks())
        axes.set_xticklabels([])
        axes.set_xlim(*limits)
        lowest.set_xlim(*limits)
    _head(figure, alert, payload, reader, size, simulated)
    _legend(axes, reader, has_unknown=any(p.observed is None for p in payload.points))
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": "Deadair"}, pil_kwargs={"compress_level": 3})
    return out.getvalue()


def _x(at: datetime) -> float:
    return at.timestamp() / 86400  # days


def _series(axes: Axes, bins: Sequence[Bin], payload: Payload) -> float:
    """Band, line, bars, and what was not watched. Returns the height of the picture."""
    edges = [_x(b.start) for b in bins] + [_x(bins[-1].end)]
    lower = [b.lower for b in bins]
    upper = [b.upper for b in bins]
    expected = [b.expected for b in bins]
    axes.fill_between(
        edges, [*lower, lower[-1]], [*upper, upper[-1]], step="post", color=_BAND, linewidth=0, zorder=1
    )
    axes.step(edges, [*expected, expected[-1]], where="post", color=_LINE, linewidth=1.6, zorder=3)
    seen = [(b, b.observed) for b in bins if b.observed is not None]
    # One collection instead of a patch for each bar: that is a third of the time.
    bars = PolyCollection(
        [_bar(_x(b.start), _x(b.end), n) for b, n in seen], facecolors=_BAR, linewidths=0, zorder=2
    )
    axes.add_collection(bars, autolim=False)
    tallest = max([*upper, *(float(n) for _, n in seen), 1.0])
    _shade_unwatched(axes, payload)
    return tallest * 1.3


def _bar(start: float, end: float, height: float) -> list[tuple[float, float]]:
    left, right = start + (end - start) * 0.07, end - (end - start) * 0.07
    return [(left, 0.0), (left, height), (right, height), (right, 0.0)]


def _shade_unwatched(axes: Axes, payload: Payload) -> None:
    for start, end in unwatched(payload.points):
        axes.axvspan(_x(start), _x(end), **_UNKNOWN_LOOK, linewidth=0, zorder=4)


def _moments(axes: Axes, alert: Alert, reader: Reader, top: float, limits: tuple[float, float]) -> None:
    """From the last post to the alert, or to the end: shaded, both ends marked with their times."""
    episode, say = alert.episode, reader.say
    until = episode.closed_at if alert.move is Move.CLOSED and episode.closed_at else alert.at
    if episode.kind is Kind.CHANNEL:
        return
    flaps = episode.times > 1 and alert.move is Move.CLOSED  # then there were posts in between
    begun = episode.since_at if flaps else episode.begun_at
    since, told = max(_x(begun), limits[0]), min(_x(until), limits[1])
    axes.axvspan(since, told, facecolor=_ALARM, alpha=0.10, linewidth=0, zorder=0.5)
    for at, style in ((since, "-"), (told, "--")):
        axes.plot([at, at], [0, top], color=_ALARM, linewidth=1.5, linestyle=style, zorder=5)
    if episode.kind is Kind.SILENCE and episode.verdict.ruling is Ruling.BLIND:
        return  # withdrawn: nobody can say how long it was silent
    silent = episode.kind is Kind.SILENCE
    if silent and flaps:
        label = say.bare(charting.CHART_SILENT_TIMES, n=episode.times)
    elif episode.kind in (Kind.DROP, Kind.SURGE):
        expected = say_expected(episode.expected, say)
        label = say.bare(charting.CHART_COUNT, observed=episode.observed, expected=expected)
    else:
        span = say_span(until - begun, say)
        label = say.bare(charting.CHART_SILENT if silent else charting.CHART_BLIND, span=span)
    moment = say.bare(
        charting.CHART_LAST if silent else charting.CHART_SINCE,
        at=say_weekday(begun, reader.zone, say, time=True),
    )
    # Beside the stretch, on whichever side there is room: inside, the letters would hide what is shaded.
    right = since - limits[0] > limits[1] - told
    for line, below, size, weight in ((label, 0, 12, "bold"), (moment, 17, 10.5, "normal")):
        axes.annotate(
            line,
            (since if right else told, top * 0.97),
            xytext=(-7 if right else 7, -below),
            textcoords="offset points",
            ha="right" if right else "left",
            va="top",
            fontsize=size,
            color=_ALARM,
            fontweight=weight,
            zorder=7,
            bbox={"facecolor": _PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
        )


def _frame(axes: Axes, limits: tuple[float, float], top: float) -> None:
    axes.set_xlim(*limits)
    axes.set_ylim(0, top)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_FAINT)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.tick_params(axis="y", length=0, labelsize=12, labelcolor=_FAINT, pad=3)
    axes.grid(axis="y", color=_GRID, linewidth=1)
    axes.set_axisbelow(True)


def _days(axes: Axes, begin: datetime, end: datetime, reader: Reader) -> None:
    """Days begin at the reader's midnight, whatever the clocks did in between."""
    zone = reader.zone
    day = begin.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    ticks: list[datetime] = []
    while day <= end:
        if day >= begin:
            ticks.append(day)
        day = (day + timedelta(days=1)).replace(tzinfo=zone)
    every = max(1, -(-len(ticks) // 8))
    axes.set_xticks([_x(t) for t in ticks[::every]])
    axes.set_xticklabels([say_weekday(t, reader.zone, reader.say) for t in ticks[::every]], ha="left")
    axes.tick_params(axis="x", length=5, color=_FAINT, labelsize=12, labelcolor=_INK, pad=3)


def _rows(alert: Alert, payload: Payload) -> list[Member]:
    """The channels of a grouped silence: those that fell silent first."""
    if (
        alert.episode.kind is Kind.BLIND
        or alert.episode.subject.channel_id is not None
        or len(payload.members) < 2
    ):
        return []
    known = [m for m in payload.members if m.last_post_at is not None]
    return sorted(known, key=lambda m: m.last_post_at or alert.at)[:_MOST_ROWS]


def _member_rows(
    axes: Axes,
    members: Sequence[Member],
    alert: Alert,
    payload: Payload,
    limits: tuple[float, float],
    reader: Reader,
) -> None:
    """One line for each channel, that ends with its last post."""
    until = alert.episode.closed_at if alert.move is Move.CLOSED else None
    told = min(_x(until or alert.at), limits[1])
    for row, member in enumerate(reversed(members)):
        last = _x(member.last_post_at or alert.at)
        start = max(limits[0], min(last, limits[1]))
        axes.plot([limits[0], start], [row, row], color=_BAR, linewidth=2.4, zorder=3, alpha=0.55)
        axes.plot([start, told], [row, row], color=_ALARM, linewidth=2.4, zorder=3, linestyle=(0, (1, 1)))
        axes.plot([start], [row], marker="o", markersize=6, color=_ALARM, zorder=4)
        axes.text(
            limits[0],
            row + 0.1,
            f" {isolated(drawable(member.title, 34))}",
            ha="left",
            va="bottom",
            fontsize=10,
            color=_INK,
            zorder=5,
        )
    _shade_unwatched(axes, payload)
    axes.set_xlim(*limits)
    axes.set_ylim(-0.6, len(members) - 0.05)
    axes.set_yticks([])
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_FAINT)


def _head(figure: Figure, alert: Alert, payload: Payload, reader: Reader, size: int, simulated: bool) -> None:
    """Whose rhythm this is, what is counted, in which zone."""
    say, episode = reader.say, alert.episode
    title = payload.title or (payload.channel.title if payload.channel else "") or str(episode.subject)
    topic = drawable(payload.topic or payload.claimant or "", 22)
    named = [isolated(part) for part in (drawable(title, 46 - len(topic)), topic) if part]
    figure.text(
        _LEFT - 0.05, 0.972, left_to_right(" · ".join(named)), ha="left", va="top",
        fontsize=17, fontweight="bold", color=_INK,
    )  # fmt: skip
    per = say.bare(charting.CHART_PER_HOUR) if size == 1 else say.bare(charting.CHART_PER_HOURS, n=size)
    zone = zone_name(alert.at, reader.zone, say)
    if not say.runs_left and reader.zone.key != zone:
        zone = f"{reader.zone.key} ({zone})"
    parts = [per, say.bare(charting.CHART_TIMES, zone=zone)]
    figure.text(
        _LEFT - 0.05, 0.883, left_to_right(" · ".join(parts)), ha="left", va="top",
        fontsize=11.5, color=_FAINT,
    )  # fmt: skip
    mark = say.bare(common.EPISODE, id=episode.id)
    if simulated:
        mark = f"{say.bare(common.SIMULATION)} · {mark}"
    figure.text(
        _RIGHT, 0.883, mark, ha="right", va="top", fontsize=11.5, color=_ALARM if simulated else _FAINT,
        fontweight="bold" if simulated else "normal",
    )  # fmt: skip


def _legend(axes: Axes, reader: Reader, *, has_unknown: bool) -> None:
    say = reader.say
    handles: list[Patch | Line2D] = [
        Patch(facecolor=_BAR, label=say.bare(charting.CHART_OBSERVED)),
        Line2D([], [], color=_LINE, linewidth=2, label=say.bare(charting.CHART_EXPECTED)),
    ]
    if has_unknown:
        handles.append(Patch(**_UNKNOWN_LOOK, label=say.bare(charting.CHART_UNKNOWN)))
    axes.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=3,
        frameon=False,
        fontsize=10.5,
        labelcolor=_INK,
        handlelength=1.2,
        handletextpad=0.5,
        columnspacing=1.2,
        borderaxespad=0.2,
    )
