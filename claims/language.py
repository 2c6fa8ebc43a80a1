"""Which language a text is in, with the basis of the answer; or unknown, never a guess from two words.

Script and letters decide what they alone can decide: Hebrew, Sorani (which langdetect does not know), Urdu,
most of Arabic, Persian and Russian. For the rest they narrow the choice, and langdetect, seeded, makes it.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from langdetect import PROFILES_DIRECTORY
from langdetect.lang_detect_exception import LangDetectException

from claims.detector import SwiftFactory
from claims.sorani import looks_sorani, word_set, writes_sorani


class Basis(StrEnum):
    """What the answer rests on."""

    SCRIPT = "script"  #: the script has one language among ours
    LETTERS = "letters"  #: letters and words that only one language writes
    STATISTICS = "statistics"  #: langdetect
    NOTHING = "nothing"  #: too little text: unknown


class Language(NamedTuple):
    """A language by its ISO 639 code, or None, and why."""

    code: str | None
    basis: Basis


UNKNOWN = Language(None, Basis.NOTHING)

_WORD = re.compile(r"[^\W\d_]+(?:[’'\u200c][^\W\d_]+)*")
#: Its first letter stands apart, for by that it is far quicker to find.
_NOISE = re.compile(r"[ht@#](?:(?<=h)ttps?://\S+|(?<=t)\.me/\S+|(?<=[@#])\w+)")
#: So much of a text tells its language.
_ENOUGH = 1000


class _Scripts(dict[int, str]):
    """For `str.translate`: a letter by its script, anything else by nothing."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        kind = ""
        if char.isalpha():
            if 0x0600 <= code <= 0x077F or 0xFB50 <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFF:
                kind = "a"
            elif 0x0590 <= code <= 0x05FF:
                kind = "h"
            elif 0x0400 <= code <= 0x04FF:
                kind = "c"
            elif code < 0x0250:
                kind = "l"
        self[code] = kind
        return kind


_SCRIPTS = _Scripts()

#: Fewer letters or words than this are a name, an exclamation, a guess.
_LEAST_LETTERS = 8
_LEAST_WORDS = 3


_URDU_ONLY = frozenset("ٹڈڑںے")
_URDU = frozenset("ٹڈڑںےہھۓ")
_PERSIAN = frozenset("پچژگ")
_ARABIC = frozenset("ةىأإؤ")
_PERSIAN_WORDS = word_set(
    """
    است را از که در به با این برای آن شد های می یک خود بود تا هم كه اين براي هاي مي يك ما شده کرد
    كرد دو نیز ها بر شود باید ای نیست هستند کند گفت
    """
)
_ARABIC_WORDS = word_set(
    """
    في من على إلى الى عن أن ان التي الذي هذا هذه كان مع لا ما قد كل بعد بين ذلك ثم لم أو او هو هي
    عند حتى كما لكن غير قال بن وفي ومن وقد يوم خلال قبل
    """
)
_URDU_WORDS = word_set(
    """
    کے کی کا ہے میں سے اور کو نے پر ہیں یہ تھا بھی وہ
    """
)
_ENGLISH_WORDS = word_set(
    """
    the of and to in is for on with that by at from was are be as it this has have had not but his
    her their were will its an or which he she they you we i my me your our been so if can said who
    what when there no more about up out into than them then some could would over after says
    """
)
_TURKISH_WORDS = word_set(
    """
    ve bir bu için ile da de çok olarak olan daha gibi ama ne kadar sonra her en mi mı değil olduğu
    ise ki var o şu göre yeni iki
    """
)
_OTHER_CYRILLIC = {
    "uk": frozenset("іїєґ"),
    "be": frozenset("ў"),
    "sr": frozenset("ћђљњџ"),
    "mk": frozenset("ѓќѕ"),
}
_RUSSIAN = frozenset("ыэё")
_RUSSIAN_WORDS = word_set(
    """
    что как это его из для или если был все уже еще только при чтобы со нет когда от ее их по под
    после где нас вас меня мне него них тогда без
    """
)


_BULGARIAN_WORDS = word_set("е се са ще че със във тя беше които който която няма от за")


def language_of(text: str) -> Language:
    """The language of a text. Deterministic, and safe to call from several threads."""
    plain = text[:_ENOUGH]
    if "http" in plain or "@" in plain or "#" in plain or "t.me" in plain:
        plain = _NOISE.sub(" ", plain)
    letters = plain.translate(_SCRIPTS)
    arabic, hebrew = letters.count("a"), letters.count("h")
    cyrillic, latin = letters.count("c"), letters.count("l")
    native = max(arabic, hebrew, cyrillic)
    if latin > native >= 15 and native * 6 >= latin:
        latin = 0  # names, brands and headers in Latin letters do not make a text English
    most = max(native, latin)
    if most < 4:
        return UNKNOWN
    if hebrew == most:
        return Language("he", Basis.SCRIPT)
    words = _WORD.findall(plain)
    if arabic == most:
        return _arabic_script(plain, words, arabic)
    if cyrillic == most:
        return _cyrillic(plain.lower(), words, cyrillic)
    return _latin(plain, words, latin)


