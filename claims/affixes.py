"""What may stand attached before and after a word: clitics and endings, by script.

Never stripped from the text (و ف ب ل ك س are also first letters of words), only allowed around a
known surface.
"""

import re
from enum import Enum


class Script(Enum):
    ARABIC = "arabic"
    HEBREW = "hebrew"
    CYRILLIC = "cyrillic"
    LATIN = "latin"
    OTHER = "other"


def script_of(folded: str) -> Script:
    """The script of the first letter."""
    for c in folded:
        if "\u0600" <= c <= "\u06ff":
            return Script.ARABIC
        if "a" <= c <= "z":
            return Script.LATIN
        if "\u0400" <= c <= "\u04ff":
            return Script.CYRILLIC
        if "\u0590" <= c <= "\u05ff":
            return Script.HEBREW
    return Script.OTHER


#: Arabic: conjunction, preposition, article. Bare ب ل ك ف ask for a surface of four letters, for in a
#: short one they are more often its first radical: كمين is no "like a mine", فدك no "and he pounded".
_CONJUNCTIONS = ("", "و", "ف")
ARABIC_PREFIXES = frozenset(
    c + p + a for c in _CONJUNCTIONS for p in ("", "ب", "ك") for a in ("", "ال")
) | frozenset(c + p for c in _CONJUNCTIONS for p in ("ل", "لل"))
ARABIC_PREFIXES_OF_SHORT = frozenset({"", "و"}) | frozenset(
    p for p in ARABIC_PREFIXES if p[-2:] in ("ال", "لل")
)
#: Before a surface that brings its own article: وال بال كال, and لل which stands for ل+ال.
ARABIC_PREFIXES_OF_DEFINITE = frozenset(c + p for c in _CONJUNCTIONS for p in ("", "ب", "ك"))
#: Before the لل of a definite surface.
ARABIC_CONJUNCTIONS = frozenset(_CONJUNCTIONS)

#: After an Arabic word: tanwin, dual and plural, possessives and objects.
_ARABIC_ENDINGS = frozenset(["ا", "ه", "ها", "هم", "هن", "هما", "ك", "كم", "نا", "ي", "ان", "ين", "ون", "ات"])
#: After a Persian word (plural, izafe, indefinite) and after a Sorani one (definite, indefinite, plural, in).
_PERSIAN_ENDINGS = frozenset(
    ["هاي", "هايي", "اي", "اش", "ش", "شان", "مان", "هايش", "را", "ست", "ند", "يم", "م"]
)
_SORANI_ENDINGS = frozenset(
    ["ێك", "ێكي", "هكان", "هكاني", "هكه", "هكهي", "يان", "دا", "ن", "هوه", "هكهدا", "يهكان", "يهكه"]
)
ARABIC_SUFFIXES = _ARABIC_ENDINGS | _PERSIAN_ENDINGS | _SORANI_ENDINGS
ARABIC_SUFFIXES_OF_SHORT = frozenset(["ا", "ه", "ها", "هم", "نا", "ين", "ان"])
#: After the ت that ة becomes: قاعدتين, قاعدتها, قاعدتي.
ARABIC_SUFFIXES_OF_TAA = frozenset(["ي", "ين", "ان", "ه", "ها", "هم", "هن", "هما", "نا", "ك", "كم"])

#: After a proper name: the izafe and "in" of Sorani, the tanwin of none.
NAME_SUFFIXES = frozenset(["ي", "دا", "يان"])

HEBREW_PREFIXES = frozenset(
    a + b + c for a in ("", "ו") for b in ("", "ש", "כש", "מ", "ב", "ל", "כ") for c in ("", "ה")
)
HEBREW_SUFFIXES = frozenset(["ים", "ות", "י", "יים", "ה", "ם", "ן", "נו"])

CYRILLIC_SUFFIXES = frozenset(
    [
        "а",
        "я",
        "у",
        "ю",
        "е",
        "и",
        "ы",
        "о",
        "ь",
        "ой",
        "ей",
        "ом",
        "ем",
        "ам",
        "ям",
        "ами",
        "ями",
        "ах",
        "ях",
        "ов",
        "ев",
        "ий",
        "ия",
        "ию",
        "ии",
        "ого",
        "его",
        "ому",
        "ему",
        "ых",
        "их",
        "ым",
        "им",
        "ыми",
        "ими",
        "ая",
        "яя",
        "ую",
        "юю",
        "ое",
        "ее",
        "ые",
        "ие",
    ]
)
#: Vowels a Russian word drops before another ending.
CYRILLIC_FINALS = frozenset("аяеоиыьу")

LATIN_SUFFIXES = frozenset({"s", "es"})
TURKISH_SUFFIX = re.compile(
    r"(?:l[ae]r)?(?:[iu]?m[iu]?z?)?(?:[sy]?[iu])?(?:n?[iu]n|n?[iuae]|[dt][ae](?:n|ki)?|nd[ae](?:n|ki)?|y?l[ae])?"
)


def suffix_fits(script: Script, suffix: str, length: int, *, turkish: bool) -> bool:
    """May `suffix` follow a surface of `length` letters in this script?"""
    if script is Script.ARABIC:
        if length <= 2:
            return False
        return suffix in (ARABIC_SUFFIXES_OF_SHORT if length == 3 else ARABIC_SUFFIXES)
    if script is Script.LATIN:
        if turkish and length >= 3:
            return TURKISH_SUFFIX.fullmatch(suffix) is not None
        return length >= 3 and suffix in LATIN_SUFFIXES
    if script is Script.CYRILLIC:
        return length >= 3 and suffix in CYRILLIC_SUFFIXES
    if script is Script.HEBREW:
        return length >= 3 and suffix in HEBREW_SUFFIXES
    return False


def prefix_fits(script: Script, prefix: str, length: int, *, definite: bool) -> bool:
    """May `prefix` precede a surface of `length` letters in this script?"""
    if script is Script.ARABIC:
        if definite:
            return prefix in ARABIC_PREFIXES_OF_DEFINITE
        if length <= 2:
            return False
        return prefix in (ARABIC_PREFIXES_OF_SHORT if length == 3 else ARABIC_PREFIXES)
    if script is Script.HEBREW:
        return length >= 2 and prefix in HEBREW_PREFIXES
    return False


LONGEST_PREFIX = 5
LONGEST_SUFFIX = 9
