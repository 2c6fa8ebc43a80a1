"""How many killed and wounded a sentence tells of. No number is invented: without one it is `vague`."""

import re
from collections.abc import Mapping, Sequence

from claims.numbers import DUAL, VAGUE, Number, numbers
from domain.claim import Casualties

_KILLED = re.compile(
    r"(?<!\w)(?:[وفب]?(?:ال)?(?:مقتل|قتل|قتيل\w*|قتلي|مصرع|هلاك|استشهاد|استشهد|شهيد\w*|شهداء|صرعي|هلكي|ارتقاء)"
    r"|كشته\w*|هلاكت|شهادت|شهيد|تلفات"
    r"|killed|killing|kills|dead|deaths|fatalities|die|died"
    r"|погиб\w*|убит\w*|жертв\w*|can kaybi|olu|oldu|olduruldu|oldurdu|oldugunu|hayatini kaybetti|הרוג\w*|"
    r"נהרג\w*|נהרגו|נרצחו|"
    r"كوژرا\w*|كوژران)(?!\w)"
)
_WOUNDED = re.compile(
    r"(?<!\w)(?:[وفب]?(?:ال)?(?:جريح\w*|جرحي|اصابه|اصابات|اصيب|اصيبوا|مصاب\w*|بجروح|جرح)"
    r"|زخمي\w*|مجروح\w*"
    r"|wounded|wounding|injured|injuring|injures|wounds|hurt|casualties"
    r"|ранен\w*|пострадавш\w*|yaralandi|yarali\w*|yaraladi|פצוע\w*|נפצע\w*|נפגע\w*|בריندار\w*|بريندار\w*)(?!\w)"
)
#: اصابة مباشرة is a direct hit, not an injury.
_DIRECT = re.compile(
    r"\s*(?:مباشر\w*|دقيق\w*|موكد\w*|محقق\w*|ال?هدف\w*|منصه|سفينه|مبني|منزل|اهداف\w*|بمقذوف|بالهدف|بشكل|بصور\w*)"
)
_PERSON = re.compile(
    r"^\s*(?:من\s)?(?:ال)?(?:جندي|ضابط|منتسب|مقاتل|عنصر|مستوطن|قايد|مدني|عسكري|شخص|عامل|متعاقد|"
    r"حارس|شرطي|طيار|بحار|مواطن|موظف|سايق|طفل|صحفي|امراه|رجل|متعاون|مجند|ضابط صف|soldier|"
    r"officer|man|person|service member|contractor|guard|sailor|pilot|civilian|worker|policeman|"
    r"woman|child|reservist|"
    r"نظامي|سرباز|солдат|военный|asker|חייל)(?:ه|ا)?(?!\w)"
)
#: Languages that put the verb last.
VERB_LAST = frozenset({"fa", "ckb", "tr"})
_WINDOW = 60
_WINDOW_OF_VERB_LAST = 120  # Persian and its like put the verb at the end, far from the number
#: "Without casualties": nothing is said of any.
_NOBODY = re.compile(
    r"(?<!\w)(?:دون|بدون|بلا|لا|ولا|لم تسجل|no|without|not?|nobody|אין|ללא|без|هيچ|هيچ گونه) "
    r"(?:\w+ ){0,2}(?:ال)?$"
)
_NONE_AT_ALL = re.compile(
    r"\s(?:yok|olmadi|bulunmuyor|نداشت\w*|نداده|نبود|نيست|нет|не было|نييه|نيه|نهبوو)(?!\w)"
)
#: Turkish "died" and "became" fold alike: people die.
_TURKISH_DEAD = re.compile(r"(?:kisi|asker|sivil|cocuk|israilli|polis|subay)\w{0,4} $")
_BREAK = re.compile(r"[\n;؛.!]")


