"""`deadair show`: a post whole."""

import asyncio
import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from archive.history import Change, History, VersionOf, history
from deadair.archive_open import looking
from deadair.asking import zone_of
from deadair.commands.search import url
from deadair.config import Setup, load
from deadair.plural import plural
from deadair.posts import held_post
from deadair.script import harmless, lines_of, must_shape
from domain.channel import Channel
from domain.claim import ArchivedClaim, Span
from domain.post import Post

#: So many of those who passed it on are listed.
_RELAYS = 15


def show(config: Path | None, post: str, *, zone: str | None, bidi: str, as_json: bool) -> None:
    setup = load(config)
    where = zone_of(zone, setup.config.archive.zone)
    found, channels = asyncio.run(_look(setup, post))
    if as_json:
        print(json.dumps(_document(found, channels), ensure_ascii=False, indent=1))
        return
    width = min(shutil.get_terminal_size().columns, 120)
    for line in _said(found, channels, where, width, shape=must_shape(bidi)):
        print(line)


async def _look(setup: Setup, name: str) -> tuple[History, Mapping[int, Channel]]:
    async with looking(setup) as tx:
        channel, post = await held_post(tx, name)
        return await history(tx, channel, post), {c.id: c for c in await tx.channels.all()}


def _said(
    found: History, channels: Mapping[int, Channel], zone: ZoneInfo, width: int, *, shape: bool
) -> Iterator[str]:
    post = found.post
    yield f"{harmless(found.channel.name)}/{post.id}  {url(found.channel, post.id) or ''}"
    seen = f"first seen {_at(post.seen_at, zone)} ({post.how.value})"
    yield f"  posted   {_at(post.posted_at, zone)} ({zone.key}), {seen}"
    for d in found.deletions:
        back = f", back {_at(d.returned_at, zone)}" if d.returned_at else ""
        yield f"  deleted  between {_at(d.last_seen_at, zone)} and {_at(d.first_missed_at, zone)}{back}"
    if post.removed_at is not None:
        when = _at(post.removed_at, zone)
        yield f"  removed  what it said, {when}, by [retention] ({found.removed_why}); it still counts"
    if not found.deletions:
        yield f"  there    when last seen, {_at(found.last_seen_at, zone)}"
    if (source := post.forward) is not None:
        known = channels.get(source.channel_id) if source.channel_id is not None else None
        whom = (
            known.name
            if known
            else source.name or str(source.channel_id or source.user_id or "somebody hidden")
        )
        yield f"  from     {harmless(whom)}{f'/{source.post_id}' if source.post_id else ''}"
    if found.reading is not None:
        told = [found.reading.language or "language unknown", *found.reading.topics]
        yield f"  read as  {', '.join(told)}"
    for sample in found.samples:
        counters = [("views", sample.views), ("forwards", sample.forwards), ("replies", sample.replies)]
        counted = ", ".join(f"{n:,} {what}" for what, n in counters if n is not None)
        if counted:
            yield f"  {_at(sample.at, zone)}  {counted}"
    for version in found.versions:
        yield ""
        yield _title(version, zone)
        text = _changed(version) if version.number else version.text
        yield from (f"    {line}" for line in lines_of(text or _nothing(post), width - 4, shape=shape))
    for claim in found.claims:
        yield ""
        yield from _claim(claim, found, zone, width, shape=shape)
    if found.relays:
        yield ""
        copies = found.copies
        yield f"  said by others: {plural(len(found.relays), 'post')}" + (
            f"; first in {_named(channels, copies.first.key.channel_id)}/{copies.first.key.post_id} "
            f"at {_at(copies.first_at, zone)}"
            if copies
            else ""
        )
        for relay in found.relays[:_RELAYS]:
            how = "forwarded" if relay.forwarded else "nearly the same words"
            whose = f"{_named(channels, relay.key.channel_id)}/{relay.key.post_id}"
            yield f"    {_at(relay.posted_at, zone)}  {whose}  {how}"
        if len(found.relays) > _RELAYS:
            yield f"    and {len(found.relays) - _RELAYS} more (--json)"


def _nothing(post: Post) -> str:
    return "(no text)" if post.removed_at is None else "(removed)"


def _title(version: VersionOf, zone: ZoneInfo) -> str:
    if version.number == 0:
        what = "as first seen"
    else:
        edited = f", edited {_at(version.edited_at, zone)}" if version.edited_at else ""
        what = f"seen {_at(version.seen_at, zone)}{edited}; taken out [-so-], put in [+so+]"
    return f"  version {version.number}{' (stands)' if version.stands else ''}: {what}" + (
        f" ({version.media})" if version.media else ""
    )


