"""Cursors: where a page ended, and of which question. They stay valid while posts arrive. Pure."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from archive.web.problem import Problem


def sign_of(what: str, asked: Mapping[str, Any]) -> str:
    """Of a question: another one has another sign, so that no cursor is used with it."""
    text = json.dumps([what, asked], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def write(sign: str, *place: int | str) -> str:
    packed = json.dumps([sign, *place], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read(cursor: str, sign: str, *kinds: type) -> tuple[Any, ...]:
    """The place that it holds, of these kinds. Raises Problem 400 for what is no cursor of this question."""
    try:
        packed = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True)
        said, *place = json.loads(packed)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _unusable("this is no cursor") from None
    if said != sign:
        raise _unusable("this cursor belongs to another question")
    if [type(part) for part in place] != list(kinds):
        raise _unusable("this is no cursor")
    if any(isinstance(part, int) and abs(part) >= 1 << 63 for part in place):
        raise _unusable("this is no cursor")
    return tuple(place)


def instant(text: str) -> datetime:
    """One of a cursor's parts. Raises Problem 400."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _unusable("this is no cursor") from None
    if at.tzinfo is None:
        raise _unusable("this is no cursor")
    return at


def _unusable(why: str) -> Problem:
    return Problem(
        400, "cursor-not-usable", why, hint="take `next` of the page before and leave the other parameters"
    )
