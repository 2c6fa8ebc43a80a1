"""`deadair backup`: the whole archive in one file, while everything goes on."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from deadair.commands.key import make_key
from deadair.config import Setup, load
from deadair.progress import counting
from domain.clock import WallClock
from domain.errors import DeadairError
from domain.place import place

if TYPE_CHECKING:
    from storage.backup.write import Written


def backup(config: Path | None, to: Path | None, recipient: str | None, new_key: Path | None) -> None:
    if new_key is not None:
        recipient = make_key(new_key, WallClock().now())
        print(f"The secret key is in {new_key}. Keep it elsewhere: without it no backup can be restored.")
        print(f'Set in [backup]: recipient = "{recipient}"')
        return
    if recipient is not None and not recipient.strip():  # as of a variable of a script that is not set
        raise DeadairError(
            "--recipient is empty: the backup would not be encrypted",
            hint="give the age1... that `deadair backup --new-key FILE` printed; without --recipient that of "
            "[backup] counts",
        )
    from storage.schema import head

    setup = load(config)
    done = asyncio.run(_backup(setup, to, setup.config.backup.recipient if recipient is None else recipient))
    print(f"{done.path}: {done.rows:,} rows, {done.size / 1e6:,.1f} MB, SHA-256 {done.sha256}")
    if done.schema != head():
        print(f"It is of schema {done.schema}, as the archive: `deadair restore` brings it up to {head()}.")


async def _backup(setup: Setup, to: Path | None, recipient: str) -> "Written":
    from storage.backup.shelf import named
    from storage.backup.write import write_backup
    from storage.store import open_store

    now = WallClock().now()
    folder = place(setup.folder, setup.config.backup.folder)
    path = to if to is not None else named(folder, now, encrypted=bool(recipient))
    async with open_store(setup.storage, create=False, earlier=True) as store:
        with counting() as heard:
            return await write_backup(store, path, now, recipient=recipient, heard=heard)
