"""A session that is kept encrypted: the client's own, in memory, written as a whole whenever it is saved."""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

from telethon.sessions import SQLiteSession

from collector.errors import Locked, Unusable
from storage.keyring import Keyring, Unopened


def sealed_path(session: Path) -> Path:
    """Where the session is kept when it is encrypted; its plain one is then not there."""
    return session.with_name(session.name + ".age")


def kept_at(session: Path) -> Path:
    """The file in which the session is kept now, encrypted or plain."""
    sealed = sealed_path(session)
    return sealed if sealed.is_file() else session


class SealedSession(SQLiteSession):  # type: ignore[misc]  # Telethon has no types
    """What the client keeps in a file of SQLite it keeps here in one in memory, so that all of it is as ever:
    its tables, its versions. A file that is there is whole, whenever the process was killed.
    """

    _conn: Any

    def __init__(self, path: Path, keyring: Keyring, content: bytes = b"") -> None:
        """`content`: the database as it was, from `opened`; empty: a new one."""
        self._path, self._keyring = path, keyring
        self._content, self._changes = content, 0
        super().__init__()

    def _cursor(self) -> Any:
        if self._conn is None:
            self._conn = sqlite3.connect(":memory:", check_same_thread=False)
            if self._content:
                self._conn.deserialize(self._content)
        return self._conn.cursor()

    def save(self) -> None:
        """Raises OSError when it cannot be written; what was kept before is still there then."""
        if self._conn is None:
            return
        self._conn.commit()
        if self._conn.total_changes != self._changes:
            self._content = self._conn.serialize()
            put(self._path, self._keyring.seal(self._content))
            self._changes = self._conn.total_changes

    def close(self) -> None:
        if self._conn is not None:
            self.save()
            self._conn.close()
            self._conn, self._changes = None, 0

    def delete(self) -> bool:
        """As the client does when it logs itself out."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True


def opened(session: Path, keyring: Keyring, account: str) -> bytes:
    """The database of an encrypted session. Raises Locked when the key is missing or another one."""
    path = sealed_path(session)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unusable(
            f"the session file {path} of account {account!r} cannot be read: {error.strerror}",
            hint="check its owner",
        ) from error
    try:
        return keyring.open(raw, f"the session {path}")
    except Unopened as error:
        raise Locked(
            error.what,
            hint=f"{error.hint}; if the key is lost, remove {path} and log in anew: deadair login {account}",
        ) from error


def seal(session: Path, keyring: Keyring, account: str) -> bool:
    """Keep the session encrypted for the first key, where it is plain or for an older one; True: it was.

    The plain one is removed once the encrypted one has been read again from the disk. To be called by the
    only user of the session. Raises Locked, and Unusable when both are there and differ.
    """
    path = sealed_path(session)
    if not path.is_file():
        if not session.is_file() or session.stat().st_size == 0:
            return False
        put(path, keyring.seal(plain(session, account)))
        _drop_plain(session, keyring, account)
        return True
    content = opened(session, keyring, account)
    is_new = not keyring.is_newest_of(path.read_bytes())
    if is_new:
        put(path, keyring.seal(content))
    if session.is_file():
        _drop_plain(session, keyring, account)
        return True
    return is_new


def unseal(session: Path, keyring: Keyring, account: str) -> bool:
    """Keep the session plain, where it is encrypted; True: it was. Raises as `seal` does."""
    path = sealed_path(session)
    if not path.is_file():
        return False
    content = opened(session, keyring, account)
    if session.is_file() and session.stat().st_size and key_of(plain(session, account)) != key_of(content):
        raise _both(session, account)
    put(session, content)
    path.unlink()
    return True


def _drop_plain(session: Path, keyring: Keyring, account: str) -> None:
    """What is encrypted holds the same login: then the plain one goes, with what SQLite left beside it."""
    if session.stat().st_size and key_of(opened(session, keyring, account)) != key_of(
        plain(session, account)
    ):
        raise _both(session, account)
    for each in (session, session.with_name(session.name + "-journal")):
        each.unlink(missing_ok=True)
    _settle(session.parent)


def _both(session: Path, account: str) -> Unusable:
    return Unusable(
        f"there are two sessions of account {account!r}, with different logins: {session} and "
        f"{sealed_path(session).name}",
        hint="keep the one that is meant, and move the other away",
    )


def plain(session: Path, account: str) -> bytes:
    """The database of a session that is not encrypted. Raises Unusable when it is none."""
    try:
        # Not read-only: a process that was killed in the middle of a write leaves a journal behind, and who
        # may not write cannot undo what is half done, and so not read either.
        with contextlib.closing(sqlite3.connect(f"{session.absolute().as_uri()}?mode=rw", uri=True)) as file:
            file.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return file.serialize()
    except sqlite3.Error as error:
        raise Unusable(
            f"the session file {session} of account {account!r} cannot be used: {error}",
            hint=f"check its owner; if it is damaged, remove it and run: deadair login {account}",
        ) from error


def key_of(content: bytes) -> bytes:
    """The key by which Telegram knows the login; empty when nobody is logged in.

    Raises sqlite3.Error when it is no database.
    """
    row = row_of(content, "auth_key")
    return bytes(row[0]) if row and row[0] else b""


def row_of(content: bytes, columns: str) -> Any:
    """What the session says of itself; None: nothing yet. Raises sqlite3.Error when it is no database."""
    with contextlib.closing(sqlite3.connect(":memory:")) as file:
        file.deserialize(content)
        try:
            return file.execute(f"SELECT {columns} FROM sessions").fetchone()  # noqa: S608 - ours
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return None
            raise


def put(path: Path, content: bytes) -> None:
    """All of the new content or all of the old, whenever the machine stops; for nobody else to read."""
    part = path.with_name(path.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """The names are on the disk as well."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
