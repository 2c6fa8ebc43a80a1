"""The ledger of a move: two tables in the new database that say how far it has come, until it is over."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, String, Table, Text, and_, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.moving.compare import Block
from storage.moving.rows import Key
from storage.types import Document

_TABLES = MetaData()
_FACTS = Table(
    "moving", _TABLES, Column("name", Text, primary_key=True), Column("value", Document, nullable=False)
)
_BLOCKS = Table(
    "moving_blocks",
    _TABLES,
    Column("of", Text, primary_key=True),
    Column("upto", Text, primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
)


class Ledger:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self) -> None:
        await self._connection.run_sync(_TABLES.create_all)

    async def close(self) -> None:
        await self._connection.run_sync(_TABLES.drop_all)

    async def facts(self) -> Mapping[str, Any]:
        """What is said of the move as a whole, by name."""
        rows = await self._connection.execute(select(_FACTS.c.name, _FACTS.c.value))
        return {row.name: row.value for row in rows}

    async def say(self, name: str, value: Any) -> None:
        statement = upsert(_FACTS).values(name=name, value=value)
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
        )

    async def blocks(self, table: str) -> Sequence[Block]:
        """What was brought of a table, in the order of its keys."""
        rows = await self._connection.execute(
            select(_BLOCKS.c.upto, _BLOCKS.c.n, _BLOCKS.c.sha256).where(_BLOCKS.c.of == table)
        )
        found = [Block(upto=tuple(json.loads(upto)), n=n, sha256=sha256) for upto, n, sha256 in rows]
        return sorted(found, key=lambda block: block.upto)

    async def put(self, table: str, block: Block) -> None:
        row = {"of": table, "upto": _text(block.upto), "n": block.n, "sha256": block.sha256}
        await self._connection.execute(insert(_BLOCKS).values(row))

    async def forget(self, table: str, upto: Key) -> None:
        """A block is no longer there."""
        await self._connection.execute(
            delete(_BLOCKS).where(and_(_BLOCKS.c.of == table, _BLOCKS.c.upto == _text(upto)))
        )

    async def brought(self) -> int:
        """How many rows were brought, of all tables."""
        return int(
            (await self._connection.execute(select(func.coalesce(func.sum(_BLOCKS.c.n), 0)))).scalar_one()
        )


def _text(key: Key) -> str:
    return json.dumps(key, ensure_ascii=False, separators=(",", ":"))
