"""TOML as people write it by hand: what cannot be read is told with its line, but not what stands there."""

import tomllib
from collections.abc import Callable
from typing import Any, Final

#: What some editors of Windows put before a text.
_MARK: Final = "\ufeff"
#: With one of these begins what may go on over the lines that follow.
_OPENERS: Final = ('"""', "'''", "[", "{")


class BadToml(ValueError):
    """A text is no TOML. The message names the line; it repeats no value, for that may be a secret."""


def read_toml(text: str) -> dict[str, Any]:
    """What the text says. Raises BadToml."""
    text = text.removeprefix(_MARK)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadToml(_told(error, text)) from None


def line_of(error: UnicodeDecodeError) -> int:
    """In which line the byte stands that is no character."""
    return error.object.count(b"\n", 0, error.start) + 1


def _told(error: ValueError | RecursionError, text: str) -> str:
    lines = text.splitlines(keepends=True)
    said = str(error)
    if isinstance(error, RecursionError):
        n = _first(lines, lambda head: isinstance(_failure(head), RecursionError))
        return f"line {n}: too many brackets within each other"
    if not isinstance(error, tomllib.TOMLDecodeError):  # Python reads no number of so many digits
        n = _first(lines, lambda head: type(_failure(head)) is ValueError)
        return f"line {n}: a number with too many digits"
    if "at end of document" in said and (begun := _begun(lines)) is not None:
        return f"{said.replace('at end of document', 'at the end of the file')}, begun in line {begun}"
    return said


def _failure(text: str) -> Exception | None:
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return error
    return None


def _first(lines: list[str], fails: Callable[[str], bool]) -> int:
    """The number of the line from which on it fails so. Cut off before that, the text may be broken as well,
    for what has begun goes on: that is another failure.
    """
    low, high = 0, len(lines)  # not with the first `low` lines, but with `high`
    while high - low > 1:
        middle = (low + high) // 2
        if fails("".join(lines[:middle])):
            high = middle
        else:
            low = middle
    return high


def _begun(lines: list[str]) -> int | None:
    """The line in which begins what does not end; None where there is no telling."""
    for n in range(len(lines), 0, -1):
        if not any(opener in lines[n - 1] for opener in _OPENERS):
            continue
        before = _failure("".join(lines[: n - 1]))
        if before is None:
            return n
        if "at end of document" not in str(before):
            return None
    return None
