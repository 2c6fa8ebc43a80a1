"""`deadair explain`: what is read in a text, and by which words and rules."""

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from claims.explain import explain as explained
from claims.explain import used
from claims.reading import DEFAULT_ZONE, read_post
from deadair.config import load
from deadair.lexicon import lexicon_of
from deadair.script import harmless
from domain.claim import Span
from domain.clock import WallClock
from domain.errors import DeadairError

_ON, _OFF = "\x1b[4m", "\x1b[24m"


def explain(config: Path | None, text: str, *, posted: datetime | None, lang: str | None) -> None:
    lexicon = lexicon_of(load(config))
    text = _piped() if text == "-" else text
    at = posted.replace(tzinfo=DEFAULT_ZONE) if posted else WallClock().now().astimezone(DEFAULT_ZONE)
    read = read_post(lexicon, text, posted=at, lang=lang, shown=True)
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    said = explained(harmless(text), read, mark=_lit if terminal else None)
    sys.stdout.buffer.write(said.encode())


def _piped() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig").removesuffix("\n")
    except UnicodeDecodeError as error:
        raise DeadairError(
            f"the text is not UTF-8: byte {error.start + 1}", hint="convert it to UTF-8"
        ) from error


def _lit(text: str, spans: tuple[Span, ...]) -> Iterator[str]:
    """The lines of the text, evidence underlined by the terminal: in any script and any direction."""
    at = 0
    marked = used(text, spans)
    for line in text.split("\n"):
        out, on = "", False
        for i, letter in enumerate(line, at):
            if marked[i] != on:
                on = not on
                out += _ON if on else _OFF
            out += letter
        yield f"   | {out}{_OFF if on else ''}"
        at += len(line) + 1
