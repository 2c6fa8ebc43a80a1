"""How far each imported file has been taken in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import Imports
from storage.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProgress:
    """Of one file, known by what is in it and not by its name."""

    fingerprint: str
    name: str
    records: int = 0  #: read so far, good and bad
    added: int = 0
    revised: int = 0
    bad: int = 0
    done: bool = False


class ImportRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, fingerprint: str) -> ImportProgress | None:
        rows = await self._connection.execute(
            select(Imports.__table__).where(Imports.fingerprint == fingerprint)
        )
        row = rows.mappings().one_or_none()
        if row is None:
            return None
        return ImportProgress(**{name: value for name, value in row.items() if name != "at"})

    async def save(self, progress: ImportProgress, at: datetime) -> None:
        row = {name: getattr(progress, name) for name in ImportProgress.__slots__}
        await upsert(self._connection, Imports, [{**row, "at": at}], key=("fingerprint",))
