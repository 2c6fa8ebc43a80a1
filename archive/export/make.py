"""Making an export: streamed into files, or table by table to whoever reads the stream."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from archive.count import hidden
from archive.coverage import coverage, told_share
from archive.errors import FilterError
from archive.export.columns import TABLES as COLUMNS
from archive.export.manifest import NAME, File, Manifest
from archive.export.tables import TABLES, Source, cited_by
from archive.export.writers import Format, said, writer
from archive.indexer import unsearchable
from archive.query import Query
from archive.resolve import resolve
from domain.channel import Channel
from domain.errors import DeadairError
from domain.instant import FIRST
from domain.use import Use
from storage.holding import holding
from storage.room import spare
from storage.store import Store, Transaction

#: What is said of an export that is not on record.
NOT_HELD = (
    "the archive could not be written: it does not know of this export, "
    "and [retention] may remove what it quotes"
)
#: Told which table is being written, and how many rows it has so far.
Heard = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be exported, and as of when."""

    query: Query
    tables: Sequence[str] = tuple(COLUMNS)
    format: Format = Format.NDJSON
    at: datetime
    reader_version: int | None = None  #: None: the one that counts
    upto: Mapping[str, int] | None = None  #: None: all that is stored

    @classmethod
    def again(cls, manifest: Manifest) -> "Order":
        """The same once more: as of the same instant, up to the same post."""
        return cls(
            query=manifest.query,
            tables=[file.table for file in manifest.files],
            format=manifest.format,
            at=manifest.made_at,
            reader_version=manifest.reader_version,
            upto=manifest.upto,
        )


async def source_of(tx: Transaction, order: Order) -> Source:
    """Raises QueryError and FilterError as search does."""
    for table in order.tables:
        if table not in TABLES:
            raise FilterError(f"there is no table {table!r}", hint=f"there are {', '.join(TABLES)}")
    asked = await resolve(tx, order.query, reader_version=order.reader_version)
    upto = order.upto or await _upto(tx)
    asked = replace(
        asked,
        narrowing=replace(asked.narrowing, stored_upto=upto["post"]),
        hidden=None if asked.hidden is None else replace(asked.hidden, stored_upto=upto["post"]),
    )
    live = order.reader_version or await tx.readings.live_version()
    channels = asked.channels if asked.channels is not None else await tx.channels.all()
    channels = sorted(channels, key=lambda c: c.id)
    return Source(
        tx=tx,
        asked=asked,
        channels=channels,
        handles={c.id: await _name_then(tx, c, order.at) for c in channels},
        reader_version=live,
        upto=upto,
        since=max(order.query.since, FIRST) if order.query.since is not None else None,
        until=min(order.query.until or order.at, order.at),
        at=order.at,
        asks_of_edits=order.query.asks_of_edits,
    )


async def _upto(tx: Transaction) -> Mapping[str, int]:
    """All that is stored and can be searched: what is not indexed yet is found later, and would be more."""
    last, place = await tx.export.last(), await tx.index.progress()
    return {**last, "post": min(last["post"], place.post)}


async def _name_then(tx: Transaction, channel: Channel, at: datetime) -> str:
    """The handle as it was at that instant, else the number: titles change and nobody keeps when."""
    for handle in await tx.channels.handles(channel.id):
        if handle.from_at <= at and (handle.to_at is None or handle.to_at > at):
            return handle.name
    return str(channel.id)


