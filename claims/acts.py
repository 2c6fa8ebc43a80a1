"""Sentences that tell of an act: whose it is, and whether it is one we count.

Words alone are worthless on news: an act counts with an actor, a direction and a target.
"""

import re
from collections.abc import Sequence

from claims.casualties import VERB_LAST, casualties
from claims.enemy import (
    adversary_acts,
    elsewhere,
    enemy_act,
    enemy_evidence,
    jihadi_act,
    more_exact,
    owns_aircraft,
)
from claims.marks import Act, Thing
from claims.places import AXIS_COUNTRIES, Where, outside, wheres
from claims.rulings import ACTING, CLAIMING, SUFFERING, PostFacts, Ruling, is_strong
from claims.scene import RESISTANCE, Role, Scene
from domain.claim import Casualties, ClaimKind

#: Nouns that may mean any doing of an army.
_VAGUE = re.compile(
    r"(?:ال)?عملي(?:ه|ات)|operations?|درگيري\w*|اشتباك\w*|clashes|операци\w+|operasyon\w*|פעולה|פעולות"
)
#: The killing of one man, which is always news of its own.
_KILLING = re.compile(
    r"(?:ال)?(?:اغتيال|اغتال|تغتال|يغتال|اغتيل|عمليه اغتيال)|ترور|assassinat|targeted killing|"
    r"חוסל|חיסל|חיסול|ликвид|suikast|تيرور"
)
#: Words that tell of a sound, whatever made it.
_SOUND = re.compile(r"(?:سماع )?دوي|سماع|دوت|صداي|sounds?|звуки|sesleri|דנגי")
#: The adversary's own media, which tell of his losses.
_THEIR_MEDIA = re.compile(
    r"(?<!\w)(?:(?:ال)?(?:اعلام|قناه|صحيفه|صحف|وسايل اعلام|مصادر|اذاعه|"
    r"القناه \d\d)(?: \d\d)? (?:ال)?(?:عبري|اسراييلي|صهيوني|العدو|جيش العدو)\w*|"
    r"القناه 1[1-4]|معاريف|يديعوت|هارتس|كان 11|رسانه هاي (?:عبري|صهيونيست\w*|اسراييل\w*)|"
    r"كانال ?1[1-4]|hebrew media|israeli media|channel 1[1-4]|"
    r"еврейские сми|израильские сми|ibrani\w* (?:medya|basin)\w*|israil medyasi)(?!\w)"
)
#: Targets that nobody but an adversary has.
MILITARY = frozenset(
    {"military_base", "military_target", "troops", "vehicle", "convoy", "intel_site", "ship"}
)


def act(scene: Scene, facts: PostFacts, lo: int, hi: int) -> list[Ruling]:
    """An act: whose, and against whom."""
    acts = [a for a in scene.acts if lo <= a.start < hi and not scene.is_motive(a.start)]
    arms = _arms(scene, lo, hi)
    if not arms and scene.cue("sirens") and all(_SOUND.fullmatch(scene.text, a.start, a.end) for a in acts):
        return []  # the sound of the alarm itself
    enemy_cue = next((c for c in scene.cues if c.name == "enemy_action" and lo <= c.start < hi), None)
    if not acts and not arms and enemy_cue is None:
        return []
    places = wheres(scene)
    if elsewhere(scene, places):
        return []
    lang = "ckb" if scene.marks.lang == "ckb" else scene.marks.lang[:2]
    hurt = casualties(
        scene.text,
        lo,
        hi,
        scene.lexicon.calendar.numbers.get(lang, {}),
        verb_last=lang in VERB_LAST,
        names=names_of(scene),
    )
    jihadis = [t for t in scene.things if scene.side(t) == "jihadi"]
    if jihadis:
        return jihadi_act(scene, jihadis, places, hurt, lo, hi)
    strong = is_strong(scene)
    prey = [t for t in scene.actors("adversary", Role.OWNS_TARGET) if owns_aircraft(scene, t)]
    stopped = scene.cue("interception") is not None and not prey
    killing = enemy_cue is not None and _KILLING.match(scene.text, enemy_cue.start) is not None
    if scene.actors("adversary", Role.SPEAKER) and scene.actors("axis", Role.OWNS_WEAPON) and not killing:
        stopped = True
    hostile = enemy_evidence(scene, places, enemy_cue, stopped=stopped)
    claimed = bool(scene.actors("axis", *ACTING)) or strong or (facts.signature is not None)
    if (
        hostile
        and not (claimed and not adversary_acts(scene, stopped))
        and not (strong and not adversary_acts(scene, stopped))
    ):
        return [enemy_act(scene, places, enemy_cue, hurt, lo, hi)]
    return _attack(scene, facts, places, hurt, strong=strong, stopped=stopped, lo=lo, hi=hi)


