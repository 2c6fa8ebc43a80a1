"""What stands where in a text: surfaces of the lexicon, the longest on each spot, in the post's language."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from claims.affixes import Script, script_of
from claims.finder import Hit
from claims.lexicon.entries import Layer, Meaning
from claims.lexicon.load import Lexicon
from claims.normalise import Folded

#: Links and handles: what stands in them is nobody's act.
_LINK = re.compile(r"https?://\S+|t\.me/\S+|@\w{3,}|\b[\w-]+\.(?:com|net|org|ir|ru|me|tv)\b\S*")
_THINGS = {
    Layer.ACTOR: 0,
    Layer.PLACE: 1,
    Layer.TARGET: 2,
    Layer.WEAPON: 3,
    Layer.MODEL: 4,
    Layer.ADJECTIVE: 5,
}


@dataclass(slots=True)
class Thing:
    """An actor, place, weapon or target named in the text; one word may be more than one of them."""

    start: int
    end: int
    actor: str | None = None
    adjective: bool = False  #: the actor is named by an adjective: Israeli
    place: str | None = None
    weapon: str | None = None
    model: str | None = None
    target: str | None = None
    doubtful: bool = False
    unknown_group: bool = False


@dataclass(slots=True)
class Act:
    """A word for an act."""

    start: int
    end: int
    kind: str
    form: str  #: past, first, passive, noun, event


@dataclass(slots=True)
class Cue:
    start: int
    end: int
    name: str


_DIGIT = re.compile(r"\d")


@dataclass
class Marks:
    """Everything found in one text, each list in order of position."""

    folded: Folded
    lang: str
    things: list[Thing]
    acts: list[Act]
    cues: list[Cue]
    topics: dict[str, tuple[int, int]]

    @cached_property
    def text(self) -> str:
        return self.folded.text

    @cached_property
    def counts(self) -> bool:
        """Is there a number in it, or a word that leads one?"""
        return _DIGIT.search(self.text) is not None or any(c.name == "tally" for c in self.cues)

    def covered(self, things: Iterable[Thing]) -> bytearray:
        """For each folded position, whether one of these stands there."""
        out = bytearray(len(self.text))
        for thing in things:
            out[thing.start : thing.end] = b"\1" * (thing.end - thing.start)
        return out

    def near(self, at: int, name: str | None = None) -> "list[Cue]":
        """The cues that end right before `at`, or one letter before it."""
        first = bisect_left(self.cues, at - 60, key=lambda c: c.start)
        last = bisect_left(self.cues, at, lo=first, key=lambda c: c.start)
        return [c for c in self.cues[first:last] if 0 <= at - c.end <= 1 and name in (None, c.name)]

    def between(self, start: int, end: int, name: str) -> "list[Cue]":
        """The cues of that name that begin within [start, end)."""
        first = bisect_left(self.cues, start, key=lambda c: c.start)
        last = bisect_left(self.cues, end, lo=first, key=lambda c: c.start)
        return [c for c in self.cues[first:last] if c.name == name]

    def has(self, cue: str, start: int = 0, end: int | None = None) -> Cue | None:
        """The first cue of that name within [start, end)."""
        stop = len(self.text) if end is None else end
        return next((c for c in self.cues if c.name == cue and start <= c.start < stop), None)


def languages_of(lang: str | None, text: str) -> tuple[str, str]:
    """Which language's surfaces to take in Arabic script, and which in Latin script."""
    arabic = lang if lang in ("ar", "fa", "ckb") else None
    if arabic is None:
        if any(c in text for c in "ێۆڕڵە"):
            arabic = "ckb"
        else:
            arabic = "fa" if any(c in text for c in "پچگژ") else "ar"
    return arabic, "tr" if lang == "tr" else "en"


def _speaks(meaning: Meaning, script: Script, arabic: str, latin: str) -> bool:
    if meaning.lang == "*":
        return True
    if script is Script.ARABIC:
        # Names are shared by the languages of one script; words are not (fa مین, a mine, is no Arabic word).
        return meaning.lang == arabic or meaning.layer in (Layer.ACTOR, Layer.PLACE)
    if script is Script.LATIN:
        return meaning.lang == latin or (meaning.lang == "en" and meaning.layer in (Layer.ACTOR, Layer.PLACE))
    return True


#: Topics whose words many a brigade bears in its name.
_IN_NAMES = frozenset({"martyrs", "religion"})


