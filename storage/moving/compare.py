"""A table as it is now beside what is on record of it, block by block."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.moving.rows import Key, Reader, Rows, Stretch

PAGE = 2_000  #: rows read at a time, and of a block that is new


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Rows that were brought over together: from after the block before to the one with this key."""

    upto: Key
    n: int
    sha256: str  #: of their canonical lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """All rows of a table, in the order of their keys."""

    n: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What came of it."""

    sum: Sum
    changed: Sequence[Stretch]  #: where it is not as it is on record


async def compare(
    connection: AsyncConnection, rows: Rows, blocks: Sequence[Block], heard: Callable[[int], None]
) -> Compared:
    """Go through a table beside its blocks, which are in the order of their keys. `heard` is told of each
    page how many rows it had.
    """
    comparison = _Comparison(Reader(rows), blocks)
    found = await connection.stream(rows.select())
    async for page in found.partitions(PAGE):
        await asyncio.to_thread(comparison.take, page)
        heard(len(page))
    return comparison.end()


def block_of(reader: Reader, page: Sequence[Any]) -> Block:
    """Rows as the block that they are; there is at least one."""
    lines = b"".join(map(reader.line, page))
    return Block(upto=reader.key(page[-1]), n=len(page), sha256=hashlib.sha256(lines).hexdigest())


class _Comparison:
    def __init__(self, reader: Reader, blocks: Sequence[Block]) -> None:
        self._reader = reader
        self._blocks = blocks
        self._at = 0
        self._whole = hashlib.sha256()
        self._n = 0
        self._block = hashlib.sha256()
        self._in_block = 0
        self._changed: list[Stretch] = []

    def take(self, page: Sequence[Any]) -> None:
        lines: list[bytes] = []
        for row in page:
            key = self._reader.key(row)
            while self._at < len(self._blocks) and key > self._blocks[self._at].upto:
                self._put(lines)
                self._close()
            lines.append(self._reader.line(row))
        self._put(lines)

    def end(self) -> Compared:
        while self._at < len(self._blocks):
            self._close()
        if self._in_block:
            self._changed.append(Stretch(self._blocks[-1].upto if self._blocks else None, None))
        return Compared(sum=Sum(n=self._n, sha256=self._whole.hexdigest()), changed=self._changed)

    def _put(self, lines: list[bytes]) -> None:
        joined = b"".join(lines)
        self._whole.update(joined)
        self._block.update(joined)
        self._n += len(lines)
        self._in_block += len(lines)
        lines.clear()

    def _close(self) -> None:
        block = self._blocks[self._at]
        if (self._in_block, self._block.hexdigest()) != (block.n, block.sha256):
            before = self._blocks[self._at - 1].upto if self._at else None
            self._changed.append(Stretch(before, block.upto))
        self._at += 1
        self._block, self._in_block = hashlib.sha256(), 0