def _changed(version: VersionOf) -> str:
    marks = {Change.SAME: "{}", Change.ADDED: "[+{}+]", Change.REMOVED: "[-{}-]"}
    return "".join(marks[piece.change].format(piece.text) for piece in version.pieces)


def _claim(claim: ArchivedClaim, found: History, zone: ZoneInfo, width: int, *, shape: bool) -> Iterator[str]:
    c = claim.claim
    slots = {
        "claimant": c.claimant,
        "target": c.target,
        "place": c.location,
        "action": c.action,
        "weapons": ", ".join(c.weapons) or None,
        "day": c.date.isoformat() if c.date else None,
    }
    standing = "stands" if claim.standing else "no longer stands"
    yield f"  claim {claim.number}: {c.kind.value}, {standing}" + (
        f"; incident {claim.incident_id}" if claim.incident_id else ""
    )
    yield "    " + "; ".join(f"{name} {value}" for name, value in slots.items() if value)
    text = _text_of(found, claim)
    for span in c.evidence:
        passage = text[span.start : span.end]
        for n, line in enumerate(lines_of(passage, max(width - 26, 20), shape=shape)):
            yield f"    {span.field if n == 0 else '':<14}{line}"


def _text_of(found: History, claim: ArchivedClaim) -> str:
    return next((v.text for v in found.versions if v.number == claim.revision), found.post.text)


def _named(channels: Mapping[int, Channel], channel_id: int) -> str:
    return harmless(channels[channel_id].name) if channel_id in channels else str(channel_id)


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _document(found: History, channels: Mapping[int, Channel]) -> dict[str, Any]:
    def instant(at: datetime | None) -> str | None:
        return at.isoformat() if at is not None else None

    def evidence(claim: ArchivedClaim, span: Span) -> dict[str, Any]:
        words = _text_of(found, claim)[span.start : span.end]
        return {"field": span.field, "start": span.start, "end": span.end, "rule": span.rule, "words": words}

    post = found.post
    return {
        "channel_id": post.channel_id,
        "channel": found.channel.name,
        "post_id": post.id,
        "url": url(found.channel, post.id),
        "posted_at": instant(post.posted_at),
        "seen_at": instant(post.seen_at),
        "last_seen_at": instant(found.last_seen_at),
        "how": post.how.value,
        "removed_at": instant(post.removed_at),
        "removed_why": found.removed_why or None,
        "forward": None
        if post.forward is None
        else {
            "channel_id": post.forward.channel_id,
            "post_id": post.forward.post_id,
            "name": post.forward.name,
        },
        "reading": None
        if found.reading is None
        else {
            "reader_version": found.reading.reader_version,
            "language": found.reading.language,
            "topics": list(found.reading.topics),
            "claimants": list(found.reading.claimants),
        },
        "versions": [
            {
                "number": v.number,
                "seen_at": instant(v.seen_at),
                "edited_at": instant(v.edited_at),
                "stands": v.stands,
                "media": v.media,
                "text": v.text,
                "difference": [[piece.change.value, piece.text] for piece in v.pieces] if v.number else None,
            }
            for v in found.versions
        ],
        "deletions": [
            {
                "last_seen_at": instant(d.last_seen_at),
                "first_missed_at": instant(d.first_missed_at),
                "returned_at": instant(d.returned_at),
            }
            for d in found.deletions
        ],
        "counters": [
            {"at": instant(s.at), "views": s.views, "forwards": s.forwards, "replies": s.replies}
            for s in found.samples
        ],
        "claims": [
            {
                "number": c.number,
                "version": c.version,
                "of_post_version": c.revision,
                "standing": c.standing,
                "incident_id": c.incident_id,
                "kind": c.claim.kind.value,
                "claimant": c.claim.claimant,
                "mode": c.claim.mode.value,
                "target": c.claim.target,
                "location": c.claim.location,
                "action": c.claim.action,
                "weapons": list(c.claim.weapons),
                "day": c.claim.date.isoformat() if c.claim.date else None,
                "evidence": [evidence(c, span) for span in c.claim.evidence],
            }
            for c in found.claims
        ],
        "relays": [
            {
                "channel_id": r.key.channel_id,
                "channel": channels[r.key.channel_id].name if r.key.channel_id in channels else None,
                "post_id": r.key.post_id,
                "posted_at": instant(r.posted_at),
                "forwarded": r.forwarded,
            }
            for r in found.relays
        ],
    }
