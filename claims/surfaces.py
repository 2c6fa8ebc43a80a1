"""A surface: one way in which something is written, and the folded patterns under which it is looked for."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from claims.affixes import CYRILLIC_FINALS, Script, script_of
from claims.letters import ZWNJ
from claims.normalise import fold_text

_ACRONYM = re.compile(r"[A-Z][A-Z0-9.&-]{1,6}")
_ARTICLE = re.compile(r"\b(?:al|el) (?=\w)")
_SUN = ("sh", "th", "dh", "t", "n", "r", "s", "d", "z", "l")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A folded string to look for, and what may stand around it."""

    text: str
    script: Script
    letters: int  #: its length, which decides what may be attached to it
    definite: bool = False  #: begins with its own article
    lil: bool = False  #: begins with the لل that stands for ل + ال
    needs_suffix: bool = False  #: a stem that is no word by itself: قاعدت, Эрбил
    exact_case: str | None = None  #: an acronym: the raw text must read exactly so
    turkish: bool = False
    bare: bool = False  #: takes no clitics and no endings
    name: bool = False  #: a proper name: in Arabic script it takes no endings, but those of Sorani
    sorani: bool = False


def _words(folded: str, swaps: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The surface itself, then with each word put in its other spellings, one word at a time."""
    yield folded
    words = folded.split(" ")
    for i, word in enumerate(words):
        bare = word.removeprefix("ال")
        for other in swaps.get(word, ()):
            yield " ".join([*words[:i], other, *words[i + 1 :]])
        if bare != word:
            for other in swaps.get(bare, ()):
                yield " ".join([*words[:i], "ال" + other, *words[i + 1 :]])


def _latin_forms(folded: str) -> Iterator[str]:
    """al-Tanf, el-Tanf, at-Tanf, Tanf; Kata'ib and Kataib."""
    yield folded
    if "'" in folded:
        yield folded.replace("'", "")
        yield folded.replace("'", " ")
    if " al " in f" {folded} " or folded.startswith("el "):
        found = _ARTICLE.search(folded)
        if found:
            head, rest = folded[: found.start()], folded[found.end() :]
            yield f"{head}al {rest}"
            yield f"{head}el {rest}"
            yield f"{head}al{rest}"
            sun = next((s for s in _SUN if rest.startswith(s)), None)
            if sun:
                yield f"{head}a{sun} {rest}"
                yield f"{head}e{sun} {rest}"
            if head or len(rest) >= 5:
                yield head + rest
    if re.search(r"[a-z] \d", folded):
        yield re.sub(r"([a-z]) (\d)", r"\1\2", folded)


def _accusative(word: str) -> str:
    """زورق مسير as an object: زورقا مسيرا."""
    return (
        word
        if word[-1] in "هايو" or word.endswith(("ات", "ين")) or word.startswith("ال") or len(word) < 3
        else word + "ا"
    )


def patterns(
    surface: str,
    *,
    lang: str | None = None,
    swaps: Mapping[str, Sequence[str]] | None = None,
    bare: bool = False,
    name: bool = False,
) -> Iterable[Pattern]:
    """Every folded pattern of a surface; none for one that folds to nothing.

    `swaps` gives other spellings of single folded words (باليستي: بالستي); `bare` forbids affixes.
    """
    folded = fold_text(surface).strip()
    if not folded:
        return
    script = script_of(folded)
    acronym = surface.strip() if _ACRONYM.fullmatch(surface.strip()) and script is Script.LATIN else None
    turkish = lang == "tr"
    seen: set[str] = set()

    def pattern(text: str, **rules: bool) -> Iterator[Pattern]:
        if text in seen or not text:
            return
        seen.add(text)
        yield Pattern(
            text=text,
            script=script,
            letters=len(text) + (len(text) == 3 and text.endswith("ه")),
            exact_case=acronym,
            turkish=turkish,
            bare=bare or acronym is not None,
            name=name,
            sorani=lang == "ckb",
            **rules,
        )

    for spelling in _words(folded, swaps or {}):
        forms: Iterable[str] = _latin_forms(spelling) if script is Script.LATIN else (spelling,)
        for text in forms:
            definite = text.startswith("ال") and len(text.split(" ", 1)[0]) > 4
            yield from pattern(text, definite=definite)
            if script is Script.ARABIC and not bare:
                if definite:
                    yield from pattern("لل" + text[2:], lil=True)
                if not name and surface.rstrip().endswith("ة") and text.endswith("ه"):
                    yield from pattern(text[:-1] + "ت", needs_suffix=True, definite=definite)
                if not name and " " in text and not definite:
                    yield from pattern(" ".join(map(_accusative, text.split(" "))))
                if text.endswith("اء"):
                    yield from pattern(text[:-1], definite=definite)
            elif script is Script.CYRILLIC and not bare and len(text) > 4 and text[-1] in CYRILLIC_FINALS:
                yield from pattern(text[:-1], needs_suffix=True)
    if ZWNJ in surface:
        yield from pattern(fold_text(surface.replace(ZWNJ, "")).strip())