def find_marks(lexicon: Lexicon, folded: Folded, lang: str | None) -> Marks:
    """Everything the lexicon knows in this text."""
    text = folded.text
    arabic, latin = languages_of(lang, folded.raw)
    finder = lexicon.finder
    among = finder.view(
        (arabic, latin), lambda pattern, meaning: _speaks(meaning, pattern.script, arabic, latin)
    )
    hits = finder.find(folded, among)
    blank = [m.span() for m in _LINK.finditer(text)] if "@" in text or "/" in text or "." in text else []
    blank += [(h.start, h.end) for h in hits if h.what.layer is Layer.CUE and h.what.id == "opener"]
    if blank:
        dark = bytearray(len(text))
        for a, b in blank:
            dark[a:b] = b"\1" * (b - a)
        hits = [h for h in hits if not dark[h.start]]
    by_layer: dict[Layer, list[Hit[Meaning]]] = {}
    for h in hits:
        by_layer.setdefault(h.what.layer, []).append(h)
    things = _longest([h for layer in _THINGS for h in by_layer.get(layer, ())], len(text))
    named = bytearray(len(text))
    for t in things:
        if (t.actor and not t.adjective) or t.place:
            named[t.start : t.end] = b"\1" * (t.end - t.start)

    def outside(hit: Hit[Meaning]) -> bool:
        return not all(named[hit.start : hit.end])

    acts = [
        Act(h.start, h.end, h.what.id, h.what.form)
        for h in _top([h for h in by_layer.get(Layer.ACTION, ()) if outside(h)], text)
    ]
    cues = _outermost([Cue(h.start, h.end, h.what.id) for h in by_layer.get(Layer.CUE, ()) if outside(h)])
    topics: dict[str, tuple[int, int]] = {}
    for h in by_layer.get(Layer.TOPIC, ()):
        if h.what.id not in _IN_NAMES or outside(h):
            topics.setdefault(h.what.id, (h.start, h.end))
    post_lang = lang or (arabic if script_of(text) is Script.ARABIC else latin)
    return Marks(folded, post_lang, things, acts, cues, topics)


#: Among so many neighbours a cue looks for the longer one it is a part of.
_AROUND = 12
_SMALL = frozenset({"say", "attribution", "preposition", "place_noun", "media_release", "urgent_marker"})


def _outermost(cues: list[Cue]) -> list[Cue]:
    """Without those that are only a part of a longer one: the "alarm" (threat) of "alarm sirens"."""
    cues.sort(key=lambda c: (c.start, -c.end))
    out: list[Cue] = []
    for i, c in enumerate(cues):
        for o in cues[max(0, i - _AROUND) : i + _AROUND]:
            inside = o.start <= c.start and c.end <= o.end and o.end - o.start > c.end - c.start
            if inside and o.name != c.name and o.name not in _SMALL:
                break
        else:
            out.append(c)
    return out


def _longest(hits: Sequence[Hit[Meaning]], length: int) -> list[Thing]:
    if not hits:
        return []
    ranked = sorted(hits, key=lambda h: (h.start - h.end, _THINGS[h.what.layer], h.what.ambiguous))
    taken: dict[tuple[int, int], Thing] = {}
    used = bytearray(length)
    owners: list[Thing] = []
    for hit in ranked:
        same = taken.get((hit.start, hit.end))
        if same is None:
            if any(used[hit.start : hit.end]):
                continue
            same = Thing(hit.start, hit.end)
            taken[hit.start, hit.end] = same
            used[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
        _learn(same, hit.what)
    owned = [t for t in taken.values() if t.target and not t.actor and not t.weapon]
    by_edge: dict[int, list[Hit[Meaning]]] = {}
    for part in ranked if owned else ():
        if part.what.layer in (Layer.ADJECTIVE, Layer.ACTOR):
            by_edge.setdefault(part.start, []).append(part)
            by_edge.setdefault(-part.end, []).append(part)
    for thing in owned:
        owners += _part_owner(thing, [*by_edge.get(-thing.end, ()), *by_edge.get(thing.start, ())])
    return sorted([*taken.values(), *owners], key=lambda t: t.start)


def _part_owner(thing: Thing, parts: Iterable[Hit[Meaning]]) -> list[Thing]:
    """A surface like "US drone" names its owner too: make it two things, side by side."""
    start, end = thing.start, thing.end
    for part in parts:
        if part.end - part.start >= end - start:
            continue
        owner = Thing(part.start, part.end)
        if part.end == end:
            thing.end = part.start - 1
        elif part.start == start:
            thing.start = part.end + 1
        else:
            continue
        _learn(owner, part.what)
        return [owner]
    return []


def _learn(thing: Thing, meaning: Meaning) -> None:
    match meaning.layer:
        case Layer.ACTOR if thing.actor is None:
            thing.actor = meaning.id
            thing.doubtful |= meaning.ambiguous
        case Layer.ADJECTIVE if thing.actor is None:
            thing.actor, thing.adjective = meaning.id, True
        case Layer.PLACE if thing.place is None:
            thing.place = meaning.id
            thing.doubtful |= meaning.ambiguous
        case Layer.WEAPON if thing.weapon is None:
            thing.weapon = meaning.id
        case Layer.MODEL if thing.model is None:
            thing.model = meaning.id
        case Layer.TARGET if thing.target is None:
            thing.target = meaning.id
        case _:
            pass


def _top(hits: Sequence[Hit[Meaning]], text: str) -> Sequence[Hit[Meaning]]:
    """Of overlapping acts the longest; of equal ones, the one that says most of its grammar."""
    if not hits:
        return ()
    rank = {"first": 0, "passive": 1, "past": 2, "event": 3, "noun": 4}
    taken: list[Hit[Meaning]] = []
    used: set[int] = set()
    masdar = {**rank, "noun": -1}  # اصابه is oftener "a hit" than "he hit him"

    def order(hit: Hit[Meaning]) -> tuple[int, int]:
        ranks = masdar if text[hit.end - 1] == "ه" else rank
        return hit.start - hit.end, ranks.get(hit.what.form, 5)

    for hit in sorted(hits, key=order):
        stretch = range(hit.start, hit.end)
        if used.isdisjoint(stretch):
            used.update(stretch)
            taken.append(hit)
    return sorted(taken, key=lambda h: h.start)