def _arms(scene: Scene, lo: int, hi: int) -> list[Thing]:
    return [t for t in scene.things if t.weapon and lo <= t.start < hi and not scene.is_motive(t.start)]


def _attack(
    scene: Scene,
    facts: PostFacts,
    places: Sequence[Where],
    hurt: tuple[Casualties, int, int] | None,
    *,
    strong: bool,
    stopped: bool,
    lo: int,
    hi: int,
) -> list[Ruling]:
    """An act by the axis or by nobody named, with enough to go by: actor, direction, target."""
    acts = [a for a in scene.acts if lo <= a.start < hi and not scene.is_motive(a.start)]
    arms = _arms(scene, lo, hi)
    axis = scene.actors("axis", *CLAIMING)
    axis = [t for t in axis if t.actor not in ("pmf", "tansiqiya")]
    victims = scene.actors("adversary", *SUFFERING)
    loose = scene.actors("adversary", Role.MENTION, Role.AGENT, Role.SPEAKER)
    hosts = [w for w in places if w.host]
    found = outside(scene, lo, hi)
    if not hosts and found is not None and found.country == "IL" and not _foreign(places):
        hosts = [found]
    ship = any(t.target == "ship" for t in scene.things)
    sea = any(w.country == "ZZ" for w in places)
    if stopped and not victims:
        victims = scene.actors("adversary", Role.AGENT, Role.SPEAKER)
    if hurt is not None and not hosts and not victims and _by_arms(scene, acts, arms):
        victims = loose
    if not victims and not hosts and hurt is not None and _THEIR_MEDIA.search(scene.text, lo, hi):
        victims = [t for t in scene.things if t.target in MILITARY]
    if (
        not victims
        and not hosts
        and arms
        and any(scene.is_origin(t) and _at_home(scene, t) for t in scene.things)
    ):
        victims = scene.actors("adversary", Role.SPEAKER)  # he tells of what comes flying at him
    anti_ship = any(t.weapon in ("antiship_missile", "usv") for t in arms)
    off_shore = sea or any(w.country == "YE" for w in places)
    # Supply convoys and security companies in Iraq and Syria serve the Americans, and are hit as theirs;
    # who strikes a gas field with drones there is one of those who do the same to them.
    theirs = bool(arms) and any(t.target in ("convoy", "contractor", "energy") for t in scene.things)
    theirs = theirs and (any(w.country in ("IQ", "SY") for w in places) or scene.marks.lang == "ckb")
    target = bool(
        hosts or victims or theirs or ((ship or anti_ship) and (off_shore or axis or (arms and acts)))
    )
    if any(_DOWNED.match(scene.text, a.start) or a.kind == "shootdown" for a in acts) and any(
        t.target == "aircraft" for t in scene.things
    ):
        target = target or (bool(axis or strong) and not scene.actors("adversary", Role.SPEAKER))
    owner = [t for t in axis if scene.role(t) is Role.OWNS_WEAPON]
    doing = [
        t for t in axis if scene.role(t) in (Role.AGENT, Role.OWNS_ACT) and _at_it(scene, t, arms, hosts)
    ]
    saying = [t for t in axis if scene.role(t) is Role.SPEAKER]
    mentioned = [t for t in axis if scene.role(t) is Role.MENTION]
    if facts.sports and not (target or axis):
        return []
    verbs = [a for a in acts if a.form in ("past", "first", "passive", "event") or _hits(scene, a)]
    directed = bool(arms) and (bool(hosts) or bool(victims) or theirs or (ship and bool(axis)))
    if not acts and not directed:
        return []
    signed = facts.signature
    claimant = doing + saying + ([signed] if signed else [])
    claimant.sort(key=lambda t: t.actor == RESISTANCE)  # a name says more than "the resistance"
    claimant = claimant[:1]
    if claimant and claimant[0].actor == RESISTANCE and signed is not None:
        claimant = [signed]
    if not target:
        # Only a claimant who acts, and says on what or where, makes a claim of it.
        what = any(t.target for t in scene.things) or bool(places) or bool(loose and strong)
        who_says = bool(claimant or strong or owner)
        if not (who_says and (verbs or strong or saying) and what and (arms or strong or doing)):
            return []
        struck = bool(owner) and bool(verbs) and any(t.target in MILITARY for t in scene.things)
        if not strong and not (arms and (doing or saying)) and not struck:
            return []
    if not hosts and not axis and not strong and not stopped and hurt is None:
        # Nobody claims and no place of his is named: then the sentence itself must tell of a hit.
        hit = any(t.target for t in scene.things) or bool(arms)
        hit = hit or (bool(scene.actors("adversary", Role.OBJECT)) and any(a.form == "passive" for a in acts))
        owned = theirs or bool(scene.actors("adversary", Role.OWNS_TARGET))
        if not arms and all(a.form == "noun" and _VAGUE.fullmatch(scene.text, a.start, a.end) for a in acts):
            return []
        soldierly = any(t.target in MILITARY for t in scene.things)
        spot = bool(places) or theirs or (soldierly and bool(arms or (owned and found)))
        if not ((verbs or owned) and hit and spot):
            return []
    head = _casualty_heads(scene, hurt, claimant, strong)
    reporter = (
        scene.quoted
        or [t for t in scene.actors("adversary", Role.SPEAKER) if not doing or t.start < doing[0].start]
        or (scene.actors("adversary", Role.AGENT) if stopped else [])
    )
    kind, why = ClaimKind.ATTACK_REPORT, "gate:act+target"
    who: Thing | None = None
    if head:
        kind, why = ClaimKind.CASUALTY, "head:casualty"
        who = (doing + owner + saying)[0] if doing + owner + saying else None
    elif strong:
        kind, why = ClaimKind.RESPONSIBILITY, "formula"
        who = (claimant + owner + mentioned)[0] if claimant + owner + mentioned else None
    elif owner and not doing and not saying and not signed:
        who = owner[0]
        if not who.adjective and _by_genitive(scene, who) and not stopped:
            kind, why = ClaimKind.RESPONSIBILITY, "weapon:genitive"
        else:
            why = "weapon:origin"
    elif doing and scene.role(doing[0]) is Role.OWNS_ACT and not reporter and not saying:
        who = doing[0]
        arabic = "\u0600" <= scene.text[who.start] <= "\u06ff"
        named = not who.adjective and (bool(verbs) or arabic)
        kind = ClaimKind.RESPONSIBILITY if named else ClaimKind.ATTACK_REPORT
        why = "act:owner"
    elif doing and reporter and not saying:
        who, why = doing[0], "reported:adversary"
    elif claimant and not (reporter and not doing and not saying):
        kind, why, who = ClaimKind.RESPONSIBILITY, "direction:axis", claimant[0]
    elif mentioned and verbs and not reporter and not stopped:
        late = mentioned[-1]
        if not late.adjective and (late.end >= hi - 2 or _by_genitive(scene, late)):
            kind, why, who = ClaimKind.RESPONSIBILITY, "mention:axis", late
    if kind is ClaimKind.ATTACK_REPORT and who is None and facts.question and not hosts:
        return []
    if kind is ClaimKind.RESPONSIBILITY and who is None:
        bare = next((t for t in scene.things if t.actor == RESISTANCE), None)
        own = scene.cue("first_person")
        if bare is not None:
            who = bare
        elif own is not None:
            who = Thing(own.start, own.end, unknown_group=True)
    where = list(places)
    if found is not None and (not where or more_exact(found, where[0])):
        where = [found]
    elif len(where) >= 1 and all(w.precision is not None and w.country for w in where):
        extra = _listed_outside(scene, found, where)
        where = [*extra, *where] if extra else where
    doers = [who, *_partners(scene, who)] if who is not None and kind is ClaimKind.RESPONSIBILITY else [who]
    return [
        Ruling(
            kind=kind,
            rule=why,
            claimant=doer,
            places=where if kind is not ClaimKind.CASUALTY else where[:1],
            casualties=hurt,
            lo=lo,
            hi=hi,
        )
        for doer in doers
    ]