async def stream(
    source: Source, table: str, form: Format, heard: Heard | None = None
) -> AsyncIterator[tuple[bytes, int]]:
    """The bytes of a table as they come, each with how many rows they end."""
    out = writer(form, COLUMNS[table])
    total = 0
    async for rows in TABLES[table](source):
        total += len(rows)
        if heard is not None:
            heard(table, total)
        yield out.write(rows), len(rows)
    yield out.end(), 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An export that is whole."""

    manifest: Manifest
    is_held: bool  #: what it quotes stays; False: the archive could not be written to say so


async def held_export(
    store: Store, order: Order, folder: Path, *, now: datetime, heard: Heard | None = None
) -> Made:
    """`export`, and what it quotes is kept from being removed by [retention]."""
    async with store.read() as tx:
        keys = await cited_by(await source_of(tx, order), order.tables)
        async with holding(store, keys, now) as hold:
            manifest = await export(tx, order, folder, heard, room=lambda: spare(store, Use.EXPORTS, folder))
            hold.identity = manifest.identity
    return Made(manifest=manifest, is_held=hold.is_on_record)


async def export(
    tx: Transaction,
    order: Order,
    folder: Path,
    heard: Heard | None = None,
    *,
    room: Callable[[], None] = lambda: None,
) -> Manifest:
    """Write the files and the manifest into a new folder, which is there only once it is whole. `room`: what
    raises DiskFull when too little is left to go on.

    Raises DeadairError when there is something there already or it cannot be written.
    """
    await asyncio.to_thread(_refuse, folder)
    source = await source_of(tx, order)
    partial = folder.with_name(f".{folder.name}.partial")
    try:
        await asyncio.to_thread(_fresh, partial)
        files = [await _file(source, table, order.format, partial, heard, room) for table in order.tables]
        manifest = await described(source, order, files)
        await asyncio.to_thread(_finish, partial, folder, manifest.text())
    except OSError as error:
        raise DeadairError(
            f"cannot write the export to {folder}: {error.strerror or error}",
            hint="choose another place with --output",
        ) from error
    finally:
        await asyncio.to_thread(shutil.rmtree, partial, True)
    return manifest


async def described(source: Source, order: Order, files: Sequence[File]) -> Manifest:
    """The manifest of these files."""
    tx = source.tx
    return Manifest(
        made_at=order.at,
        deadair=version("deadair"),
        format=order.format,
        query=order.query,
        reader_version=source.reader_version,
        upto=source.upto,
        files=files,
        coverage=[await _covered(tx, source, channel) for channel in source.channels],
        chains={
            str(head.channel_id): head.digest.hex()
            for head in await tx.chain.heads([c.id for c in source.channels])
        },
        unsearchable=await unsearchable(tx),
        removed=await hidden(tx, source.asked),
    )


async def _file(
    source: Source, table: str, form: Format, folder: Path, heard: Heard | None, room: Callable[[], None]
) -> File:
    name = f"{table}.{form.value}"
    digest, size, rows = hashlib.sha256(), 0, 0
    with (folder / name).open("wb") as out:
        async for data, n in stream(source, table, form, heard):
            room()
            out.write(data)
            digest.update(data)
            size += len(data)
            rows += n
    return File(name=name, table=table, rows=rows, bytes=size, sha256=digest.hexdigest())


async def _covered(tx: Transaction, source: Source, channel: Channel) -> dict[str, Any]:
    found = await coverage(tx, channel, source.since, source.until)
    return {
        "channel_id": channel.id,
        "channel": source.name(channel.id),
        "from": said(found.start),
        "to": said(found.end),
        "watched": told_share(found.share, 6),
        "edits_watched": told_share(found.edits_share, 6),
        "gap_hours": dict(found.gap_hours),
        "first_id": found.first_id,
        "last_id": found.last_id,
        "ids_expected": found.expected,
        "ids_held": found.held,
        "ids_deleted": found.census.deleted,
    }


def _refuse(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DeadairError(
            f"there is something at {folder} already", hint="name a folder that is empty or not there yet"
        )
    if not folder.resolve().parent.is_dir():
        raise DeadairError(
            f"there is no folder {folder.resolve().parent}",
            hint=f"make it: mkdir -p {folder.resolve().parent}",
        )


def _fresh(partial: Path) -> None:
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()


def _finish(partial: Path, folder: Path, manifest: str) -> None:
    (partial / NAME).write_text(manifest, encoding="utf-8")
    if folder.exists():
        folder.rmdir()
    os.replace(partial, folder)
