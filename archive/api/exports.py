"""Whole tables, streamed: NDJSON, CSV or Parquet, as of one instant; one by one, or all with a manifest."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final, Literal

import structlog
from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field, ValidationError
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from archive.api import cursor
from archive.api.access import Route, needs
from archive.api.filters import PostFilters
from archive.errors import FilterError
from archive.export.again import read_again
from archive.export.columns import TABLES
from archive.export.make import NOT_HELD, Order, source_of, stream
from archive.export.manifest import Manifest
from archive.export.pack import MEDIA_TYPE as PACKED
from archive.export.pack import packed
from archive.export.tables import Source, cited_by
from archive.export.writers import Format, said, writer
from archive.web.asked import clock_of, door_of
from archive.web.problem import Problem
from domain.credential import Scope as TokenScope
from storage.holding import holding
from storage.store import Store

log = structlog.get_logger(__name__)

router = APIRouter(route_class=Route, tags=["exports"], dependencies=[Depends(needs(TokenScope.EXPORT))])

Table = Literal["posts", "versions", "claims", "incidents", "activity", "watch_spans", "gaps"]

MEDIA_TYPES: Final = {
    Format.NDJSON: "application/x-ndjson",
    Format.CSV: "text/csv; charset=utf-8",
    Format.PARQUET: "application/vnd.apache.parquet",
}


class _Asked(PostFilters):
    format: Format = Format.NDJSON
    as_of: str | None = Field(
        None,
        max_length=300,
        description="`Deadair-As-Of` of an export before: what was stored since is left out, so that several "
        "tables are of the same instant, and the same export again has the same bytes.",
    )


@router.get("/exports/{table}", response_class=StreamingResponse)
async def export(request: Request, table: Table, asked: Annotated[_Asked, Query()]) -> Response:
    """A table of what is found, streamed. A stream that breaks off ends without its last chunk."""
    order = Order(query=asked.query(), tables=[table], format=asked.format, at=clock_of(request).now())
    if asked.as_of is not None:
        order = _as_of(order, asked.as_of)
    return await _streamed(
        request,
        order,
        lambda source: _bytes(source, table, order.format),
        media_type=MEDIA_TYPES[order.format],
        name=table,
        ending=order.format.value,
    )


class _Whole(_Asked):
    table: list[Table] = Field(
        default_factory=list, max_length=len(TABLES), description="Where none is named: all."
    )
    again: str | None = Field(
        None,
        max_length=7000,
        description="`again` of a manifest, by itself: the same export once more, as of the same instant, "
        "with the same bytes.",
    )


@router.get("/exports", response_class=StreamingResponse)
async def whole(request: Request, asked: Annotated[_Whole, Query()]) -> Response:
    """What is found as an export to cite: a ZIP archive, streamed, of the tables and, at its end, of
    `manifest.json` with the query, the time, the reader version, rows and SHA-256 of each file, coverage,
    citation and BibTeX. `deadair verify` proves it.
    """
    now = clock_of(request).now()
    if asked.again is not None:
        if asked.model_fields_set != {"again"}:
            raise Problem(
                400,
                "cursor-not-usable",
                "an export that is run again has its query in its manifest",
                hint="send `again` and nothing beside it",
            )
        order = _once_more(asked.again, now)
    else:
        tables: list[str] = [*dict.fromkeys(asked.table)] or [*TABLES]
        order = Order(query=asked.query(), tables=tables, format=asked.format, at=now)
        if asked.as_of is not None:
            order = _as_of(order, asked.as_of)
    store = door_of(request).store
    return await _streamed(
        request,
        order,
        lambda source: _held(store, source, order, now),
        media_type=PACKED,
        name="deadair-export",
        ending="zip",
    )


async def _held(store: Store, source: Source, order: Order, now: datetime) -> AsyncIterator[bytes]:
    """The pack, whose posts stay for being quoted in it."""
    async with holding(store, await cited_by(source, order.tables), now) as hold:
        if not hold.is_on_record:
            log.warning("web: " + NOT_HELD)

        def whole(manifest: Manifest) -> None:
            hold.identity = manifest.identity

        async for part in packed(source, order, whole):
            yield part


async def _streamed(
    request: Request,
    order: Order,
    made: Callable[[Source], AsyncIterator[bytes]],
    *,
    media_type: str,
    name: str,
    ending: str,
) -> Response:
    """Raises Problem where as many exports as may be are under way, and whatever searching does."""
    for table in order.tables:
        writer(order.format, TABLES[table])  # refused now, where its package is not there
    door = door_of(request)
    if not door.exports.begin():
        raise Problem(
            429,
            "exports-busy",
            "as many exports as may be made at once are under way",
            hint="come back in a while",
            headers={"Retry-After": "30"},
        )
    stack = AsyncExitStack()
    stack.callback(door.exports.end)
    try:
        tx = await stack.enter_async_context(door.store.patient().read())
        source = await source_of(tx, order)
    except BaseException:
        await stack.aclose()
        raise
    name = f"{name}-{source.at:%Y%m%dT%H%M%SZ}.{ending}"
    return _Stream(
        made(source),
        stack,
        door.config.export_longest.total_seconds(),
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
            "Deadair-As-Of": _token(source),
            "Deadair-Reader-Version": str(source.reader_version or "none"),
        },
    )


async def _bytes(source: Source, table: str, form: Format) -> AsyncIterator[bytes]:
    async for data, _ in stream(source, table, form):
        if data:
            yield data


class _Stream(StreamingResponse):
    """A stream that gives back what it holds, however it ends."""

    def __init__(
        self,
        content: AsyncIterator[bytes],
        stack: AsyncExitStack,
        longest: float,
        *,
        media_type: str,
        headers: dict[str, str],
    ) -> None:
        super().__init__(content, media_type=media_type, headers=headers)
        self._stack = stack
        self._longest = longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._longest):
                await super().__call__(scope, receive, send)
        except TimeoutError:
            log.warning("web: an export took too long and was broken off", path=scope["path"])
            raise
        finally:
            await asyncio.shield(asyncio.ensure_future(self._stack.aclose()))


def _token(source: Source) -> str:
    upto = source.upto
    return cursor.write(
        "as-of",
        said(source.at),
        upto["post"],
        upto["revision"],
        upto["claim"],
        source.reader_version if source.reader_version is not None else -1,
    )


def _once_more(given: str, now: datetime) -> Order:
    try:
        order, query = read_again(given)
        order = replace(order, query=PostFilters.read(query))
    except (FilterError, ValidationError) as error:
        why = error.what if isinstance(error, FilterError) else "its query cannot be asked here"
        raise _unusable(f"`again` cannot be read: {why}") from None
    if order.at > now:
        raise _unusable("`again` is of an instant that is still to come")
    return order


def _unusable(why: str) -> Problem:
    return Problem(
        400, "cursor-not-usable", why, hint="take it from the manifest.json of an export, as it is"
    )


def _as_of(order: Order, given: str) -> Order:
    at, post, revision, claim, version = cursor.read(given, "as-of", str, int, int, int, int)
    when: datetime = cursor.instant(at)
    if when > order.at or min(post, revision, claim) < 0:
        raise Problem(400, "cursor-not-usable", "as_of is none of ours", hint="take it from Deadair-As-Of")
    return Order(
        query=order.query,
        tables=order.tables,
        format=order.format,
        at=when,
        reader_version=version if version >= 0 else None,
        upto={"post": post, "revision": revision, "claim": claim},
    )
