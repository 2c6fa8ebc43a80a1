"""`deadair migrate`: bring the archive to this version's schema."""

import asyncio
from pathlib import Path

from deadair.config import load


def migrate(config: Path | None, to: str) -> None:
    from storage.migrate import migrate as move

    setup = load(config)
    before, after = asyncio.run(move(setup.storage, to, keep=True))
    if before == after:
        print(f"{_named(before)}: nothing to do")
    else:
        print(f"migrated from {_named(before)} to {_named(after)}")


def _named(version: str | None) -> str:
    return f"schema {version}" if version else "an empty database"
