"""Sections of a TOML text by their lines, so that every comment stays with what it is about.

A library that edits the parsed document takes a comment above a section for the end of the one before. What
is done here is by lines, and whoever calls proves the outcome by reading it.
"""

import io
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_HEADER = re.compile(r"^\s*\[")


@dataclass(frozen=True, slots=True)
class Section:
    """Lines from the header to the last one of its own; comments after that are the next section's."""

    start: int
    end: int  #: the line after the last


def lines_of(text: str) -> list[str]:
    return list(io.StringIO(text, newline="\n"))


def sections(text: str, header: dict[str, Any]) -> Sequence[Section]:
    """Those whose header, read alone, gives this document: `{"channels": [{}]}` for [[channels]]."""
    lines = lines_of(text)
    heads = [i for i, line in enumerate(lines) if _HEADER.match(line)]
    found = []
    for start, following in zip(heads, [*heads, len(lines)][1:], strict=True):
        try:
            if tomllib.loads(lines[start]) != header:
                continue
        except tomllib.TOMLDecodeError:
            continue
        end = following
        while end > start + 1 and not lines[end - 1].split("#")[0].strip():
            end -= 1
        found.append(Section(start, end))
    return found


CHANNELS: dict[str, Any] = {"channels": [{}]}


def topic_header(name: str) -> dict[str, Any]:
    return {"topics": {name: {}}}


def with_budget(text: str, header: dict[str, Any], number: int, budget: float) -> str | None:
    """The text with `budget` in the section with this number. None: no such section is written so."""
    found = sections(text, header)
    if number >= len(found):
        return None
    section, lines = found[number], lines_of(text)
    for i in range(section.start + 1, section.end):
        if given := re.match(r"(\s*budget\s*=\s*)([^\s#]+)(.*)", lines[i], re.DOTALL):
            lines[i] = f"{given[1]}{budget!r}{given[3]}"
            return "".join(lines)
    return _inserted(lines, section.end, f"budget = {budget!r}\n")


def commented_out(text: str, header: dict[str, Any], number: int, why: str) -> str | None:
    """The section made a comment, with the reason above it. None: no such section is written so."""
    found = sections(text, header)
    if number >= len(found):
        return None
    section, lines = found[number], lines_of(text)
    own = [line if not line.strip() else f"# {line}" for line in lines[section.start : section.end]]
    return "".join([*lines[: section.start], f"# {why}\n", *own, *lines[section.end :]])


def appended(text: str, header: dict[str, Any], new: str) -> str:
    """The text with a new section after the last one of its kind, or at the end where there is none."""
    found, lines = sections(text, header), lines_of(text)
    return _inserted(lines, found[-1].end if found else len(lines), f"\n{new}")


def _inserted(lines: list[str], at: int, new: str) -> str:
    head = "".join(lines[:at])
    return head + ("" if not head or head.endswith("\n") else "\n") + new + "".join(lines[at:])
