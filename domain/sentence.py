"""A sentence that is English where it is made, and keeps what it was made of, to be said in any language."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypeAlias

from domain.instant import say_at, say_span, utc


class Country(str):
    """A country by its two letters, to be named in the reader's language."""

    __slots__ = ()


class Sentence(str):
    """English text, with the template it was made by and what fills that.

    Compared, searched and printed it is its English. `template` is also the key under which translations know
    it. What fills it: somebody's name or words (str), a country, a number, an instant, a span, several names,
    or a sentence within it.
    """

    template: str
    values: Mapping[str, "Value"]

    def __new__(cls, template: str, /, **values: "Value") -> "Sentence":
        made = super().__new__(cls, template.format(**{name: _english(v) for name, v in values.items()}))
        made.template, made.values = template, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, "Value"]]:
        """For copies, which else would take the English for the template."""
        return (self.template,), dict(self.values)


Value: TypeAlias = "str | int | float | datetime | timedelta | tuple[str, ...] | Sentence"


def joined(sentences: Iterable[str], by: str = " ") -> str:
    """Several, one after the other, as one; those that are just text stay so."""
    them = [s for s in sentences if s]
    if not any(isinstance(s, Sentence) for s in them):
        return by.join(them)
    return Sentence(
        by.join(f"{{s{n}}}" for n in range(len(them))), **{f"s{n}": s for n, s in enumerate(them)}
    )


def said_in(said: str, zone: tzinfo) -> str:
    """In English, with instants told in `zone` and named so; mere text stays as it is."""
    if not isinstance(said, Sentence):
        return said
    return said.template.format(**{name: _in_zone(value, zone) for name, value in said.values.items()})


def sentence_document(said: str) -> Any:
    """As JSON: mere text as itself."""
    if not isinstance(said, Sentence):
        return str(said)
    return {"say": said.template, "with": {name: _document(value) for name, value in said.values.items()}}


def sentence_record(document: Any) -> str:
    """The way back. Text of former versions is text; what cannot be read is kept as what it is."""
    if isinstance(document, str):
        return document
    try:
        values = {name: _record(value) for name, value in document["with"].items()}
        return Sentence(document["say"], **values)
    except (TypeError, KeyError, ValueError, IndexError, AttributeError):
        return str(document)


def _in_zone(value: "Value", zone: tzinfo) -> str:
    if isinstance(value, Sentence):
        return said_in(value, zone)
    if isinstance(value, datetime):
        return say_at(value, zone)
    return _english(value)


def _english(value: "Value") -> str:
    if isinstance(value, datetime):
        return say_at(value, UTC)
    if isinstance(value, timedelta):
        return say_span(value)
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _document(value: "Value") -> Any:
    if isinstance(value, Sentence):
        return sentence_document(value)
    if isinstance(value, Country):
        return {"country": str(value)}
    if isinstance(value, datetime):
        return {"at": utc(value).isoformat()}
    if isinstance(value, timedelta):
        return {"for": value.total_seconds()}
    if isinstance(value, tuple):
        return {"names": [str(each) for each in value]}
    return value


def _record(document: Any) -> "Value":
    match document:
        case {"say": _}:
            return sentence_record(document)
        case {"country": str(code)}:
            return Country(code)
        case {"at": str(text)}:
            return utc(datetime.fromisoformat(text))
        case {"for": int() | float() as seconds}:
            return timedelta(seconds=seconds)
        case {"names": list(names)}:
            return tuple(str(each) for each in names)
        case str() | int() | float():
            return document
    raise ValueError(f"{document!r} is no part of a sentence")
