"""Write a backup: one consistent picture of the archive while everything goes on."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from gzip import GzipFile
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from domain.use import Use
from storage.backup.form import FORM, kind_of, line, written
from storage.backup.paper import writing
from storage.room import spare
from storage.schema import head, known, version_on
from storage.store import Store
from storage.whole import kept_columns, kept_rows, kept_tables

_PAGE = 2_000  #: rows fetched and written at a time

#: What hears how it goes: the table, and how many of its rows are written.
Heard = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A backup that was written."""

    path: Path
    schema: str
    rows: int
    size: int  #: bytes
    sha256: str  #: of the file, as it was read back from the disk


async def write_backup(
    store: Store, path: Path, now: datetime, *, recipient: str = "", heard: Heard = lambda _t, _n: None
) -> Written:
    """Write the whole archive into a new file and read that back; encrypted for `recipient`, if there is one.

    What can be made anew from the rest (the index of search) is left out. An archive of an earlier schema is
    written as it is. Raises BackupError, StoreError when the archive cannot be read, and DiskFull before
    there is no room left for posts; then there is no file.
    """
    spare(store, Use.BACKUPS, path.parent)
    rows = 0
    whole = hashlib.sha256()
    with writing(path, recipient) as file:
        async with store.read() as tx:
            schema, there = await tx.connection.run_sync(_standing)
            file.write(
                line(
                    {
                        "deadair": "backup",
                        "form": FORM,
                        "schema": schema,
                        "made_at": now.isoformat(),
                        "engine": "postgresql" if store.is_postgres else "sqlite",
                    }
                )
            )
            for table in kept_tables():
                if there is not None and table.name not in there:
                    continue
                columns = [each for each in table.columns if there is None or each.name in there[table.name]]
                kinds = [kind_of(column) for column in columns]
                names = [column.name for column in columns]
                file.write(line({"table": table.name, "columns": dict(zip(names, kinds, strict=True))}))
                digest, n = hashlib.sha256(), 0
                in_order = [each for each in columns if each.primary_key]
                query = kept_rows(table).with_only_columns(*columns).order_by(*in_order)
                found = await tx.connection.stream(query)
                async for page in found.partitions(_PAGE):
                    spare(store, Use.BACKUPS, path.parent)
                    await asyncio.to_thread(_put, file, page, kinds, digest, whole)
                    n += len(page)
                    heard(table.name, n)
                file.write(line({"rows": n, "sha256": digest.hexdigest()}))
                rows += n
        file.write(line({"end": True, "rows": rows, "sha256": whole.hexdigest()}))
    size, sha256 = await asyncio.to_thread(_weighed, path)
    return Written(path=path, schema=schema, rows=rows, size=size, sha256=sha256)


def _standing(connection: Connection) -> tuple[str, Mapping[str, frozenset[str]] | None]:
    """The schema that is written down, and what there is of it where that is an earlier one.

    An archive that was brought up beside us is written as we know it.
    """
    have, newest = version_on(connection), head()
    if have is None or have == newest or have not in known():
        return newest, None
    return have, kept_columns(connection)


def _put(file: GzipFile, page: Sequence[Any], kinds: Sequence[str], *digests: "hashlib._Hash") -> None:
    block = b"".join(written(row, kinds) for row in page)
    for digest in digests:
        digest.update(block)
    file.write(block)


def _weighed(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()
