"""Column types of our own."""

import codecs
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Integer, Text, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import JSON, NullType, TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """An instant as SQLite has it: microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An instant in UTC: `timestamptz` on PostgreSQL; on SQLite microseconds since 1970 as an integer,
    which sorts, indexes and compares as instants do (`datetime(x / 1e6, 'unixepoch')` reads it by hand)."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = DateTime(timezone=True) if dialect.name == "postgresql" else BigInteger()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value.isoformat()} has none")
        return value if dialect.name == "postgresql" else micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return _EPOCH + timedelta(microseconds=value)


def undecoded(*columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """The columns as the driver gives them: equal as long as nothing was written into them, and no more."""
    return [type_coerce(column, NullType()) for column in columns]


def storable(text: str) -> str:
    """The text as every database takes it: a lone surrogate or a NUL becomes U+FFFD."""
    if text.isascii():
        return text.replace("\0", "\ufffd")
    return text.encode("utf-8", "replace_lone").decode("utf-8").replace("\0", "\ufffd")


def _replace_lone(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "\ufffd".encode() * (error.end - error.start), error.end


codecs.register_error("replace_lone", _replace_lone)

_NUL_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


_written = json.JSONEncoder(ensure_ascii=False).encode


def to_json(document: object) -> str:
    """JSON that every database takes."""
    text = storable(_written(document))
    return _NUL_ESCAPE.sub(r"\1\\ufffd", text) if "\\u0000" in text else text


class Words(TypeDecorator[str]):
    """Text from outside, whatever is in it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


#: SQLite counts up by itself only in an `INTEGER PRIMARY KEY`.
Sequence = BigInteger().with_variant(Integer(), "sqlite")
Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
