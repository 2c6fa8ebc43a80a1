"""`deadair retention`: what has outlived its time; and with --now, its end."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

from deadair.config import Setup, load
from deadair.retention.posts import Stays
from deadair.retention.room import rounded
from deadair.retention.work import COUNTERS, FILES, POSTS, Outcome, Share
from domain.clock import WallClock
from domain.instant import write_span


def retention(config: Path | None, *, remove: bool, as_json: bool) -> None:
    setup = load(config)
    outcome = asyncio.run(_run(setup, remove=remove))
    if as_json:
        print(json.dumps(_document(outcome, removed=remove)))
        return
    for share in outcome.shares:
        said = f"{share.n:,} {share.kind}" + (f", {rounded(share.size)}" if share.kind in _SIZED else "")
        print(f"{share.channel.name}: {said} older than {write_span(share.keeps)}{'; '.join(_stay(share))}")
    if outcome.exports:
        print(f"{outcome.exports:,} records of exports that hold nothing any more")
    if not outcome.exports and not any(share.n for share in outcome.shares):
        print("nothing has outlived its time")
    elif not remove:
        print("Nothing was removed. `deadair run` does it once a day; at once: deadair retention --now")
    if remove:
        print(f"{rounded(outcome.freed)} were freed; the bytes of what expired just now go with the next run")


def _stay(share: Share) -> Iterator[str]:
    """What is as old and stays, and why."""
    if not share.cited and not share.others:
        return
    yield ""
    if share.cited:
        yield f"{share.cited:,} as old stay, for {_CITED[share.kind]} is about them"
    for why, n in share.others.items():
        yield f"{n:,} wait: {_WAITING[why]}"


#: Of these it is known how much room they take.
_SIZED = (POSTS, FILES)
_CITED = {
    POSTS: "an alert, an opinion, a claim or an export",
    FILES: "an alert or an opinion",
    COUNTERS: "an alert or an opinion",
}
_WAITING = {
    Stays.WAITING: "they are not read or not searchable yet (`deadair run` does both)",
    Stays.UNSEALED: "they are older than the chain (`deadair verify --seal`)",
    Stays.BROKEN: "they are not what was stored, and are evidence of that (`deadair verify`)",
}


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
        "exports": outcome.exports,
        "channels": [
            {
                "channel": share.channel.name,
                "kind": share.kind,
                "older_than": write_span(share.keeps),
                "due": share.n,
                "bytes": share.size if share.kind in _SIZED else None,
                "cited": share.cited,
                "not_yet": {why.value: n for why, n in share.others.items()},
            }
            for share in outcome.shares
        ],
    }
