"""Is an export still as it was made?"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from zipfile import ZIP_STORED, BadZipFile, ZipFile, is_zipfile

from archive.errors import FilterError
from archive.export.manifest import NAME, File, Manifest
from archive.export.writers import Format
from domain.errors import DeadairError, why

_CHUNK = 1 << 20
_LARGEST = 64 << 20  #: of a manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A file, and what is wrong with it."""

    file: File
    trouble: str = ""  #: empty: nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    folder: Path  #: or the ZIP archive
    manifest: Manifest
    files: Sequence[Checked]
    strangers: Sequence[str] = ()  #: files beside them that are no part of it
    contradicted: Sequence[
        str
    ] = ()  #: lines of the manifest, its citation say, that its own facts do not give

    @property
    def is_whole(self) -> bool:
        return not self.contradicted and not any(each.trouble for each in self.files)


def manifest_of(path: Path) -> Path:
    """The manifest that a path means: itself, the one in the folder, or the one beside the file."""
    if path.is_dir():
        path = path / NAME
    elif _is_pack(path):
        return path
    elif path.name != NAME and (path.parent / NAME).is_file():
        path = path.parent / NAME
    return path


def read_manifest(path: Path) -> Manifest:
    """Raises DeadairError when there is none, or none that can be read."""
    return _read(path)[0]


def _read(path: Path) -> tuple[Manifest, str]:
    """The same, and the text that it was read from."""
    path = manifest_of(path)
    try:
        with _opened(path) as source:
            data = source.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise FilterError(
                f"{path} is too large for a manifest", hint="name the manifest.json of an export"
            )
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError, KeyError, RuntimeError, BadZipFile) as error:
        raise DeadairError(
            f"cannot read {path}: {why(error)}",
            hint="name an export's folder, its manifest.json, or the ZIP archive as it was fetched",
        ) from error
    try:
        return Manifest.read(text), text
    except FilterError as error:
        raise FilterError(f"{path}: {error.what}", hint=error.hint) from error


def verify(path: Path) -> Verified:
    """Read every file of an export again. Raises DeadairError as `read_manifest` does."""
    manifest, text = _read(path)
    contradicted = manifest.contradicted(text)
    if _is_pack(path):
        return replace(_verify_pack(path, manifest), contradicted=contradicted)
    folder = manifest_of(path).parent
    files = [Checked(file=file, trouble=_trouble(folder, file, manifest.format)) for file in manifest.files]
    known = {NAME, *(file.name for file in manifest.files)}
    strangers = sorted(each.name for each in folder.iterdir() if each.name not in known)
    return Verified(
        folder=folder, manifest=manifest, files=files, strangers=strangers, contradicted=contradicted
    )


def _is_pack(path: Path) -> bool:
    return path.is_file() and is_zipfile(path)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The manifest, by itself or within the ZIP archive as which an export was fetched."""
    if _is_pack(path):
        with ZipFile(path) as pack, pack.open(NAME) as source:
            yield source
    else:
        with path.open("rb") as source:
            yield source


def _verify_pack(path: Path, manifest: Manifest) -> Verified:
    """The same within a ZIP archive; nothing of it is written anywhere."""
    try:
        with ZipFile(path) as pack:
            held = [entry.filename for entry in pack.infolist()]
            files = [
                Checked(file=f, trouble=_packed_trouble(pack, f, manifest.format)) for f in manifest.files
            ]
    except (OSError, BadZipFile) as error:
        raise DeadairError(f"cannot read {path}: {why(error)}", hint="fetch it again") from error
    known = {NAME, *(file.name for file in manifest.files)}
    twice = {name for name in known if held.count(name) > 1}
    strangers = sorted({name for name in held if name not in known} | twice)
    return Verified(folder=path, manifest=manifest, files=files, strangers=strangers)


def _packed_trouble(pack: ZipFile, file: File, form: Format) -> str:
    """What lies compressed in it was packed by somebody else, and may unfold without end."""
    if file.name not in pack.namelist():
        return "it is not there"
    if pack.getinfo(file.name).compress_type != ZIP_STORED:
        return "it was packed again: unpack it and verify the folder"
    return _content_trouble(lambda: pack.open(file.name), file, form)


def _trouble(folder: Path, file: File, form: Format) -> str:
    path = folder / file.name
    if path.is_symlink() or not path.is_file():
        return "it is not there" if not path.exists() else "it is no plain file"
    return _content_trouble(lambda: path.open("rb"), file, form)


def _content_trouble(opened: Callable[[], IO[bytes]], file: File, form: Format) -> str:
    digest, size = hashlib.sha256(), 0
    try:
        with opened() as source:
            while part := source.read(_CHUNK):
                digest.update(part)
                size += len(part)
    except (OSError, RuntimeError, BadZipFile) as error:
        return f"it cannot be read: {getattr(error, 'strerror', None) or error}"
    if size != file.bytes:
        return f"it has {size:,} bytes, the manifest says {file.bytes:,}"
    if digest.hexdigest() != file.sha256:
        return f"its SHA-256 is {digest.hexdigest()}, the manifest says {file.sha256}"
    with opened() as source:
        rows = _rows(source, form)
    if rows is not None and rows != file.rows:
        return f"it has {rows:,} rows, the manifest says {file.rows:,}"
    return ""


def _rows(source: IO[bytes], form: Format) -> int | None:
    """None: what reads the format is not installed."""
    if form is Format.PARQUET:
        from archive.export.parquet import rows_in
        from archive.export.writers import NotInstalled

        try:
            return rows_in(source)
        except NotInstalled:
            return None
    if form is Format.NDJSON:
        return sum(1 for _ in source)
    with io.TextIOWrapper(source, encoding="utf-8", newline="") as text:
        return sum(1 for _ in _cells(text)) - 1


def _cells(source: Iterator[str]) -> Iterator[list[str]]:
    csv.field_size_limit(1 << 30)
    yield from csv.reader(source)
