"""Foreign text as the chart's font can draw it: no empty boxes, every part running its own way."""

import unicodedata
from functools import lru_cache

from matplotlib import get_data_path
from matplotlib.ft2font import FT2Font

_FIRST_STRONG_ISOLATE, _LEFT_TO_RIGHT_ISOLATE, _POP_ISOLATE = "\u2068", "\u2066", "\u2069"
_RIGHT_TO_LEFT_ISOLATE = "\u2067"
# Urdu letters that the font lacks, by the nearest ones it has.
_STAND_IN = str.maketrans({"ے": "ی", "ہ": "ه", "ۂ": "ه", "ۓ": "ی", "‐": "-", "\u202f": " ", "\u00a0": " "})
_DIRECTIONS = dict.fromkeys([*range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C])


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    """What DejaVu Sans can draw; it comes with matplotlib, so that every machine draws alike."""
    return frozenset(FT2Font(f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf").get_charmap())


def drawable(text: str, longest: int = 60) -> str:
    """One line of somebody's text: emoji and other letters without a glyph are left out."""
    line = unicodedata.normalize("NFC", text).translate(_DIRECTIONS).translate(_STAND_IN)
    known = "".join(c if not c.isspace() else " " for c in line if c.isspace() or ord(c) in _glyphs())
    line = " ".join(known.split())
    if len(line) > longest:
        line = line[: longest - 1].rstrip() + "…"
    # matplotlib would read a lone dollar pair as a formula.
    return line.replace("$", r"\$") if line.count("$") > 1 else line


def isolated(text: str) -> str:
    """A name within our own line: it runs its own way and leaves the rest alone."""
    return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}" if text else ""


def left_to_right(text: str) -> str:
    """Our own line: it runs left to right even where a name in it does not."""
    return f"{_LEFT_TO_RIGHT_ISOLATE}{text}{_POP_ISOLATE}" if text else ""


def laid_out(text: str, runs_left: bool) -> str:
    """Our own line in the direction of its language, whatever names are in it."""
    return f"{_RIGHT_TO_LEFT_ISOLATE}{text}{_POP_ISOLATE}" if text and runs_left else left_to_right(text)
