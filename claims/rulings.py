"""What decides a sentence, and what is decided of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from claims.marks import Thing
from claims.places import Where
from claims.scene import Role, Scene
from domain.claim import Casualties, ClaimKind

_CLAIMS = re.compile(
    r"\bclaim(?:s|ed|ing)? (?:an? |the |its )?(?:\w+ ){0,3}(?:attack|strike|operation|bombing|ambush|hit)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFacts:
    """What holds for the whole post."""

    signature: Thing | None = None  #: an axis actor who signs, heads or tags the post
    formula: bool = False
    first_person: bool = False
    history: bool = False
    exercise: bool = False
    speculation: bool = False
    benign: bool = False  #: it tells of what only sounds like an act: a gas bottle, a strike of teachers
    retraction: bool = False
    sports: bool = False
    question: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a sentence is, by which rule, and the words that decided it."""

    kind: ClaimKind
    rule: str
    claimant: Thing | None = None
    cue: tuple[int, int] | None = None
    places: Sequence[Where] = ()
    casualties: tuple[Casualties, int, int] | None = None
    n_operations: int | None = None
    again: bool = False
    lo: int = 0  #: the stretch from which slots are read
    hi: int = 0


#: Roles in which an actor may be the one who claims, and those in which he acts or speaks.
CLAIMING = (Role.AGENT, Role.SPEAKER, Role.OWNS_ACT, Role.OWNS_WEAPON, Role.MENTION)
ACTING = (Role.AGENT, Role.SPEAKER, Role.OWNS_ACT)
SUFFERING = (Role.OBJECT, Role.OWNS_TARGET)


def is_strong(scene: Scene) -> bool:
    """A claim formula or a first-person past verb: what overrules threat, mourning and enemy cues."""
    if scene.quoted or (
        scene.actors("adversary", Role.SPEAKER) and not scene.actors("axis", Role.SPEAKER, Role.AGENT)
    ):
        return False  # the adversary's own "we"
    unclaimed = scene.cue("no_denial")
    claims = [
        c
        for c in scene.cues
        if c.name == "claim_formula" and (not unclaimed or abs(c.start - unclaimed.start) > 40)
    ]
    return (
        bool(claims)
        or (scene.cue("first_person") is not None and bool(scene.acts))
        or any(a.form == "first" for a in scene.acts)
        or (
            bool(scene.actors("axis"))
            and _CLAIMS.search(scene.text, scene.at.start, scene.at.end) is not None
        )
    )


def first(things: Sequence[Thing]) -> Thing | None:
    return things[0] if things else None


def nearest(scene: Scene, at: int, things: Sequence[Thing]) -> Thing | None:
    return min(things, key=lambda t: min(abs(t.start - at), abs(t.end - at)), default=None)
