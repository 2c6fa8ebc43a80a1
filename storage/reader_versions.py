"""Which reader version counts, and the end of those that no longer do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.marks import MarkRepository
from storage.tables import Claims, Incidents, Readings, Tallies

_LIVE = "reader.live"


def place_mark(reader_version: int) -> str:
    """The mark that keeps how far a reader version has read."""
    return f"reader.{reader_version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left of a version that is being dropped."""

    after: int = 0  #: the readings stored after that one
    tallied: int | None = None  #: the tallies of the channels behind that one; None: of all


class ReaderVersions:
    """The half of the readings' repository that knows their versions."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._marks = MarkRepository(connection)

    async def live_version(self) -> int | None:
        """The reader version whose readings, tallies and claims count now; None: nothing was read yet."""
        live: int | None = (await self._marks.get(_LIVE)).get("version")
        return live

    async def go_live(self, reader_version: int, at: datetime) -> None:
        """From now on, this version's readings are those that count.

        The ones that counted so far are kept, for a way back; all others are obsolete and may be dropped.
        """
        mark = await self._marks.get(_LIVE)
        if mark.get("version") == reader_version:
            return
        kept = (reader_version, mark.get("version"))
        names = [name.removeprefix("reader.") for name, _, _ in await self._marks.all("reader.")]
        held = [int(name) for name in names if name.isdecimal()]
        obsolete = [version for version in sorted(held) if version not in kept]
        value = {"version": reader_version, "former": mark.get("version"), "obsolete": obsolete}
        await self._marks.set(_LIVE, value, at)

    async def obsolete_versions(self) -> list[int]:
        """Versions of which something may be left that nobody needs any more."""
        found: list[int] = (await self._marks.get(_LIVE)).get("obsolete", [])
        return found

    async def drop(self, reader_version: int, left: Left, limit: int, at: datetime) -> Left | None:
        """Remove a part of what an obsolete version has read, of about `limit` rows; begin with `Left()`.

        Returns what is left then; None: nothing, and the version is no longer obsolete.
        """
        mark: dict[str, Any] = await self._marks.get(_LIVE)
        if reader_version not in mark.get("obsolete", []):
            return None
        part = select(Readings.seq).where(Readings.seq > left.after).order_by(Readings.seq).limit(limit)
        last = (await self._connection.execute(select(func.max(part.subquery().c.seq)))).scalar_one_or_none()
        if last is not None:
            await self._connection.execute(
                delete(Readings).where(
                    Readings.seq > left.after, Readings.seq <= last, Readings.reader_version == reader_version
                )
            )
            return Left(after=last)
        for table in (Claims, Incidents):
            some = select(table.id).where(table.reader_version == reader_version).limit(limit)
            gone = await self._connection.execute(delete(table).where(table.id.in_(some)))
            if gone.rowcount:
                return left
        channels = select(func.min(Tallies.channel_id))
        if left.tallied is not None:
            channels = channels.where(Tallies.channel_id > left.tallied)
        channel = (await self._connection.execute(channels)).scalar_one_or_none()
        if channel is not None:
            await self._connection.execute(
                delete(Tallies).where(Tallies.channel_id == channel, Tallies.reader_version == reader_version)
            )
            return Left(after=left.after, tallied=channel)
        await self._marks.remove(place_mark(reader_version))
        obsolete = [version for version in mark["obsolete"] if version != reader_version]
        await self._marks.set(_LIVE, {**mark, "obsolete": obsolete}, at)
        return None
