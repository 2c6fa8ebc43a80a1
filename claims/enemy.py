"""Acts that are not the axis's: the adversary's against it, the jihadis', those far from this war."""

import re
from collections.abc import Sequence

from claims.marks import Cue, Thing
from claims.places import AXIS_COUNTRIES, AXIS_PLACES, Where, outside
from claims.rulings import ACTING, SUFFERING, Ruling, first
from claims.scene import RESISTANCE, Role, Scene, attached
from domain.claim import Casualties, ClaimKind, Precision

#: Words for what only an air force does; of other cues ("assassination") anyone may be the author.
_RAID = re.compile(
    r"غار|عدوان|العدوان|قصف|حمله هوايي|بمباران|air|حمله جنگنده|تجاوز|авиаудар|hava|savas|תקיפה|"
    r"هيرشي ييسمان|هێرشي"
)
#: What stands before a place in which something happens.
_IN_OR_AT = re.compile(
    r"(?<!\w)(?:في|داخل|وسط|قرب|شمال|جنوب|شرق|غرب|شمالي|جنوبي|شرقي|غربي|مدينه|ولايه|اقليم|باقليم|العاصمه|الي|"
    r"در|داخل|شهر|نزديك|ايالت|in|near|at|"
    r"outside|of|around|across|northern|southern|eastern|western|central|له|в|под|около) (?:ال)?$"
)


def elsewhere(scene: Scene, places: Sequence[Where]) -> bool:
    """Far from this war, and nobody of it acts or suffers: a bomb in Kabul."""
    far = [
        c for c in scene.cues
        if c.name == "elsewhere"
        and (attached(scene.text, c.start) or _IN_OR_AT.search(scene.text[max(0, c.start - 24) : c.start]))
    ]  # fmt: skip
    if not far or scene.actors("axis"):
        return False
    return all(w.kind == "diplomatic" or w.kind == "country" for w in places)


def owns_aircraft(scene: Scene, owner: Thing) -> bool:
    """Is an aircraft the adversary's own? Then shooting it down is an attack on him, and no interception."""
    return any(t.target == "aircraft" and abs(t.end - owner.start) <= 24 for t in scene.things)


def _flies(scene: Scene, owner: Thing) -> bool:
    """Is his aircraft the subject: first in its sentence, with a verb behind it that is not its fall?"""
    if scene.marks.lang not in ("fa", "ckb", "tr", "ru", "he") or not owns_aircraft(scene, owner):
        return False
    first = min(t.start for t in scene.things)
    craft = next((t for t in scene.things if t.target == "aircraft" and abs(t.end - owner.start) <= 24), None)
    verbs = [a for a in scene.acts if a.start > owner.end and a.kind != "shootdown"]
    object_ = re.match(r"\s*را(?!\w)", scene.text[owner.end : owner.end + 5])
    return craft is not None and craft.start == first and bool(verbs) and not object_


def adversary_acts(scene: Scene, stopped: bool) -> bool:
    if stopped:
        return False
    doing = scene.actors("adversary", Role.AGENT, Role.OWNS_ACT)
    flying = [t for t in scene.actors("adversary", Role.OWNS_TARGET) if _flies(scene, t)]
    return bool(doing or flying) or any(
        scene.role(t) is Role.OWNS_WEAPON for t in scene.actors("adversary", Role.OWNS_WEAPON)
    )


def enemy_evidence(scene: Scene, places: Sequence[Where], cue: Cue | None, *, stopped: bool) -> bool:
    """Does the adversary act here, or is one of the axis or its home the object?"""
    if adversary_acts(scene, stopped):
        home = any(w.host for w in places)
        victims = scene.actors("axis", *SUFFERING)
        named = scene.actors("adversary", Role.AGENT, Role.OWNS_ACT)
        return bool(named) or bool(victims) or not home
    if stopped:
        return False
    at_home = any(w.country in AXIS_COUNTRIES or (w.id in AXIS_PLACES) for w in places) and not any(
        w.host for w in places
    )
    if cue is not None:
        foreign = any(w.host for w in places)
        sides = {scene.side(t) for t in scene.things}
        raid = _RAID.match(scene.text, cue.start) is not None
        someone = "adversary" in sides or "axis" in sides or at_home or (raid and bool(places))
        return (not foreign and someone) or bool(scene.actors("axis", *SUFFERING))
    # A bare "the resistance" behind a masdar is as often the one who did it, told of in the next line.
    suffers = [t for t in scene.actors("axis", *SUFFERING) if t.actor != RESISTANCE]
    if suffers and not scene.actors("axis", *ACTING):
        return True
    fell = scene.cue("mourning") is not None and not scene.actors("axis", *ACTING)
    return (at_home or fell) and bool(scene.acts) and any(t.actor == "pmf" for t in scene.things)


def enemy_act(
    scene: Scene,
    places: Sequence[Where],
    cue: Cue | None,
    hurt: tuple[Casualties, int, int] | None,
    lo: int,
    hi: int,
) -> Ruling:
    doing = scene.actors("adversary", Role.AGENT, Role.OWNS_ACT) or scene.actors(
        "adversary", Role.OWNS_WEAPON
    )
    doing = doing or [t for t in scene.actors("adversary", Role.OWNS_TARGET) if _flies(scene, t)]
    doing = doing or [
        t
        for t in scene.actors("adversary")
        if scene.role(t) not in (Role.OBJECT, Role.OWNS_TARGET, Role.MOTIVE)
    ]
    where = list(places[:1])
    found = outside(scene, lo, hi)
    if found is not None and (not where or more_exact(found, where[0])):
        where = [found]
    return Ruling(
        kind=ClaimKind.ENEMY_ACTION,
        rule="direction:adversary" if doing else "cue:enemy_action",
        cue=(cue.start, cue.end) if cue else None,
        claimant=first(doing),
        places=where,
        casualties=hurt,
        lo=lo,
        hi=hi,
    )


def more_exact(found: Where, known: Where) -> bool:
    """An unknown base near a known town is where it happened, not the town."""
    if found.kind == "quarter" and known.kind in ("city", "town"):
        return 0 <= known.start - found.end <= 24
    return found.kind == "site" and known.precision is not Precision.SITE and found.start < known.start


def jihadi_act(
    scene: Scene,
    jihadis: list[Thing],
    places: Sequence[Where],
    hurt: tuple[Casualties, int, int] | None,
    lo: int,
    hi: int,
) -> list[Ruling]:
    """The war on ISIS and its like is no part of this; an attack by them on the axis is."""
    doing = [t for t in jihadis if scene.role(t) in (Role.AGENT, Role.OWNS_ACT)]
    victims = [
        t for t in scene.things if t.actor in ("pmf", "badr", "aah", "kh") and t.start > jihadis[0].start
    ]
    if not doing and not (victims and any(0 <= jihadis[0].start - a.end <= 3 for a in scene.acts)):
        return []
    if not victims:
        return []
    return [
        Ruling(
            kind=ClaimKind.ENEMY_ACTION,
            rule="direction:jihadi",
            claimant=jihadis[0],
            places=list(places[:1]),
            casualties=hurt,
            lo=lo,
            hi=hi,
        )
    ]
