"""Sentences that state rather than tell: taken back, denied, suspended, counted, threatened, mourned."""

import re

from claims.marks import Cue
from claims.negated import negated_act
from claims.numbers import numbers
from claims.places import wheres
from claims.rulings import ACTING, CLAIMING, SUFFERING, PostFacts, Ruling, first, is_strong, nearest
from claims.scene import ENEMY, RESISTANCE, Role, Scene
from domain.claim import ClaimKind

_OPERATION = (
    r"(?:ال)?(?:عملي(?:ه|ات)|هجوم(?:ا|ات)?|استهداف\w*|عمليات|operations?|ops|attacks?|strikes|операци\w+|атак\w*|operasyon\w*|saldiri\w*|"
    r"פעולות|תקיפות|מבצעים|ئوپراسيون\w*|ئوپهراسيون\w*|يوپهراسيون\w*|چالاكي)"
)
_TALLY = re.compile(
    rf"(?<![\w:./-])(\d{{1,3}})(?![\d:./-])\)? ?(?:\w+ |statements on |claims of |"
    rf"بيانا عن )?{_OPERATION}(?!\w)|"
    rf"{_OPERATION}(?: \w+){{0,3}} ?: ?(\d{{1,3}})(?![\w:./-])"
)
_COUNTED = re.compile(rf"\)? ?(?:\w+ )?{_OPERATION}(?!\w)")
_PERIOD = re.compile(
    r"خلال|منذ|اليوم|يوم|اسبوع|ساعه|between|حصيل\w*|احصاي\w*|اجمالي|مجموع|past|since|hours|today|week|total|"
    r"за |с начала|сутки|saat|bugun|gun|hafta|"
    r"در |طي|از آغاز|ساعت|روز|ביממה|מאז|السنه|شهر|month|لە|له |كاتژمير|روژ"
)
#: س before an imperfect, for verbs that are in no list; words that only look so are left out.
_FUTURE = re.compile(
    r"(?<!\w)[وف]?س(?!ياس|يار|ينا|يناريو|يستان|ينما|يطر|تار|تين|ترات|نوات|نوي|نجار|ندات|يسي|يدات|يول|ياد|ياق|يبقي|يناء)"
    r"[ينت]\w{3,}"
)
#: A truce that is only spoken of: no one stops anything in a sentence that threatens.
_WEAK_STOP = re.compile(
    r"(?:ال)?(?:هدنه|تهديه)|truce|ceasefire|اتش بس|اتشبس|перемирие|ateskes|הפסקת אש|pause"
)
_DESPITE = re.compile(r"(?:رغم|despite|با وجود|несмотря|ragmen|למרות)")


def retraction(scene: Scene, facts: PostFacts) -> list[Ruling]:
    cue = scene.cue("retraction")
    if cue is None:
        return []
    return [
        Ruling(
            kind=ClaimKind.RETRACTION,
            rule="cue:retraction",
            cue=(cue.start, cue.end),
            claimant=nearest(scene, cue.start, scene.actors("axis", *ACTING)),
            places=wheres(scene)[:1],
            lo=scene.at.start,
            hi=scene.at.end,
        )
    ]


