"""A channel says of itself that it will pause, end its coverage or move: in which words."""

from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from claims.finder import Finder
from claims.lexicon import sheets
from claims.lexicon.errors import LexiconError
from claims.normalise import Folded
from claims.surfaces import patterns

_FILE = "pauses.toml"
#: Who announces a pause does it in a few lines; in a long text such words are part of a story.
LONGEST = 600
#: So much of the text around the words is told with them, on either side.
AROUND = 60


def announced(folded: Folded) -> str:
    """The words, as they stand in the text, with what is around them; "" when there are none."""
    raw = folded.raw
    if len(raw) > LONGEST:
        return ""
    hit = min(_finder().find(folded), key=lambda hit: hit.start, default=None)
    if hit is None:
        return ""
    start, end = folded.raw_span(hit.start, hit.end)
    start, end = _whole_words(raw, max(0, start - AROUND), min(len(raw), end + AROUND))
    return " ".join(raw[start:end].split())


def digest() -> str:
    """Of all that is looked for: two of the same digest find the same."""
    return blake2b("\0".join(sorted(_words())).encode(), digest_size=8).hexdigest()


def _whole_words(raw: str, start: int, end: int) -> tuple[int, int]:
    """The stretch without the words that it cuts."""
    while start and raw[start - 1].isalnum() and raw[start].isalnum():
        start += 1
    while end < len(raw) and raw[end].isalnum() and raw[end - 1].isalnum():
        end -= 1
    return start, end


@cache
def _finder() -> Finder[str]:
    return Finder((pattern, word) for word in _words() for pattern in patterns(word))


@cache
def _words() -> tuple[str, ...]:
    """Raises LexiconError where the file is not as it should be."""
    tables = sheets.parse(_FILE, files("claims.lexicon").joinpath(_FILE).read_text(encoding="utf-8"))
    by_language = tables.get("pause")
    if not isinstance(by_language, dict):
        raise LexiconError(_FILE, "pause", "is no table", hint='[pause], then en = ["we will be back", …]')
    return tuple(_each(by_language))


def _each(by_language: dict[str, object]) -> Iterable[str]:
    for language, words in by_language.items():
        yield from sheets.words(_FILE, f"pause.{language}", language, words)
