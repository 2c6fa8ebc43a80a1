"""Maps of places: where points stand, and the land beneath them."""

import re
from xml.etree import ElementTree

from archive.pages.borders import rings, within
from archive.pages.incidents import Point
from archive.pages.maps import places
from archive.pages.names import Names
from archive.pages.voice import Voice

BAGHDAD, HARIR = (44.4, 33.3), (44.3, 36.5)


def point(lon: float, lat: float, code: str = "harir", n: int = 3) -> Point:
    return Point(code=code, precision="site", lat=lat, lon=lon, n=n)


def drawn(*points: Point) -> ElementTree.Element:
    return ElementTree.fromstring(places(points, Names(), Voice("en"), label="Where"))  # noqa: S314 - our own


def test_land_is_drawn_beneath_the_points_and_leaves_no_gap_in_the_file() -> None:
    svg = drawn(point(*BAGHDAD), point(*HARIR))
    classes = [e.get("class") for e in svg.iter() if e.get("class")]
    assert classes.index("land") < classes.index("dot")
    [land] = [e for e in svg.iter() if e.get("class") == "land"]
    assert re.fullmatch(r"(M-?\d+ -?\d+(L-?\d+ -?\d+)*Z)+", land.get("d", ""))


def test_a_map_of_the_open_sea_has_points_and_no_land() -> None:
    svg = drawn(point(-140.0, -35.0))
    classes = {e.get("class") for e in svg.iter()}
    assert "dot" in classes
    assert "land" not in classes


def test_a_point_lies_within_the_land_it_is_of() -> None:
    """Drawn by the same rule, or a base would lie in the next country."""
    svg = drawn(point(*BAGHDAD), point(*HARIR))
    dots = [(float(e.get("cx", 0)), float(e.get("cy", 0))) for e in svg.iter() if e.get("class") == "dot"]
    [land] = [e for e in svg.iter() if e.get("class") == "land"]
    outlines = [
        [tuple(float(v) for v in pair.split()) for pair in ring.split("L")]
        for ring in land.get("d", "")[1:-1].split("ZM")
    ]
    for x, y in dots:
        assert sum(_inside(x, y, outline) for outline in outlines) == 1


def test_names_do_not_cover_each_other_and_the_place_with_most_is_named() -> None:
    svg = drawn(
        point(38.66, 33.5, "al_tanf", 4), point(38.7, 33.47, "tower_22", 2), point(*HARIR, "harir", 1)
    )
    assert [e.text for e in svg.iter() if e.get("class") == "place"] == ["al tanf 4", "harir 1"]
    assert len([e for e in svg.iter() if e.get("class") == "dot"]) == 3


def test_every_ring_is_closed_and_within_the_world() -> None:
    assert len(rings()) > 200
    for ring in rings():
        assert ring.points[0] == ring.points[-1]
        assert -180 <= ring.west < ring.east <= 180
        assert -90 <= ring.south < ring.north <= 90
    assert list(within(-140.5, -35.5, -139.5, -34.5)) == []


def _inside(x: float, y: float, outline: list[tuple[float, ...]]) -> bool:
    """By counting crossings of a ray to the right."""
    crossings = 0
    for (x1, y1), (x2, y2) in zip(outline, outline[1:] + outline[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1
