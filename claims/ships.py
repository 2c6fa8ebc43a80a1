"""Names of ships: by them two attacks at sea on one day are told apart."""

import re
from itertools import product, takewhile

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
    rf"(?<!\w)(?:{_SHIP})(?: (?:{_BETWEEN}))*[ \"«“”'(#:]{{1,3}}((?!\d)\w+(?: \w+){{0,3}})",
)
_NO_NAME = re.compile(
    r"(?:في|من|الي|علي|كانت|تابعه|ب(?:صار|صوا|طاي|زور|مس|عد|ال|هج|عم)\w*|در|با|را|به|از|in|at|near|with|by|off|was|were|is|are|has|"
    r"had|for|a|an|and|that|which|after|while|on|to|from|в|у|на|с|и|был\w*|dan|de|ve|امس|اليوم|today|"
    r"حربيه|عسكريه|attack\w*|hit|struck|linked|sails?|sailing|owned|bound|crossing|heading)"
)


def ship_names(text: str) -> frozenset[str]:
    """The names that follow a word for a ship, folded."""
    out: set[str] = set()
    for found in _NAMED.finditer(fold_text(text)):
        words = takewhile(lambda w: not _NO_NAME.fullmatch(w), found[1].split())
        if name := " ".join(w for w in words if not w.isdecimal()):
            out.add(name)
    return frozenset(out)


def same_ship(a: frozenset[str], b: frozenset[str]) -> float:
    """1 when one name is in both, also in another script; -1 for two ships; 0 when that cannot be told."""
    best: tuple[float, bool] | None = None
    for p, q in product(a, b):
        if (alike := _alike(p, q)) is not None:
            best = max(best or (alike, False), (alike, p.isascii() == q.isascii()))
    if best is None:
        return 0.0
    if best[0] >= ALIKE:
        return 1.0
    return -1.0 if best[0] <= UNLIKE or best[1] else 0.0


def _alike(a: str, b: str) -> float | None:
    """How alike the shorter name is to the longer or its beginning: where a name ends is not always told."""
    short, long = sorted((a.split(), b.split()), key=len)
    sound = skeleton(" ".join(short))
    found = [likeness(sound, skeleton(" ".join(long[:n]))) for n in range(len(short), len(long) + 1)]
    return max((each for each in found if each is not None), default=None)
