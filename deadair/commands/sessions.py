"""`deadair sessions`: how the sessions of the accounts are kept, and encrypting them or not."""

from collections.abc import Callable
from pathlib import Path

from collector.config import AccountConfig
from deadair.config import Setup, load
from domain.errors import DeadairError
from storage.keyring import Keyring


def show(config: Path | None) -> None:
    from collector.client import session_path
    from collector.sealed import kept_at

    setup = load(config)
    accounts = _accounts(setup)
    width = max(len(account.name) for account in accounts)
    for account in accounts:
        session = session_path(account, setup.folder)
        print(f"{account.name:{width}}  {kept_at(session)}: {_kept(session, setup.keyring)}")


def encrypt(config: Path | None) -> None:
    from collector.sealed import seal

    setup = load(config)
    if not setup.keyring:
        raise DeadairError(
            "there is no key to encrypt with",
            hint="make one: deadair key make FILE; then name it: [secrets] key_file, or DEADAIR_KEY",
        )
    _each(setup, seal, "encrypted", "nothing to encrypt")


def decrypt(config: Path | None) -> None:
    from collector.sealed import unseal

    setup = load(config)
    _each(setup, unseal, "no longer encrypted", "nothing to decrypt")
    if setup.keyring:
        print(
            "A key is given still: `deadair run` and `deadair login` encrypt them again. Take it away first."
        )


def _each(setup: Setup, deed: Callable[[Path, Keyring, str], bool], done: str, nothing: str) -> None:
    """Raises Held, before anything is changed of it, when a session is in use."""
    from collector.client import session_path
    from collector.lock import only_user_of

    for account in _accounts(setup):
        session = session_path(account, setup.folder)
        with only_user_of(session):
            print(f"{account.name}: {done if deed(session, setup.keyring, account.name) else nothing}")


def _accounts(setup: Setup) -> tuple[AccountConfig, ...]:
    if not setup.config.accounts:
        raise DeadairError("the config has no [[accounts]]", hint="only accounts have sessions")
    return setup.config.accounts


def _kept(session: Path, keyring: Keyring) -> str:
    from collector.sealed import sealed_path
    from storage.keyring import Unopened

    path = sealed_path(session)
    if not path.is_file():
        return "not encrypted" if session.is_file() else "nobody has logged in yet"
    sealed = path.read_bytes()
    try:
        keyring.open(sealed, "it")
    except Unopened as error:
        return error.what
    also = "; a plain one lies beside it" if session.is_file() else ""
    if not keyring.is_newest_of(sealed):
        return f"encrypted for an older key: deadair sessions encrypt{also}"
    return f"encrypted{also}"
