"""Read a backup row by row, and believe nothing in it that its own sums do not bear out."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from gzip import GzipFile
from pathlib import Path
from typing import Any

from storage.backup.errors import BackupError
from storage.backup.form import FORM, read
from storage.backup.paper import reading
from storage.schema import script

_PAGE = 2_000
_DAMAGED = "take another backup, or copy it anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a backup says of itself."""

    schema: str
    made_at: datetime
    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of a table."""

    table: str
    columns: Mapping[str, str]  #: names and kinds
    rows: Sequence[list[Any]]


class Backup:
    """A backup that is open to be read, once, from its head to its end."""

    def __init__(self, path: Path, file: GzipFile) -> None:
        self._path = path
        self._lines = _Lines(path, file)
        self.head = self._lines.head()
        self.rows: dict[str, int] = {}  #: by table, as far as it was read

    def pages(self) -> Iterator[Page]:
        """The rows, page by page. Only after the last page is all of it proved.

        Raises BackupError as soon as anything is not as it was written.
        """
        whole = hashlib.sha256()
        while "table" in (start := self._lines.mapping()):
            table, columns = str(start["table"]), dict(start["columns"])
            kinds = list(columns.values())
            digest, n, end = hashlib.sha256(), 0, None
            while end is None:
                rows, end = self._lines.rows(kinds, digest, whole)
                n += len(rows)
                if rows:
                    yield Page(table=table, columns=columns, rows=rows)
            if end.get("rows") != n or end.get("sha256") != digest.hexdigest():
                raise BackupError(f"{self._path} is damaged in its table {table}", hint=_DAMAGED)
            self.rows[table] = n
        if not start.get("end") or (start.get("rows"), start.get("sha256")) != (
            sum(self.rows.values()),
            whole.hexdigest(),
        ):
            raise BackupError(f"{self._path} is damaged: its end does not fit the rest", hint=_DAMAGED)
        self._lines.end()


@contextmanager
def opened(path: Path, identity: str = "") -> Iterator[Backup]:
    """Open a backup. Raises BackupError when there is none for this key and this version of Deadair."""
    with reading(path, identity) as file:
        yield Backup(path, file)


def check(path: Path, identity: str = "") -> Backup:
    """Read all of a backup. Raises BackupError when it is not whole or not as it was written."""
    with opened(path, identity) as backup:
        for _ in backup.pages():
            pass
    return backup


class _Lines:
    """The lines of a backup, as what they are."""

    def __init__(self, path: Path, file: GzipFile) -> None:
        self._path = path
        self._file = file

    def head(self) -> Head:
        start = self.mapping()
        if start.get("deadair") != "backup":
            raise BackupError(f"{self._path} is no backup of Deadair", hint="is it the right file?")
        known = {revision.revision for revision in script().walk_revisions()}
        if start.get("form") != FORM or start.get("schema") not in known:
            raise BackupError(
                f"{self._path} was written by a later version of Deadair (schema {start.get('schema')})",
                hint="restore it with that version or a newer one",
            )
        return Head(
            schema=str(start["schema"]),
            made_at=datetime.fromisoformat(str(start["made_at"])),
            engine=str(start["engine"]),
        )

    def mapping(self) -> dict[str, Any]:
        found = self._parsed(self._file.readline())
        if not isinstance(found, dict):
            raise self._damaged()
        return found

    def rows(
        self, kinds: Sequence[str], *digests: "hashlib._Hash"
    ) -> tuple[list[list[Any]], dict[str, Any] | None]:
        """The next rows, and the line that ends their table if it came."""
        out: list[list[Any]] = []
        while len(out) < _PAGE:
            text = self._file.readline()
            found = self._parsed(text)
            if isinstance(found, dict):
                return out, found
            for digest in digests:
                digest.update(text)
            try:
                out.append(read(found, kinds))
            except (ValueError, TypeError, OverflowError):
                raise self._damaged() from None
        return out, None

    def end(self) -> None:
        """Nothing may follow. Looking for it also has the sums of gzip and age checked."""
        if self._file.read(1):
            raise self._damaged()

    def _parsed(self, text: bytes) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise self._damaged() from None

    def _damaged(self) -> BackupError:
        return BackupError(f"{self._path} is damaged or was cut short", hint=_DAMAGED)
