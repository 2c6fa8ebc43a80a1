"""The common form: one flat record for each post, as JSON or CSV, and the dumps that resemble it.

channel, id, date, text, views, forwards, edited, reply_to, fwd_from, media_kind, grouped_id. What it holds
beyond that is kept in the post's `raw`; of it are understood
  x_channel_id        the channel's number
  x_service           it is a service post
  x_edits             [[when it was replaced, former text], ...]; `text` is the last version
  x_deleted_between   [last seen, first missed]
  x_first_seen        when it was seen first
"""

from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from collector.importers.entities import joined
from collector.importers.identity import origin_of
from collector.importers.record import Origin, Record
from collector.importers.values import (
    channel_number,
    count,
    instant,
    maybe_instant,
    plain,
    post_id,
    text_of,
    truth,
    whole,
    words,
)
from domain.post import Entity, Forward, How, Media, Post, PostKind

#: The columns of a CSV file that has no header.
COLUMNS = (
    *("channel", "id", "date", "text", "views", "forwards", "edited"),
    *("reply_to", "fwd_from", "media_kind", "grouped_id"),
)

#: Other tools' names for the same.
NAMES = {
    "id": ("id", "message_id", "msg_id", "post_id"),
    "date": ("date", "date_unixtime", "posted_at", "datetime", "timestamp"),
    "text": ("text", "message", "caption"),
    "channel": ("channel", "channel_username", "channel_name", "chat_username", "chat", "username"),
    "number": ("channel_id", "x_channel_id", "chat_id", "sender_id"),
    "title": ("channel_title", "chat_title", "title"),
    "edited": ("edited", "edit_date", "edited_at"),
    "reply_to": ("reply_to", "reply_to_msg_id", "reply_to_message_id"),
    "fwd_from": ("fwd_from", "forward_from_chat", "forwarded_from"),
    "media_kind": ("media_kind", "media_type", "media"),
    "grouped_id": ("grouped_id", "media_group_id"),
    "author": ("author", "post_author", "author_signature"),
    "views": ("views",),
    "forwards": ("forwards",),
}
_KINDS = frozenset(
    ("photo", "video", "document", "audio", "voice", "sticker", "poll", "webpage", "geo", "other")
)
#: The rest is kept in `raw`, also what is understood of it.
_MODELLED = frozenset(name for ours, names in NAMES.items() if ours != "number" for name in names)


def is_common(document: dict[str, Any]) -> bool:
    """Does it have a number and a date?"""
    return any(n in document for n in NAMES["id"]) and any(n in document for n in NAMES["date"])


def _given(document: dict[str, Any], ours: str) -> Any:
    for name in NAMES[ours]:
        value = document.get(name)
        if value is not None and value != "":
            return value
    return None


def common_origin(document: dict[str, Any]) -> Origin | None:
    """The channel a record says it is of."""
    said, number = _given(document, "channel"), None
    for name in NAMES["number"]:
        value = document.get(name)
        # A positive sender may be a person; a channel as sender bears the -100.
        if name != "sender_id" or ((n := whole(value)) is not None and n < 0):
            number = number or channel_number(value)
    title = words(_given(document, "title"))
    if isinstance(said, dict):  # Pyrogram's chat
        number = number or channel_number(said.get("id"))
        title = words(said.get("title")) or title
        user = words(said.get("username"))
        said = f"@{user}" if user else None
    if isinstance(said, int):
        number, said = number or channel_number(said), None
    return origin_of(words(said), number, title)


def common_record(document: dict[str, Any], place: str, origin: Origin, zone: tzinfo | None) -> Record:
    """Raises Unusable."""
    number = post_id(_given(document, "id"))
    posted_at = instant(_given(document, "date"), zone)
    edited_at = maybe_instant(_given(document, "edited"), zone)
    if edited_at is not None and edited_at < posted_at:
        edited_at = None
    text, entities = _text(_given(document, "text"))
    text, later = _versions(text, document.get("x_edits"), zone)
    first, entities = (None, ()) if later else (edited_at, entities)
    raw = {k: plain(v) for k, v in document.items() if k not in _MODELLED and v is not None and v != ""}
    post = Post(
        channel_id=origin.number or 0,
        id=number,
        posted_at=posted_at,
        seen_at=max(posted_at, maybe_instant(document.get("x_first_seen"), zone) or first or posted_at),
        how=How.IMPORTED,
        text=text,
        kind=PostKind.SERVICE if truth(document.get("x_service")) else PostKind.POST,
        edited_at=first,
        entities=entities,
        media=_media(_given(document, "media_kind"), document),
        album_id=count(_given(document, "grouped_id")),
        forward=_forward(_given(document, "fwd_from"), zone),
        reply_to=count(_given(document, "reply_to")),
        author=words(_given(document, "author")),
        views=count(_given(document, "views")),
        forwards=count(_given(document, "forwards")),
        raw=raw or None,
    )
    versions = tuple(
        replace(post, text=new, entities=(), edited_at=at, seen_at=at, raw=None) for at, new in later
    )
    return Record(
        place=place,
        origin=origin,
        post=post,
        later=versions,
        deleted=_deleted(document.get("x_deleted_between"), zone),
    )


def _text(given: Any) -> tuple[str, tuple[Entity, ...]]:
    return joined(given) if isinstance(given, list) else (text_of(given), ())


def _media(kind: Any, document: dict[str, Any]) -> Media | None:
    if isinstance(kind, dict):
        kind = kind.get("_") or kind.get("type") or "other"
    if not isinstance(kind, str):
        return None
    kind = kind.strip().lower().removeprefix("messagemediatype.").removeprefix("messagemedia")
    if kind in _KINDS:
        return Media(kind=kind)
    n = count(document.get("x_n_album"))
    return Media(kind="other", detail={"said": kind} | ({"n": n} if n else {}))


def _forward(given: Any, zone: tzinfo | None) -> Forward | None:
    if isinstance(given, str):
        return Forward(name=words(given))
    if isinstance(given, dict):
        return Forward(
            channel_id=channel_number(given.get("channel_id") or given.get("id")),
            post_id=count(given.get("post_id") or given.get("channel_post")),
            name=words(given.get("name") or given.get("title") or given.get("from_name")),
            posted_at=maybe_instant(given.get("date"), zone),
        )
    return None


def _versions(text: str, edits: Any, zone: tzinfo | None) -> tuple[str, list[tuple[datetime, str]]]:
    """The first version, and each later one with the instant at which it was first seen."""
    former: list[tuple[datetime, str]] = []
    for each in edits if isinstance(edits, list) else ():
        if isinstance(each, list) and len(each) == 2 and isinstance(each[1], str):
            at = maybe_instant(each[0], zone)
            if at is not None:
                former.append((at, each[1]))
    if not former:
        return text, []
    former.sort(key=lambda version: version[0])
    texts = [*(old for _, old in former[1:]), text]
    return former[0][1], [(at, new) for (at, _), new in zip(former, texts, strict=True)]


def _deleted(given: Any, zone: tzinfo | None) -> tuple[datetime, datetime] | None:
    if not isinstance(given, list) or len(given) != 2:
        return None
    last, first = maybe_instant(given[0], zone), maybe_instant(given[1], zone)
    return (last, first) if last is not None and first is not None and last <= first else None
