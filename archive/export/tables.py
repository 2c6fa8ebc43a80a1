"""The rows of each table of an export, a batch at a time, in an order that is always the same."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from archive.count import first_known
from archive.coverage import edits_share, told_share, watched_share
from archive.export.writers import Row
from archive.resolve import Asked
from archive.tokens import channel_sign
from domain.channel import Channel
from domain.post import PostKey
from domain.watch import Seen
from storage.match import Both, Sign
from storage.store import Transaction

_HOUR = timedelta(hours=1)
_BATCH = 2000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Rows = AsyncIterator[Sequence[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an export is made from. What was stored after `upto`, or befell after `at`, is left out."""

    tx: Transaction
    asked: Asked
    channels: Sequence[Channel]
    handles: Mapping[int, str]  #: what each went by then
    reader_version: int | None
    upto: Mapping[str, int]  #: numbers of the last post, revision and claim
    since: datetime | None
    until: datetime
    at: datetime
    asks_of_edits: bool

    def name(self, channel_id: int) -> str:
        return self.handles.get(channel_id, str(channel_id))

    async def docs(self) -> AsyncIterator[Sequence[int]]:
        async for page in self.tx.search.docs(self.asked.narrowing, _BATCH):
            yield page


#: What a post says is in these.
_SAYING = ("posts", "versions", "claims")


async def cited_by(source: Source, tables: Sequence[str]) -> list[PostKey]:
    """The posts that these tables quote."""
    out: list[PostKey] = []
    if any(table in _SAYING for table in tables):
        async for docs in source.docs():
            out += [held.key for held in (await source.tx.search.held(docs)).values()]
    return out


async def posts(source: Source) -> Rows:
    async for docs in source.docs():
        rows = await source.tx.export.posts(docs, source.reader_version)
        gone = await source.tx.export.deletions(docs, source.at)
        later = await source.tx.export.revisions(docs, source.upto["revision"])
        out: list[Row] = []
        for r in rows:
            channel_id, post_id = key = r["channel_id"], r["id"]
            media, forward, deletion = r["media"] or {}, r["forward"] or {}, gone.get(key)
            versions = later.get(key)
            out.append(
                (
                    channel_id,
                    source.name(channel_id),
                    post_id,
                    _url(source, channel_id, post_id),
                    r["posted_at"],
                    r["seen_at"],
                    r["how"],
                    _text(r["text"], r),
                    _standing(r, versions) if versions else 0,
                    r["edited_at"],
                    r["album_id"],
                    media.get("kind"),
                    media.get("name"),
                    forward.get("channel_id"),
                    forward.get("post_id"),
                    forward.get("name"),
                    r["reply_to"],
                    r["author"],
                    r["views"],
                    r["forwards"],
                    r["language"],
                    r["topics"],
                    r["claimants"],
                    deletion is not None,
                    deletion["last_seen_at"] if deletion else None,
                    deletion["first_missed_at"] if deletion else None,
                    r["removed_at"],
                )
            )
        yield out


def _text(text: str, post: Mapping[Any, Any]) -> str | None:
    """Null where it was removed: that is not a post without words."""
    return None if post["removed_at"] is not None else text


def _url(source: Source, channel_id: int, post_id: int) -> str | None:
    name = source.name(channel_id)
    if name != str(channel_id):
        return f"https://t.me/{name}/{post_id}"
    return f"https://t.me/c/{channel_id}/{post_id}" if channel_id > 0 else None


def _standing(post: Mapping[Any, Any], versions: Sequence[Mapping[Any, Any]]) -> int:
    """Which of the versions that were known then stood: by Telegram's date, as storage/versions.py has it."""
    current, edited_at = 0, post["edited_at"]
    for each in versions:
        at = each["edited_at"]
        newer = edited_at is None if at is None else edited_at is None or at > edited_at
        if newer:
            current, edited_at = each["number"], at
    return current


async def versions(source: Source) -> Rows:
    async for docs in source.docs():
        later = await source.tx.export.revisions(docs, source.upto["revision"])
        out: list[Row] = []
        for r in await source.tx.export.posts(docs, None):
            key = channel_id, post_id = r["channel_id"], r["id"]
            named = (channel_id, source.name(channel_id), post_id)
            revisions = later.get(key, [])
            stands = _standing(r, revisions)
            for number, v in enumerate((r, *revisions)):
                number = v["number"] if number else 0
                media = (v["media"] or {}).get("kind")
                out.append(
                    (
                        *named,
                        number,
                        v["seen_at"],
                        v["edited_at"],
                        number == stands,
                        _text(v["text"], r),
                        v["hash"],
                        media,
                        r["removed_at"],
                    )
                )
        yield out


_CLAIM = (
    *(
        "kind",
        "claimant",
        "mode",
        "target",
        "target_type",
        "location",
        "precision",
        "country",
        "action",
        "weapons",
    ),
    *("day", "date_precision", "date_source", "killed", "wounded", "losses", "n_operations", "assertion"),
    *("repeat", "again"),
)


