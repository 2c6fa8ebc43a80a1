"""Hours of an episode as a table with bars for the terminal: what came beside what was to be expected."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.series import Expected

HOUR = timedelta(hours=1)
#: Of a long episode so many hours are shown from its beginning and from its end.
FROM_START, FROM_END = 42, 18
_BAR, _EXPECTED, _UNKNOWN = "█", "┊", "░"
_TENTHS = " ▏▎▍▌▋▊▉"


def table(
    points: Sequence[Expected],
    zone: ZoneInfo,
    marks: Mapping[datetime, str],
    *,
    width: int = 80,
    whole: bool = False,
) -> Iterator[str]:
    """A line for each hour, in `zone`; `marks` are words for the hour in which an instant falls.

    The bar is what came, the dotted line what was to be expected. Hours that were not watched are drawn as
    unknown, never as none.
    """
    if not points:
        yield "no whole hour of it is in the record"
        return
    said = _marked(points, marks)
    room = max(10, min(44, width - 34 - max((len(m) + 2 for m in said.values()), default=0)))
    most = max([p.expected for p in points] + [float(p.observed or 0) for p in points] + [1.0])
    legend = f"{_BAR} came  {_EXPECTED} expected  {_UNKNOWN} not watched"
    yield f"{'hour':<16} {'came':>5} {'expected':>8}  {legend}"
    shown = list(_shown(points, said, whole))
    for n, point in enumerate(shown):
        if isinstance(point, tuple):
            yield f"{'':<6}… {_folded(point)}"
            continue
        local = point.start.astimezone(zone)
        after = n == 0 or not isinstance(shown[n - 1], Expected)
        new_day = after or local.hour == 0 or (shown[n - 1].start.astimezone(zone).date() != local.date())  # type: ignore[union-attr]  # `after` has just ruled out the fold
        day = f"{local:%a %d %b}" if new_day else ""
        came = "?" if point.observed is None else f"{point.observed:,}"
        mark = f"  {said[point.start]}" if point.start in said else ""
        line = f"{day:<10} {local:%H:%M} {came:>5} {point.expected:>8.1f}  {_bar(point, most, room)}"
        yield f"{line}{mark}".rstrip()


def _bar(point: Expected, most: float, room: int) -> str:
    place = min(room - 1, int(point.expected / most * (room - 1) + 0.5))
    if point.observed is None:
        return (_UNKNOWN * room)[:place] + _EXPECTED + _UNKNOWN * (room - 1 - place)
    length = point.observed / most * (room - 1)
    cells = [_BAR if i < int(length) else " " for i in range(room)]
    part = int((length - int(length)) * 8)
    if part and int(length) < room:
        cells[int(length)] = _TENTHS[part]
    if cells[place] == " ":
        cells[place] = _EXPECTED
    return "".join(cells)


def _marked(points: Sequence[Expected], marks: Mapping[datetime, str]) -> dict[datetime, str]:
    out: dict[datetime, str] = {}
    for at, word in sorted(marks.items()):
        for point in points:
            if point.start <= at < point.start + HOUR:
                out[point.start] = f"{out[point.start]}, {word}" if point.start in out else f"← {word}"
    return out


def _shown(
    points: Sequence[Expected], said: Mapping[datetime, str], whole: bool
) -> Iterator[Expected | tuple[Expected, ...]]:
    """The hours one by one; the middle of many of them folded, but for those with a mark."""
    if whole or len(points) <= FROM_START + FROM_END:
        yield from points
        return
    fold: list[Expected] = []
    for n, point in enumerate(points):
        if FROM_START <= n < len(points) - FROM_END and point.start not in said:
            fold.append(point)
            continue
        if fold:
            yield tuple(fold)
            fold = []
        yield point


def _folded(points: Sequence[Expected]) -> str:
    seen = [p for p in points if p.observed is not None]
    unseen = len(points) - len(seen)
    words = (
        f"{len(points)} hours more: {sum(p.observed or 0 for p in seen):,} came, "
        f"{sum(p.expected for p in seen):,.1f} expected"
    )
    return words + (f"; {unseen} of them not watched" if unseen else "")
