"""Text of posts on a terminal: harmless, and readable from right to left.

A terminal that does not know Arabic gets letters joined and lines turned round by us; one that does (VTE,
Konsole, Terminal.app, mlterm) gets them as they are, and so does a file or a pipe.
"""

import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

#: What would steer the terminal, turn the line round or cannot be written; same length, so that marks hold.
_UNSEEN = dict.fromkeys(
    [*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A),
     *range(0xD800, 0xE000)],
    "\ufffd",
)  # fmt: skip
#: VTE turns lines round since 0.58.
_VTE = 5800
_RIGHT_TO_LEFT = (
    frozenset(range(0x590, 0x900)) | frozenset(range(0xFB1D, 0xFE00)) | frozenset(range(0xFE70, 0xFEFF))
)


def harmless(text: str) -> str:
    """Without what would steer a terminal; as long as before."""
    return text.translate(_UNSEEN)


def is_right_to_left(text: str) -> bool:
    """Is most of what has a direction written from right to left?"""
    turned = sum(ord(c) in _RIGHT_TO_LEFT for c in text)
    return 2 * turned > sum(c.isalpha() for c in text)


def must_shape(
    choice: str, environment: Mapping[str, str] | None = None, *, terminal: bool | None = None
) -> bool:
    """`auto`, `on` or `off`: are letters to be joined and lines turned round by us?"""
    if choice != "auto":
        return choice == "on"
    env = os.environ if environment is None else environment
    if not (sys.stdout.isatty() if terminal is None else terminal):
        return False
    if (
        env.get("KONSOLE_VERSION")
        or env.get("TERM_PROGRAM") == "Apple_Terminal"
        or "mlterm" in env.get("TERM", "")
    ):
        return False
    vte = env.get("VTE_VERSION", "")
    return not (vte.isdecimal() and int(vte) >= _VTE)


@cache
def _reshaper() -> Any:
    from arabic_reshaper import ArabicReshaper

    return ArabicReshaper({"delete_harakat": False, "support_ligatures": False})


def shaped(line: str) -> str:
    """One line as a terminal that knows no Arabic must be given it."""
    if not any(ord(c) in _RIGHT_TO_LEFT for c in line):
        return line
    from bidi import get_display

    return str(get_display(_reshaper().reshape(line), base_dir="R" if is_right_to_left(line) else "L"))


def lines_of(text: str, width: int, *, shape: bool) -> list[str]:
    """A text in lines of that width; those from right to left stand at the right where we turn them."""
    out: list[str] = []
    for paragraph in harmless(text).split("\n"):
        for line in textwrap.wrap(paragraph, width, break_long_words=True) or [""]:
            if shape:
                line = shaped(line).rjust(width) if is_right_to_left(line) else shaped(line)
            out.append(line)
    return out


def marked(text: str, marks: Sequence[tuple[int, int]]) -> str:
    """What was found, in brackets: they hold in any script, direction and file."""
    out, at = "", 0
    for start, end in marks:
        out += f"{text[at:start]}[{text[start:end]}]"
        at = end
    return out + text[at:]