def _short(words: list[str], letters: int) -> bool:
    return letters < _LEAST_LETTERS or len(words) < _LEAST_WORDS


def _among(words: list[str], known: frozenset[str]) -> int:
    """How many of the words are among the known ones."""
    return sum(map(known.__contains__, words))


def _arabic_script(text: str, words: list[str], letters: int) -> Language:
    seen = set(text)
    if writes_sorani(text, seen, letters) or (not seen & _URDU_ONLY and looks_sorani(text, seen, letters)):
        return Language("ckb", Basis.LETTERS)
    urdu = sum(map(text.count, _URDU & seen)) + 2 * _among(words, _URDU_WORDS)
    if urdu >= 2 and urdu * 22 >= letters:
        return Language("ur", Basis.LETTERS)
    if _short(words, letters):
        return UNKNOWN
    persian = 1.5 * sum(map(text.count, _PERSIAN & seen)) + 2 * _among(words, _PERSIAN_WORDS)
    persian += 0.5 * (text.count("ی") + text.count("ک")) + 2 * text.count("\u200c")
    arabic = 1.5 * sum(map(text.count, _ARABIC & seen)) + 2 * _among(words, _ARABIC_WORDS)
    arabic += 2 * len([w for w in words if len(w) > 4 and w.startswith(("ال", "وال", "بال", "لل", "فال"))])
    if persian >= 2 * arabic + 2:
        return Language("fa", Basis.LETTERS)
    if arabic >= 2 * persian + 2:
        return Language("ar", Basis.LETTERS)
    total = persian + arabic + 1
    prior = {"ar": (arabic + 0.4) / total, "fa": (persian + 0.4) / total, "ur": 0.05}
    return _statistics(text, prior)


def _cyrillic(text: str, words: list[str], letters: int) -> Language:
    seen = set(text)
    for code, only in _OTHER_CYRILLIC.items():
        if len(seen & only) and not seen & _RUSSIAN:
            return Language(code, Basis.LETTERS)
    if seen & _RUSSIAN:
        return Language("ru", Basis.LETTERS)
    if _short(words, letters):
        return UNKNOWN
    lower = [w.lower() for w in words]
    if any(w in _RUSSIAN_WORDS for w in lower) or not any(w in _BULGARIAN_WORDS for w in lower):
        return Language("ru", Basis.LETTERS)
    return _statistics(text, {"ru": 0.985, "bg": 0.015})


def _latin(text: str, words: list[str], letters: int) -> Language:
    if _short(words, letters):
        return UNKNOWN
    low = text.lower()
    if "ə" in low:
        return Language("az", Basis.LETTERS)
    lower = [w.lower() for w in words]
    turkish = sum(c in "ğış" for c in low.replace("i̇", "i")) + sum(c in "öüç" for c in low) * 0.5
    turkish += 1.5 * _among(lower, _TURKISH_WORDS)
    english = 2 * _among(lower, _ENGLISH_WORDS)
    foreign = sum(c > "\x7f" for c in low if c.isalpha())
    if turkish >= 2 and ("ğ" in low or "ı" in low or turkish * 8 >= letters) and turkish > english:
        return Language("tr", Basis.LETTERS)
    if english >= 4 and not foreign and english * 2 >= len(words) and english > turkish:
        return Language("en", Basis.LETTERS)
    weight = max(1.0, english + turkish)
    prior = {"en": 0.35 + 0.3 * english / weight, "tr": 0.2 + 0.3 * turkish / weight}
    return _statistics(text, prior, rest=0.25 if foreign else 0.1)


_loading = Lock()


@cache
def _factory(codes: frozenset[str]) -> SwiftFactory:
    """With the profiles of these languages, or of all when none is named: few decide faster than all."""
    factory = SwiftFactory()
    if codes:
        home = Path(PROFILES_DIRECTORY)
        factory.load_json_profile([(home / code).read_text(encoding="utf-8") for code in sorted(codes)])
    else:
        factory.load_profile(PROFILES_DIRECTORY)
    factory.settle()
    return factory


def _statistics(text: str, prior: Mapping[str, float], *, rest: float = 0.0) -> Language:
    with _loading:  # langdetect publishes its profiles before they are all there
        factory = _factory(frozenset() if rest else frozenset(prior))
    others = [code for code in factory.langlist if code not in prior]
    weights = {code: rest / max(1, len(others)) for code in others} | dict(prior)
    detector = factory.create()
    detector.seed = 0
    detector.set_prior_map({code: weights.get(code, 0.0) for code in factory.langlist})
    detector.append(text)
    try:
        code = detector.detect()
    except LangDetectException:
        return UNKNOWN
    return UNKNOWN if code == "unknown" else Language(code, Basis.STATISTICS)
