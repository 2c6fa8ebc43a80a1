"""Who does, who suffers, who speaks: direction, the hardest single decision, made from order and attachment.

Arabic puts verb or subject first, Persian and Sorani the verb last, the others the subject before it. An
actor right behind a thing (قاعدة الاحتلال) or before it (US base) owns it. The speaker need not be the agent.
"""

import re

from claims.affixes import Script, script_of
from claims.gazetteer import gazetteer
from claims.marks import Act, Thing
from claims.scene import Role, Scene, attached

#: After these masdars stands what was hit; after others (هجوم, عملية) stands who did it.
_OBJECT_NOUNS = re.compile(
    r"استهداف|قصف|ضرب$|دك|مهاجم|تفجير|تدمير|اصاب|اغتيال|اسقاط|احتجاز|هدف قرار|هدف گرفتن|targeting|bombing of"
)
#: The wounding of someone is nobody's own.
_HURT = re.compile(r"(?:ال)?(?:اصاب|مقتل|جرح)")
_VICTIM_OF = re.compile(r"(?<!\w)[وفب]?(?:مقتل|اصابه|جرح|هلاك|مصرع|استشهاد|قتل|killing of|death of)$")
_AGAINST = re.compile(
    r"(?:ضد|مع|علي|نحو|باتجاه|صوب|عليه|به|به سوي|تجاه|against|on|at|toward|towards|по|против|נגד|"
    r"(?<!\w)[وفبل]?(?:مقاومه|مواجهه|محاربه|قتال|ردع|طرد|اخراج|دحر|مجابهه|مقارعه|مقاومت در برابر|"
    r"resisting|fighting|expelling|борьбы с|сопротивления))$"
)
_TO = re.compile(r"(?<!\w)(?:به|در|عليه|بر|از|با|و|له|بو|سهر)(?!\w)")
_BY = re.compile(r"(?:by|من قبل|علي يد|توسط|از سوي|tarafından|בידי|من جانب)$")
_SPEAKERS = re.compile(
    r"(?:المتحدث|الناطق|متحدث|ناطق|سخنگو|سخنگوي|spokesman|بيان|statement|قيادي في|قايد|باسم|"
    r"صادر عن|الاعلام الحربي|الاعلام الحربي في)$"
)
_COLON = re.compile(r"\s{0,2}:")
_OBJECT_MARK = re.compile(r"\s*(?:را|ra)\b")
_PASSIVE = re.compile(
    r"\b(?:was|were|been|is|are|hit by|struck by|attacked by|targeted by|comes? under|came under)\b"
)


def assign_roles(scene: Scene) -> None:
    """Give every actor of the sentence its role."""
    scene.motives = _motives(scene)
    blank = ("enemy_action", "threat", "mourning", "denial", "bare_enemy", "suspension")
    scene.cues = [c for c in scene.cues if not (c.name in blank and scene.is_motive(c.start))]
    for i, thing in enumerate(scene.things):
        if thing.actor is None and not thing.unknown_group:
            continue
        if scene.is_motive(thing.start):
            role = Role.MOTIVE
        else:
            role = _owner(scene, i, thing) or _standing(scene, thing)
        scene.roles[thing.start] = role


_COMMA = re.compile(r"[،,;:\n]")


def _motives(scene: Scene) -> list[tuple[int, int]]:
    """Where the sentence says why: from "in response to" to the next comma, or to the act that answers it."""
    out = []
    for cue in scene.cues:
        if cue.name == "justification":
            comma = _COMMA.search(scene.text, cue.end, scene.at.end)
            stop = comma.start() if comma else scene.at.end
            act = next(
                (a for a in scene.acts if a.form in ("past", "first") and cue.end <= a.start < stop), None
            )
            out.append((cue.start, act.start if act and not comma else stop))
    return out


def _owner(scene: Scene, i: int, thing: Thing) -> Role | None:
    """Does the actor own a target, a weapon or an act beside it?"""
    script = script_of(scene.text[thing.start : thing.end])
    behind = script in (Script.ARABIC, Script.HEBREW)
    if _lies_in(scene, i, thing):
        return Role.MENTION
    if behind or script is Script.CYRILLIC:
        role = _owns_before(scene, i, thing)
        if role or behind:
            return role
    return _owns_after(scene, i, thing)


_LAST_WORD = re.compile(r"(\w+) (?:ال)?$")


def _lies_in(scene: Scene, i: int, thing: Thing) -> bool:
    """A state named right behind a place is where the place lies: مارب اليمن."""
    if thing.adjective and scene.side(thing) == "axis":
        word = _LAST_WORD.search(scene.text, max(0, thing.start - 24), thing.start)
        if word is not None and (word[1] in gazetteer() or word[1].removeprefix("ال") in gazetteer()):
            return True
    if not i or not (thing.place or thing.adjective):
        return False
    before = scene.things[i - 1]
    if not before.place or before.actor or (scene.side(thing) != "axis" and thing.adjective):
        return False
    return scene.text[before.end : thing.start] == " "