def denial(scene: Scene, facts: PostFacts) -> Ruling | None:
    cue = scene.cue("denial")
    if cue is None and scene.acts:
        span = negated_act(scene.text, scene.at.start, scene.at.end, scene.marks.lang)
        cue = Cue(*span, "denial") if span is not None else None
    if cue is None or any(c.name == "no_denial" and abs(c.start - cue.start) < 40 for c in scene.cues):
        return None
    actors = [
        t for t in scene.things if scene.side(t) and scene.role(t) not in (Role.MOTIVE, Role.OWNS_TARGET)
    ]
    near = [t for t in actors if scene.role(t) is not Role.OBJECT or not scene.acts]
    speaker = [t for t in near if scene.role(t) in (Role.SPEAKER, Role.AGENT)]
    beside = [t for t in actors if 0 <= t.start - cue.end <= 2 or 0 <= cue.start - t.end <= 8]
    who = first(beside or speaker)
    places = wheres(scene)
    if who is None and not (places or scene.acts or scene.actors("axis")):
        return None
    if (
        who is None
        and not any(w.host for w in places)
        and not facts.formula
        and not scene.actors("axis", *ACTING)
    ):
        mentioned = scene.actors("axis") + scene.actors("adversary")
        if not mentioned:
            return None
    enemy = who is not None and scene.side(who) == "adversary"
    axis = [
        t
        for t in scene.actors("axis")
        if t is not who and (t.end <= cue.start or re.search("[،,]", scene.text[cue.end : t.start]))
    ]
    if enemy and (axis or facts.signature is not None or is_strong(scene)) and scene.acts:
        return None  # the enemy's denial of what the post claims
    if who is None:
        who = nearest(scene, cue.start, [t for t in near if scene.role(t) is not Role.OBJECT])
    if who is not None and who.actor in (ENEMY, RESISTANCE):
        who = None
    return Ruling(
        kind=ClaimKind.DENIAL,
        rule="cue:denial",
        cue=(cue.start, cue.end),
        claimant=who,
        places=places[:1],
        lo=scene.at.start,
        hi=scene.at.end,
    )


def stopping(scene: Scene, facts: PostFacts) -> Ruling | None:
    """A group stops its operations, or takes them up again."""
    kind = ClaimKind.RESUMPTION
    cue = scene.cue("resumption")
    if cue is None:
        kind = ClaimKind.SUSPENSION
        cue = scene.cue("suspension")
    if cue is None:
        return None
    if _WEAK_STOP.fullmatch(scene.text[cue.start : cue.end]) and scene.cue("threat", "future") is not None:
        return None
    threatened = scene.cue("threat")
    if kind is ClaimKind.RESUMPTION and threatened is not None and 0 <= cue.start - threatened.end <= 12:
        return None  # threatens to take them up again
    if _DESPITE.search(scene.text, max(scene.at.start, cue.start - 24), cue.start):
        return None
    who = scene.actors("axis", *CLAIMING)
    known = [t for t in who if t.actor not in ("pmf", "iran")]
    signed = facts.signature
    threat = scene.cue("threat")
    if threat is not None and "لم" in scene.text[cue.start : threat.end].split():
        return None
    claimant = nearest(scene, cue.start, known) or signed
    if claimant is None:
        return None
    return Ruling(
        kind=kind,
        rule=f"cue:{cue.name}",
        cue=(cue.start, cue.end),
        claimant=claimant,
        lo=scene.at.start,
        hi=scene.at.end,
    )


def tally(scene: Scene, facts: PostFacts) -> Ruling | None:
    """A number of operations over a period."""
    if not scene.marks.counts:
        return None
    m = _TALLY.search(scene.text, scene.at.start, scene.at.end)
    n = int(m[1] or m[2]) if m else None
    span = m.span() if m else (0, 0)
    if n is None:
        cue = scene.cue("tally")
        if cue is None:
            return None
        lang = scene.marks.lang[:2] if scene.marks.lang != "ckb" else "ckb"
        words = scene.lexicon.calendar.numbers.get(lang, {})
        near = [
            x
            for x in numbers(scene.text, scene.at.start, scene.at.end, words)
            if _COUNTED.match(scene.text, x.end)
        ]
        if not near:
            return None
        n, span = near[0].value, (near[0].start, near[0].end)
    headed = (
        scene.marks.has("tally", 0, scene.at.start) is not None
    )  # a list under a head that says it counts
    if n < 3 or not (headed or _PERIOD.search(scene.text, scene.at.start, scene.at.end)):
        return None
    who = scene.actors("axis", *CLAIMING)
    claimant = who[0] if who else facts.signature
    victims = scene.actors("adversary", Role.SPEAKER, *SUFFERING)
    if claimant is None and not (victims and scene.acts):
        return None
    return Ruling(
        kind=ClaimKind.TALLY,
        rule="tally",
        cue=span,
        claimant=claimant,
        n_operations=n,
        lo=scene.at.start,
        hi=scene.at.end,
    )


