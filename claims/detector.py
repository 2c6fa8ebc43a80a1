"""langdetect's own decision by its own profiles, at a tenth of the work.

It draws n-grams of the text and multiplies, for each, a number for each of 55 languages; here numpy does that
for five draws at once, and looks up many draws ahead. The draws, their order and every product are those of
langdetect with the same seed (Shuyo, "Language Detection Library for Java", 2010), so that the answer is too.
"""

import re
from collections import Counter
from functools import lru_cache
from random import Random

import numpy as np
from langdetect.detector import Detector
from langdetect.detector_factory import DetectorFactory
from langdetect.lang_detect_exception import ErrorCode, LangDetectException
from langdetect.utils.lang_profile import LangProfile
from langdetect.utils.ngram import NGram
from langdetect.utils.unicode_block import unicode_block
from numpy.typing import NDArray

_SPACES = re.compile("  +")
_WORDS_KNOWN = 4096  #: whose n-grams are remembered
_AT_ONCE = 5  #: draws between two looks at whether it is decided, as langdetect has it
_AHEAD = 20 * _AT_ONCE  #: draws that are looked up together; few trials take more
_NUMBERS = 2048  #: of the generator that most texts make do with


class _Normal(dict[int, str]):
    """For `str.translate`: each character as it counts in n-grams."""

    def __missing__(self, code: int) -> str:
        self[code] = normal = str(NGram.normalize(chr(code)))
        return normal


_NORMAL = _Normal()


@lru_cache(8)
def _numbers(seed: int, n: int) -> NDArray[np.uint32]:
    """The first numbers that Python's generator makes under this seed, of 32 bits each."""
    return np.frombuffer(Random(seed).randbytes(4 * n), "<u4")  # noqa: S311 - as langdetect draws


class _Dice(Random):
    """What `choice` among so many and `gauss` give under a seed, choices many at a time."""

    def __init__(self, seed: int, many: int) -> None:
        super().__init__(seed)
        self._seed, self._many = seed, many
        self._at = 0  #: so many of the generator's numbers are used up
        self._have(_NUMBERS)

    def _have(self, n: int) -> None:
        self._made = _numbers(self._seed, n)
        places = self._made >> np.uint32(32 - self._many.bit_length())
        self._kept = np.flatnonzero(places < self._many)  # a number that falls on none is passed over
        self._places = places[self._kept]

    def random(self) -> float:
        """The next number of [0, 1), which takes two of the generator's."""
        if self._at + 2 > len(self._made):
            self._have(2 * len(self._made))
        high, low = self._made[self._at : self._at + 2].tolist()
        self._at += 2
        return float(((high >> 5) * 2**26 + (low >> 6)) / 2**53)

    def ahead(self, n: int) -> NDArray[np.uint32]:
        """The next so many choices, each by its place. They are made when they are taken."""
        while (first := int(self._kept.searchsorted(self._at))) + n > len(self._kept):
            self._have(2 * len(self._made))
        return self._places[first : first + n]

    def take(self, n: int) -> None:
        """Make so many choices."""
        self._at = int(self._kept[self._kept.searchsorted(self._at) + n - 1]) + 1


def _packed(gram: str) -> int:
    """An n-gram as a number: three letters of 21 bits."""
    number = 0
    for char in gram:
        number = number << 21 | ord(char)
    return number