def _owns_before(scene: Scene, i: int, thing: Thing) -> Role | None:
    """Arabic order: the owned thing stands before its owner."""
    prefix = attached(scene.text, thing.start)
    if prefix.endswith(("ب", "و", "ف")) and not thing.adjective and prefix != "ال":
        return None
    start = thing.start - len(prefix)
    if _AGAINST.search(_before(scene, start)) or (
        thing.place and not thing.adjective and scene.within(thing)
    ):
        return None
    before: list[tuple[int, Role]] = []
    for other in scene.things[max(0, i - 2) : i]:
        if other.target and scene.near(other.end, start, 1):
            before.append((other.end, Role.OWNS_TARGET))
        elif other.weapon and scene.near(other.end, start, 1):
            before.append((other.end, Role.OWNS_WEAPON))
        elif (
            other.place
            and (thing.adjective or scene.marks.lang == "fa")
            and not other.actor
            and scene.near(other.end, start, 0)
        ):
            before.append((other.end, Role.OWNS_TARGET))
    for act in scene.acts:
        far = 2 if scene.marks.lang in ("fa", "ckb") else 0
        if act.end <= start and act.form == "noun" and scene.near(act.end, start, far):
            if far and _TO.search(scene.text, act.end, start):
                continue
            word = scene.text[act.start : act.end]
            if _HURT.match(word):
                before.append((act.end, Role.OBJECT))
                continue
            if thing.adjective or not _OBJECT_NOUNS.search(word) or _has_object(scene, thing):
                before.append((act.end, Role.OWNS_ACT))
            else:
                before.append((act.end, Role.OBJECT))
    before += [
        (cue.end, Role.OWNS_ACT)
        for cue in scene.cues
        if cue.name == "enemy_action" and cue.end <= start and scene.near(cue.end, start, 0)
    ]
    return max(before, key=lambda b: b[0])[1] if before else None


def _has_object(scene: Scene, thing: Thing) -> bool:
    """`استهداف المقاومة هدفاً`: a masdar with its doer and then, at once, what was hit."""
    if scene.side(thing) != "axis":
        return False
    theirs = any(scene.side(t) == "adversary" and t.start > thing.end for t in scene.things)
    for other in scene.things:
        if other.start >= thing.end and (other.target or other.place):
            words = [w for w in scene.between(thing.end, other.start) if not (w.isdecimal() or w in _WHEN)]
            named = theirs and other.target and len(words) <= 2 and not any(map(_LEADS.match, words))
            return not words or bool(named)
    return False


#: What leads to a place, and not to what was hit.
_LEADS = re.compile(r"(?:في|من|على|علي|الي|عند|قرب|ب\w+)$")
#: Words of a date, which may stand between who did it and what was hit.
_WHEN = frozenset(["بتاريخ", "يوم", "اليوم", "امس", "فجر", "صباح", "مساء", "ظهر", "عصر", "ليل"])


def _owns_after(scene: Scene, i: int, thing: Thing) -> Role | None:
    """Order of English: the owned thing stands after its owner."""
    end = thing.end
    possessive = scene.text[end : end + 2] == "'s"
    end += 2 * possessive
    after: list[tuple[int, Role]] = []
    verb = next((a.start for a in scene.acts if a.start >= end and a.form != "noun"), None)
    said = next((c.start for c in scene.cues if c.start >= end and c.name in ("say", "claim_formula")), None)
    for other in scene.things[i + 1 : i + 3]:
        if (verb is not None and verb <= other.start) or (said is not None and said < other.start):
            break
        if not scene.near(end, other.start, 1):
            break
        if other.target:
            flies = other.target == "aircraft" and verb is not None and scene.near(other.end, verb, 1)
            after.append((other.start, Role.AGENT if flies else Role.OWNS_TARGET))
        elif other.weapon:
            after.append((other.start, Role.OWNS_WEAPON))
        elif other.place and thing.adjective:
            after.append((other.start, Role.OWNS_TARGET))
    for act in scene.acts:
        if said is not None and said < act.start:
            break
        if act.start >= end and act.form == "noun" and scene.near(end, act.start, 1):
            after.append((act.start, Role.OWNS_ACT))
    after += [
        (cue.start, Role.OWNS_ACT)
        for cue in scene.cues
        if cue.name == "enemy_action" and cue.start >= end and scene.near(end, cue.start, 0)
    ]
    return min(after, key=lambda b: b[0])[1] if after else None


