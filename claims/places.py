"""Where: the places of a sentence, the most exact of them, lists, and names that are in no lexicon."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from claims.gazetteer import gazetteer
from claims.lexicon.entries import Place
from claims.marks import Thing
from claims.normalise import fold_text
from claims.scene import ENEMY, Role, Scene, attached
from domain.claim import Precision

_RANK = {
    "base": 5, "airport": 5, "diplomatic": 5, "port": 5, "energy": 5, "site": 5, "outpost": 5, "camp": 5,
    "crossing": 5, "district": 4, "town": 4, "city": 4, "sea": 4, "region": 3, "country": 1,
}  # fmt: skip
PRECISION = {5: Precision.SITE, 4: Precision.TOWN, 3: Precision.REGION, 1: Precision.COUNTRY}
#: The adversary whose place it is, for places whose kind and country do not tell.
_HOSTS = {
    "golan": "israel", "shebaa": "israel", "jordan_valley": "israel", "zilkan": "turkey", "bashiqa": "turkey",
    "khor_mor": "krg", "green_zone": "us", "incirlik": "us", "birkat_risha": "israel",
}  # fmt: skip
#: Countries whose bases, embassies and airports are taken for American ones.
_GUEST_COUNTRIES = frozenset({"IQ", "SY", "JO", "KW", "QA", "BH", "AE", "SA", "TR"})
#: Where the axis is at home: an act there is the adversary's, unless an axis actor does it.
AXIS_COUNTRIES = frozenset({"YE", "LB", "IR", "PS"})
AXIS_PLACES = frozenset(
    {"jurf_sakhar", "al_qaim", "akashat", "sinjar", "damascus", "homs", "aleppo", "palmyra", "albukamal"}
)


@dataclass(slots=True)
class Where:
    """A place of an act."""

    id: str | None
    country: str | None
    precision: Precision | None
    start: int
    end: int
    kind: str = ""
    host: str | None = None  #: the adversary whose place it is


def host(place: Place) -> str | None:
    """The adversary at this place; None for a town like another, or the sea."""
    if place.id in _HOSTS:
        return _HOSTS[place.id]
    if place.country == "IL":
        return "israel"
    if place.country in _GUEST_COUNTRIES and place.kind in ("base", "diplomatic", "airport"):
        return "us"
    if place.country == "SY" and place.kind == "camp":
        return "us"
    return None


def of_thing(scene: Scene, thing: Thing) -> Where:
    """A place of the lexicon."""
    place = scene.lexicon.places[thing.place or ""]
    return Where(
        id=place.id,
        country=place.country,
        precision=PRECISION[_RANK[place.kind]],
        start=thing.start,
        end=thing.end,
        kind=place.kind,
        host=host(place),
    )


def wheres(scene: Scene) -> list[Where]:
    """The places of the act: one, or several when they are listed side by side."""
    things = [t for t in scene.places() if scene.role(t) is not Role.MOTIVE and not t.doubtful]
    if not things:
        return []
    ranks = [_RANK[scene.lexicon.places[t.place or ""].kind] for t in things]
    top = max(ranks)
    if top > 1:  # the country of a site is no member of the list that it stands in
        things = [t for t, rank in zip(things, ranks, strict=True) if rank > 1]
        ranks = [rank for rank in ranks if rank > 1]
    things, ranks = _without_far_mission(scene, things, ranks)
    top = max(ranks)
    best = ranks.index(top)
    chosen = [best]
    for i in range(best + 1, len(things)):
        if _listed(scene, things[i - 1], things[i]) and ranks[i] >= 3 and i - 1 in chosen:
            chosen.append(i)
    for i in range(best - 1, -1, -1):
        if _listed(scene, things[i], things[i + 1]) and ranks[i] >= 3 and i + 1 in chosen:
            chosen.insert(0, i)
    return [of_thing(scene, things[i]) for i in chosen]


def _without_far_mission(
    scene: Scene, things: list[Thing], ranks: list[int]
) -> tuple[list[Thing], list[int]]:
    """Without a bare "US consulate" of the lexicon in a sentence about a town of another country."""
    kinds = [scene.lexicon.places[t.place or ""] for t in things]
    towns = {p.country for p in kinds if p.kind in ("city", "town")}
    keep = [i for i, p in enumerate(kinds) if p.kind != "diplomatic" or not towns or p.country in towns]
    return [things[i] for i in keep], [ranks[i] for i in keep]


_AND = re.compile(r"(?<!\w)(?:and|و|ve|и|ו)(?!\w)|[،,]|(?<!\w)و(?=\w{3})| ו(?=\w)")


def _listed(scene: Scene, a: Thing, b: Thing) -> bool:
    """Do the two stand in one list (Haifa and Ashkelon), and not one within the other?"""
    gap = scene.text[a.end : b.start]
    if "\n" in gap or len(gap) > 90:
        return False
    targets = [t for t in scene.things if a.end <= t.start < b.start and t.target]
    struck = any(x.start > a.end and x.end < b.start for x in scene.acts)
    if targets and not struck and any(attached(scene.text, t.start).startswith("و") for t in targets):
        return len(scene.between(targets[-1].end, b.start)) <= 2  # and a target in …
    if len(gap) > 44:
        return False
    words = re.findall(r"\w+", gap)
    if any(a.end <= t.start < b.start and t.place for t in scene.things):
        words = words[2:]  # the country of the first
    if not _AND.search(gap) and not attached(scene.text, b.start).startswith(("و", "ו")):
        return False
    return not struck and len(words) <= (5 if targets else 3)


_STOP = re.compile(
    r"^(?:ب|و|ف|ل|ال)?(?:في|على|علي|من|الي|عن|مع|بعد|قبل|بعدد|بواسطه|باستخدام|بصاروخ|بصليه|بقذاي?ف|بمسير\w*|بال\w+|بطاي?ر\w*|برشق\w*|"
    r"شمال|جنوب|شرق|غرب|شمالي|جنوبي|شرقي|غربي|تابع\w*|التابع\w*|عسكري\w*|جوي\w*|امريكي\w*|الامريكي\w*|امريكا\w*|اسراييل\w*|و(?:معلوم|انباء|سقوط|اصاب|مقتل|تدمير|اشتعال|تحقيق|استشهاد|ارتقاء|وقوع|حقق|اوقع|توكد)\w*|صهيوني\w*|اسراييلي\w*|"
    r"الاحتلال|العدو|المحتل\w*|محتل\w*|حيوي\w*|مهم\w*|حساس\w*|بشكل|فجر|صباح|مساء|ظهر|اليوم|امس|را|در|با|به|از|و|"
    r"تركي\w*|التركي\w*|قياده|القياده|الدوليه?|واسع\w*|كبير\w*|هام\w*|ثاني\w*|اخر\w*|اخري|الجويه|العسكريه|البحريه|البريه|المركزيه|الرييسيه|الصهيونيه|المحتله|المشتركه|يوم|مساء|ليله|نوعي\w*|لل\w+|حدودي\w*|"
    r"نظامي\w*|هوايي|دريايي|صهيونيست\w*|رژيم|ارتش|ارتشي|نيروهاي|سربازان|تروريست\w*|دشمن|اشغالگر\w*|متعلق|ايالات|كشور|اين|ان|كه|هدف|مورد|براي|ها|هاي|هايي|خود|"
    r"in|on|at|the|of|with|and|near|base|attack\w*|drone\w*|overnight|today|using|by|for|after|against)$"
)
#: Whose the place is, between its noun and its name: پایگاه آمریکایی تل‌السمن.
_OWNER = re.compile(r"(?:ال)?(?:امريكي|امريكا|اسراييلي|صهيوني|تركي|نظامي|عسكري|هوايي|جوي)\w{0,3}")
_SITE = re.compile(
    r"قاعد|معسكر|موقع|ثكن|مستوطن|كيبوتس|معبر|مستعمر|پايگاه|پادگان|موقعيت|شهرك|מוצב|בסיס|קיבוץ|מושב|بنكه"
)
_CAPITAL = re.compile(
    r"\b(?:in|at|near|on|toward|towards|outside|of|в|на|по|у|под|над|около|близ|возле) (?:the )?"
    r"((?:[A-ZА-Я][\w'’-]+)(?: (?:al-)?[A-ZА-Я][\w'’-]+){0,2})"
)


def outside(scene: Scene, lo: int, hi: int) -> Where | None:
    """A place that is named and in no lexicon: behind the noun of a place, or a name of the gazetteer."""
    taken = [
        (t.start, t.end) for t in scene.things
        if (t.actor and not t.adjective) or t.weapon or (t.place and not t.doubtful)
    ]  # fmt: skip
    plain = taken + [(t.start, t.end) for t in scene.things] + [(a.start, a.end) for a in scene.acts]

    def free(a: int, b: int) -> bool:
        return not any(s < b and a < e for s, e in taken)

    text = scene.text
    for cue in scene.cues:
        if cue.name != "place_noun" or not lo <= cue.start < hi:
            continue
        if not scene.marks.lang.startswith(("ar", "fa", "ckb", "he")):
            continue
        end = last = cue.end
        first = 0
        for m in re.finditer(r"[ \"«(]{1,2}(\w+)", text[cue.end : min(hi, cue.end + 44)]):
            a = cue.end + m.start(1)
            b = cue.end + m.end(1)
            if m.start() + cue.end - last > 1 or m[1].isdecimal():
                break
            last = b
            if not first and _OWNER.fullmatch(m[1]):
                continue
            if _STOP.match(m[1]) or not free(a, b) or any(x.start < b and a < x.end for x in scene.acts):
                break
            first = first or a
            end = b
            if len(re.findall(r"\w+", text[first:end])) == 3:
                break
        if end > cue.end:
            name = text[first:end]
            kind = "site" if _SITE.search(text, cue.start, cue.end) else ""
            country = _country_behind(scene, end)
            country = country or _country(text[cue.start : end].strip(' "«('), scene) or _country(name, scene)
            if not kind and _QUARTER.fullmatch(text, cue.start, cue.end):
                kind = "quarter"
            return Where(None, country, Precision.TOWN, cue.start, end, kind=kind)
    built = _built_name(scene, lo, hi, free)
    if built is not None:
        return built
    aimed = _aimed_at(scene, lo, hi, lambda a, b: not any(s < b and a < e for s, e in plain))
    if aimed is not None:
        return aimed
    names = gazetteer()
    for m in re.finditer(r"\w{3,}", text[lo:hi]):
        a, b = lo + m.start(), lo + m.end()
        for start in (a, a + 1):
            if text[start:b] in names and free(a, b) and _introduced(scene, start, text):
                return Where(None, _country(text[start:b], scene), Precision.TOWN, start, b)
    raw = scene.marks.folded.raw
    if scene.marks.lang in ("en", "tr", "ru", "ar+en"):
        for found in _CAPITAL.finditer(raw):
            folded = fold_text(found[1]).strip()
            at = text.find(folded, lo, hi)
            if len(found[1]) > 3 and at >= 0 and free(at, at + len(folded)) and not _MONTH.match(folded):
                return Where(None, _country(folded, scene), Precision.TOWN, at, at + len(folded))
    return None


#: What is a part of a town or lies by it, and so more exact than the town.
_QUARTER = re.compile(r"(?:حي|منطقه|محله|بلده|قريه|شارع|ضاحيه|مفرق|روستاي|محله|حومه|district|village of)")
#: Words with which names of places are built: بيت لاهيا, تل السمن, كفر كلا.
_BUILT = re.compile(
    r"(?<!\w)(?:(?:في|قرب|نحو|الي|علي|شرق|غرب|شمال|جنوب|بلده|مدينه|محيط|در|به|نزديك) |ب)"
    r"((?:بيت|تل|كفر|دير|مجدل|خربه|خان|ام|عيتا|ميس|بنت|كريات|رامات|جفعات|معالوت|نهال|بات|تال) \w{3,})(?!\w)"
)


def _built_name(scene: Scene, lo: int, hi: int, free: Callable[[int, int], bool]) -> Where | None:
    """A name of two words whose first says that it is a place."""
    if not scene.marks.lang.startswith(("ar", "fa")):
        return None
    for m in _BUILT.finditer(scene.text, lo, hi):
        if free(*m.span(1)):
            country = _country_behind(scene, m.end()) or _country(m[1], scene)
            return Where(None, country, Precision.TOWN, *m.span(1))
    return None


def _country_behind(scene: Scene, end: int) -> str | None:
    """In which country the place lies that is named right behind: `بلدة … في ريف القنيطرة`."""
    near = [t for t in scene.things if t.place and not t.doubtful and 0 <= t.start - end <= 24]
    for thing in near:
        if scene.within(thing) or "\u0600" <= scene.text[thing.start] <= "\u06ff":
            return scene.lexicon.places[thing.place or ""].country
    behind = _IN_LAND.match(scene.text, end)
    countries = gazetteer().get(behind[1], ()) if behind is not None else ()
    return countries[0] if len(countries) == 1 else None


#: The country, province or town right behind: بلدة كودنا في ريف القنيطرة.
_IN_LAND = re.compile(r"\s(?:في |ب|در )(?:ريف |محافظه |قضاء |استان |منطقه )?(\w{4,})")


#: What is fired is fired at a place, whatever its name: نحو بات يام, לעבר מרגליות.
_AIMED = {
    "ar": re.compile(r"(?<!\w)(?:نحو|باتجاه|صوب)((?: \w+){1,2})"),
    "fa": re.compile(r"(?<!\w)(?:به سمت|به سوي|به طرف)((?: \w+){1,2})"),
    "he": re.compile(r"(?<!\w)(?:לעבר|לכיוון)((?: \w+){1,2})"),
}
#: An unknown name with its bearing from a known place: قرب حوارة جنوب نابلس.
_BEARING = re.compile(
    r"(?<!\w)(?:قرب|في|عند|علي|نزديك|در)((?: \w+){1,2}) (?:ب|في )?(?:شمال|جنوب|شرق|غرب)\w{0,2}(?: \w+)?$"
)


def _aimed_at(scene: Scene, lo: int, hi: int, free: Callable[[int, int], bool]) -> Where | None:
    text = scene.text
    pattern = _AIMED.get(scene.marks.lang[:2])
    if pattern is not None and any(t.weapon for t in scene.things):
        for m in pattern.finditer(text, lo, hi):
            found = _name_at(scene, m.start(1) + 1, m.end(1), free)
            if found is not None:
                return found
    for thing in scene.things:
        if thing.place and not thing.doubtful and scene.marks.lang[:2] in ("ar", "fa"):
            first = thing.start - len(attached(text, thing.start))
            b = _BEARING.search(text, max(lo, first - 60), max(lo, first - 1))
            if b is not None:
                found = _name_at(scene, b.start(1) + 1, b.end(1), free)
                if found is not None:
                    found.kind = "site"
                    found.country = scene.lexicon.places[thing.place].country
                    return found
    return None


def _name_at(scene: Scene, start: int, end: int, free: Callable[[int, int], bool]) -> Where | None:
    """The one or two words of [start, end) that may be a name."""
    text = scene.text
    stop = start
    for word in re.finditer(r"\w+", text[start:end]):
        a, b = start + word.start(), start + word.end()
        common = _STOP.match(word[0]) or _SITE.match(word[0]) or word[0].isdecimal() or len(word[0]) < 3
        if common or not free(a, b):
            break
        stop = b
    return (
        Where(None, _country(text[start:stop], scene), Precision.TOWN, start, stop) if stop > start else None
    )


_MONTH = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|\w+ber|january|february|march|april|may|june|july|august"
)


def _introduced(scene: Scene, start: int, text: str) -> bool:
    prefix = attached(text, start)
    first = start - len(prefix)
    if prefix and prefix[-1] in "בלמ":
        return True
    if any(c.name in ("preposition", "place_noun") and 0 <= first - c.end <= 1 for c in scene.cues):
        return prefix == ""
    return any(a.form in ("past", "first") and 0 <= first - a.end <= 1 for a in scene.acts) and prefix == ""


def _country(name: str, scene: Scene) -> str | None:
    names = gazetteer()
    bare = (name[:-1], name[:-2]) if "а" <= name[-1] <= "я" and len(name) > 5 else ()  # Рамат-Гану
    for key in (name, *bare, name.split(" ")[0], name.split(" ")[-1]):
        if key in names:
            found = names[key]
            enemy = any(t.actor in ("israel", ENEMY) for t in scene.things)
            return "IL" if enemy and "IL" in found else found[0]
    return None
