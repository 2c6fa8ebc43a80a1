"""The rows of a table in an order that both engines share, and stretches of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, Table, and_, literal, tuple_

from storage.backup.form import canonical, kind_of, read, written_value
from storage.whole import kept_rows

#: A row's place in its table: the values of its primary key as a backup writes them.
Key = tuple[Any, ...]


class Stretch(NamedTuple):
    """The rows after one key, up to and with another. None: from the first on, to the last."""

    after: Key | None
    upto: Key | None


ALL = Stretch(None, None)


@dataclass(frozen=True, slots=True)
class Rows:
    """How a table is read on one engine."""

    table: Table
    is_postgres: bool

    @property
    def kinds(self) -> Sequence[str]:
        return [kind_of(column) for column in self.table.columns]

    @property
    def places(self) -> Sequence[int]:
        """Where in a row its key stands."""
        names = list(self.table.columns.keys())
        return [names.index(column.key) for column in self.table.primary_key.columns]

    def select(self, stretch: Stretch = ALL) -> Select[Any]:
        """The rows of a stretch by their keys."""
        return kept_rows(self.table).where(*self.within(stretch)).order_by(*self._keys())

    def within(self, stretch: Stretch) -> Sequence[ColumnElement[bool]]:
        """The conditions of being in it."""
        out: list[ColumnElement[bool]] = []
        if stretch.after is not None:
            out += self._bound(stretch.after, is_upper=False)
        if stretch.upto is not None:
            out += self._bound(stretch.upto, is_upper=True)
        return out

    def _bound(self, key: Key, *, is_upper: bool) -> Sequence[ColumnElement[bool]]:
        columns = list(self.table.primary_key.columns)
        values = read(key, [kind_of(column) for column in columns])
        bound = tuple_(*(literal(v, c.type) for v, c in zip(values, columns, strict=True)))
        keys = tuple_(*self._keys())
        out = [keys <= bound if is_upper else keys > bound]
        if not isinstance(columns[0].type, String) and kind_of(columns[0]) != "text":
            # PostgreSQL finds it by the index also where another column of the key is compared by its bytes.
            first = literal(values[0], columns[0].type)
            out.append(columns[0] <= first if is_upper else columns[0] >= first)
        return [and_(*out)]

    def _keys(self) -> Sequence[ColumnElement[Any]]:
        """SQLite compares text by its bytes; PostgreSQL by the customs of a language, unless it is told."""
        return [
            column.collate("C") if self.is_postgres and kind_of(column) == "text" else column
            for column in self.table.primary_key.columns
        ]


class Reader:
    """Makes keys and canonical lines of rows; built once for all rows of a table."""

    def __init__(self, rows: Rows) -> None:
        kinds = rows.kinds
        self._places = [(place, kinds[place]) for place in rows.places]
        #: A row as bytes that are the same on both engines.
        self.line = canonical(kinds)

    def key(self, row: Sequence[Any]) -> Key:
        return tuple(written_value(row[place], kind) for place, kind in self._places)
