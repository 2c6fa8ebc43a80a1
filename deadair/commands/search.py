"""`deadair search`: posts that say it, newest first."""

import asyncio
import csv
import io
import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from archive.export.writers import safe
from archive.query import Order, Paging, Query
from archive.search import Hit, Page
from archive.search import search as searched
from deadair.archive_open import looking, tell_as_of, tell_unsearchable
from deadair.as_of import as_of
from deadair.asking import Options, query_of, zone_of
from deadair.config import load
from deadair.plural import plural
from deadair.script import harmless, lines_of, marked, must_shape
from domain.channel import Channel
from domain.clock import WallClock
from domain.post import Post


def search(
    config: Path | None,
    options: Options,
    *,
    zone: str | None,
    order: str,
    limit: int,
    after: str | None,
    fold: bool,
    bidi: str,
    as_json: bool,
    as_csv: bool,
) -> None:
    setup = load(config)
    where = zone_of(zone, setup.config.archive.zone)
    ours = WallClock().now()
    query_of(options, where, ours)  # what cannot be read is said before the archive is opened
    paging = Paging(order=Order(order), limit=limit, after=after, fold_copies=fold)

    async def run() -> tuple[Query, Page, Mapping[int, Channel], datetime]:
        async with looking(setup) as tx:
            now = await as_of(tx, ours)
            query = query_of(options, where, now)
            page = await searched(tx, query, paging)
            return query, page, {c.id: c for c in await tx.channels.all()}, now

    query, page, channels, now = asyncio.run(run())
    if as_json:
        print(json.dumps(_document(query, page, channels), ensure_ascii=False, indent=1))
    elif as_csv:
        sys.stdout.write(_csv(page, channels))
    else:
        _show(page, channels, where, shape=must_shape(bidi))
    tell_unsearchable(page.unsearchable)
    tell_as_of(now, ours)
    if page.removed:
        print(
            "what some posts of that time said was removed by [retention]: no search finds it "
            "(`deadair count` says how many)",
            file=sys.stderr,
        )


def _show(page: Page, channels: Mapping[int, Channel], zone: ZoneInfo, *, shape: bool) -> None:
    width = min(shutil.get_terminal_size().columns, 120)
    if not page.hits:
        print("nothing was found")
        return
    for hit in page.hits:
        post = hit.post
        print(f"{_name(channels, post.channel_id)}/{post.id}  {_at(post.posted_at, zone)}{_views(hit)}")
        for line in _notes(hit, channels, zone):
            print(f"  {line}")
        _, snippet = hit.snippet(length=2 * width)
        text = marked(snippet.text, snippet.marks)
        text = f"{'... ' if snippet.cut_before else ''}{text}{' ...' if snippet.cut_after else ''}"
        lines = lines_of(" ".join(text.split()), width - 4, shape=shape)
        print("\n".join(f"    {line}" for line in lines if line) or f"    ({_instead(post, zone)})")
        print()
    told = [plural(len(page.hits), "post")]
    if page.ranked is not None:
        told.append(f"the best of the newest {page.ranked:,} that were found")
    if page.folded:
        told.append(f"{page.folded} copies folded (each by itself: --copies)")
    if page.next is not None:
        told.append(f"more: --after {page.next}")
    print("; ".join(told))


def _instead(post: Post, zone: ZoneInfo) -> str:
    """What is said of a post without a text."""
    if post.removed_at is not None:
        return f"what it said was removed by [retention], {_at(post.removed_at, zone)}"
    return post.media.kind if post.media else "no text"


def _notes(hit: Hit, channels: Mapping[int, Channel], zone: ZoneInfo) -> Iterator[str]:
    found = hit.found
    if found.revisions:
        number = hit.shown()
        stands = "the one that stands" if number == found.current else "a former one"
        yield f"edited: {len(found.revisions) + 1} versions; shown is number {number}, {stands}"
    if (gone := found.gone) is not None:
        yield f"deleted between {_at(gone.last_seen_at, zone)} and {_at(gone.first_missed_at, zone)}"
    if (copies := hit.copies) is not None:
        first = copies.first.key
        least = "" if copies.complete else "at least "
        yield (
            f"seen in {least}{plural(copies.channels, 'channel')} ({plural(copies.posts, 'post')}), "
            f"first in {_name(channels, first.channel_id)}/{first.post_id} at {_at(copies.first_at, zone)}"
        )


