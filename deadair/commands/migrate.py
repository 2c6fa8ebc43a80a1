"""`deadair migrate`: bring the archive to this version's schema."""

import asyncio
from pathlib import Path

from deadair.config import ARCHIVE, FILE, NO_FILE, ConfigError, Setup, load
from deadair.secrets import environment


def migrate(config: Path | None, to: str) -> None:
    from storage.migrate import migrate as move

    setup = load(config)
    _refuse_making(setup)
    before, after = asyncio.run(move(setup.storage, to, keep=True))
    if before == after:
        print(f"{_named(before)}: nothing to do")
    else:
        print(f"migrated from {_named(before)} to {_named(after)}")


def _refuse_making(setup: Setup) -> None:
    """Where nothing names an archive and there is none, it is the wrong folder rather than a new archive."""
    here = Path(ARCHIVE.removeprefix("sqlite:///"))
    is_named = setup.version != NO_FILE or "DEADAIR_STORAGE_URL" in environment(setup.folder)
    if not is_named and not here.exists():
        raise ConfigError(
            f"there is neither a {FILE} nor a {here} in {Path.cwd()}",
            hint="go to the folder with the config, or name it with --config",
        )


def _named(version: str | None) -> str:
    return f"schema {version}" if version else "an empty database"
