"""What a sentence says was used and hit."""

from claims.marks import Thing
from claims.places import Where
from claims.scene import Role, Scene

#: A more exact weapon says what a general one beside it means: "missiles … ballistic missiles".
_GENERAL = {
    "rocket": {"cruise_missile", "ballistic_missile", "atgm", "antiship_missile", "sam"},
    "drone": {"usv"},
}
_PLACE_TYPES = {
    "base": "military_base", "camp": "military_base", "airport": "airport", "port": "port",
    "diplomatic": "diplomatic", "energy": "energy", "outpost": "military_target",
}  # fmt: skip
#: Kinds of target from the plainest to the most telling; of several, the most telling wins.
_TELLING = (
    "other", "military_target", "vital_target", "troops", "civil_other", "military_base", "port", "airport",
    "settlement", "intel_site", "vehicle", "contractor", "diplomatic", "energy", "aircraft", "convoy", "ship",
)  # fmt: skip


def weapons(scene: Scene, lo: int, hi: int, *, shot_down: bool) -> list[Thing]:
    """The weapons used, each once; what was shot down is a target."""
    found: list[Thing] = []
    for thing in scene.things:
        if not lo <= thing.start < hi or scene.role(thing) is Role.MOTIVE:
            continue
        if thing.weapon is None and thing.model is not None and _weapon_near(scene, thing):
            thing.weapon = thing.model
        if thing.weapon is None or thing.target == "aircraft":
            continue
        if shot_down:
            continue
        if all(thing.weapon != other.weapon for other in found):
            found.append(thing)
    ids = {t.weapon for t in found}
    return [t for t in found if not _GENERAL.get(t.weapon or "", set()) & ids]


def _weapon_near(scene: Scene, thing: Thing) -> bool:
    return any(
        other.weapon and other is not thing and abs(other.start - thing.start) < 40 for other in scene.things
    )


def target_type(scene: Scene, where: Where | None, lo: int, hi: int) -> tuple[str | None, Thing | None]:
    """What sort of thing was hit, and where the text says so."""
    best: Thing | None = None
    for thing in scene.things:
        if thing.target is None or not lo <= thing.start < hi or scene.role(thing) is Role.MOTIVE:
            continue
        if best is None or _TELLING.index(thing.target) > _TELLING.index(best.target or "other"):
            best = thing
    by_place = _PLACE_TYPES.get(where.kind) if where else None
    if best is not None and best.target is not None:
        if by_place and best.target in ("other", "military_target", "vital_target", "troops", "civil_other"):
            return by_place, None
        return best.target, best
    return by_place, None
