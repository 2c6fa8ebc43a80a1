"""`deadair retention`: what has outlived its time; and with --now, its end."""

import asyncio
import json
from pathlib import Path

from deadair.config import Setup, load
from deadair.retention.room import rounded
from deadair.retention.work import FILES, Outcome
from domain.clock import WallClock
from domain.instant import write_span


def retention(config: Path | None, *, remove: bool, as_json: bool) -> None:
    setup = load(config)
    outcome = asyncio.run(_run(setup, remove=remove))
    if as_json:
        print(json.dumps(_document(outcome, removed=remove)))
        return
    for share in outcome.shares:
        said = f"{share.n:,} {share.kind}" + (f", {rounded(share.size)}" if share.kind == FILES else "")
        stay = (
            f"; {share.cited:,} as old stay, for an alert or an opinion is about them" if share.cited else ""
        )
        print(f"{share.channel.name}: {said} older than {write_span(share.keeps)}{stay}")
    if not any(share.n for share in outcome.shares):
        print("nothing has outlived its time")
    elif not remove:
        print("Nothing was removed. `deadair run` does it once a day; at once: deadair retention --now")
    if remove:
        print(f"{rounded(outcome.freed)} were freed; the bytes of what expired just now go with the next run")


async def _run(setup: Setup, *, remove: bool) -> Outcome:
    from collector.disk import Disk
    from deadair.retention.work import retain
    from storage.store import open_store

    disk = Disk(setup.folder / setup.config.collector.files.folder)
    async with open_store(setup.storage, create=False) as store:
        return await retain(store, setup.config, disk, WallClock().now(), dry_run=not remove)


def _document(outcome: Outcome, *, removed: bool) -> dict[str, object]:
    return {
        "removed": removed,
        "freed": outcome.freed,
        "channels": [
            {
                "channel": share.channel.name,
                "kind": share.kind,
                "older_than": write_span(share.keeps),
                "due": share.n,
                "bytes": share.size if share.kind == FILES else None,
                "cited": share.cited,
            }
            for share in outcome.shares
        ],
    }
