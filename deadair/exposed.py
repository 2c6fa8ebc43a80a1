"""Files that hold secrets, and whether other users of the machine can read them."""

import stat
from collections.abc import Iterator
from pathlib import Path

from deadair.config import FILE, Setup, parse
from deadair.settings import read_text
from domain.check import Check
from domain.mask import secrets_of_address
from domain.place import place
from storage.keyring import is_sealed


def examine_secrets(setup: Setup, config: Path | None) -> Iterator[Check]:
    """One check for each that can be read; none where all is well. `config`: the file as it was named."""
    for path in sorted(_files(setup, config or Path(FILE))):
        if _is_read_by_others(path) and not is_sealed(path.read_bytes()[:64]):
            what = f"{path} holds a secret, and every user of this machine can read it"
            yield Check.wrong("secrets", what, f"chmod 600 {path}")


def examine_archive_file(path: Path) -> Check | None:
    """Of an archive in SQLite, for what it holds. None: nobody else can read it."""
    beside = (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm")))
    read = " ".join(str(each) for each in beside if _is_read_by_others(each))
    if not read:
        return None
    what = f"every user of this machine can read the archive: who is told, and what is watched ({read})"
    return Check.wrong("archive", what, f"chmod 600 {read}")


def _files(setup: Setup, path: Path) -> Iterator[Path]:
    config = setup.config
    yield setup.folder / ".env"
    if path.is_file() and _holds_a_secret(path):
        yield path
    named = (
        config.secrets.key_file,
        config.collector.api_id_file,
        config.collector.api_hash_file,
        config.bot.token_file,
        config.storage.url_file,
        config.health.heartbeat_file,
        *(account.proxy_file for account in config.accounts),
    )
    yield from {place(setup.folder, each) for each in named if each}


def _holds_a_secret(path: Path) -> bool:
    """The config as it is written: what stands there can be read, also where something else counts."""
    config = parse(read_text(path), str(path))
    if config.health.heartbeat_url or any(account.proxy for account in config.accounts):
        return True
    return any(map(secrets_of_address, (config.storage.url, *config.alerts.outages)))


def _is_read_by_others(path: Path) -> bool:
    """The file by its own rights, in folders that let everybody through."""
    try:
        real = path.resolve(strict=True)
        return bool(real.stat().st_mode & stat.S_IROTH) and all(
            folder.stat().st_mode & stat.S_IXOTH for folder in real.parents
        )
    except OSError:
        return False
