"""The forms in which a sought word may stand in a text: with an article, with "and" or "in" before it. Pure.

Arabic writes these as one word with the next. Nothing is stripped in the index, for the same letters begin
words of their own; the sought word is multiplied instead, by the rules that also hold for the lexicon.
"""

from claims.affixes import ARABIC_PREFIXES, HEBREW_PREFIXES, Script, prefix_fits, script_of

_ARTICLE = "ال"
#: A sought word loses its article only if so much is left: آلمان is no "the مان".
_LEAST = 4


def readings_of(word: str, *, first: bool = True) -> tuple[str, ...]:
    """The word and its forms with what may be attached before it, the word itself first.

    `first`: within a phrase only the first word takes all of them; a later one the article and "and".
    """
    script = script_of(word)
    if script is Script.ARABIC:
        base = word
        if word.startswith(_ARTICLE) and len(word) - len(_ARTICLE) >= _LEAST:
            base = word[len(_ARTICLE) :]
        definite = base.startswith(_ARTICLE)
        prefixes = [
            p for p in sorted(ARABIC_PREFIXES) if prefix_fits(script, p, len(base), definite=definite)
        ]
        if not first:
            prefixes = [p for p in prefixes if p in ("", "و", _ARTICLE, "و" + _ARTICLE)]
        return tuple(dict.fromkeys([word, *(p + base for p in prefixes)]))
    if script is Script.HEBREW:
        prefixes = [p for p in sorted(HEBREW_PREFIXES) if prefix_fits(script, p, len(word), definite=False)]
        if not first:
            prefixes = [p for p in prefixes if p in ("", "ו", "ה", "וה")]
        return tuple(dict.fromkeys([word, *(p + word for p in prefixes)]))
    return (word,)
