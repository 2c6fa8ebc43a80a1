"""Which letter stands for which: the table behind the fold, one character at a time.

Compatibility forms (NFKC) become base letters; case, harakat, bidi controls and zero-width characters go; the
letters that writers of Arabic, Persian, Kurdish and Urdu swap freely become one; digits become ASCII.
"""

import re
import unicodedata

#: Letters that are typed for one another. The same for every language: a surface and a text are folded
#: alike, so that even where the fold loses a distinction (Sorani's ئ and ە) both sides lose it together.
SWAPPED = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ٲ": "ا", "ٳ": "ا",
    "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ئ": "ي", "ۓ": "ي",
    "ک": "ك", "ڪ": "ك", "ګ": "ك",
    "ة": "ه", "ۃ": "ه", "ە": "ه", "ۀ": "ه", "ۂ": "ه", "ہ": "ه", "ھ": "ه",
    "ؤ": "و", "ڤ": "ف",
    "ٯ": "ق", "ں": "ن", "ٮ": "ب", "ڡ": "ف",  # dotless, written so to slip past filters
    "٪": "%", "٫": ".", "٬": ",", "ـ": "ـ",
    "״": '"', "“": '"', "”": '"', "„": '"', "׳": "'", "’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'",
    "ʿ": "", "ʾ": "",
    "־": "-", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "_": "_",
    "ё": "е", "й": "и", "ї": "і", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe",
    "\u2028": "\n", "\u2029": "\n", "\t": " ", "\r": " ", "\v": " ", "\f": " ", "\x85": " ",
}  # fmt: skip

ZWNJ = "\u200c"
#: What only Persian, Urdu and Sorani write: beside it, ZWNJ parts words; elsewhere it is noise.
PERSIAN_LETTERS = frozenset("پچگژیکەێۆڕڵ")


def _once(char: str) -> str:
    out: list[str] = []
    for c in unicodedata.normalize("NFKC", char).casefold():
        swapped = SWAPPED.get(c)
        if swapped is not None:
            out.append(swapped)
            continue
        if c.isdecimal():
            out.append(str(unicodedata.decimal(c)))
            continue
        kind = unicodedata.category(c)
        if kind in ("Mn", "Me", "Cf"):
            continue  # harakat, niqqud, bidi controls, zero width, variation selectors
        if kind in ("Zs", "Cs") or (kind == "Cc" and c != "\n"):
            out.append(" ")  # a lone surrogate is no text: it parts words and nothing more
            continue
        parts = unicodedata.decomposition(c) if "\u00c0" <= c <= "\u024f" or "\u1e00" <= c <= "\u1eff" else ""
        out.append(chr(int(parts.split()[0], 16)) if parts and not parts.startswith("<") else c)
    return "".join(out)


def fold_letter(char: str) -> str:
    """What one character becomes: none, one or several. Folding the result again changes nothing."""
    for _ in range(8):
        folded = "".join(map(_once, char))
        if folded == char:
            break
        char = folded
    return char


#: What is not among the letters and signs of our scripts that stay as they are: most of any text does.
_MAY_CHANGE = re.compile(
    "[^"
    + "".join(
        re.escape(chr(code))
        for code in (*range(0x80), *range(0x400, 0x460), *range(0x5D0, 0x5EB), *range(0x600, 0x700))
        if fold_letter(chr(code)) == chr(code)
    )
    + "]"
)
#: With more different ones it is quicker to look at every letter.
_DIFFERENT = 60


class LetterTable(dict[int, str]):
    """What each character becomes: worked out when it is first met, and remembered."""

    def __init__(self, zwnj: str) -> None:
        super().__init__({ord(ZWNJ): zwnj})
        #: Of the characters met so far, those that become none or several.
        self.uneven = set() if len(zwnj) == 1 else {ZWNJ}

    def __missing__(self, code: int) -> str:
        folded = fold_letter(chr(code))
        self[code] = folded
        if len(folded) != 1:
            self.uneven.add(chr(code))
        return folded

    def fold(self, text: str) -> str:
        """Each character as what it becomes: one after another, for what they become stays as it is."""
        if text.isascii() or len(chars := set(_MAY_CHANGE.findall(text))) > _DIFFERENT:
            return text.translate(self)
        for char in chars:
            if (folded := self[ord(char)]) != char:
                text = text.replace(char, folded)
        return text


#: ZWNJ dropped, and ZWNJ as the space it is in Persian.
PLAIN = LetterTable("")
PERSIAN = LetterTable(" ")

#: Letters of Cyrillic and Latin that look alike, for words that mix the two scripts.
CYRILLIC_TO_LATIN = dict(zip("аеорсхувнкмтіјѕ", "aeopcxybhkmtijs", strict=True))
LATIN_TO_CYRILLIC = {v: k for k, v in CYRILLIC_TO_LATIN.items() if v not in "ijs"}