def _views(hit: Hit) -> str:
    return f"  {hit.found.views:,} views" if hit.found.views is not None else ""


def _name(channels: Mapping[int, Channel], channel_id: int) -> str:
    return harmless(channels[channel_id].name) if channel_id in channels else str(channel_id)


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def url(channel: Channel | None, post_id: int) -> str | None:
    if channel is None or channel.id < 0:
        return f"https://t.me/{channel.handle}/{post_id}" if channel and channel.handle else None
    return f"https://t.me/{channel.handle or f'c/{channel.id}'}/{post_id}"


def hit_document(hit: Hit, channels: Mapping[int, Channel]) -> dict[str, Any]:
    post, found = hit.post, hit.found
    number, snippet = hit.snippet()
    channel = channels.get(post.channel_id)
    return {
        "channel_id": post.channel_id,
        "channel": channel.name if channel else None,
        "post_id": post.id,
        "url": url(channel, post.id),
        "posted_at": post.posted_at.isoformat(),
        "views": found.views,
        "media": post.media.kind if post.media else None,
        "removed_at": post.removed_at.isoformat() if post.removed_at else None,
        "versions": [
            {
                "number": n,
                "seen_at": each.seen_at.isoformat(),
                "edited_at": each.edited_at.isoformat() if each.edited_at else None,
                "stands": n == found.current,
                "text": each.text,
            }
            for n, each in enumerate(hit.versions)
        ],
        "saying": list(hit.saying()),
        "snippet": {"version": number, "text": snippet.text, "marks": [list(mark) for mark in snippet.marks]},
        "deletions": [
            {
                "last_seen_at": d.last_seen_at.isoformat(),
                "first_missed_at": d.first_missed_at.isoformat(),
                "returned_at": d.returned_at.isoformat() if d.returned_at else None,
            }
            for d in found.deletions
        ],
        "copies": None
        if hit.copies is None
        else {
            "posts": hit.copies.posts,
            "channels": hit.copies.channels,
            "complete": hit.copies.complete,
            "first": {
                "channel_id": hit.copies.first.key.channel_id,
                "post_id": hit.copies.first.key.post_id,
                "posted_at": hit.copies.first_at.isoformat(),
            },
        },
        "score": round(hit.score, 4) if hit.score is not None else None,
    }


def _document(query: Query, page: Page, channels: Mapping[int, Channel]) -> dict[str, Any]:
    return {
        "query": query.document(),
        "hits": [hit_document(hit, channels) for hit in page.hits],
        "next": page.next,
        "folded": page.folded,
        "ranked": page.ranked,
        "not_yet_searchable": page.unsearchable,
        "removed": page.removed,
    }


_HEAD = (
    "channel_id",
    "channel",
    "post_id",
    "url",
    "posted_at",
    "views",
    "versions",
    "deleted",
    "channels_saying_so",
    "text",
    "removed_at",
)


def _csv(page: Page, channels: Mapping[int, Channel]) -> str:
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow(_HEAD)
    for hit in page.hits:
        lines.writerow(_row(hit, channels))
    return out.getvalue()


def _row(hit: Hit, channels: Mapping[int, Channel]) -> Sequence[Any]:
    post, channel = hit.post, channels.get(hit.post.channel_id)
    return (
        post.channel_id,
        safe(channel.name if channel else ""),
        post.id,
        url(channel, post.id) or "",
        post.posted_at.isoformat(),
        "" if hit.found.views is None else hit.found.views,
        len(hit.versions),
        "true" if hit.found.gone else "false",
        hit.copies.channels if hit.copies else 1,
        safe(hit.versions[hit.shown()].text),
        post.removed_at.isoformat() if post.removed_at else "",
    )
