"""What stands where in a text: surfaces of the lexicon, the longest on each spot, in the post's language."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


@dataclass(slots=True)
class Marks:
    """Everything found in one text, each list in order of position."""

    folded: Folded
    lang: str
    things: list[Thing]
    acts: list[Act]
    cues: list[Cue]
    topics: dict[str, tuple[int, int]]

    @property
    def text(self) -> str:
        return self.folded.text

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


def find_marks(lexicon: Lexicon, folded: Folded, lang: str | None) -> Marks:
    """Everything the lexicon knows in this text."""
    text = folded.text
    arabic, latin = languages_of(lang, folded.raw)
    hits = [
        hit
        for hit in lexicon.finder.find(folded)
        if _speaks(hit.what, script_of(text[hit.start : hit.start + 8]), arabic, latin)
    ]
    blank = [m.span() for m in _LINK.finditer(text)] if "@" in text or "/" in text or "." in text else []
    blank += [(h.start, h.end) for h in hits if h.what.layer is Layer.CUE and h.what.id == "opener"]
    if blank:
        hits = [h for h in hits if not any(a <= h.start < b for a, b in blank)]
    things = _longest(h for h in hits if h.what.layer in _THINGS)
    names = [(t.start, t.end) for t in things if (t.actor and not t.adjective) or t.place]

    def outside(hit: Hit[Meaning]) -> bool:
        return not any(a <= hit.start and hit.end <= b for a, b in names)

    acts = [
        Act(h.start, h.end, h.what.id, h.what.form)
        for h in _top(h for h in hits if h.what.layer is Layer.ACTION and outside(h))
    ]
    cues = [Cue(h.start, h.end, h.what.id) for h in hits if h.what.layer is Layer.CUE and outside(h)]
    cues = _outermost(cues)
    topics: dict[str, tuple[int, int]] = {}
    for h in hits:
        if h.what.layer is Layer.TOPIC:
            topics.setdefault(h.what.id, (h.start, h.end))
    post_lang = lang or (arabic if script_of(text) is Script.ARABIC else latin)
    return Marks(folded, post_lang, things, acts, cues, topics)


_SMALL = frozenset({"say", "attribution", "preposition", "place_noun", "media_release", "urgent_marker"})


def _outermost(cues: list[Cue]) -> list[Cue]:
    """Without those that are only a part of a longer one: the "alarm" (threat) of "alarm sirens"."""
    cues.sort(key=lambda c: (c.start, -c.end))
    return [
        c
        for c in cues
        if not any(
            o.start <= c.start and c.end <= o.end and o.end - o.start > c.end - c.start and o.name != c.name
            for o in cues
            if o.name not in _SMALL
        )
    ]


def _longest(hits: Iterable[Hit[Meaning]]) -> list[Thing]:
    ranked = sorted(hits, key=lambda h: (h.start - h.end, _THINGS[h.what.layer], h.what.ambiguous))
    taken: list[Thing] = []
    for hit in ranked:
        same = next((t for t in taken if t.start == hit.start and t.end == hit.end), None)
        if same is None:
            if any(t.start < hit.end and hit.start < t.end for t in taken):
                continue
            same = Thing(hit.start, hit.end)
            taken.append(same)
        _learn(same, hit.what)
        if hit.what.layer is Layer.TARGET:
            _part_owner(same, hit, ranked, taken)
    taken.sort(key=lambda t: t.start)
    return taken


def _part_owner(thing: Thing, hit: Hit[Meaning], hits: Iterable[Hit[Meaning]], taken: list[Thing]) -> None:
    """A surface like "US drone" names its owner too: make it two things, side by side."""
    for inner in hits:
        if (
            inner.what.layer not in (Layer.ADJECTIVE, Layer.ACTOR)
            or inner.end - inner.start >= hit.end - hit.start
        ):
            continue
        owner = Thing(inner.start, inner.end)
        if inner.end == hit.end and inner.start > hit.start and thing.end == hit.end:
            thing.end = inner.start - 1
        elif inner.start == hit.start and inner.end < hit.end and thing.start == hit.start:
            thing.start = inner.end + 1
        else:
            continue
        _learn(owner, inner.what)
        taken.append(owner)


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


def _top(hits: Iterable[Hit[Meaning]]) -> Sequence[Hit[Meaning]]:
    """Of overlapping acts the longest; of equal ones, the one that says most of its grammar."""
    rank = {"first": 0, "passive": 1, "past": 2, "event": 3, "noun": 4}
    taken: list[Hit[Meaning]] = []
    for hit in sorted(hits, key=lambda h: (h.start - h.end, rank.get(h.what.form, 5))):
        if not any(t.start < hit.end and hit.start < t.end for t in taken):
            taken.append(hit)
    return sorted(taken, key=lambda h: h.start)
