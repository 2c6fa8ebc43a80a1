"""Coasts and borders for maps: Natural Earth 1:110 million (public domain), generalised, as degrees.

They are there to find one's way by and say nothing about whose a place is: Natural Earth draws who holds a
border, not who claims it, and at this scale a line may be ten kilometres off.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_FILE = "borders.json"


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed line around land, with the box it lies in."""

    points: tuple[tuple[float, float], ...]  #: longitude, latitude
    west: float
    south: float
    east: float
    north: float


@cache
def rings() -> tuple[Ring, ...]:
    """Every ring of every country."""
    made = []
    for flat in json.loads(files("archive.pages").joinpath(_FILE).read_text(encoding="ascii")):
        lons, lats = flat[::2], flat[1::2]
        points = tuple(zip(lons, lats, strict=True))
        made.append(Ring(points, min(lons), min(lats), max(lons), max(lats)))
    return tuple(made)


def within(west: float, south: float, east: float, north: float) -> Iterator[Ring]:
    """Those that may be seen in this box of degrees."""
    for ring in rings():
        if ring.east >= west and ring.west <= east and ring.north >= south and ring.south <= north:
            yield ring
