"""Posts named by their keys, in one statement however many channels they are of."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    TextClause,
    and_,
    bindparam,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import BigInteger, String

from domain.post import PostKey

CHUNK = 500  # ids in one IN (...): well below SQLite's limit of 32 766 variables


def key_parts(keys: Iterable[PostKey]) -> Iterator[tuple[int, list[int]]]:
    """The keys by channel, in portions that one statement takes; the ids of each in order."""
    by_channel: dict[int, set[int]] = defaultdict(set)
    for key in keys:
        by_channel[key.channel_id].add(key.post_id)
    for channel_id, given in by_channel.items():
        ids = sorted(given)
        for start in range(0, len(ids), CHUNK):
            yield channel_id, ids[start : start + CHUNK]


def one_of(column: str, *, postgres: bool) -> TextClause:
    """Whether a column has one of the numbers that are bound as `numbers`: all of them are one parameter, so
    that the statement is the same for any number of them.
    """
    wanted = "= ANY(CAST(:numbers AS bigint[]))" if postgres else "IN (SELECT value FROM json_each(:numbers))"
    return text(f"{column} {wanted}")


def bound(numbers: Iterable[int], *, postgres: bool) -> dict[str, Any]:
    """The numbers as `one_of` has them."""
    return {"numbers": list(numbers) if postgres else json.dumps(list(numbers))}


class Wanted:
    """Keys as something to join with: `select(...).join_from(wanted.rows, Posts, wanted.are(Posts.channel_id,
    Posts.id))`.

    They travel as one parameter, so that the statement is the same for any number of them, and each is looked
    up by the index of its table.
    """

    def __init__(self, connection: AsyncConnection, keys: Iterable[PostKey]) -> None:
        given = sorted(set(keys))
        self.rows: FromClause
        if connection.dialect.name == "sqlite":
            document = bindparam("keys", json.dumps(given), type_=String(), unique=True)
            each = func.json_each(document).table_valued("value")
            channel_id, post_id = (func.json_extract(each.c.value, f"$[{n}]", type_=Integer) for n in (0, 1))
            self.rows = select(channel_id.label("channel_id"), post_id.label("post_id")).subquery("wanted")
        else:
            arrays = (
                cast(bindparam(f"keys_{n}", [key[n] for key in given], unique=True), ARRAY(BigInteger))
                for n in (0, 1)
            )
            self.rows = func.unnest(*arrays).table_valued("channel_id", "post_id").render_derived("wanted")

    def are(self, channel_id: Any, post_id: Any) -> ColumnElement[bool]:
        """Whether a row, by these columns of its table, is of one of them."""
        return and_(channel_id == self.rows.c.channel_id, post_id == self.rows.c.post_id)