def _standing(scene: Scene, thing: Thing) -> Role:
    """An actor that owns nothing: speaker, agent, object, or merely mentioned."""
    text = scene.text
    prefix = attached(text, thing.start)
    start = thing.start - len(prefix)
    before = _before(scene, start)
    if _COLON.match(text, thing.end, thing.end + 3) or _SPEAKERS.search(before):
        return Role.SPEAKER
    if _BY.search(before):
        return Role.AGENT
    if _OBJECT_MARK.match(text, thing.end) or _VICTIM_OF.search(before) or _AGAINST.search(before):
        return Role.OBJECT
    if any(
        (c.name in ("say", "claim_formula") and 0 <= c.start - thing.end <= 2)
        or (c.name == "say" and scene.marks.lang not in ("fa", "ckb", "tr") and 0 <= start - c.end <= 1)
        for c in scene.cues
    ):
        return Role.SPEAKER
    if prefix.endswith(("ب", "ل")) and prefix != "ال" and not prefix.endswith("لل"):
        return Role.MENTION
    if prefix.endswith("لل"):
        return Role.MENTION
    script = script_of(text[thing.start : thing.end])
    if script is Script.ARABIC and scene.marks.lang in ("fa", "ckb"):
        return _verb_last(scene, thing)
    return _verb_near(scene, thing, script)


#: `هدف حملات موشکی ایران قرار گرفت`: before it stands what was hit, within it who did it.
_BECAME = re.compile(
    r"(?<!\w)(?:هدف|مورد|اماج|زير اتش)(?!\w)[^\n.؛]{0,90}?(?:قرار (?:گرفت(?!ن)|مي ?گير|داشت)|واقع شد)"
)


#: A passive verb of Persian, Sorani and Turkish: who stands before it did nothing.
_SUFFERED = re.compile(
    r"(?:(?<!\w)(?:شد|شدند|شده|شده است|گرفته شد|قرار گرفت\w*|كرا|كران|درا)|(?:ildi|indi|uldu|undu|"
    r"aldi edildi|edildi))$"
)


def _verb_last(scene: Scene, thing: Thing) -> Role:
    """Persian and Sorani: the first actor before the verb is the subject, unless the verb is a passive."""
    for became in _BECAME.finditer(scene.text, scene.at.start, scene.at.end):
        if thing.end <= became.start():
            return Role.OBJECT if scene.near(thing.end, became.start(), 3) else Role.MENTION
        if thing.end <= became.end():
            return Role.AGENT
    said = [c for c in scene.cues if c.name == "say" and c.start > thing.end]
    if (
        said
        and said[-1].end >= scene.at.end - 12
        and not any(t.actor and t.start < thing.start for t in scene.things)
    ):
        return Role.SPEAKER
    verbs = [a for a in scene.acts if a.start >= thing.end]
    if (
        verbs
        and scene.side(thing) == "adversary"
        and _SUFFERED.search(scene.text, verbs[-1].start, verbs[-1].end)
    ):
        return Role.OBJECT
    earlier = [t for t in scene.things if t.start < thing.start and scene.roles.get(t.start) is Role.AGENT]
    return Role.AGENT if verbs and not earlier else Role.MENTION


def _verb_near(scene: Scene, thing: Thing, script: Script) -> Role:
    def is_verb(act: Act) -> bool:
        return act.form in ("past", "first")

    before = [a for a in scene.acts if is_verb(a) and a.end <= thing.start]
    after = [a for a in scene.acts if is_verb(a) and a.start >= thing.end]
    if script in (Script.ARABIC, Script.HEBREW):
        if before and scene.near(before[-1].end, thing.start, 1):
            # Verb first: the actor behind it is the subject, if no subject stands before it already.
            subject = any(
                scene.roles.get(t.start) is Role.AGENT and t.end <= before[-1].start for t in scene.things
            ) or _thing_acts(scene, before[-1])
            return Role.OBJECT if subject else Role.AGENT
        if after and not before:
            between = scene.text[thing.end : after[0].start]
            apart = "،" in between and not between.lstrip().startswith("،")
            return Role.AGENT if len(between.split()) <= 6 and not apart else Role.MENTION
        passive = next((a for a in scene.acts if a.form == "passive"), None)
        return Role.OBJECT if passive else Role.MENTION
    if after:
        gap = scene.text[thing.end : after[0].end + 12]
        return Role.OBJECT if _PASSIVE.search(gap) else Role.AGENT
    return Role.OBJECT if before else Role.MENTION


def _thing_acts(scene: Scene, verb: Act) -> bool:
    """`هجوم صاروخي يدك ...`: the subject is the attack or the weapon that stands before its verb."""
    if scene.text[verb.start : verb.end].endswith(("ها", "هم", "هما")):
        return False  # the attack that they made: the subject is still to come
    doers = [(a.start, a.end) for a in scene.acts if a.form == "noun"]
    doers += [(t.start, t.end) for t in scene.things if t.weapon]
    for start, end in doers:
        if end <= verb.start and scene.near(end, verb.start, 1):
            prefix = attached(scene.text, start)
            if not prefix.endswith(("ب", "ل")) and not _LED.search(
                scene.text, max(0, start - 8), start - len(prefix)
            ):
                return True
    return False


#: In an attack, after a blow: then someone else is the subject of what follows.
_LED = re.compile(r"(?<!\w)(?:في|خلال|بعد|اثر|عبر|من|عن|ב|על)\s$")


def _before(scene: Scene, start: int) -> str:
    """The words that lead to it."""
    return scene.text[max(0, start - 24) : start].rstrip()
