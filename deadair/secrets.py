"""Secrets: from the environment, from `.env` beside the config, or from a file that a key names."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from domain.errors import DeadairError


class SecretError(DeadairError):
    """A secret is missing or cannot be read."""


def place(folder: Path, path: str) -> Path:
    """Where a path of the config leads: a relative one counts from the config's folder."""
    return folder / Path(path).expanduser()


def environment(folder: Path) -> Mapping[str, str]:
    """The environment over what `.env` beside the config says.

    Raises SecretError when `.env` is there and cannot be read.
    """
    path = folder / ".env"
    try:
        given = dotenv_values(path) if path.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"cannot read {path}: {error}", hint="make it readable, or remove it") from error
    return {**{name: value for name, value in given.items() if value is not None}, **os.environ}


def dotenv_names(folder: Path) -> frozenset[str]:
    """Which names only `.env` beside the config gives."""
    path = folder / ".env"
    return frozenset(dotenv_values(path)) - os.environ.keys() if path.is_file() else frozenset()


def secret(name: str, env: Mapping[str, str], *, file: str, key: str, folder: Path) -> str | None:
    """The secret `name`; a file named by the config wins, and one that cannot be read is an error.

    `key` is the config's key for the file, for the message. None: it is given nowhere.
    """
    if not file:
        return env.get(name) or None
    path = place(folder, file)
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SecretError(
            f"cannot read the secret that {key} names: {path}: {why}",
            hint=f"make the file readable for this user, or remove {key} and set {name} in the environment",
        ) from error
    if not value:
        raise SecretError(
            f"the file that {key} names is empty: {path}", hint=f"write the secret into it, or set {name}"
        )
    return value


def require(value: str | None, name: str, *, what: str, key: str) -> str:
    """The secret, or an error that says where to put it."""
    if value is None:
        raise SecretError(
            f"{what} is not given",
            hint=f"set {name} in the environment or in .env, or name a file with {key}",
        )
    return value