def casualties(
    text: str,
    start: int,
    end: int,
    words: Mapping[str, int],
    *,
    verb_last: bool = False,
    names: Sequence[tuple[int, int]] = (),
) -> tuple[Casualties, int, int] | None:
    """What is said of killed and wounded within [start, end), and where; None when nothing is.

    Of what stands in `names`, nothing counts: the martyrs of a brigade, the number of a tower.
    """
    if _KILLED.search(text, start, end) is None and _WOUNDED.search(text, start, end) is None:
        return None
    found = [
        n for n in numbers(text, start, end, words) if not _among(names, n.start) and not _dated(text, n)
    ]
    window = _WINDOW_OF_VERB_LAST if verb_last else _WINDOW
    killed = _side(text, start, end, _KILLED, found, window, names)
    wounded = _side(text, start, end, _WOUNDED, found, window, names)
    if killed is None and wounded is None:
        return None
    spans = [s for s in (killed, wounded) if s]
    k = killed[2] if killed else None
    w = wounded[2] if wounded else None
    if (
        k is not None
        and w is not None
        and killed
        and wounded
        and killed[3] == wounded[3]
        and killed[3] is not None
    ):
        # One number cannot be both: it belongs to the word that stands nearer.
        if abs(killed[0] - killed[3]) <= abs(wounded[0] - killed[3]):
            w = None
        else:
            k = None
    return (
        Casualties(killed=k, wounded=w, vague=k is None and w is None),
        min(s[0] for s in spans),
        max(s[1] for s in spans),
    )


def _among(names: Sequence[tuple[int, int]], at: int) -> bool:
    return any(a <= at < b for a, b in names)


_CALENDAR = re.compile(
    r"\s?(?:فروردين|ارديبهشت|خرداد|تير|مرداد|شهريور|مهر|ابان|اذر|دي|بهمن|اسفند|كانون|شباط|اذار|نيسان|ايار|حزيران|تموز|اب|"
    r"ايلول|تشرين|يناير|فبراير|مارس|ابريل|مايو|يونيو|يوليو|اغسطس|سبتمبر|اكتوبر|نوفمبر|ديسمبر|january|february|march|april|may|"
    r"june|july|august|september|october|november|december|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|"
    r"ноября|декабря|ocak|subat|mart|nisan|mayis|haziran|temmuz|agustos|eylul|ekim|kasim|aralik|[:./-]\d)(?!\w{3})"
)


def _dated(text: str, number: Number) -> bool:
    """Is it the day of a month, or a part of a date or hour?"""
    return _CALENDAR.match(text, number.end) is not None or text[max(0, number.start - 1) : number.start] in (
        ":",
        "/",
    )


def _side(
    text: str,
    start: int,
    end: int,
    word: re.Pattern[str],
    found: list[Number],
    window: int,
    names: Sequence[tuple[int, int]],
) -> tuple[int, int, int | None, int | None] | None:
    best: tuple[int, int, int | None, int | None] | None = None
    for m in word.finditer(text, start, end):
        if _NOBODY.search(text, max(start, m.start() - 30), m.start()):
            continue
        if _among(names, m.start()) or _NONE_AT_ALL.match(text, m.end()):
            continue
        if _DIRECT.match(text, m.end(), min(end, m.end() + 24)):
            continue
        if m[0] == "oldu" and not _TURKISH_DEAD.search(text, max(start, m.start() - 20), m.start()):
            continue
        value, at = _number_of(text, m, end, found, start, window)
        if best is None or (best[2] is None and value is not None):
            best = (m.start(), m.end(), value, at)
    return best