def names_of(scene: Scene) -> list[tuple[int, int]]:
    """Where names of actors and places stand, whose words and numbers mean nothing by themselves."""
    return [
        (t.start, t.end) for t in scene.things if (t.actor and not t.adjective) or t.place or t.unknown_group
    ]


_WITH = re.compile(
    r"\s*(?:،|,|and|و|ve|и|ו|بالاشتراك مع|بالتعاون مع|jointly with|"
    r"together with|in coordination with|به همراه|با همکاري|"
    r"совместно с|ile birlikte|in a joint \w+ with)?\s*(?:and|و)?\s*"
)


#: What stands before the other one of a joint operation.
_TOGETHER = re.compile(
    r"(?:(?:مشترك\w*|بالاشتراك|بالتعاون|بالتنسيق|بمشاركه|جنبا الي جنب) مع|مشترك با|همكاري|همراهي|هماهنگي با|"
    r"(?:jointly|together|coordination|cooperation|joint operation|joint attack) with(?: the)?|"
    r"совместно с|совместной с \w+|"
    r"יחד עם|בשיתוף(?: פעולה)?(?: עם)?)\s+(?:ال)?$"
)


def _partners(scene: Scene, who: Thing) -> list[Thing]:
    """Those who did it together with him: named side by side, or "jointly with" him."""
    out: list[Thing] = []
    last = who
    for other in scene.actors("axis"):
        if other.end <= who.start and other.actor not in (RESISTANCE, None, who.actor):
            if _TOGETHER.search(scene.text, max(scene.at.start, other.start - 30), other.start):
                out.append(other)
            continue
        if other.start <= last.end or other.actor == who.actor or other.actor in (RESISTANCE, None):
            continue
        gap = scene.text[last.end : other.start]
        if len(gap) <= 40 and gap.strip() and _WITH.fullmatch(gap):
            out.append(other)
            last = other
    return out


