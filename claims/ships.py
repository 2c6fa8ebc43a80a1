"""Names of ships: by them two attacks at sea on one day are told apart."""

import re

from claims.normalise import fold_text
from claims.sounds import ALIKE, UNLIKE, likeness, skeleton

_SHIP = (
    r"(?:ال)?(?:سفينه|ناقله|مدمره|فرقاطه|حامله الطايرات|باخره)|كشتي|نفتكش|ناوشكن|ناو|"
    r"ships?|vessels?|tankers?|carriers?|destroyers?|frigates?|mv|m/v|uss|"
    r"судн\w+|танкер\w*|корабл\w+|сухогруз\w*|эсмин\w+|gemi\w*|tanker\w*|האוניה|אוניה|ספינת|הספינה|המכלית|كهشتي\w*"
)
#: What may stand between the word for a ship and its name.
_BETWEEN = (
    r"(?:ال)?(?:امريكيه|بريطانيه|اسراييليه|صهيونيه|نفطيه|تجاريه|شحن|حاويات|النفط|حربيه|يونانيه|المسماه|تسمي|"
    r"اسمها|التجاريه)|هاي|امريكايي|اسراييلي|انگليسي|نفتي|تجاري|باري|به نام|"
    r"named|called|the|us|american|british|israeli|oil|cargo|container|bulk|"
    r"под названием|американск\w+|британск\w+|израильск\w+|adli|isimli"
)
_NAMED = re.compile(
    rf"(?<!\w)(?:{_SHIP})(?: (?:{_BETWEEN}))*[ \"«“”'(#:]{{1,3}}((?!\d)\w+(?: \w+)?)",
)
_NO_NAME = re.compile(
    r"(?:في|من|الي|علي|كانت|تابعه|ب(?:صار|صوا|طاي|زور|مس|عد|ال|هج|عم)\w*|در|با|را|به|از|in|at|near|with|by|off|was|were|is|are|has|"
    r"had|and|that|which|after|while|on|to|from|в|у|на|с|и|был\w*|dan|de|ve|امس|اليوم|today|"
    r"حربيه|عسكريه|attack\w*|hit|struck|linked|sails?|sailing|owned|bound|crossing|heading)"
)


def ship_names(text: str) -> frozenset[str]:
    """The names that follow a word for a ship, folded."""
    out: set[str] = set()
    for found in _NAMED.finditer(fold_text(text)):
        words = [w for w in found[1].split() if not w.isdecimal()]
        if words and not _NO_NAME.fullmatch(words[0]):
            out.add(" ".join(w for n, w in enumerate(words) if n == 0 or not _NO_NAME.fullmatch(w)))
    return frozenset(out)


def same_ship(a: frozenset[str], b: frozenset[str]) -> float:
    """1 when one name is in both, also in another script; -1 for two ships; 0 when that cannot be told."""
    if not a or not b:
        return 0.0
    best: float | None = None
    for p in a:
        for q in b:
            if set(p.split()) & set(q.split()):
                return 1.0
            if (alike := likeness(skeleton(p), skeleton(q))) is not None:
                best = alike if best is None else max(best, alike)
    if best is None:
        return 0.0
    return 1.0 if best >= ALIKE else -1.0 if best <= UNLIKE else 0.0
