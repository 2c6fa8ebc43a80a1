"""Groups that are named and known to nobody: new facades appear all the time."""

import re

from claims.marks import Marks, Thing
from claims.normalise import fold_text

_STOP = (
    r"(?!(?:في|على|علي|من|الي|عن|مع|ب(?:ال|طا|صا|صو|مس|عد|وا|قذ|رش|صل|هج|است|عب|شك|حس|شا|مق|اس)\w*|ان|تعلن|يعلن|اعلن\w*|تتبني|يتبني|تبن\w+|استهدف\w*|يستهدف\w*|تستهدف|قصف\w*|هاجم\w*|ضرب\w*|"
    r"يفجر\w*|"
    r"فجر(?:ت|وا|نا|ه|ها)?(?! ال)|تقصف|دمر\w*|نفذ\w*|تنفذ|تنفي|نفت|ينفي|"
    r"التي|الذي|لل\w+|و\w{4,}|جديد\w*|غير|است|در|با|به|از|را|كه|مسيوليت\w*|حمله|اعلام)(?!\w))"
)
_NAME = rf"(?: {_STOP}\w+)"
_QUOTED = re.compile(
    r"(?:فصيل|تشكيل|مجموعه|جماعه|حركه|باسم|نفسه|نفسها|تسمي|گروه|گروهي|موسوم به|группировк\w+|"
    r"группа|ארגון|קבוצה|calling itself|group|گرووپ\w*)"
    r"(?: \w+){0,4} ?[\"«(']{1,2}([^\"»()'\n]{3,40})[\"»)']"
)
_HEADED = re.compile(
    rf"(?<!\w)[وفبل]?((?:كتايب|سرايا|لواء|حركه|عصبه|الويه|كتيبه|فصيل|تشكيل|صقور|احرار|مجاهدو|"
    rf"ابناء|گردان هاي|سراياي|گروه|سهرايا|كهتايب|ليواي)"
    rf"{_NAME}{{1,3}})"
)
_CALLED = re.compile(
    r"(?:calling itself|calls itself|(?:group|faction|militia|outfit) (?:named|called|known as)|"
    r"unknown group|new group|"
    r"(?:unknown|little known|self styled|shadowy|new) (?:group|outfit|faction|militia),?(?: the)?|"
    r"به نام|adli (?:grup|orgut)|adını veren)[ ,:\"“'«]*"
)
_CAPITALS = re.compile(
    r"(?:[A-Z][\w'’-]*|of|the|al|al-[A-Z]\w+)(?:[ ](?:[A-Z][\w'’-]*|of|the|al|al-[A-Z]\w+))*"
)
_CAPITAL = re.compile("[A-Z]")
#: A quoted name that at once claims or speaks: "Sons of …" claims it …
_SAYS = re.compile(
    r"[\"“«]([^\"”»\n]{4,40})[\"”»],? (?:has |have |had )?"
    r"(?:claim(?:s|ed)|took responsibility|takes responsibility|تتبنى|يتبنى|تبنت|تبنى|"
    r"تعلن مسؤوليتها|أعلنت مسؤوليتها|"
    r"взял[аио]? на себя|üstlendi|saldırıyı üstlendi)"
)
_BRIGADE = re.compile(
    r"\b((?:Saraya|Liwa|Kataib|Kata'ib|Harakat|Usbat|Tashkil)(?: (?:al-)?[A-Z][\w'’-]+){1,3}|"
    r"(?:[A-Z][\w'’-]+ ){1,3}(?:Brigades?|Battalions?|Companies|Legion|Tugayları|Tugayı|Seriyyeleri))"
)


def mark_unknown_groups(marks: Marks) -> None:
    """Add a thing for every group that is named and in no lexicon; what lies within its name is no place."""
    named = _named(marks)
    if not named:
        return
    known = marks.covered(t for t in marks.things if t.actor and not t.adjective)
    bare = bytearray(len(marks.text))
    for cue in marks.cues:
        if cue.name == "bare_resistance":
            bare[cue.start : cue.end] = b"\1" * (cue.end - cue.start)
    new: list[Thing] = []
    for start, end in named:
        if (
            end > start
            and not any(known[start:end])
            and not _unit(marks.text, start, known)
            and not bare[start]
        ):
            known[start:end] = b"\1" * (end - start)
            new.append(Thing(start, end, unknown_group=True))
    if not new:
        return
    names = marks.covered(new)
    marks.things = [t for t in marks.things if not any(names[t.start : t.end])] + new
    marks.acts = [a for a in marks.acts if not any(names[a.start : a.end])]
    marks.things.sort(key=lambda t: t.start)


def _unit(text: str, start: int, known: bytearray) -> bool:
    """`سرايا القدس - كتيبة جنين`: behind a group and a dash stands its own unit."""
    gap = text[max(0, start - 4) : start]
    return bool(gap) and any(c in "-–—/(،," for c in gap) and any(known[max(0, start - 5) : start])


def _named(marks: Marks) -> list[tuple[int, int]]:
    text = marks.text
    out = [m.span(1) for m in _QUOTED.finditer(text)] if any(map(text.__contains__, "\"«('")) else []
    if not out:
        for m in _HEADED.finditer(text):
            a, b = m.span(1)
            # An army's brigade is its own affair: لواء غولاني, مقر قيادة لواء.
            head = text[max(0, a - 12) : a]
            if re.search(r"(?:قياده|مقر|قايد|ضابط|جنود|ضد|على|علي|موقع|ال)\s?$", head) or re.search(
                r"\d", m[1]
            ):
                continue
            out.append((a, b))
    raw = marks.folded.raw
    found = _CALLED.search(text)
    if found:
        a, _ = marks.folded.raw_span(found.end(), found.end())
        name = _CAPITALS.match(raw, a)
        if name and len(name[0]) > 3:
            out.append((found.end(), found.end() + len(name[0])))
    if not out and any(map(raw.__contains__, '"“«')):
        for quoted in _SAYS.finditer(raw):
            at = text.find(fold_text(quoted[1]).strip())
            if at >= 0:
                out.append((at, at + len(fold_text(quoted[1]).strip())))
    if not out and _CAPITAL.search(raw):
        for brigade in _BRIGADE.finditer(raw):
            at = text.find(brigade[1].casefold().replace("-", " ").replace("’", "'"))
            if at >= 0:
                out.append((at, at + len(brigade[1])))
    return out
