"""Invented posts in Arabic, Persian and English, with the vocabulary and the lengths of real channels.

Words follow Zipf's law over some 100,000 forms: roots and patterns (Arabic), stems and endings with ZWNJ
(Persian), syllables (English). A fifth of each post is set phrases, so that phrases occur as in the field;
one post in twelve repeats another, with a link of its own. The number of words is log-normal with a mean of
40, as in seven public channels. `spellings` writes a word as channels do.
"""

import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, product

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 730
CHANNELS = 300

_PATTERNS = (
    *("{}{}{}", "{}ا{}{}", "م{}{}و{}", "{}{}ا{}", "{}{}ي{}", "{}{}يه", "ت{}{}ي{}", "ا{}{}{}"),
    *("م{}{}{}", "ي{}{}{}"),
    *("{}{}و{}", "م{}ا{}{}ه", "ا{}ت{}ا{}", "ت{}ا{}{}", "{}{}{}ات", "{}{}{}ون", "مست{}{}{}", "ان{}{}ا{}"),
)  # fmt: skip
_ARABIC = "بتثجحخدذرزسشصضطظعغفقكلمنهوي"
_ROOTS = 900
_STEMS = (
    "خبر",
    "گزارش",
    "حمله",
    "پهپاد",
    "موشک",
    "کشور",
    "نیرو",
    "شهر",
    "دولت",
    "سپاه",
    "منطقه",
    "مرز",
    "پایگاه",
    "عملیات",
    "ارتش",
)
_PERSIAN = (
    "ا",
    "ب",
    "پ",
    "ت",
    "ج",
    "چ",
    "خ",
    "د",
    "ر",
    "ز",
    "س",
    "ش",
    "ف",
    "ک",
    "گ",
    "ل",
    "م",
    "ن",
    "و",
    "ی",
)
_ENDINGS = ("", "", "", "\u200cها", "\u200cهای", "ی", "ان", "\u200cاند", "م")
_SYLLABLES = (
    "ba",
    "con",
    "de",
    "ra",
    "tion",
    "mi",
    "lit",
    "ar",
    "in",
    "ter",
    "pro",
    "vi",
    "sta",
    "re",
    "on",
    "ed",
    "ing",
    "al",
    "ne",
    "for",
)

#: Words that the recall is measured with, each as people type it.
SOUGHT = (
    "طائرة",
    "مسيرة",
    "المقاومة",
    "قاعدة",
    "صاروخ",
    "إيران",
    "استهداف",
    "العراق",
    "أمريكا",
    "حيفا",
    "کشور",
    "شهرک",
    "می‌شود",
    "٢٠٢٤",
)


def vocabulary(seed: int = 7) -> tuple[list[str], list[str], list[str]]:
    rng = random.Random(seed)
    roots = ["".join(rng.sample(_ARABIC, 3)) for _ in range(_ROOTS)]
    arabic = list(dict.fromkeys(pattern.format(*root) for root in roots for pattern in _PATTERNS))
    arabic += ["ال" + word for word in arabic] + ["و" + word for word in arabic[::3]]
    arabic += ["وال" + word for word in arabic[1::5]] + ["ب" + word for word in arabic[2::7]]
    persian = list(_STEMS) + ["".join(rng.choices(_PERSIAN, k=rng.randint(2, 6))) for _ in range(6000)]
    persian = list(dict.fromkeys(a + b for a, b in product(persian, sorted(set(_ENDINGS)))))
    english = list(
        dict.fromkeys("".join(rng.choices(_SYLLABLES, k=rng.randint(1, 4))) for _ in range(25_000))
    )
    for words in (arabic, persian, english):
        rng.shuffle(words)
    return arabic, persian, english


class Zipf:
    """Draws words, the n-th of them in proportion to 1/(n + 2.7)."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self._sums = list(accumulate(1 / (n + 2.7) for n in range(len(words))))

    def draw(self, rng: random.Random, k: int) -> list[str]:
        total, sums, words = self._sums[-1], self._sums, self.words
        return [words[bisect(sums, rng.random() * total)] for _ in range(k)]


class Writer:
    """Post after post: (channel number, seconds since the start, text)."""

    def __init__(self, posts: int, seed: int = 20_411) -> None:
        self.posts = posts
        self._rng = random.Random(seed)
        self.languages = [Zipf(words) for words in vocabulary()]
        self.phrases = [
            [" ".join(zipf.draw(self._rng, self._rng.randint(2, 6))) for _ in range(3000)]
            for zipf in self.languages
        ]

    def __iter__(self) -> Iterator[tuple[int, datetime, str]]:
        rng = self._rng
        weights = [1 / (n + 3) ** 0.7 for n in range(CHANNELS)]
        sums = list(accumulate(weights))
        recent: list[str] = []
        for n in range(self.posts):
            channel = bisect(sums, rng.random() * sums[-1])
            at = START + timedelta(days=DAYS * n / self.posts, seconds=rng.randint(0, 600))
            if recent and rng.random() < 1 / 12:
                text = f"{rng.choice(recent)}\n\nhttps://t.me/channel_{channel}"
            else:
                text = self._text(0 if channel % 10 < 5 else 1 if channel % 10 < 8 else 2)
                recent.append(text)
                if len(recent) > 500:
                    recent.pop(rng.randrange(500))
            yield channel, at, text

    def _text(self, language: int) -> str:
        rng = self._rng
        length = min(400, max(3, int(rng.lognormvariate(3.4, 0.75))))
        words: list[str] = []
        while len(words) < length:
            if rng.random() < 0.06:
                words.append(rng.choice(self.phrases[language]))
            else:
                words += self.languages[language].draw(rng, rng.randint(2, 9))
        return " ".join(words)


def spellings(word: str, rng: random.Random) -> list[str]:
    """Ways in which channels write a word: as typed, with harakat, tatweel, other letters, an article."""
    swaps = {
        "ي": "ی",
        "ك": "ک",
        "ة": "ه",
        "أ": "ا",
        "إ": "ا",
        "ی": "ي",
        "ک": "ك",
        "٢": "2",
        "٠": "0",
        "٤": "4",
        "ى": "ي",
    }
    out = [word, "".join(swaps.get(c, c) for c in word)]
    plain = word.replace("\u200c", "")
    if plain.isdecimal():
        return [*out, "۲۰۲۴"]
    marks = "\u064e\u064f\u0650\u0652"
    out.append("".join(c + (rng.choice(marks) if n % 2 == 0 else "") for n, c in enumerate(plain)))
    out.append(plain[:2] + "ـ" * 3 + plain[2:])
    out.append(".".join(plain))
    if "\u200c" not in word and not word.startswith("ال"):
        out += ["ال" + word, "وال" + word, "و" + word]
    return out
