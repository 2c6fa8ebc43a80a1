"""`deadair key`: makes a key, and encrypts a file that holds a secret."""

import os
from datetime import datetime
from pathlib import Path

from deadair.config import load
from domain.clock import WallClock
from domain.errors import DeadairError
from storage.keyring import is_sealed, new_key


def make(path: Path) -> None:
    """Prints where it is and how it is given; its secret stands in the file alone."""
    recipient = make_key(path, WallClock().now())
    print(f"The key is in {path}. Keep a copy elsewhere: what is encrypted for it opens with nothing else.")
    print(f'Give it to Deadair: [secrets] key_file = "{path}", or its last line as DEADAIR_KEY.')
    print(f"Others encrypt for it with: age -r {recipient}")


def make_key(path: Path, now: datetime) -> str:
    """Write a secret key where only this user reads it, as age-keygen does: whoever finds it in years sees
    since when it is, and which backups and files it opens. Returns whom is encrypted for with it.
    """
    secret, recipient = new_key()
    text = f"# created: {now:%Y-%m-%dT%H:%M:%SZ}\n# public key: {recipient}\n{secret}\n"
    _write(path, text.encode(), hint="a key is never written over")
    return recipient


def seal(config: Path | None, path: Path) -> None:
    """FILE encrypted beside itself; it stays."""
    keys = load(config).keyring
    if not keys:
        raise DeadairError(
            "there is no key to encrypt with",
            hint="make one: deadair key make FILE; then name it: [secrets] key_file, or DEADAIR_KEY",
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DeadairError(f"cannot read {path}: {error.strerror}", hint="is the name right?") from error
    if is_sealed(content):
        raise DeadairError(f"{path} is encrypted already", hint="name the file with the secret as it is")
    sealed = path.with_name(path.name + ".age")
    _write(sealed, keys.seal(content), hint="remove it first, if it is not needed")
    print(f"{sealed} holds the same, encrypted. Name it in the config instead of {path.name}, see that")
    print(f"`deadair doctor` is content, and remove {path}.")


def _write(path: Path, content: bytes, *, hint: str) -> None:
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise DeadairError(f"{path} is there already", hint=hint) from None
    except OSError as error:
        raise DeadairError(f"cannot write {path}: {error.strerror}", hint="name another file") from error
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)  # half a key opens nothing, and would stand in the way of a whole one
        raise DeadairError(f"cannot write {path}: {error.strerror}", hint="is there room?") from error