def _at_home(scene: Scene, thing: Thing) -> bool:
    return thing.place is not None and scene.lexicon.places[thing.place].country in AXIS_COUNTRIES


def _hits(scene: Scene, act: Act) -> bool:
    """`اصابة سفينة`, `استهداف سفينة`: a noun that tells of a hit as a verb does."""
    struck = act.form == "noun" and _HITTING.match(scene.text, act.start) is not None
    return struck and any(t.target and 0 <= t.start - act.end <= 3 for t in scene.things)


_DOWNED = re.compile(r"اسقاط")
_HITTING = re.compile(r"(?:اصاب|استهداف|تدمير|اعطاب|اسقاط|اغراق|تفجير|قنص)")


def _foreign(places: Sequence[Where]) -> bool:
    return any(w.country not in ("IL", "ZZ", None) for w in places)


def _by_arms(scene: Scene, acts: Sequence[Act], arms: Sequence[Thing]) -> bool:
    """Were the dead and wounded hit by someone in this war? An accident and a crime have their dead too."""
    soldiers = any(t.target in MILITARY for t in scene.things)
    told = any(a.form != "noun" or a.kind != "assault" for a in acts)
    return soldiers or any(t.weapon != "small_arms" for t in arms) or (told and bool(scene.actors("axis")))


def _at_it(scene: Scene, thing: Thing, arms: Sequence[Thing], hosts: Sequence[Where]) -> bool:
    """A state does much that is news: it acts here only with a weapon or against a place of the adversary."""
    if thing.actor != "iran" and not (thing.actor == "houthis" and thing.place):
        return True
    return bool(arms or hosts or any(t.target == "ship" for t in scene.things))


def _by_genitive(scene: Scene, thing: Thing) -> bool:
    """`بمسيرتين للمقاومة`: owned by ل and a name, not by an adjective of origin."""
    text = scene.text
    return "\u0600" <= text[thing.start] <= "\u06ff" and (
        text[thing.start - 1 : thing.start] == "ل" or text[thing.start : thing.start + 2] == "لل"
    )


def _listed_outside(scene: Scene, found: Where | None, where: Sequence[Where]) -> list[Where]:
    """An unknown place that stands in a list right before a known one: قصفت سديروت وعسقلان."""
    if found is None or found.country != where[0].country:
        return []
    gap = scene.text[found.end : where[0].start]
    if found.end <= where[0].start and len(gap) <= 5 and re.search(r"(?:^|\s)و|and|,|،", gap):
        return [found]
    return []


def _casualty_heads(
    scene: Scene, hurt: tuple[Casualties, int, int] | None, claimant: Sequence[Thing], strong: bool
) -> bool:
    """Are the dead and wounded the news, and the act only their cause?"""
    if hurt is None or strong or claimant:
        return False
    if scene.marks.lang in ("fa", "ckb", "tr"):
        after = [a for a in scene.acts if a.start > hurt[2] and a.form != "noun"]
        verbs = [a for a in scene.acts if a.end <= hurt[1] and a.form in ("past", "event")]
        return not verbs and not after
    events = [a.start for a in scene.acts if a.end <= hurt[1] and not hurt[1] <= a.start < hurt[2]]
    arms = [t.start for t in scene.things if t.weapon and t.end <= hurt[1]]
    hosts_first = any(t.place for t in scene.things if t.end <= hurt[1]) and not events
    return not events and not (arms and not hosts_first)
