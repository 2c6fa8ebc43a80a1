"""Words that mean something only in the right surroundings: حرير is silk, unless it is a base."""

import re

from claims.clauses import Stretch
from claims.marks import Marks, Thing

_NEAR_PLACE = re.compile(r"\s*(?:من|صناعي)(?!\w)")


def settle_doubts(marks: Marks, at: list[Stretch]) -> None:
    """Drop doubtful names whose surroundings do not bear them out."""
    keep: list[Thing] = []
    for thing in marks.things:
        if thing.doubtful:
            sentence = next((s for s in at if s.holds(thing.start)), Stretch(0, len(marks.text)))
            if thing.actor and not _borne_actor(marks, thing, sentence):
                thing.actor = None
            if thing.place and not _borne_place(marks, thing, sentence):
                thing.place = None
            if not (thing.actor or thing.place or thing.weapon or thing.target):
                continue
            thing.doubtful = False
        keep.append(thing)
    marks.things = keep


def _conflict(marks: Marks, thing: Thing) -> bool:
    """Does the post speak of acts at all?"""
    return bool(
        marks.acts
        or any(t.weapon or (t.actor and not t.doubtful) for t in marks.things if t is not thing)
        or marks.has("claim_formula")
        or marks.has("threat")
    )


def _borne_actor(marks: Marks, thing: Thing, sentence: Stretch) -> bool:
    if not _conflict(marks, thing):
        return False
    return not ({"religion", "sports"} & set(marks.topics)) or marks.has("claim_formula") is not None


def _borne_place(marks: Marks, thing: Thing, sentence: Stretch) -> bool:
    text = marks.text
    if not "\u0600" <= text[thing.start] <= "\u06ff":
        return True
    first = thing.start
    while first > sentence.start and text[first - 1].isalpha():
        first -= 1
    prefix = text[first : thing.start]
    before = [c for c in marks.cues if 0 <= first - c.end <= 1]
    if any(c.name == "place_noun" for c in before) and prefix in ("", "ال"):
        return True
    if _NEAR_PLACE.match(text, thing.end):
        return False
    led = any(c.name == "preposition" for c in before) or prefix.endswith("ب")
    listed = any(t.place and t is not thing and 0 <= thing.start - t.end <= 3 for t in marks.things)
    act = any(a.form != "noun" and 0 <= first - a.end <= 1 for a in marks.acts)
    return (led or listed or act) and _conflict(marks, thing)
