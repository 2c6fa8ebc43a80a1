"""Write a backup: one consistent picture of the archive while everything goes on."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from gzip import GzipFile
from pathlib import Path
from typing import Any

from storage.backup.form import FORM, kind_of, line, written
from storage.backup.paper import writing
from storage.schema import head
from storage.store import Store
from storage.whole import kept_rows, kept_tables

_PAGE = 2_000  #: rows fetched and written at a time

#: What hears how it goes: the table, and how many of its rows are written.
Heard = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A backup that was written."""

    path: Path
    rows: int
    size: int  #: bytes
    sha256: str  #: of the file, as it was read back from the disk


async def write_backup(
    store: Store, path: Path, now: datetime, *, recipient: str = "", heard: Heard = lambda _t, _n: None
) -> Written:
    """Write the whole archive into a new file and read that back; encrypted for `recipient`, if there is one.

    What can be made anew from the rest (the index of search) is left out. Raises BackupError, and
    StoreError when the archive cannot be read; then there is no file.
    """
    rows = 0
    whole = hashlib.sha256()
    with writing(path, recipient) as file:
        file.write(
            line(
                {
                    "deadair": "backup",
                    "form": FORM,
                    "schema": head(),
                    "made_at": now.isoformat(),
                    "engine": "postgresql" if store.is_postgres else "sqlite",
                }
            )
        )
        async with store.read() as tx:
            for table in kept_tables():
                kinds = [kind_of(column) for column in table.columns]
                names = [column.name for column in table.columns]
                file.write(line({"table": table.name, "columns": dict(zip(names, kinds, strict=True))}))
                digest, n = hashlib.sha256(), 0
                query = kept_rows(table).order_by(*table.primary_key.columns)
                found = await tx.connection.stream(query)
                async for page in found.partitions(_PAGE):
                    await asyncio.to_thread(_put, file, page, kinds, digest, whole)
                    n += len(page)
                    heard(table.name, n)
                file.write(line({"rows": n, "sha256": digest.hexdigest()}))
                rows += n
        file.write(line({"end": True, "rows": rows, "sha256": whole.hexdigest()}))
    size, sha256 = await asyncio.to_thread(_weighed, path)
    return Written(path=path, rows=rows, size=size, sha256=sha256)


def _put(file: GzipFile, page: Sequence[Any], kinds: Sequence[str], *digests: "hashlib._Hash") -> None:
    block = b"".join(written(row, kinds) for row in page)
    for digest in digests:
        digest.update(block)
    file.write(block)


def _weighed(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()