class SwiftFactory(DetectorFactory):  # type: ignore[misc]  # langdetect has no types
    """The profiles: each n-gram has a row, of which only the languages that write it are kept."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[tuple[NDArray[np.uint64], NDArray[np.float64]]] = []
        self._grams = np.zeros(0, np.uint64)  #: in order; the place of an n-gram here is its row
        self._starts = np.zeros(1, np.int32)  #: where the languages of each row begin in the two that follow
        self._languages = np.zeros(0, np.uint8)
        self._shares = np.zeros(0)
        self.rows_of = lru_cache(_WORDS_KNOWN)(self._rows_of)

    def add_profile(self, profile: LangProfile, index: int, langsize: int) -> None:
        """Take in one language."""
        self.langlist.append(profile.name)
        grams, shares = [], []
        for gram, n in profile.freq.items():
            # What is longer, langdetect does not look for either.
            if 1 <= len(gram) <= NGram.N_GRAM:
                grams.append(_packed(gram))
                shares.append(1.0 * n / profile.n_words[len(gram) - 1])
        self._found.append((np.array(grams, np.uint64), np.array(shares)))

    def settle(self) -> None:
        """After the last profile: sort what was found by n-gram."""
        grams = np.concatenate([grams for grams, _ in self._found])
        order = np.argsort(grams, kind="stable")
        of = np.repeat(np.arange(len(self._found), dtype=np.uint8), [len(grams) for grams, _ in self._found])
        self._languages = of[order]
        self._shares = np.concatenate([shares for _, shares in self._found])[order]
        self._grams, starts = np.unique(grams[order], return_index=True)
        self._starts = np.append(starts, len(grams)).astype(np.int32)
        self._found = []

    def table(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """What share these n-grams have in each language: one line for each, one column for each language."""
        first = self._starts[rows]
        many = self._starts[rows + 1] - first
        line = np.repeat(np.arange(len(rows)), many)
        place = np.arange(len(line)) + np.repeat(first - (np.cumsum(many) - many), many)
        out = np.zeros((len(rows), len(self.langlist)))
        out[line, self._languages[place]] = self._shares[place]
        return out

    def _rows_of(self, word: str) -> tuple[int, ...]:
        """The n-grams of a word, with the space behind it if it has one, that any language writes."""
        gram, found = NGram(), list[int]()
        for char in word:
            gram.add_char(char)
            if not gram.capitalword:
                ends = (gram.grams[-n:] for n in range(1, min(NGram.N_GRAM, len(gram.grams)) + 1))
                found += [_packed(piece) for piece in ends if piece != " "]
        if not found:
            return ()
        asked = np.array(found, np.uint64)
        rows = np.minimum(np.searchsorted(self._grams, asked), len(self._grams) - 1)
        return tuple(rows[self._grams[rows] == asked].tolist())

    def _create_detector(self) -> "SwiftDetector":
        return SwiftDetector(self)


class SwiftDetector(Detector):  # type: ignore[misc]
    """Takes one text, and is asked by `detect` alone: it stops as soon as its answer cannot change."""

    def __init__(self, factory: SwiftFactory) -> None:
        super().__init__(factory)
        self._factory = factory

    def append(self, text: str) -> None:
        """The text whose language is asked for."""
        if "://" in text:
            text = self.URL_RE.sub(" ", text)
        if "@" in text:
            text = self.MAIL_RE.sub(" ", text)
        self.text = _SPACES.sub(" ", NGram.normalize_vi(text)[: self.max_text_length])

    def cleaning_text(self) -> None:
        """Take Latin letters out of a text that has more than twice as many others."""
        latin = other = 0
        for char, n in Counter(self.text).items():
            if "A" <= char <= "z":
                latin += n
            elif char >= "\u0300" and unicode_block(char) != "Latin Extended Additional":
                other += n
        if latin * 2 < other:
            self.text = "".join(char for char in self.text if char < "A" or char > "z")

    def _extract_ngrams(self) -> list[int]:
        out: list[int] = []
        rows_of = self._factory.rows_of
        *words, last = self.text.translate(_NORMAL).split(" ")
        for word in words:
            out += rows_of(word + " ")
        out += rows_of(last)
        return out

    def _detect_block(self) -> None:
        self.cleaning_text()
        grams = self._extract_ngrams()
        if not grams:
            raise LangDetectException(ErrorCode.CantDetectError, "No features in text.")
        distinct, places = np.unique(np.array(grams), return_inverse=True)
        table, dice = self._factory.table(distinct), _Dice(self.seed, len(grams))
        total = np.zeros(len(self.langlist))
        for left in reversed(range(self.n_trial)):
            total += self._trial(table, places, dice) / self.n_trial
            second, first = np.partition(total, -2)[-2:]
            if first - second > left / self.n_trial:
                break
        self.langprob = total.tolist()

    def _trial(self, table: NDArray[np.float64], of: NDArray[np.intp], dice: _Dice) -> NDArray[np.float64]:
        """How likely each language is after as many draws as it takes to decide."""
        weight = (self.alpha + dice.gauss(0.0, 1.0) * self.ALPHA_WIDTH) / self.BASE_FREQ
        likely: NDArray[np.float64] = np.array(self._init_probability())
        done, step = 0, 1
        while True:
            factors = table[of[dice.ahead(step + _AHEAD)]]
            factors += weight
            at = 0
            while at + step <= len(factors):
                drawn = factors[at : at + step]
                drawn[0] *= likely
                likely = np.multiply.reduce(drawn, axis=0)
                shares = likely.tolist()
                likely /= (whole := sum(shares))
                at, step = at + step, _AT_ONCE
                if max(shares) / whole > self.CONV_THRESHOLD or done + at > self.ITERATION_LIMIT:
                    dice.take(at)
                    return likely
            dice.take(at)
            done += at
