"""`deadair config export`: what was set while running, taken over into config.toml."""

import asyncio
import difflib
from pathlib import Path

from deadair.carrying import Carried, carry
from deadair.config import FILE, load
from deadair.masking import covered
from deadair.settings import put, read_text
from deadair.tuned import read_tuned
from domain.clock import WallClock


def export(config: Path | None, *, write: bool) -> None:
    setup, path = load(config), config or Path(FILE)
    before = read_text(path)

    async def look() -> Carried:
        from storage.store import open_store

        async with open_store(setup.storage, create=False) as store, store.read() as tx:
            return carry(before, await read_tuned(tx), str(path))

    carried = asyncio.run(look())
    for line in carried.changes:
        print(line)
    for line in carried.left:
        print(f"left out: {line}")
    if not carried.changes:
        print("nothing was set while running that the config does not say already")
        return
    if not write:
        print()
        old, new = before.splitlines(), carried.text.splitlines()
        for line in difflib.unified_diff(old, new, str(path), "with what was set", lineterm=""):
            print(covered(line))
        print("\nNothing was changed. To write it: deadair config export --write")
        return
    kept = put(path, carried.text, WallClock().now())
    print(f"written into {path}; the old file is {kept}")
