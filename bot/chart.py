"""The chart of an alert: observed against expected, unwatched time shaded, the moment marked."""

import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bot.axes import (
    ALARM,
    BAR,
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
    legend,
    series,
    shade_unwatched,
    x,
)
from bot.bins import binned
from bot.drawable import drawable, isolated, laid_out
from bot.payload import Member, Payload
from bot.saying import say_expected, say_span, say_weekday, zone_label
from bot.telling import Reader
from bot.texts import charting, common
from domain.episode import Alert, Move
from domain.finding import Kind, Ruling

_MOST_ROWS = 8
_MARGIN = 0.008  #: room for the mark at the right end, as a part of the time shown


def draw(alert: Alert, payload: Payload, reader: Reader, *, simulated: bool = False) -> bytes:
    """A PNG. Needs `payload.has_chart`."""
    size, bins = binned(payload.points, reader.zone)
    members = _rows(alert, payload)
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    share = min(0.36, 0.07 + 0.048 * len(members)) if members else 0.0
    bottom = BOTTOM + share
    axes = figure.add_axes((LEFT, bottom, RIGHT - LEFT, 0.775 - bottom))
    begin = payload.start or bins[0].start
    end = max(payload.end or bins[-1].end, bins[-1].end, alert.at)
    limits = (x(begin), x(end) + (x(end) - x(begin)) * _MARGIN)
    top = series(axes, bins, payload.points)
    _moments(axes, alert, reader, top, limits)
    frame(axes, limits, top, reader.say)
    lowest = axes
    if members:
        lowest = figure.add_axes((LEFT, BOTTOM, RIGHT - LEFT, share - 0.02))
        _member_rows(lowest, members, alert, payload, limits, reader)
        axes.tick_params(axis="x", labelbottom=False)
    days(lowest, begin, end, reader)
    if lowest is not axes:
        axes.set_xticks(lowest.get_xticks())
        axes.set_xticklabels([])
        axes.set_xlim(*limits)
        lowest.set_xlim(*limits)
    _head(figure, alert, payload, reader, size, simulated)
    legend(axes, reader, has_unknown=any(p.observed is None for p in payload.points))
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": "Deadair"}, pil_kwargs={"compress_level": 3})
    return out.getvalue()


def _moments(axes: Axes, alert: Alert, reader: Reader, top: float, limits: tuple[float, float]) -> None:
    """From the last post to the alert, or to the end: shaded, both ends marked with their times."""
    episode, say = alert.episode, reader.say
    until = episode.closed_at if alert.move is Move.CLOSED and episode.closed_at else alert.at
    if episode.kind is Kind.CHANNEL:
        return
    flaps = episode.times > 1 and alert.move is Move.CLOSED  # then there were posts in between
    begun = episode.since_at if flaps else episode.begun_at
    since, told = max(x(begun), limits[0]), min(x(until), limits[1])
    axes.axvspan(since, told, facecolor=ALARM, alpha=0.10, linewidth=0, zorder=0.5)
    for at, style in ((since, "-"), (told, "--")):
        axes.plot([at, at], [0, top], color=ALARM, linewidth=1.5, linestyle=style, zorder=5)
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
            color=ALARM,
            fontweight=weight,
            zorder=7,
            bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
        )


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
    told = min(x(until or alert.at), limits[1])
    for row, member in enumerate(reversed(members)):
        last = x(member.last_post_at or alert.at)
        start = max(limits[0], min(last, limits[1]))
        axes.plot([limits[0], start], [row, row], color=BAR, linewidth=2.4, zorder=3, alpha=0.55)
        axes.plot([start, told], [row, row], color=ALARM, linewidth=2.4, zorder=3, linestyle=(0, (1, 1)))
        axes.plot([start], [row], marker="o", markersize=6, color=ALARM, zorder=4)
        axes.text(
            limits[0],
            row + 0.1,
            f" {isolated(drawable(member.title, 34))}",
            ha="left",
            va="bottom",
            fontsize=10,
            color=INK,
            zorder=5,
        )
    shade_unwatched(axes, payload.points)
    axes.set_xlim(*limits)
    axes.set_ylim(-0.6, len(members) - 0.05)
    axes.set_yticks([])
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)


def _head(figure: Figure, alert: Alert, payload: Payload, reader: Reader, size: int, simulated: bool) -> None:
    """Whose rhythm this is, what is counted, in which zone."""
    say, episode = reader.say, alert.episode
    title = payload.title or (payload.channel.title if payload.channel else "") or str(episode.subject)
    topic = drawable(payload.topic or payload.claimant or "", 22)
    named = [isolated(part) for part in (drawable(title, 46 - len(topic)), topic) if part]
    near, far = (RIGHT, LEFT - 0.05) if say.runs_left else (LEFT - 0.05, RIGHT)
    sides = ("right", "left") if say.runs_left else ("left", "right")
    figure.text(
        near, 0.972, laid_out(" · ".join(named), say.runs_left), ha=sides[0], va="top",
        fontsize=17, fontweight="bold", color=INK,
    )  # fmt: skip
    per = say.bare(charting.CHART_PER_HOUR) if size == 1 else say.bare(charting.CHART_PER_HOURS, n=size)
    zone = zone_label(alert.at, reader.zone, say)
    parts = [per, say.bare(charting.CHART_TIMES, zone=zone)]
    figure.text(
        near, 0.883, laid_out(" · ".join(parts), say.runs_left), ha=sides[0], va="top",
        fontsize=11.5, color=FAINT,
    )  # fmt: skip
    mark = say.bare(common.EPISODE, id=episode.id)
    if simulated:
        mark = f"{say.bare(common.SIMULATION)} · {mark}"
    figure.text(
        far, 0.883, mark, ha=sides[1], va="top", fontsize=11.5, color=ALARM if simulated else FAINT,
        fontweight="bold" if simulated else "normal",
    )  # fmt: skip
