"""Secrets: from files that the config names, credentials of systemd, the environment, or `.env` beside it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from pydantic import BaseModel, Field

from domain.errors import DeadairError, why
from domain.place import place
from storage.keyring import NAME, NO_KEY, Keyring, is_sealed

#: Where systemd says in which folder the credentials of a service are.
_CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"


class SecretsConfig(BaseModel, extra="forbid", frozen=True):
    """`[secrets]`: how secrets are kept."""

    key_file: str = Field(
        default="",
        description="A file that holds the key by which sessions are kept encrypted, and encrypted secret "
        "files opened, as `deadair key make FILE` writes it; several, one a line, the newest first. Else: "
        "DEADAIR_KEY, of systemd or the environment. Without a key they are kept as they are.",
    )


class SecretError(DeadairError):
    """A secret is missing or cannot be read."""


def may_be_secret(model: type[BaseModel], key: str) -> bool:
    """Is it a key whose value is not shown? Its model says so: `repr=False`."""
    field = model.model_fields.get(key)
    return field is not None and not field.repr


def environment(folder: Path) -> Mapping[str, str]:
    """The environment over what `.env` beside the config says.

    Raises SecretError when `.env` is there and cannot be read.
    """
    path = folder / ".env"
    try:
        given = dotenv_values(path) if path.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(
            f"cannot read {path}: {why(error)}", hint="make it readable, or remove it"
        ) from error
    return {**{name: value for name, value in given.items() if value is not None}, **os.environ}


def dotenv_names(folder: Path) -> frozenset[str]:
    """Which names only `.env` beside the config gives."""
    path = folder / ".env"
    return frozenset(dotenv_values(path)) - os.environ.keys() if path.is_file() else frozenset()


def keyring(config: SecretsConfig, env: Mapping[str, str], folder: Path) -> Keyring:
    """The keys that are given; none is a ring without keys. Raises SecretError, BadKey."""
    key = "secrets.key_file"
    text = secret(NAME, env, file=config.key_file, key=key, folder=folder)
    return NO_KEY if text is None else Keyring.parse(text, key if config.key_file else NAME)


def secret(
    name: str,
    env: Mapping[str, str],
    *,
    file: str,
    key: str,
    folder: Path,
    keys: Keyring = NO_KEY,
) -> str | None:
    """The secret `name`; a file named by the config wins, then a credential of systemd with that name, then
    the environment. A file or a credential that cannot be read is an error.

    `key` is the config's key for the file, for the message; a file that is encrypted is opened by one of the
    `keys`. None: it is given nowhere.
    """
    if file:
        hint = f"make the file readable for this user, or remove {key} and set {name} in the environment"
        return _read(
            place(folder, file), f"that {key} names", f"write the secret into it, or set {name}", hint, keys
        )
    if (path := credential(name, env)) is not None:
        hint = f"see LoadCredential={name} in the unit"
        return _read(path, f"of the credential {name}", hint, hint, keys)
    return env.get(name) or None


def credential(name: str, env: Mapping[str, str]) -> Path | None:
    """The file of a credential that systemd gives this service under that name; None: it gives none."""
    path = Path(env[_CREDENTIALS]) / name if env.get(_CREDENTIALS) else None
    return path if path is not None and path.exists() else None


def _read(path: Path, which: str, if_empty: str, hint: str, keys: Keyring) -> str:
    try:
        content = path.read_bytes()
        if is_sealed(content):
            content = keys.open(content, f"the file {which}, {path},")
        value = content.decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        # Of what cannot be decoded nothing is told: its bytes may be the secret.
        why = "no text in UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)
        raise SecretError(f"cannot read the secret {which}: {path}: {why}", hint=hint) from None
    if not value:
        raise SecretError(f"the file {which} is empty: {path}", hint=if_empty)
    return value


def require(value: str | None, name: str, *, what: str, key: str) -> str:
    """The secret, or an error that says where to put it."""
    if value is None:
        raise SecretError(
            f"{what} is not given",
            hint=f"set {name} in the environment or in .env, or name a file with {key}",
        )
    return value
