"""The file of a backup: gzip, inside of age (https://age-encryption.org/v1) when it is for somebody's key.

It is written under another name and takes its own once it is whole and on the disk: what has the name of a
backup is one.
"""

import contextlib
import gzip
import os
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pyrage

from storage.backup.errors import BackupError

_LEVEL = 4  #: of gzip: beyond it, little is gained for much time
_AGE = b"age-encryption.org/"
_DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


def check_recipient(recipient: str) -> None:
    """Raises BackupError when nothing can be encrypted for it."""
    _recipient(recipient)


@contextlib.contextmanager
def writing(path: Path, recipient: str = "") -> Iterator[gzip.GzipFile]:
    """Write a backup there, for the holder of a key when a recipient is given.

    Raises BackupError when the recipient is none, something is there already, or it cannot be written.
    """
    to = _recipient(recipient) if recipient else None
    if path.exists():
        raise BackupError(f"{path} is there already", hint="name another file; none is written over")
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            os.chmod(part, 0o600)
            with contextlib.ExitStack() as stack:
                under = stack.enter_context(_encrypting(file, to)) if to is not None else file
                # No name and no time inside: the same archive at the same time gives the same bytes.
                yield stack.enter_context(
                    gzip.GzipFile(filename="", fileobj=under, mode="wb", compresslevel=_LEVEL, mtime=0)
                )
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        _settle(path.parent)
    except OSError as error:
        raise BackupError(
            f"cannot write {path}: {error.strerror or error}",
            hint="is there room, and may this user write there? What was there before is untouched",
        ) from error
    finally:
        with contextlib.suppress(OSError):  # where nothing may be written there is nothing to remove either
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def reading(path: Path, identity: str = "") -> Iterator[gzip.GzipFile]:
    """Read a backup. `identity`: the secret key (AGE-SECRET-KEY-...), needed when it is encrypted.

    Raises BackupError when it cannot be read, or not with this key.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupError(f"cannot read {path}: {error.strerror}", hint="is the name right?") from error
    with file:
        start = file.read(len(_AGE))
        file.seek(0)
        if start == _AGE and not identity:
            raise BackupError(
                f"{path} is encrypted", hint="name the file that holds the secret key: --key FILE"
            )
        if start != _AGE and start[:2] != b"\x1f\x8b":
            raise BackupError(
                f"{path} is no backup of Deadair", hint="they end in .deadair.gz or .deadair.gz.age"
            )
        try:
            with contextlib.ExitStack() as stack:
                if start == _AGE:
                    under: IO[bytes] = stack.enter_context(_decrypting(file, path, identity))
                else:
                    under = file
                yield stack.enter_context(gzip.GzipFile(fileobj=under, mode="rb"))
        except _DAMAGED as error:
            raise BackupError(
                f"{path} is damaged or was cut short: {error}", hint="take another backup, or copy it anew"
            ) from error


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise BackupError(
            f"{text!r} is nobody to encrypt for: {error}",
            hint="it begins with age1; make a key with: deadair backup --new-key FILE",
        ) from None


class _Beside(threading.Thread):
    """Work beside this thread, for age takes streams and gives none; what it died of is kept."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(name="backup")
        self._work = work
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # raised by whoever waits for it
            self.error = error


@contextlib.contextmanager
def _encrypting(file: IO[bytes], to: pyrage.x25519.Recipient) -> Iterator[IO[bytes]]:
    out, into = os.pipe()

    def work() -> None:
        with os.fdopen(out, "rb") as source:
            pyrage.encrypt_io(source, file, [to])

    beside = _Beside(work)
    beside.start()
    try:
        with os.fdopen(into, "wb") as sink:
            yield sink
    finally:
        beside.join()
        if beside.error is not None:
            raise beside.error  # a full disk, say: the broken pipe that came of it tells nothing


@contextlib.contextmanager
def _decrypting(file: IO[bytes], path: Path, identity: str) -> Iterator[IO[bytes]]:
    try:
        key = pyrage.x25519.Identity.from_str(identity)
    except pyrage.IdentityError as error:
        raise BackupError(
            f"that is no secret key: {error}", hint="its file has one line that begins with AGE-SECRET-KEY-1"
        ) from None
    out, into = os.pipe()
    has_left = threading.Event()

    def work() -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(into, "wb") as sink:
            try:
                pyrage.decrypt_io(file, sink, [key])
            except Exception:
                if not has_left.is_set():  # else it only met a reader who had had enough
                    raise

    beside = _Beside(work)
    beside.start()
    try:
        with os.fdopen(out, "rb") as source:
            try:
                yield source
            finally:
                has_left.set()
    finally:
        beside.join()
        if beside.error is not None:
            raise BackupError(
                f"{path} cannot be decrypted: {beside.error}",
                hint="it is for another key, or it was cut short or damaged on its way",
            ) from beside.error


def _settle(folder: Path) -> None:
    """The name is on the disk as well."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