async def claims(source: Source) -> Rows:
    if source.reader_version is None:
        return
    async for docs in source.docs():
        found = await source.tx.export.claims(docs, source.reader_version, source.upto["claim"])
        gone = await source.tx.export.deletions(docs, source.at) if found else {}
        out: list[Row] = []
        for c in found:
            deletion = gone.get((c["channel_id"], c["post_id"]))
            ended = c["superseded_at"]
            out.append(
                (
                    c["id"],
                    c["channel_id"],
                    source.name(c["channel_id"]),
                    c["post_id"],
                    c["number"],
                    c["version"],
                    c["revision"],
                    c["posted_at"],
                    c["from_at"],
                    ended if ended is not None and ended <= source.at else None,
                    deletion["first_missed_at"] if deletion else None,
                    c["incident_id"],
                    *(c[name] for name in _CLAIM),
                    c["evidence"],
                )
            )
        yield out


async def incidents(source: Source) -> Rows:
    """The acts of which the found posts tell; counted are the claims of these posts that stand."""
    if source.reader_version is None:
        return
    counted: dict[int, int] = defaultdict(int)
    channels: dict[int, set[int]] = defaultdict(set)
    async for docs in source.docs():
        found = await source.tx.export.claims(docs, source.reader_version, source.upto["claim"])
        gone = await source.tx.export.deletions(docs, source.at) if found else {}
        for c in found:
            if (incident := c["incident_id"]) is not None:
                # A claim has a row for each version, and an act of which none stands is still in those.
                stands = c["superseded_at"] is None or c["superseded_at"] > source.at
                stands = stands and (c["channel_id"], c["post_id"]) not in gone
                counted[incident] += stands
                if stands:
                    channels[incident].add(c["channel_id"])
    for start in range(0, len(counted), _BATCH):
        ids = sorted(counted)[start : start + _BATCH]
        yield [
            (
                i["id"],
                i["first_at"],
                i["last_at"],
                counted[i["id"]],
                sorted(source.name(channel) for channel in channels[i["id"]]),
            )
            for i in await source.tx.export.incidents(ids)
        ]


async def activity(source: Source) -> Rows:
    """Posts that were found, by hour: `observed` only where the whole hour was asked for and watched, and
    where of none it is unknown whether it would be found. Where edits or deletions are asked about: only if
    they came as they were made ever since.
    """
    for channel in source.channels:
        seen = _clipped(await source.tx.watch.seen(channel.id), source.at)
        start = source.since or await first_known(source.tx, [channel.id], {channel.id: seen})
        if start is None:
            continue
        former = (await source.tx.index.former_numbers()).get(channel.id, ())
        sign = Sign(tuple(channel_sign(n) for n in (channel.id, *former)))
        narrowing = replace(source.asked.narrowing, match=Both((source.asked.narrowing.match, sign)))
        found = await source.tx.search.by_stretch(narrowing, 3600, [(0, 0)])
        lost: Mapping[int, int] = {}
        if (hidden := source.asked.hidden) is not None:
            hidden = replace(hidden, match=Both((hidden.match, sign)))
            lost = await source.tx.search.by_stretch(hidden, 3600, [(0, 0)])
        is_sure = not source.asks_of_edits or edits_share(seen, await _edits(source, channel), start) >= 1
        at = start.replace(minute=0, second=0, microsecond=0)
        out: list[Row] = []
        while at < source.until:
            hour = int((at - _EPOCH) / _HOUR)
            held = found.get(hour, 0)
            share = watched_share(seen, at, at + _HOUR)
            end = at + _HOUR
            whole = (source.since is None or source.since <= at) and end <= source.until
            observed = held if is_sure and whole and hour not in lost and seen.all_of(at, end) else None
            out.append((channel.id, source.name(channel.id), at, observed, held, told_share(share, 4)))
            at = end
            if len(out) >= _BATCH:
                yield out
                out = []
        yield out


async def watch_spans(source: Source) -> Rows:
    for channel in source.channels:
        seen, edits = (
            _clipped(await source.tx.watch.seen(channel.id), source.at),
            await _edits(source, channel),
        )
        out: list[Row] = []
        for a, b in seen.stretches:
            start, end = max(a, source.since or a), min(b, source.until)
            holes = edits.holes(start, end)
            parts = [(a, b, True) for a, b in Seen.merged(holes).holes(start, end)]
            parts += [(a, b, False) for a, b in holes]
            if start <= end and not parts:
                parts = [(start, end, edits.at(start))]
            out += [
                (channel.id, source.name(channel.id), *part)
                for part in sorted(parts)
                if part[0] < source.until and (source.since is None or part[1] > source.since)
            ]
        yield out


async def gaps(source: Source) -> Rows:
    for channel in source.channels:
        yield [
            (
                channel.id,
                source.name(channel.id),
                gap.from_at,
                gap.to_at if gap.to_at is not None and gap.to_at <= source.at else None,
                gap.cause.value,
                gap.missing.value,
                gap.detail,
            )
            for gap in await source.tx.watch.gaps(channel.id, source.since)
            if gap.from_at < source.until
        ]


async def _edits(source: Source, channel: Channel) -> Seen:
    """When edits and deletions came as they were made."""
    found = await source.tx.watch.edits_seen_of([channel.id])
    return _clipped(found[channel.id], source.at)


def _clipped(seen: Seen, at: datetime) -> Seen:
    return Seen(tuple((a, min(b, at)) for a, b in seen.stretches if a < at))


TABLES = {
    "posts": posts,
    "versions": versions,
    "claims": claims,
    "incidents": incidents,
    "activity": activity,
    "watch_spans": watch_spans,
    "gaps": gaps,
}
