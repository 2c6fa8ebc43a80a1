"""Raw copies of posts: Telegram's own bytes, packed, one for each version."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.post import PostKey, RawCopy
from storage.keys import Wanted
from storage.tables import Raws
from storage.upsert import upsert

_PLAIN, _DEFLATED = 0, 1
#: Bytes; a shorter copy hardly gets smaller.
_WORTH_IT = 80
#: Bytes up to which a copy is a small one.
_SMALL = 4096
#: How far back zlib finds what it has seen, short of the whole window.
_LOOKAHEAD = 262


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A raw copy that is held, and of which version of its post."""

    version: int
    is_late: bool  #: it came after the version itself
    copy: RawCopy


def raw_row(key: PostKey, version: int, copy: RawCopy, *, is_late: bool = False) -> dict[str, Any]:
    """A copy as a row; deflated where that makes it smaller."""
    packed = _deflated(copy.data) if len(copy.data) >= _WORTH_IT else copy.data
    shorter = len(packed) < len(copy.data)
    return {
        "channel_id": key.channel_id,
        "post_id": key.post_id,
        "version": version,
        "layer": copy.layer,
        "packing": _DEFLATED if shorter else _PLAIN,
        "is_late": is_late,
        "body": packed if shorter else copy.data,
    }


def _deflated(data: bytes) -> bytes:
    """As `zlib.compress`, but for a small one in a window that is no wider than it: to lay out the usual one
    takes five times as long as to deflate a post.
    """
    if len(data) > _SMALL:
        return zlib.compress(data, 6, -15)
    packer = zlib.compressobj(6, zlib.DEFLATED, -max((len(data) + _LOOKAHEAD).bit_length(), 9), 5)
    return packer.compress(data) + packer.flush()


def kept_record(row: Mapping[Any, Any]) -> Kept:
    """Raises zlib.error when the bytes are damaged."""
    body = bytes(row["body"])
    data = zlib.decompress(body, -15) if row["packing"] == _DEFLATED else body
    return Kept(version=row["version"], is_late=row["is_late"], copy=RawCopy(row["layer"], data))


class RawRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep copies; one that is held already stays as it is."""
        await upsert(self._connection, Raws, rows, key=("channel_id", "post_id", "version"), keep=True)

    async def of(self, channel_id: int, post_id: int) -> Sequence[Kept]:
        """The copies of a post, oldest version first. Raises zlib.error when one is damaged."""
        rows = await self._connection.execute(
            select(Raws.__table__)
            .where(Raws.channel_id == channel_id, Raws.post_id == post_id)
            .order_by(Raws.version)
        )
        return [kept_record(row) for row in rows.mappings()]

    async def rows(self, keys: Iterable[PostKey]) -> dict[tuple[PostKey, int], Mapping[Any, Any]]:
        """The rows of many posts, by post and version, as they are."""
        wanted = Wanted(self._connection, keys)
        rows = await self._connection.execute(
            select(Raws.__table__).join_from(wanted.rows, Raws, wanted.are(Raws.channel_id, Raws.post_id))
        )
        return {(PostKey(row["channel_id"], row["post_id"]), row["version"]): row for row in rows.mappings()}
