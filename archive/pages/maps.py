"""A map of places as SVG: points by longitude and latitude, over coasts and borders."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from archive.pages.borders import Ring, within
from archive.pages.incidents import Point
from archive.pages.names import Names
from archive.pages.voice import Voice

_WIDTH, _MARGIN = 720, 24
#: How wide a letter of a name is about, and how high a line.
_LETTER, _LINE = 6.4, 13


def places(points: Sequence[Point], names: Names, voice: Voice, *, label: str) -> Markup:
    """Equirectangular at the middle latitude. A dot is a site; the rougher a place, the wider the ring.

    Points come with most acts first: where names would cover each other, the first is named.
    """
    if not points:
        return Markup("")
    west, east = _padded([p.lon for p in points])
    south, north = _padded([p.lat for p in points])
    scale = math.cos(math.radians((south + north) / 2))
    unit = (_WIDTH - 2 * _MARGIN) / max((east - west) * scale, 1e-6)
    height = min(max((north - south) * unit + 2 * _MARGIN, 200), 460)
    unit = min(unit, (height - 2 * _MARGIN) / max(north - south, 1e-6))
    # What is left of the width belongs to the map, on both sides.
    spare = ((_WIDTH - 2 * _MARGIN) / (scale * unit) - (east - west)) / 2
    west, east = west - spare, east + spare

    def xy(lon: float, lat: float) -> tuple[float, float]:
        return _MARGIN + (lon - west) * scale * unit, height - _MARGIN - (lat - south) * unit

    parts = [f'<rect class="sea" width="{_WIDTH}" height="{height:.0f}"/>']
    beyond = height / unit  # in degrees: the margins show land, too
    seen = within(west - beyond, south - beyond, east + beyond, north + beyond)
    if land := "".join(_outline(ring, xy) for ring in seen):
        parts.append(f'<path class="land" d="{land}"/>')
    step = _step(max(east - west, north - south))
    for n in range(math.ceil(west / step), math.floor(east / step) + 1):
        x, _ = xy(n * step, south)
        said = voice.digits(f"{abs(n * step):g}°") + ("E" if n >= 0 else "W")
        parts.append(f'<path class="grid" d="M{x:.0f} 0V{height:.0f}"/>')
        parts.append(f'<text class="date" x="{x + 3:.0f}" y="{height - 6:.0f}">{said}</text>')
    for n in range(math.ceil(south / step), math.floor(north / step) + 1):
        _, y = xy(west, n * step)
        said = voice.digits(f"{abs(n * step):g}°") + ("N" if n >= 0 else "S")
        parts.append(f'<path class="grid" d="M0 {y:.0f}H{_WIDTH}"/>')
        parts.append(f'<text class="date" x="4" y="{y - 3:.0f}">{said}</text>')
    most = max(p.n for p in points)
    signs, labels, taken = [], [], list[_Box]()
    for point in points:
        x, y = xy(point.lon, point.lat)
        size = 4 + 10 * math.sqrt(point.n / most)
        name = names.of(point.code, voice.language)
        sign = ""
        wide = {"site": 0, "town": 6, "region": 18}.get(point.precision, 0)
        if wide:
            sign = f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="{size + wide:.1f}"/>'
        title = f"<title>{escape(name)}: {escape(voice.number(point.n))}</title>"
        signs.append(
            f'{sign}<a href="/claims?place={escape(point.code)}">'
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}">{title}</circle></a>'
        )
        said = f"{name} {voice.number(point.n)}"
        side, anchor = (1, "start") if x < _WIDTH * 0.7 else (-1, "end")
        box = _Box(x + side * (size + wide + 4), y + 4, side * len(said) * _LETTER)
        if not any(box.covers(other) for other in taken):
            taken.append(box)
            labels.append(
                f'<text class="place" text-anchor="{anchor}" x="{box.x:.1f}" y="{box.y:.1f}">'
                f"{escape(said)}</text>"
            )
    parts += [*reversed(signs), *labels]  # the places with most on top
    return Markup(  # noqa: S704 - what is within was escaped where it was put there
        f'<svg class="map" viewBox="0 0 {_WIDTH} {height:.0f}" role="group" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


@dataclass(frozen=True, slots=True)
class _Box:
    """The room of a name: where its line begins, and how far it goes; below zero: to the left."""

    x: float
    y: float
    length: float

    def covers(self, other: "_Box") -> bool:
        mine, theirs = sorted((self.x, self.x + self.length)), sorted((other.x, other.x + other.length))
        return abs(self.y - other.y) < _LINE and mine[0] < theirs[1] and theirs[0] < mine[1]


def _outline(ring: Ring, xy: Callable[[float, float], tuple[float, float]]) -> str:
    """The ring as a path; where neighbouring points fall on the same place it is drawn once."""
    places: list[str] = []
    for lon, lat in ring.points:
        x, y = xy(lon, lat)
        here = f"{x:.0f} {y:.0f}"
        if not places or places[-1] != here:
            places.append(here)
    return f"M{'L'.join(places)}Z"


def _padded(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    pad = max((high - low) * 0.12, 0.6)
    return low - pad, high + pad


def _step(span: float) -> float:
    """Between the lines of the grid, in degrees."""
    return next((s for s in (0.5, 1, 2, 5, 10, 20) if span / s <= 7), 30)
