"""How near to one another the places of the lexicon lie, as far as two tellings of one act may name them."""

from collections.abc import Mapping
from math import cos, hypot, radians

from claims.lexicon.entries import Place

#: Places so near are one: a town and the base beside it.
NEAR_KM = 12.0
#: Two sites so near are one (an airport and the base on its ground); further apart each is its own.
SITE_KM = 4.0
#: From the middle of a region to a place in it.
REGION_KM = 90.0

SAME, NEAR, BROAD, APART = 2.0, 1.5, 0.5, -1.0
#: A place that nobody knows may be a quarter of the city that another post names.
PERHAPS_WITHIN = -0.5

_SITES = frozenset({"base", "airport", "diplomatic", "energy", "outpost", "crossing", "site"})
#: Seas that run into one another: what happens in the strait is told of both.
_WATERS = (
    frozenset({"red_sea", "bab_mandab"}),
    frozenset({"bab_mandab", "gulf_aden"}),
    frozenset({"red_sea", "gulf_aden"}),
    frozenset({"gulf_aden", "arabian_sea"}),
    frozenset({"arabian_sea", "indian_ocean"}),
)


class Nearby:
    """Places by id. What lies near a place is worked out once, when first asked for."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = places
        self._near: dict[str, Mapping[str, float]] = {}

    def of(self, id_: str) -> Mapping[str, float]:
        """The places that can be meant where this one is said, each with how much that says."""
        found = self._near.get(id_)
        if found is None:
            found = {other: how for other in self._places if (how := self._relation(id_, other)) > 0}
            found[id_] = SAME
            self._near[id_] = found
        return found

    def relation(self, a: str, b: str) -> float:
        """SAME, NEAR, BROAD (one lies in the other) or APART."""
        return self.of(a).get(b, APART)

    def is_broad(self, id_: str) -> bool:
        """Is it a country or a region, so that it says little about where in it?"""
        place = self._places.get(id_)
        return place is not None and place.kind in ("country", "region")

    def is_city(self, id_: str) -> bool:
        place = self._places.get(id_)
        return place is not None and place.kind == "city"

    def _relation(self, a: str, b: str) -> float:
        if a == b:
            return SAME
        p, q = self._places.get(a), self._places.get(b)
        if p is None or q is None:
            return APART
        if "country" in (p.kind, q.kind):
            return BROAD if p.country == q.country else APART
        if p.kind == q.kind == "sea":
            return BROAD if frozenset({a, b}) in _WATERS else APART
        km = _km(p, q)
        if km is None:
            return APART
        if km <= (SITE_KM if p.kind in _SITES and q.kind in _SITES else NEAR_KM):
            return NEAR
        return BROAD if "region" in (p.kind, q.kind) and km <= REGION_KM and p.country == q.country else APART


def _km(p: Place, q: Place) -> float | None:
    if p.lat is None or p.lon is None or q.lat is None or q.lon is None:
        return None
    return 111.2 * hypot(p.lat - q.lat, (p.lon - q.lon) * cos(radians(p.lat)))
