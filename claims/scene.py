"""One sentence with all that was found in it, and how its words stand to one another."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from claims.clauses import Stretch
from claims.lexicon.load import Lexicon
from claims.marks import Act, Cue, Marks, Thing

ENEMY = "@enemy"  #: "the enemy", "the occupation": whose, the place decides
RESISTANCE = "@resistance"  #: "the resistance": which, place, signature or channel decide

#: Things of the same sentence have to do with one another across at most so many words.
_NEAR = 2
_WORD = re.compile(r"\w+")
#: Words that may stand between a thing and its owner without parting them.
_LINKS = re.compile(
    r"^(?:ال|ل|لل|تابعه?|التابعه?|من|نوع|طراز|ب|متعلق|خاصه?|لقوات|عايده?|نفطيه|تجاريه|عسكريه?|of|the|s|متعلقه|به|الى)$"
)


_IN = re.compile(
    r"(?<!\w)(?:في|داخل|عمق|در|into|inside|in|в|له|قرب|شمال|جنوب|شرق|غرب|جهه|سواحل|قباله|مياه|"
    r"اجواء|سماء|اراضي|ساحل|اب هاي|"
    r"خاك|اسمان|مرز|off|coast of|waters of|skies over|over|near|у берегов|близ|над)\s$"
)


_FROM = re.compile(r"(?<!\w)(?:من|from|از|из|من جهه|من اتجاه|من جنوب|از سوي)\s$|(?<!\w)מ$")
_AWAY = re.compile(
    r"(?:القرب|مقربه|بعد|ميل\w*|كم|كيلومتر\w*|miles?|km|off|نزديك\w*) (?:\w+ )?(?:من|from|از)\s$"
)


class Role(Enum):
    """What an actor is in its sentence."""

    MENTION = "mention"
    SPEAKER = "speaker"
    AGENT = "agent"
    OBJECT = "object"
    OWNS_TARGET = "owns_target"
    OWNS_WEAPON = "owns_weapon"
    OWNS_ACT = "owns_act"
    MOTIVE = "motive"  #: named only in why it was done


@dataclass(slots=True)
class Scene:
    """A sentence."""

    marks: Marks
    lexicon: Lexicon
    at: Stretch
    things: list[Thing]
    acts: list[Act]
    cues: list[Cue]
    roles: dict[int, Role] = field(default_factory=dict)  #: by the start of the thing
    motives: list[tuple[int, int]] = field(default_factory=list)  #: where it only says why
    past: bool = False  #: of a year long before the post's
    quoted: bool = False  #: someone of the adversary's is speaking: "we" is he
    text: str = field(init=False)
    _of_side: dict[str | None, list[Thing]] = field(init=False)

    def __post_init__(self) -> None:
        self.text, self._of_side = self.marks.text, {}
        for thing in self.things:
            self._of_side.setdefault(self.side(thing), []).append(thing)

    def side(self, thing: Thing) -> str | None:
        """axis, adversary, neutral, jihadi; None when the thing is no actor."""
        if thing.unknown_group or thing.actor == RESISTANCE:
            return "axis"
        if thing.actor is None:
            return None
        if thing.actor == ENEMY:
            return "adversary"
        return self.lexicon.actors[thing.actor].side

    def role(self, thing: Thing) -> Role:
        return self.roles.get(thing.start, Role.MENTION)

    def actors(self, side: str, *roles: Role) -> list[Thing]:
        """The actors of a side in one of these roles (any, when none is given), in order."""
        return [t for t in self._of_side.get(side, ()) if not roles or self.role(t) in roles]

    def cue(self, *names: str) -> Cue | None:
        """The first that has one of these names."""
        for c in self.cues:
            if c.name in names:
                return c
        return None

    def places(self) -> Iterator[Thing]:
        """Things that are places here, and not actors of the same name."""
        for thing in self.things:
            if (
                thing.place
                and self.is_place(thing)
                and not self.is_motive(thing.start)
                and not self.is_origin(thing)
            ):
                yield thing

    def is_origin(self, thing: Thing) -> bool:
        """`a drone from Iraq`: whence it came, not where it struck."""
        before = self.text[max(0, thing.start - 30) : thing.start]
        return _FROM.search(before) is not None and not _AWAY.search(before)

    def is_motive(self, at: int) -> bool:
        """Does this stand in the part that says why?"""
        return any(a <= at < b for a, b in self.motives)

    def is_place(self, thing: Thing) -> bool:
        """Is a name that is both a state and a place the place here?"""
        if thing.place is None:
            return False
        if thing.actor is None or thing.adjective:
            return True
        if self.role(thing) in (Role.SPEAKER, Role.AGENT, Role.OWNS_WEAPON, Role.OWNS_ACT, Role.OWNS_TARGET):
            return False
        if self.lexicon.places[thing.place].kind == "country":
            return self.within(thing)
        return True

    def within(self, thing: Thing) -> bool:
        """Does "in" or "from" stand before it, apart or attached?"""
        prefix = attached(self.text, thing.start)
        if prefix and prefix[-1] in "בب":
            return True
        return (
            _IN.search(self.text, max(0, thing.start - len(prefix) - 12), thing.start - len(prefix))
            is not None
        )

    def after_preposition(self, thing: Thing) -> bool:
        """Does a preposition or the noun of a place stand before this, apart or attached?"""
        start = thing.start
        prefix = attached(self.text, start)
        if prefix and prefix[-1] in "بבלמ":
            return True
        first = start - len(prefix)
        return any(c.name in ("preposition", "place_noun") and 0 <= first - c.end <= 1 for c in self.cues)

    def between(self, a: int, b: int) -> list[str]:
        """The words of folded [a, b)."""
        return _WORD.findall(self.text, a, b)

    def near(self, a: int, b: int, most: int = _NEAR) -> bool:
        """Are there at most so many words, other than links, and no break, between a and b?"""
        gap = self.text[a:b]
        if len(gap) > 40 or any(c in gap for c in "\n،,;:.!?؟()|"):
            return False
        return sum(not _LINKS.match(w) for w in _WORD.findall(gap)) <= most


def attached(text: str, start: int) -> str:
    """The clitic letters that stand before `start` in the same word."""
    first = start
    while first > 0 and start - first < 6 and text[first - 1].isalpha():
        first -= 1
    return text[first:start]


def scenes(marks: Marks, lexicon: Lexicon, sentences: list[Stretch]) -> list[Scene]:
    """The sentences of a post with their marks."""
    of_things, of_acts, of_cues = ([m.start for m in all_] for all_ in (marks.things, marks.acts, marks.cues))
    out = []
    for at in sentences:
        things = marks.things[_within(of_things, at)]
        out.append(
            Scene(
                marks=marks,
                lexicon=lexicon,
                at=at,
                things=things,
                acts=_meant(marks.acts[_within(of_acts, at)], things),
                cues=marks.cues[_within(of_cues, at)],
            )
        )
    return out


def _meant(acts: list[Act], things: list[Thing]) -> list[Act]:
    """Without words of many meanings ("fell", "reached") where nothing beside them tells of an act."""
    if all(a.form == "weak" for a in acts) and not any(t.weapon for t in things):
        return []
    for a in acts:
        if a.form == "weak":
            a.form = "past"
    return acts


def _within(starts: list[int], at: Stretch) -> slice:
    first = bisect_left(starts, at.start)
    return slice(first, bisect_left(starts, at.end, lo=first))