def threat(scene: Scene, facts: PostFacts) -> Ruling | None:
    """A threat; one without a claimant only stops the sentence from being read as a claim."""
    cue = scene.cue("threat", "future")
    if cue is None and scene.marks.lang.startswith("ar") and scene.actors("axis"):
        m = _FUTURE.search(scene.text, scene.at.start, scene.at.end)
        cue = Cue(m.start(), m.end(), "future") if m else None
    if cue is None or is_strong(scene):
        return None
    past = [a for a in scene.acts if a.form in ("past", "event") and a.start < cue.start]
    if past and any(scene.role(t) is Role.AGENT for t in scene.actors("axis")):
        return None
    if cue.name == "threat" and _weak_threat(scene, cue):
        return None
    who = scene.actors("axis", *ACTING) or scene.actors("axis", Role.MENTION)
    if _IF.match(scene.text, cue.start):
        # He of whom the condition speaks is who is threatened.
        who = [t for t in who if scene.role(t) is Role.SPEAKER or not 0 <= t.start - cue.start <= 12]
    claimant = who[0] if who else facts.signature
    if cue.name == "future" and claimant is not None and claimant.place and not _at_someone(scene):
        claimant = None  # a state, or one of its people, will do many things
    if claimant is not None and claimant.actor == RESISTANCE and facts.signature is not None:
        claimant = facts.signature
    return Ruling(
        kind=ClaimKind.THREAT,
        rule=f"cue:{cue.name}",
        cue=(cue.start, cue.end),
        claimant=claimant,
        places=wheres(scene)[:1],
        lo=scene.at.start,
        hi=scene.at.end,
    )


_IF = re.compile(r"(?:اذا|ان|لو|لين|اگر|if|unless|should|если|אם|eger|ئهگهر|يهگهر)(?!\w)")


def _at_someone(scene: Scene) -> bool:
    """Does the sentence name an adversary, a weapon or an act?"""
    return bool(scene.acts or scene.actors("adversary") or any(t.weapon for t in scene.things))


def _weak_threat(scene: Scene, cue: Cue) -> bool:
    """Someone else warns, and the sentence goes on to tell of an act."""
    others = scene.actors("adversary", Role.SPEAKER, Role.AGENT) + scene.actors(
        "neutral", Role.SPEAKER, Role.AGENT
    )
    return bool(others) and not scene.actors("axis", *ACTING)


def mourning(scene: Scene) -> Ruling | None:
    cue = scene.cue("mourning")
    if cue is None:
        return None
    who = [t for t in scene.actors("axis", *CLAIMING) if abs(t.start - cue.start) < 60]
    if not who:
        return None
    verbs = scene.marks.has("mourning", *scene.at)
    claimant = nearest(scene, cue.start, who)
    enemy = scene.cue("enemy_action")
    if enemy is not None and enemy.start < cue.start and (claimant is None or claimant.start > enemy.start):
        return None
    if claimant is None or scene.role(claimant) not in (*ACTING, Role.MENTION) or verbs is None:
        return None
    if scene.role(claimant) is Role.MENTION and not (
        claimant.end <= cue.start or 0 <= claimant.start - cue.end <= 3
    ):
        return None
    if any(a.form == "past" for a in scene.acts) and scene.actors("adversary", Role.AGENT):
        return None
    return Ruling(
        kind=ClaimKind.MOURNING,
        rule="cue:mourning",
        cue=(cue.start, cue.end),
        claimant=claimant,
        lo=scene.at.start,
        hi=scene.at.end,
    )
