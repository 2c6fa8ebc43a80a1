"""From the text of a post to its records: pure, and the same for the same text whenever it is read."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from claims.acts import names_of
from claims.casualties import VERB_LAST, casualties
from claims.clauses import sentences
from claims.dates import Dated, find_date, long_ago, posted_date
from claims.decide import rule
from claims.doubt import settle_doubts
from claims.draft import Draft
from claims.gazetteer import gazetteer
from claims.groups import mark_unknown_groups
from claims.lexicon.entries import Actor
from claims.lexicon.load import Lexicon
from claims.marks import Marks, Thing, find_marks
from claims.merge import merge
from claims.normalise import Folded
from claims.places import Where, wheres
from claims.roles import assign_roles
from claims.rulings import PostFacts, Ruling
from claims.scene import ENEMY, RESISTANCE, Role, Scene, scenes
from claims.slots import target_type, weapons
from claims.targets import country_of, fill_target
from claims.themes import themes
from domain.claim import (
    OUT_OF_VOCABULARY,
    UNKNOWN_GROUP,
    Assertion,
    ClaimKind,
    ClaimMode,
    Understanding,
)

_STATEMENTS = frozenset({ClaimKind.SUSPENSION, ClaimKind.RESUMPTION, ClaimKind.MOURNING, ClaimKind.TALLY})
#: A post with more records than this is no statement but a list of everything; the rest of it is not read.
MOST_RECORDS = 60
_AGAIN = re.compile(
    r"(?<!\w)(?:مجددا|مره اخري|مره ثانيه|من جديد|للمره الثانيه|للمره الثالثه|للمره الرابعه|ثانيه اليوم|"
    r"again|second time|third time|once more|"
    r"بار ديگر|دوباره|снова|вновь|повторно|שוב|yeniden|tekrar|bir kez daha|جاريكي تر|ديسان)(?!\w)"
)


def understand(
    lexicon: Lexicon,
    folded: Folded,
    *,
    lang: str | None,
    posted: datetime,
    resistance: str | None = None,
    shown: bool = False,
) -> Understanding:
    """All records and topics of one post.

    `posted` is in the zone of the channel; `resistance` is whom the channel means by a bare "the resistance";
    `shown` gives topics their evidence too, which takes its time.
    """
    folded = folded.mended(lexicon.knows)
    marks = find_marks(lexicon, folded, lang)
    if not _may_tell(marks, lexicon.actors):
        return Understanding(language=lang, topics=themes(marks, [], shown=shown))
    mark_unknown_groups(marks)
    _mark_bare(marks)
    cut = sentences(
        marks.text, [(t.start, t.end) for t in marks.things if " " in marks.text[t.start : t.end]]
    )
    settle_doubts(marks)
    staged = scenes(marks, lexicon, cut)
    for scene in staged:
        assign_roles(scene)
        scene.past = long_ago(marks.text, scene.at.start, scene.at.end, posted.year)
    _hear(staged)
    facts = _facts(marks, staged)
    home = _home(marks, lexicon) if any(t.actor == RESISTANCE for t in marks.things) else None
    drafts: list[Draft] = []
    for scene in staged:
        found = rule(scene, facts) if _may_tell(scene, lexicon.actors) else []
        if facts.signature is None and (speaker := _speaker(scene)) is not None:
            facts = replace(facts, signature=speaker)
        for ruling in found:
            drafts += _drafts(staged, scene, ruling, resistance or home)
        if not found and drafts:
            _add_losses(drafts[-1], scene, lexicon)
        if len(drafts) >= MOST_RECORDS:
            break
    drafts = merge(drafts)
    if drafts:
        _set_dates(drafts, marks, lexicon, posted)
    claims = tuple(d.claim(folded) for d in drafts)
    return Understanding(language=lang, topics=themes(marks, claims, shown=shown), claims=claims)


#: Cues that can make a record, or stand for an actor who can.
_TELLING = frozenset(
    [
        "retraction",
        "denial",
        "suspension",
        "resumption",
        "tally",
        "threat",
        "future",
        "mourning",
        "enemy_action",
        "claim_formula",
        "first_person",
        "bare_resistance",
    ]
)


def _may_tell(found: Marks | Scene, actors: Mapping[str, Actor]) -> bool:
    """Could there be a record? Most posts are about something else, and are not looked at further."""
    if found.acts or any(t.weapon or t.model for t in found.things):
        return True
    if any(c.name in _TELLING for c in found.cues):
        return True
    for thing in found.things:
        actor = actors.get(thing.actor or "")
        if thing.unknown_group or thing.actor == RESISTANCE or (actor is not None and actor.side == "axis"):
            return True
    return False


def _home(marks: Marks, lexicon: Lexicon) -> str | None:
    """Whose "the resistance" is in this post: that of the one country of it that is named."""
    found = [lexicon.places[t.place].country for t in marks.things if t.place and not t.doubtful]
    names = gazetteer()
    found += [c for m in re.finditer(r"\w{4,}", marks.text) for c in names.get(m[0], ())[:1] if c == "LB"]
    return "hezbollah" if found.count("LB") > found.count("IQ") else None


def _mark_bare(marks: Marks) -> None:
    """ "The enemy", "the resistance": actors whose name the surroundings supply."""
    bare_cues = [c for c in marks.cues if c.name in ("bare_enemy", "bare_resistance")]
    if not bare_cues:
        return
    named = marks.covered(t for t in marks.things if t.actor)
    bare = [
        Thing(c.start, c.end, actor=ENEMY if c.name == "bare_enemy" else RESISTANCE)
        for c in bare_cues
        if not any(named[c.start : c.end])
        and not (c.name == "bare_enemy" and any(named[c.end + 1 : c.end + 2]))
    ]
    if not bare:
        return
    bare.sort(key=lambda b: (b.start, -b.end))
    apart: list[Thing] = []
    for b in bare:
        if not apart or b.start >= apart[-1].end:
            apart.append(b)
    bare = apart
    covered = marks.covered(bare)
    marks.things = [t for t in marks.things if not any(covered[t.start : t.end])] + bare
    marks.things.sort(key=lambda t: t.start)


def _add_losses(draft: Draft, scene: Scene, lexicon: Lexicon) -> None:
    """A sentence that only counts the dead and wounded of the act told before it."""
    if draft.kind not in (ClaimKind.RESPONSIBILITY, ClaimKind.ATTACK_REPORT, ClaimKind.ENEMY_ACTION):
        return
    if draft.casualties is not None or len(scene.between(*scene.at)) > 14:
        return
    lang = "ckb" if scene.marks.lang == "ckb" else scene.marks.lang[:2]
    hurt = casualties(
        scene.text,
        *scene.at,
        lexicon.calendar.numbers.get(lang, {}),
        verb_last=lang in VERB_LAST,
        names=names_of(scene),
    )
    if hurt is not None:
        draft.casualties = hurt[0]
        draft.show("casualties", hurt[1], hurt[2], "casualties:next_sentence")


def _facts(marks: Marks, staged: Sequence[Scene]) -> PostFacts:
    topics = marks.topics
    names = {c.name for c in marks.cues}
    retraction = "retraction" in names and _about_acts(marks, staged)
    text = marks.text
    return PostFacts(
        signature=_signer(staged),
        formula="claim_formula" in names,
        first_person=any(a.form == "first" for a in marks.acts) or "first_person" in names,
        history="history" in names,
        exercise="exercise" in names,
        speculation="speculation" in names,
        benign="benign" in names,
        retraction=retraction,
        sports="sports" in topics,
        question="?" in text or "؟" in text,
    )


_STATEMENT = re.compile(r"(?<!\w)(?:ال)?بيان(?:ا|يه)?(?!\w)|statement")


def _about_acts(marks: Marks, staged: Sequence[Scene]) -> bool:
    if _STATEMENT.search(marks.text) is not None:
        return True
    told = bool(marks.acts) or any(t.weapon or t.place for t in marks.things)
    return told and (
        bool(marks.acts)
        or any(t.weapon for t in marks.things)
        or any(scene.actors("axis") for scene in staged)
    )


def _signer(staged: Sequence[Scene]) -> Thing | None:
    """Who signs the post: a line with a name and hardly more, or a hashtag."""
    for scene in reversed(staged):
        if scene.acts or not scene.things:
            continue
        names = [t for t in scene.actors("axis") if t.actor != RESISTANCE]
        if not names:
            names = scene.actors("axis")
        if not names or scene.actors("adversary") or any(t.weapon for t in scene.things):
            continue
        name = names[-1]
        if scene.text[name.end : name.end + 2].lstrip().startswith(":"):
            continue  # a head, of what is told behind it
        words = scene.between(scene.at.start, name.start) + scene.between(name.end, scene.at.end)
        if sum(not w.isdecimal() for w in words) <= 4 and len(staged) > 1:
            return name
    if not staged or "#" not in staged[0].marks.folded.raw:
        return None
    for scene in staged:
        for thing in scene.actors("axis"):
            a, _ = scene.marks.folded.raw_span(thing.start, thing.end)
            if a and scene.marks.folded.raw[a - 1] == "#":
                return thing
    return None


#: The head of a quotation: a name and what he is, then a colon.
_QUOTES = re.compile(r"^[^:\n]{0,90}?(?::|»:)")


def _hear(staged: Sequence[Scene]) -> None:
    """Mark what the adversary says himself: from a head with his name until someone else speaks."""
    quoted = False
    if not staged or ":" not in staged[0].text:
        return
    for scene in staged:
        a, b = scene.at
        head = _QUOTES.match(scene.text[a : min(b + 1, a + 100)])
        if head is not None:
            stop = a + head.end()
            said = [t for t in scene.things if t.end <= stop and t.actor and scene.side(t) is not None]
            if said:  # the first named speaks; others in his head are whom he speaks of
                quoted = scene.side(said[0]) == "adversary" and stop - said[0].end <= 40
        elif scene.actors("axis", Role.SPEAKER):
            quoted = False
        scene.quoted = quoted


def _speaker(scene: Scene) -> Thing | None:
    """Who is named as the speaker of this sentence, for those that follow and name none."""
    speakers = scene.actors("axis", Role.SPEAKER)
    if not speakers and scene.cue("tally") is not None:
        speakers = scene.actors("axis")[:1]  # whose operations the lines under this head count
    return speakers[-1] if speakers and not scene.actors("adversary", Role.SPEAKER) else None


def _drafts(staged: Sequence[Scene], scene: Scene, ruling: Ruling, resistance: str | None) -> list[Draft]:
    """The records of a ruling: one for each place of a list."""
    if ruling.kind in _STATEMENTS:
        draft = _draft(scene, ruling, None, resistance)
        if ruling.kind is ClaimKind.TALLY:
            draft.n_operations = ruling.n_operations
            _fill(scene, ruling, draft, None, ruling.lo, ruling.hi)
            draft.action = None
        return [draft]
    places = ruling.places
    if not places and ruling.kind.is_attack:
        places = _alarm(staged, scene)
    return [_draft(scene, ruling, where, resistance) for where in places or (None,)]


def _alarm(staged: Sequence[Scene], scene: Scene) -> Sequence[Where]:
    """Where the sirens sounded that the sentence before tells of."""
    before = bisect_left(staged, scene.at.start, key=lambda s: s.at.start)
    for earlier in staged[max(0, before - 3) : before]:
        if earlier.cue("sirens") and not earlier.acts:
            return wheres(earlier)[:1]
    return ()


def _draft(scene: Scene, ruling: Ruling, where: Where | None, resistance: str | None) -> Draft:
    draft = Draft(ruling.kind, ruling.rule)
    if ruling.cue:
        draft.show("kind", *ruling.cue, ruling.rule)
    if where is not None:
        draft.location = where.id or OUT_OF_VOCABULARY
        draft.country, draft.precision = where.country, where.precision
        draft.show("location", where.start, where.end, "place:lexicon" if where.id else "place:outside")
    if ruling.claimant is not None:
        draft.claimant = _name(ruling.claimant, where, resistance, draft)
        draft.show("claimant", ruling.claimant.start, ruling.claimant.end, ruling.rule)
    if ruling.kind in _STATEMENTS:
        return draft
    _fill(scene, ruling, draft, where, ruling.lo, ruling.hi)
    return draft


def _name(thing: Thing, where: Where | None, resistance: str | None, draft: Draft) -> str | None:
    if thing.unknown_group:
        return UNKNOWN_GROUP
    if thing.actor == RESISTANCE:
        return resistance or _resistance_at(where)
    if thing.actor == ENEMY:
        return "us" if where is not None and where.country in ("IQ", "YE") else "israel"
    return thing.actor


def _resistance_at(where: Where | None) -> str:
    """Which "resistance" it is, when only the place tells."""
    if where is None:
        return UNKNOWN_GROUP
    if where.country == "LB" or where.id in ("shebaa", "metula", "kiryat_shmona", "birkat_risha"):
        return "hezbollah"
    if where.country in ("IQ", "SY") and where.id != "golan":
        return "iri"
    return UNKNOWN_GROUP


def _fill(scene: Scene, ruling: Ruling, draft: Draft, where: Where | None, lo: int, hi: int) -> None:
    act = next((a for a in scene.acts if lo <= a.start < hi), None)
    shot = (
        act is not None
        and ruling.kind is ClaimKind.RESPONSIBILITY
        and any(a.kind == "shootdown" for a in scene.acts)
        and any(t.target == "aircraft" for t in scene.things)
    )
    if act is not None:
        draft.action = "shootdown" if shot else act.kind
        draft.show("action", act.start, act.end, f"action:{act.form}")
    elif ruling.kind.is_attack:
        draft.action = "strike"
    if ruling.kind.is_attack or ruling.kind is ClaimKind.ENEMY_ACTION:
        for thing in weapons(scene, lo, hi, shot_down=shot):
            draft.weapons.append(thing.weapon or "")
            draft.show("weapon", thing.start, thing.end, "weapon:lexicon")
    type_, thing_ = target_type(scene, where, lo, hi)
    if ruling.kind is not ClaimKind.THREAT:
        draft.target_type = type_
        if thing_ is not None:
            draft.show("target_type", thing_.start, thing_.end, "target:noun")
    fill_target(scene, ruling, draft, where)
    if draft.location == OUT_OF_VOCABULARY and draft.country is None:
        draft.country = country_of(draft)
    if draft.location == OUT_OF_VOCABULARY and draft.country == "PS" and draft.claimant == "hezbollah":
        draft.country = "IL"
    if ruling.casualties is not None:
        draft.casualties = ruling.casualties[0]
        draft.show("casualties", ruling.casualties[1], ruling.casualties[2], "casualties")
    if scene.cue("hedge"):
        draft.assertion = Assertion.HEDGED
    elif scene.cue("attribution") or scene.actors("adversary", Role.SPEAKER):
        draft.assertion = Assertion.ATTRIBUTED
    if ruling.kind is ClaimKind.RESPONSIBILITY:
        draft.mode = ClaimMode.SELF if ruling.rule == "formula" else ClaimMode.QUOTED
    elif scene.actors("adversary", Role.SPEAKER):
        draft.mode = ClaimMode.ADVERSARY
    elif draft.assertion is Assertion.ATTRIBUTED:
        draft.mode = ClaimMode.THIRD_PARTY
    draft.repeat = scene.marks.has("media_release") is not None
    draft.again = _AGAIN.search(scene.text) is not None


def _set_dates(drafts: Sequence[Draft], marks: Marks, lexicon: Lexicon, posted: datetime) -> None:
    lang = "ckb" if marks.lang == "ckb" else marks.lang[:2]
    found: Dated | None = find_date(marks.text, 0, len(marks.text), lang, lexicon.calendar, posted)
    for draft in drafts:
        dated = found or posted_date(posted)
        draft.date, draft.date_source, draft.date_precision = dated.day, dated.source, dated.precision
        if found is not None:
            draft.show("date", found.start, found.end, f"date:{found.source}")
