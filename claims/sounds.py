"""Names across scripts: a ship's name in Arabic and in Latin letters sound alike, and nothing else is alike.

Vowels differ between scripts and spellings, so only the consonants count, by classes that transcriptions do
not keep apart (p and b, th and s, the sorts of k and of h).
"""

from difflib import SequenceMatcher
from functools import lru_cache

from claims.normalise import fold_text

_CLASSES = {
    "b": "bpfvبپفڤבפףбпфв",
    "t": "tdتطدضתטדтд",
    "s": "szjxسصزجچژשסצץזсзжшщцчثذظ",
    "k": "kqgكقگخغקגכךхкг",
    "m": "mnمنמנмнםן",
    "l": "lrلرלרлрڵڕ",
}
_CLASS = {letter: name for name, letters in _CLASSES.items() for letter in letters}
#: Of the same number of consonants in the same order at least this part agrees in one name.
ALIKE = 0.75
#: Below this two names have hardly anything in common.
UNLIKE = 0.5


@lru_cache(4096)
def skeleton(name: str) -> str:
    """The classes of a name's consonants, doubled ones once."""
    text = fold_text(name)
    for cluster, letter in (("sh", "s"), ("ch", "s"), ("th", "s"), ("ph", "f"), ("kh", "k"), ("gh", "k")):
        text = text.replace(cluster, letter)
    for soft in ("ce", "ci", "cy"):
        text = text.replace(soft, "s" + soft[1])
    out: list[str] = []
    for c in text.replace("c", "k"):
        kind = _CLASS.get(c)
        if kind is not None and (not out or out[-1] != kind):
            out.append(kind)
    return "".join(out)


def likeness(a: str, b: str) -> float | None:
    """From 0 to 1 how far two skeletons agree; None when one is too short to tell."""
    if min(len(a), len(b)) < 2:
        return None
    return SequenceMatcher(None, a, b, autojunk=False).ratio()
