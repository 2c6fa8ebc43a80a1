"""The chain: each record of a channel is hashed together with the hash of the record before it.

Whoever holds one hash can prove that everything up to it is as it was then; docs/archive.md says how, with a
few lines of any language. This file is the whole rule.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from domain.instant import refuse_naive

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class LinkKind(StrEnum):
    """What a link of the chain holds fast."""

    POST = "post"  #: a post as first seen
    REVISION = "revision"
    COPY = "copy"  #: the raw copy of a version that had none when it was linked
    DELETION = "deletion"
    RETURN = "return"  #: a post that was gone is there again
    FILE = "file"  #: the file of a post was fetched
    SEAL = "seal"  #: what follows was stored before there was a chain, and is held fast from now on
    REMOVAL = "removal"  #: what a post said was removed when its time was over; this is what remains of it
    ADOPTION = "adoption"  #: what is before was imported under an invented number; now the channel is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link: the `number`-th of its channel, counted from 1."""

    channel_id: int
    number: int
    kind: LinkKind
    post_id: int
    version: int  #: 0: the post as first seen
    at: datetime | None  #: of a deletion or return: when it was first missed; of a seal or removal: when
    digest: bytes

    def __post_init__(self) -> None:
        refuse_naive(self, "at")


def beginning(channel_id: int) -> bytes:
    """The hash before a channel's first link."""
    return sha256(b"deadair chain 1\n%d" % channel_id).digest()


def linked(before: bytes, record: bytes) -> bytes:
    """The hash of a link: SHA-256 over the hash before it and the canonical form of its record."""
    return sha256(before + record).digest()


class Document(str):
    """A list or a dictionary of a record, as `canonical` writes it."""

    __slots__ = ()


def canonical(kind: LinkKind, fields: Mapping[str, Any]) -> bytes:
    """A record as the bytes that are hashed.

    JSON in UTF-8 without white space, names sorted by code point, nothing escaped but what JSON requires.
    What is not known (null) is left out. Instants are microseconds since 1970, bytes are hexadecimal, whole
    numbers have neither point nor exponent. Raises ValueError for a number that is none (NaN, infinite).
    """
    return in_order(kind, fields, _order(("link", *fields)))


Order = Sequence[tuple[str, str]]  #: the names of a record in their order, each with how it is written


def order(names: Iterable[str]) -> Order:
    """For a kind of record of which many are written; others are put in their order as they come."""
    return [(name, encode_basestring(name) + ":") for name in sorted({"link", *names})]


@cache
def _order(names: tuple[str, ...]) -> Order:
    """There are but a few sets of names."""
    return order(names)


def in_order(kind: LinkKind, fields: Mapping[str, Any], names: Order) -> bytes:
    """`canonical` of those fields that are named; one that is not there is not known."""
    out = []
    said = {**fields, "link": kind.value}.get
    for name, written in names:
        value = said(name)
        if value is None:
            continue
        of = type(value)
        if of is str:
            out.append(written + encode_basestring(value))
        elif of is int:
            out.append(written + repr(value))
        elif of is datetime:
            out.append(written + repr((value - _EPOCH) // _MICROSECOND))
        elif of is Document:
            out.append(written + value)
        elif of is bytes:
            out.append(f'{written}"{value.hex()}"')
        else:
            out.append(written + _other(value))
    return ("{" + ",".join(out) + "}").encode()


def _other(value: Any) -> str:
    if isinstance(value, datetime):
        return repr((value - _EPOCH) // _MICROSECOND)
    return f'"{value.hex()}"' if isinstance(value, bytes) else document(value)


_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
).encode


def document(value: Any) -> Document:
    """Raises ValueError for a number that is none (NaN, infinite)."""
    return Document(_encode(plain(value)))


#: What most of a document is, and stays as it is: to look that up is quicker than to call for each.
_LEAVES = frozenset((str, int, bool, type(None)))


def plain(value: Any) -> Any:
    """A document as databases give it back: they write the number 1.0 as 1, and 1e22 with all its zeros."""
    if isinstance(value, dict):
        return {key: each if type(each) in _LEAVES else plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [each if type(each) in _LEAVES else plain(each) for each in value]
    if isinstance(value, float):
        return int(Decimal(repr(value))) if value.is_integer() else value
    return value
