"""Reads a post whole: language, topics, claims. And rows of posts, of which a bad one stops no other."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from claims.extract import understand
from claims.language import language_of
from claims.lexicon.load import Lexicon
from claims.normalise import Folded, fold
from domain.claim import Understanding
from domain.errors import DeadairError

#: The zone in which a channel's days are counted when nothing else is known of it.
DEFAULT_ZONE = ZoneInfo("Asia/Baghdad")
#: When a post can have been posted; dates that it names may lie long before and after.
_YEARS = range(1970, 2200)
#: Those that a text is said to be in; of another, or of none for certain, nothing is said.
LANGUAGES = frozenset({"ar", "fa", "ckb", "he", "ru", "tr", "en"})


class BadRow(DeadairError):
    """A line of input that is no post: says which line, and what is wrong with it."""

    def __init__(self, number: int, what: str, *, hint: str = "") -> None:
        super().__init__(f"line {number}: {what}", hint=hint)
        self.number = number


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow:
    """A post as `deadair read` and `deadair match` take it."""

    id: str | int
    posted: datetime  #: with the zone that was given, in which the post's days are counted
    text: str
    lang: str | None = None
    channel: str | None = None
    forwarded_from: str | None = None


def read_post(
    lexicon: Lexicon,
    text: str | Folded,
    *,
    posted: datetime,
    lang: str | None = None,
    resistance: str | None = None,
    shown: bool = False,
) -> Understanding:
    """All that a post says. `posted` is in the zone of its channel; `lang` saves working the language out.

    `resistance` is the actor whom this channel means by a bare "the Islamic Resistance";
    `shown` gives the evidence of topics too, for `explain`.
    """
    folded = text if isinstance(text, Folded) else fold(text)
    code = lang if lang is not None else language_of(folded.raw).code
    known = code.partition("+")[0].partition("-")[0] if code else None
    read = understand(
        lexicon,
        folded,
        lang=known if known in LANGUAGES else None,
        posted=posted,
        resistance=resistance,
        shown=shown,
    )
    return Understanding(language=code, topics=read.topics, claims=read.claims)


def rows(lines: Iterable[str]) -> Iterator[PostRow | BadRow]:
    """The posts of JSON lines, in order; a bad line comes as the error that tells of it."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield parse_row(number, line)
        except BadRow as error:
            yield error


def parse_row(number: int, line: str) -> PostRow:
    """One post of one line. Raises BadRow."""
    try:
        found = json.loads(line)
    except ValueError as error:
        raise BadRow(number, f"is not JSON: {error}", hint="One post a line, as a JSON object.") from error
    except RecursionError as error:
        raise BadRow(
            number, "is JSON nested too deeply", hint="One post a line, as a JSON object."
        ) from error
    if not isinstance(found, dict):
        raise BadRow(number, f"is no JSON object but {type(found).__name__}", hint='{"id": 1, "posted": …}')
    id_ = found.get("id")
    if isinstance(id_, bool) or not isinstance(id_, str | int):
        raise BadRow(number, f"id is {id_!r}", hint="Every post needs an id, a string or a whole number.")
    text = found.get("text")
    if text is not None and not isinstance(text, str):
        raise BadRow(number, f"text of post {id_!r} is {type(text).__name__}", hint="A text is a string.")
    return PostRow(
        id=id_,
        posted=_instant(number, id_, found),
        text=text or "",
        lang=_optional(number, id_, found, "lang"),
        channel=_optional(number, id_, found, "channel"),
        forwarded_from=_optional(number, id_, found, "forwarded_from"),
    )


def _instant(number: int, id_: object, found: Mapping[str, Any]) -> datetime:
    value = found.get("posted", found.get("date"))
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadRow(
            number, f"posted of post {id_!r} is {value!r}", hint="ISO 8601, as 2024-01-28T21:05:00+03:00."
        ) from error
    if at.tzinfo is None:
        raise BadRow(
            number,
            f"posted of post {id_!r}, {value}, has no time zone",
            hint="Add one: +03:00, or Z for UTC.",
        )
    if at.year not in _YEARS:
        raise BadRow(
            number,
            f"posted of post {id_!r} is in the year {at.year}",
            hint=f"Years from {_YEARS.start} to {_YEARS.stop - 1} are understood.",
        )
    return at


def _optional(number: int, id_: object, found: Mapping[str, Any], key: str) -> str | None:
    value = found.get(key)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadRow(
        number, f"{key} of post {id_!r} is {type(value).__name__}", hint="A string, or leave it out."
    )