def _number_of(
    text: str, m: re.Match[str], end: int, found: list[Number], start: int, window: int
) -> tuple[int | None, int | None]:
    word = m[0]
    if DUAL.match(word):
        return 2, m.start()
    if _RISES.search(text, start, end):
        for n in found:
            gap = text[m.end() : n.start] if 0 < n.start - m.end() <= 80 else ""
            if gap and _RISEN_TO.search(gap) and not _BREAK.search(gap) and not _CUT.search(gap):
                return n.value, n.start
    adjacent = any(0 <= m.start() - n.end <= 2 for n in found)
    if (
        _ALONE.fullmatch(word)
        and not adjacent
        and not _BETWEEN.search(text, max(start, m.start() - 12), m.start())
    ):
        return 1, m.start()
    before = [
        n for n in found
        if n.end <= m.start() and m.start() - n.end <= window and not _BREAK.search(text, n.end, m.start())
        and not _CUT.search(text, n.end, m.start())
    ]  # fmt: skip
    after = [
        n for n in found
        if n.start >= m.end() and n.start - m.end() <= window and not _BREAK.search(text, m.end(), n.start)
        and not _CUT.search(text, m.end(), n.start)
    ]  # fmt: skip
    head = _HEAD.search(word) is not None or _BEING.match(text, m.end()) is not None
    if head:
        tail = text[m.end() : min(end, m.end() + 30)]
        if after and after[0].start - m.end() <= 2:
            return after[0].value, after[0].start
        for token in re.findall(r"\w+", tail)[:2]:
            if DUAL.match(token):
                return 2, m.end()
        if after:
            return after[0].value, after[0].start
        if _PERSON.match(tail):
            return 1, m.end()
        if before and m.start() - before[-1].end <= 2:
            return before[-1].value, before[-1].start
        return None, None
    if after and after[0].start - m.end() <= 1:
        return after[0].value, after[0].start
    if before and not VAGUE.match(_last_word(text, before[-1].start)):
        return before[-1].value, before[-1].start
    upto = _UP_TO.search(text, m.end(), end)
    if upto:
        later = [n for n in found if n.start >= upto.end() and n.start - upto.end() <= 6]
        if later:
            return later[0].value, later[0].start
    left = text[max(start, m.start() - 30) : m.start()]
    if any(DUAL.match(t) for t in re.findall(r"\w+", left)[-2:]):
        return 2, m.start()
    if _ONE.fullmatch(word) and not re.search(r"بين (?:قتيل ?)?و?$", left):
        return 1, m.start()
    if (
        after
        and after[0].start - m.end() <= 14
        and re.search(r":|بين|من|in$", text[m.end() : after[0].start])
    ):
        return after[0].value, after[0].start
    return None, None


def _last_word(text: str, at: int) -> str:
    words = re.findall(r"\w+", text[max(0, at - 14) : at])
    return words[-1] if words else ""


#: Words after which the number follows (مقتل ثلاثة); after the others it stands before (ثلاثة قتلى).
_HEAD = re.compile(
    r"مقتل|قتل$|مصرع|هلاك$|استشهاد|استشهد|اصابه|اصابات|اصيب|killing|wounding|injuring|kills|injures|ارتقاء"
)
_ONE = re.compile(r"و?(?:قتيل|جريح|شهيد)ا?|ו?(?:נהרג|נפצע)ה?|погиб|ранен|убит")
#: A toll that is brought up to date: "the number of wounded rises to 34".
_RISES = re.compile(
    r"(?<!\w)(?:ارتفاع|ارتفع\w*|يرتفع|ترتفع|وصل|بلغ\w*|رسيد\w*|افزايش|rises?|rose|risen|climbs?|"
    r"climbed|increased?s?|jumps?|up to|now at|toll|"
    r"вырос\w*|возрос\w*|увеличил\w*|достигл\w*|עלה|עולה|טיפס|yukseldi\w*|cikti\w*|ulasti\w*|"
    r"بهرز بووهوه|گهيشت\w*|زيادي كرد)(?!\w)"
)
_RISEN_TO = re.compile(
    r"(?<!\w)(?:(?:الي|to|at|до|به) (?:نحو |اكثر من |more than |over |at least |around |около |"
    r"более |بيش از |حداقل )?|(?:ل|ל)-?)$"
)
#: One man, when no number stands beside the word.
_ALONE = re.compile(r"و?(?:قتيل|جريح)ا?|ו?(?:הרוג|פצוע)ה?")
_BETWEEN = re.compile(r"بين (?:قتيل ?)?و?$|בין (?:הרוג ?)?ו?$")
#: `زخمی شدن دو نفر`: a noun made of the word, after which the number follows.
_BEING = re.compile(r"\s(?:شدن|دادن|ساختن|كردن)(?!\w)")
_UP_TO = re.compile(r"(?:الي|to|at|до|به)\s+(?:نحو\s|اكثر من\s)?")
#: A number on the other side of one of these belongs to the other word.
_CUT = re.compile(
    r"(?<!\w)(?:و?اصاب\w*|و?جرح\w*|و?مقتل|و?قتل\w*|جرحي|killed|wounded|injured|dead|كشته|زخمي|ранен\w*|погиб\w*)(?!\w)|[،,]"
)
