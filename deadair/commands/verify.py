"""`deadair verify`: is the archive as it was stored?"""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deadair.config import Setup, load
from domain.clock import WallClock
from domain.errors import DeadairError
from storage.proof import Proof

if TYPE_CHECKING:
    from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A channel's proof, and what people call it."""

    name: str
    proof: Proof
    files: int = 0  #: kept files that were read
    bad_files: tuple[tuple[str, int], ...] = ()  #: gone or damaged: SHA-256, and a post that shows it


def verify(
    config: Path | None,
    channel: str | None,
    *,
    seal: bool,
    contains: str | None,
    files: bool,
    as_json: bool,
) -> None:
    """Exit status 1 when something is not as it was stored, or is not held fast."""
    from deadair.commands.verify_export import is_export, verify_export

    if channel is not None and is_export(channel):
        if seal or contains is not None or files:
            raise DeadairError(
                f"{channel} is an export: it has no chain and no files of posts",
                hint="--seal, --contains and --files are for the archive",
            )
        verify_export(Path(channel), as_json=as_json)
        return
    wanted = _digest(contains)
    checked = asyncio.run(_verify(load(config), channel, wanted, seal=seal, files=files))
    if as_json:
        print(json.dumps([_document(each) for each in checked], ensure_ascii=False, indent=1))
    else:
        _show(checked, wanted)
    is_lost = wanted is not None and all(each.proof.contains is None for each in checked)
    if is_lost or any(each.proof.broken or each.proof.unsealed or each.bad_files for each in checked):
        sys.exit(1)


def _digest(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise DeadairError(
            f"{text!r} is no hash of a chain", hint="it has 64 hexadecimal digits, as `deadair verify` prints"
        )
    return digest


async def _verify(
    setup: Setup, channel: str | None, contains: bytes | None, *, seal: bool, files: bool
) -> list[Checked]:
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from storage.proof import channels_of, prove
    from storage.sealing import seal as link_older
    from storage.store import open_store

    console = Console(stderr=True, highlight=False)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    out: list[Checked] = []
    async with open_store(setup.storage, create=False) as store:
        async with store.read() as tx:
            names = {each.id: each.name for each in await tx.channels.all()}
            heads = {head.channel_id: head.number for head in await tx.chain.heads()}
            if channel is None:
                wanted = None
            elif (found := await tx.channels.by_name(channel)) is not None:
                wanted = [found.id]
            else:
                known = ", ".join(sorted(names.values())) or "none yet"
                raise DeadairError(f"the archive has no channel {channel!r}", hint=f"it has: {known}")
        with bar:
            for number in wanted or await channels_of(store):
                name = names.get(number, str(number))
                task = bar.add_task(name, total=heads.get(number))
                if seal:
                    await link_older(
                        store,
                        number,
                        WallClock().now(),
                        heard=lambda n, task=task: bar.update(task, completed=n),  # type: ignore[misc]
                    )
                proof = await prove(
                    store,
                    number,
                    contains=contains,
                    heard=lambda n, task=task: bar.update(task, completed=n),  # type: ignore[misc]
                )
                bar.remove_task(task)
                n, bad = await _files(setup, store, number) if files else (0, ())
                out.append(Checked(name=name, proof=proof, files=n, bad_files=bad))
    return out


async def _files(setup: Setup, store: "Store", channel_id: int) -> tuple[int, tuple[tuple[str, int], ...]]:
    """How many files of a channel were read, and which are not as they were kept."""
    from collector.disk import Disk

    disk = Disk(setup.folder / setup.config.collector.files.folder)
    n, after, bad = 0, "", []
    while True:
        async with store.read() as tx:
            page = await tx.files.kept(channel_id, after, 500)
        for digest, _, post_id in page:
            if not await asyncio.to_thread(disk.holds, digest):
                bad.append((digest, post_id))
        n += len(page)
        if not page:
            return n, tuple(bad)
        after = page[-1][0]


def _show(checked: list[Checked], wanted: bytes | None) -> None:
    for each in checked:
        read = f"; {each.files:,} files read" if each.files else ""
        print(f"{each.name}: {_said(each.proof)}{read}")
        for digest, post_id in each.bad_files:
            print(f"{each.name}: BROKEN: the file {digest} of post {post_id} is gone or damaged")
    broken = sum(each.proof.broken is not None for each in checked)
    unsealed = sum(each.proof.unsealed for each in checked)
    if broken:
        print(f"{broken} of {len(checked)} channels are not as they were stored")
    if unsealed:
        print(f"{unsealed:,} records are older than the chain; hold them fast from now on with --seal")
    if wanted is not None and all(each.proof.contains is None for each in checked):
        print(f"no chain here has ever had the hash {wanted.hex()}")
    if not checked:
        print("there is nothing in the archive yet")


def _said(proof: Proof) -> str:
    if proof.broken is not None:
        where = f" (link {proof.broken.number:,})" if proof.broken.number is not None else ""
        return f"BROKEN: {proof.broken.why}{where}"
    parts = [f"{proof.links:,} links"]
    parts += [f"{n:,} {_PLURALS.get(kind, kind)}" for kind, n in proof.kinds.items()]
    if proof.removed:
        parts.append(f"{proof.removed:,} of them without their record, which was removed")
    if proof.unsealed:
        parts.append(f"{proof.unsealed:,} older than the chain")
    if proof.contains is not None:
        parts.append(f"goes on from the hash given, its link {proof.contains:,}")
    return f"{', '.join(parts)}; {proof.digest.hex()}"


_PLURALS = {
    "post": "posts",
    "revision": "revisions",
    "copy": "late raw copies",
    "deletion": "deletions",
    "return": "returns",
    "file": "files",
    "removal": "removals",
    "seal": "seals",
    "adoption": "adoptions",
}


def _document(each: Checked) -> dict[str, Any]:
    proof = each.proof
    return {
        "channel": each.name,
        "id": proof.channel_id,
        "links": proof.links,
        "kinds": dict(proof.kinds),
        "links_without_record": proof.removed,
        "hash": proof.digest.hex(),
        "older_than_the_chain": proof.unsealed,
        "goes_on_from": proof.contains,
        "files": each.files,
        "bad_files": [{"sha256": digest, "post": post_id} for digest, post_id in each.bad_files],
        "broken": None
        if proof.broken is None
        else {"why": proof.broken.why, "post": proof.broken.post_id, "link": proof.broken.number},
    }
