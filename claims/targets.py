"""Whose the thing was that was hit, and in which country a place lies that nobody knows."""

import re

from claims.draft import Draft
from claims.places import Where
from claims.rulings import Ruling
from claims.scene import ENEMY, RESISTANCE, Role, Scene
from domain.claim import ClaimKind

_IRAQI = frozenset(
    [
        "iri",
        "kh",
        "nujaba",
        "kss",
        "aah",
        "badr",
        "kia",
        "ansar_awfiya",
        "tansiqiya",
        "ashab_kahf",
        "awliya_dam",
        "usbat_thaireen",
        "qasim_jabbarin",
        "thawrat_ishrin",
        "waritheen",
        "raba_allah",
        "alwiyat_waad",
        "liwa_khaybar",
        "ahrar_sinjar",
        "kataib_mustafa",
        "jihadiyun",
    ]
)
_VS_ISRAEL = frozenset(
    [
        "hezbollah",
        "houthis",
        "hamas_qassam",
        "pij_quds",
        "aqsa_martyrs",
        "pflp_abu_ali",
        "mujahideen_brig",
        "nasser_brigades",
        "irgc",
        "iran",
        "syria_resistance",
        "ashtar",
    ]
)
_PALESTINIAN = frozenset(
    ["hamas_qassam", "pij_quds", "aqsa_martyrs", "pflp_abu_ali", "mujahideen_brig", "nasser_brigades"]
)
#: Those who fight neighbouring states as well, and whom they fight there; in Iraq it may be anyone.
_OF_STATES = frozenset({"iran", "irgc", "houthis"})
_NEIGHBOURS = {
    "SA": "saudi", "AE": "uae", "KW": "kuwait_state", "IQ": None, "JO": "us", "QA": "us", "BH": "us",
    "SY": "us",
}  # fmt: skip
_US_COUNTRIES = frozenset({"IQ", "KW", "QA", "BH", "AE", "SA", "JO"})


#: What only one army has.
_OWNED = re.compile(
    r"(?P<us>mq ?-?9|reaper|ريبر|ام كيو ?-? ?9|patriot|باتريوت)|"
    r"merkava|ميركافا|مركاوا|меркав|מרכב|hermes|هرمز ?(?:450|900)|هرمس|"
    r"iron dome|"
    r"القبه الحديديه|قبه حديديه|گنبد اهنين|כיפת ברזל|غولاني|جفعاتي"
)


def fill_target(scene: Scene, ruling: Ruling, draft: Draft, where: Where | None) -> None:
    """Whose the thing hit was: as named, else by the place, else by whom the claimant fights."""
    if ruling.kind is ClaimKind.ENEMY_ACTION:
        victims = [t for t in scene.actors("axis") if t is not ruling.claimant and t.actor != RESISTANCE]
        if victims:
            draft.target = victims[0].actor
            draft.show("target", victims[0].start, victims[0].end, "target:named")
        return
    named = [
        t
        for t in scene.actors("adversary", Role.OWNS_TARGET, Role.OBJECT)
        + scene.actors("adversary", Role.MENTION, Role.AGENT)
        if t is not ruling.claimant
    ]
    exact = [t for t in named if t.actor != ENEMY]
    if ruling.kind is ClaimKind.TALLY:
        exact = [t for t in exact if scene.side(t) == "adversary" and not scene.is_place(t)]
        named = [t for t in named if t.actor == ENEMY and scene.role(t) in (Role.OWNS_TARGET, Role.OBJECT)]
        if not exact and draft.claimant is None:
            exact = scene.actors("adversary", Role.SPEAKER)
        if not exact and not named:
            return
    if (
        where is not None
        and where.host
        and not any(scene.role(t) in (Role.OWNS_TARGET, Role.OBJECT) for t in exact)
    ):
        draft.target = where.host
        draft.show("target", where.start, where.end, "target:host")
        return
    if exact:
        draft.target = exact[0].actor
        draft.show("target", exact[0].start, exact[0].end, "target:named")
        return
    model = _OWNED.search(scene.text, ruling.lo, ruling.hi) if ruling.kind.is_attack else None
    if model is not None and not named:
        draft.target = "us" if model["us"] else "israel"
        draft.show("target", model.start(), model.end(), "target:model")
        return
    if draft.target_type == "ship" and ruling.kind is not ClaimKind.THREAT:
        return
    if named or ruling.kind.is_attack:
        draft.target = _target_by(draft, where)
        if draft.target and named:
            draft.show("target", named[0].start, named[0].end, "target:bare")


def _target_by(draft: Draft, where: Where | None) -> str | None:
    if where is not None and where.country in ("IL", "PS", "LB"):
        return "israel"
    if where is not None and where.country == "ZZ" and draft.claimant in _OF_STATES:
        return None  # at sea it may be anyone's
    if where is not None and draft.claimant in _OF_STATES and where.country in _NEIGHBOURS:
        return _NEIGHBOURS[where.country]
    if draft.claimant in _VS_ISRAEL:
        return "israel"
    if draft.target_type == "energy":
        return None
    if where is not None and where.country == "SY":
        return "us"
    if where is not None and where.country in _US_COUNTRIES:
        return "us" if draft.kind.is_attack else None
    if draft.claimant in _IRAQI and draft.kind.is_attack:
        return "us"
    return None


def country_of(draft: Draft) -> str | None:
    """The country of a place that nobody knows: where its adversary is fought."""
    if draft.claimant in _PALESTINIAN and draft.target_type in ("troops", "vehicle"):
        return "PS"
    if draft.target == "israel":
        return "IL"
    if draft.kind is ClaimKind.ENEMY_ACTION:
        return {"hezbollah": "LB", "houthis": "YE", "pmf": "IQ", "iran": "IR"}.get(draft.target or "")
    return {"us": "IQ", "turkey": "IQ", "krg": "IQ", "sdf": "SY"}.get(draft.target or "")
