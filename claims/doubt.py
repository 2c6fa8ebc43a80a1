"""Words that mean something only in the right surroundings: حرير is silk, unless it is a base."""

import re
from bisect import bisect_left

from claims.marks import Marks, Thing

#: مسيرة is a drone, a march and a career.
_MARCH = re.compile(
    r"(?:ال)?مسير(?:ه|ات|تنا|تهم?|ته|تها) (?:ال)?(?:حاشد|جماهيري|علمي|راجل|سلمي|شعبي|احتجاجي|"
    r"نضالي|عطاء|اصلاح|حافل|مهني|"
    r"تعليمي|مليوني|كبري|تنمي|فني|ادبي|عاشوراي|حسيني|ولاي|دراجات|كشفي|سيارات)"
)
_NEAR_PLACE = re.compile(r"\s*(?:من|صناعي)(?!\w)")


def settle_doubts(marks: Marks) -> None:
    """Drop doubtful names whose surroundings do not bear them out."""
    keep: list[Thing] = []
    conflict = _conflict(marks)
    for thing in marks.things:
        if thing.doubtful:
            if thing.actor and not _borne_actor(marks, conflict):
                thing.actor = None
            if thing.place and (_namesake(marks, thing) or not _borne_place(marks, thing, conflict)):
                thing.place = None
            if not (thing.actor or thing.place or thing.weapon or thing.target):
                continue
            thing.doubtful = False
        if thing.weapon == "drone" and _MARCH.match(marks.text, thing.start):
            thing.weapon = None
            if not (thing.actor or thing.place or thing.target):
                continue
        keep.append(thing)
    marks.things = keep


def _conflict(marks: Marks) -> bool:
    """Does the post speak of acts at all?"""
    return bool(
        marks.acts
        or any(t.weapon or (t.actor and not t.doubtful) for t in marks.things)
        or marks.has("claim_formula")
        or marks.has("threat")
    )


def _borne_actor(marks: Marks, conflict: bool) -> bool:
    if not conflict:
        return False
    return not ({"religion", "sports"} & set(marks.topics)) or marks.has("claim_formula") is not None


#: Names of places that are others' too: where this adversary is named, another place is meant.
_NAMESAKES = {"malikiyah": "israel"}


_POST = re.compile(r"(?:موقع|ثكنه|كيبوتس|مستوطنه) $")


def _namesake(marks: Marks, thing: Thing) -> bool:
    other = _NAMESAKES.get(thing.place or "")
    if other is None:
        return False
    post = _POST.search(marks.text, max(0, thing.start - 12), thing.start) is not None
    return post or any(t.actor == other for t in marks.things)


def _borne_place(marks: Marks, thing: Thing, conflict: bool) -> bool:
    text = marks.text
    if not "\u0600" <= text[thing.start] <= "\u06ff":
        return True
    first = thing.start
    while first > 0 and thing.start - first < 6 and text[first - 1].isalpha():
        first -= 1
    prefix = text[first : thing.start]
    before = marks.near(first)
    if any(c.name == "place_noun" for c in before) and prefix in ("", "ال"):
        return True
    if _NEAR_PLACE.match(text, thing.end):
        return False
    if text[first - 1 : first] in ("(", '"', "«") and conflict:
        return any(0 <= first - c.end <= 30 for c in marks.between(first - 40, first, "place_noun"))
    led = any(c.name == "preposition" for c in before) or prefix.endswith("ب")
    i = bisect_left(marks.things, thing.start, key=lambda t: t.start)
    listed = i > 0 and marks.things[i - 1].place is not None and thing.start - marks.things[i - 1].end <= 3
    k = bisect_left(marks.acts, first, key=lambda a: a.start)
    act = k > 0 and marks.acts[k - 1].form != "noun" and 0 <= first - marks.acts[k - 1].end <= 1
    return (led or listed or act) and conflict
