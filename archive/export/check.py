"""Is an export still as it was made?"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.errors import FilterError
from archive.export.manifest import NAME, File, Manifest
from archive.export.writers import Format
from domain.errors import DeadairError

_CHUNK = 1 << 20
_LARGEST = 64 << 20  #: of a manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A file, and what is wrong with it."""

    file: File
    trouble: str = ""  #: empty: nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    folder: Path
    manifest: Manifest
    files: Sequence[Checked]
    strangers: Sequence[str] = ()  #: files beside them that are no part of it

    @property
    def is_whole(self) -> bool:
        return not any(each.trouble for each in self.files)


def manifest_of(path: Path) -> Path:
    """The manifest that a path means: itself, the one in the folder, or the one beside the file."""
    if path.is_dir():
        path = path / NAME
    elif path.name != NAME and (path.parent / NAME).is_file():
        path = path.parent / NAME
    return path


def read_manifest(path: Path) -> Manifest:
    """Raises DeadairError when there is none, or none that can be read."""
    path = manifest_of(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise FilterError(
                f"{path} is too large for a manifest", hint="name the manifest.json of an export"
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DeadairError(
            f"cannot read {path}: {error}", hint="name an export's folder or its manifest.json"
        ) from error
    try:
        return Manifest.read(text)
    except FilterError as error:
        raise FilterError(f"{path}: {error.what}", hint=error.hint) from error


def verify(path: Path) -> Verified:
    """Read every file of an export again. Raises DeadairError as `read_manifest` does."""
    manifest = read_manifest(path)
    folder = manifest_of(path).parent
    files = [Checked(file=file, trouble=_trouble(folder, file, manifest.format)) for file in manifest.files]
    known = {NAME, *(file.name for file in manifest.files)}
    strangers = sorted(each.name for each in folder.iterdir() if each.name not in known)
    return Verified(folder=folder, manifest=manifest, files=files, strangers=strangers)


def _trouble(folder: Path, file: File, form: Format) -> str:
    path = folder / file.name
    digest, size = hashlib.sha256(), 0
    try:
        if path.is_symlink() or not path.is_file():
            return "it is not there" if not path.exists() else "it is no plain file"
        with path.open("rb") as source:
            while part := source.read(_CHUNK):
                digest.update(part)
                size += len(part)
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    if size != file.bytes:
        return f"it has {size:,} bytes, the manifest says {file.bytes:,}"
    if digest.hexdigest() != file.sha256:
        return f"its SHA-256 is {digest.hexdigest()}, the manifest says {file.sha256}"
    rows = _rows(path, form)
    if rows is not None and rows != file.rows:
        return f"it has {rows:,} rows, the manifest says {file.rows:,}"
    return ""


def _rows(path: Path, form: Format) -> int | None:
    """None: what reads the format is not installed."""
    if form is Format.PARQUET:
        from archive.export.parquet import rows_in
        from archive.export.writers import NotInstalled

        try:
            return rows_in(str(path))
        except NotInstalled:
            return None
    with path.open(encoding="utf-8", newline="") as source:
        if form is Format.NDJSON:
            return sum(1 for _ in source)
        return sum(1 for _ in _cells(source)) - 1


def _cells(source: Iterator[str]) -> Iterator[list[str]]:
    csv.field_size_limit(1 << 30)
    yield from csv.reader(source)
