"""What kind of record a sentence is, cue by cue in their order of priority.

retraction > denial > history and exercise > suspension and resumption > tally > threat > mourning > act; a
first-person past verb or a claim formula beats threat, mourning and enemy cues.
"""

from claims.acts import act
from claims.rulings import PostFacts, Ruling, is_strong
from claims.scene import Scene
from claims.statements import denial, mourning, retraction, stopping, tally, threat


def rule(scene: Scene, facts: PostFacts) -> list[Ruling]:
    """The records of one sentence; none for most."""
    lo, hi = scene.at
    if facts.retraction:
        return retraction(scene, facts)
    denied = denial(scene, facts)
    if denied is not None:
        return [*_around(scene, denied), denied]
    strong = is_strong(scene)
    idle = facts.history or facts.exercise or facts.speculation or facts.benign
    if (idle or scene.cue("comment", "nature", "justice")) and not strong:
        return []
    for statement in (stopping(scene, facts), tally(scene, facts)):
        if statement is not None:
            return [statement]
    threatened = threat(scene, facts)
    mourned = mourning(scene)
    if threatened is not None and not _vows_over_its_dead(scene, threatened, mourned):
        return [threatened] if threatened.claimant is not None else []
    if mourned is not None and not strong:
        return [mourned]
    return act(scene, facts, lo, hi) if strong or not scene.past else []


def _vows_over_its_dead(scene: Scene, threatened: Ruling, mourned: Ruling | None) -> bool:
    """`mourns its commander, vows his blood …`: a vow behind the mourning, against nobody named."""
    if mourned is None or mourned.cue is None or threatened.cue is None or threatened.claimant is None:
        return False
    return mourned.cue[0] < threatened.cue[0] and not scene.actors("adversary") and not scene.acts


def _around(scene: Scene, denial: Ruling) -> list[Ruling]:
    """What the clauses before a denial tell on their own (an explosion; "and they deny it")."""
    cue = denial.cue or (0, 0)
    comma = max(scene.text.rfind("،", scene.at.start, cue[0]), scene.text.rfind(",", scene.at.start, cue[0]))
    if comma < 0:
        return []
    things = [t for t in scene.things if t.end <= comma]
    acts = [a for a in scene.acts if a.end <= comma]
    if not acts or not any(t.place for t in things):
        return []
    part = Scene(
        marks=scene.marks,
        lexicon=scene.lexicon,
        at=scene.at._replace(end=comma),
        things=things,
        acts=acts,
        cues=[c for c in scene.cues if c.end <= comma],
        roles=scene.roles,
    )
    return act(part, PostFacts(), scene.at.start, comma)
