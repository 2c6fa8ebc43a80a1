"""A message as Telethon's `to_dict()` and `to_json()` give it."""

from datetime import datetime, tzinfo
from typing import Any

from collector.importers.entities import telethon_entities
from collector.importers.errors import Unusable
from collector.importers.record import Origin, Record
from collector.importers.values import (
    channel_number,
    count,
    instant,
    maybe_instant,
    plain,
    post_id,
    records,
    shown,
    text_of,
    truth,
    whole,
    words,
)
from domain.post import Forward, How, Media, Post, PostKind

_MODELLED = frozenset(
    (
        *("_", "id", "peer_id", "date", "message", "edit_date", "edit_hide", "entities", "media", "fwd_from"),
        *("reply_to", "post_author", "views", "forwards", "grouped_id", "out", "mentioned", "media_unread"),
        *("silent", "post", "from_scheduled", "legacy", "pinned", "noforwards"),
    )
)


def is_telethon(document: dict[str, Any]) -> bool:
    """Does it look like a message of Telethon's?"""
    return isinstance(document.get("_"), str) and ("peer_id" in document or document["_"] == "MessageEmpty")


def peer_number(peer: Any) -> int | None:
    """The channel that a `peer_id` names. Raises Unusable when it names another kind of chat."""
    if peer is None:
        return None
    if isinstance(peer, dict) and "channel_id" in peer:
        return channel_number(peer["channel_id"])
    if isinstance(peer, int):
        return channel_number(peer)
    raise Unusable(f"it is not of a channel: its peer is {shown(peer)}")


def telethon_record(document: dict[str, Any], place: str, origin: Origin, zone: tzinfo | None) -> Record:
    """Raises Unusable."""
    name = document["_"]
    if name not in ("Message", "MessageService"):
        raise Unusable(f"it is no message but a {name}: Telegram had nothing under this number")
    posted_at = instant(document.get("date"), zone)
    # With edit_hide Telegram moved edit_date for reactions and the like; the text is as it was.
    edited_at = None if truth(document.get("edit_hide")) else maybe_instant(document.get("edit_date"), zone)
    raw = {
        key: plain(v) for key, v in document.items() if key not in _MODELLED and v not in (None, [], False)
    }
    reply = document.get("reply_to")
    post = Post(
        channel_id=origin.number or 0,
        id=post_id(document.get("id")),
        posted_at=posted_at,
        seen_at=edited_at or posted_at,
        how=How.IMPORTED,
        text=text_of(document.get("message")),
        kind=PostKind.SERVICE if name == "MessageService" else PostKind.POST,
        edited_at=edited_at,
        entities=telethon_entities(document.get("entities")),
        media=telethon_media(document.get("media")),
        album_id=_number(document.get("grouped_id")),
        forward=_forward(document.get("fwd_from"), zone),
        reply_to=count(reply.get("reply_to_msg_id")) if isinstance(reply, dict) else None,
        author=words(document.get("post_author")),
        views=count(document.get("views")),
        forwards=count(document.get("forwards")),
        raw=raw or None,
    )
    return Record(place=place, origin=origin, post=post)


def _number(value: Any) -> int | None:
    number = whole(value)
    return number if number is not None and abs(number) < 2**63 else None


def _forward(given: Any, zone: tzinfo | None) -> Forward | None:
    if not isinstance(given, dict):
        return None
    source = given.get("from_id")
    at: datetime | None = maybe_instant(given.get("date"), zone)
    number = channel_number(source.get("channel_id")) if isinstance(source, dict) else None
    return Forward(
        channel_id=number,
        post_id=count(given.get("channel_post")),
        name=words(given.get("from_name")) or words(given.get("post_author")),
        posted_at=at,
    )


def telethon_media(given: Any) -> Media | None:
    """What a message shows; a link's preview is media to Telegram too."""
    if not isinstance(given, dict):
        return None
    name = str(given.get("_", ""))
    if name == "MessageMediaPhoto" and isinstance(photo := given.get("photo"), dict):
        largest = max(
            records(photo.get("sizes")),
            key=lambda s: count(s.get("w")) or 0,
            default={},
        )
        return Media(
            kind="photo",
            width=count(largest.get("w")),
            height=count(largest.get("h")),
            file_id=str(photo["id"]) if "id" in photo else None,
        )
    if name == "MessageMediaDocument" and isinstance(document := given.get("document"), dict):
        return _document(document)
    if name == "MessageMediaPoll" and isinstance(poll := given.get("poll"), dict):
        return Media(
            kind="poll",
            file_id=str(poll["id"]) if "id" in poll else None,
            detail=plain({"poll": poll, "results": given.get("results")}),
        )
    if name == "MessageMediaWebPage":
        page = given.get("webpage")
        url = page.get("url") if isinstance(page, dict) else None
        return Media(kind="webpage", detail={"url": url} if isinstance(url, str) else {})
    if name.startswith(("MessageMediaGeo", "MessageMediaVenue")):
        return Media(kind="geo", detail=plain(given.get("geo")) if isinstance(given.get("geo"), dict) else {})
    if name in ("", "MessageMediaEmpty"):
        return None
    return Media(kind=_BARE.get(name, "other"))


_BARE = {"MessageMediaPhoto": "photo", "MessageMediaDocument": "document", "MessageMediaPoll": "poll"}


def _document(document: dict[str, Any]) -> Media:
    kind = "document"
    fields: dict[str, Any] = {}
    attributes = records(document.get("attributes"))
    for each in attributes:
        match each.get("_"):
            case "DocumentAttributeVideo":
                kind = "video"
                fields |= {"width": count(each.get("w")), "height": count(each.get("h"))}
                fields["duration"] = count(each.get("duration"))
            case "DocumentAttributeAudio":
                kind = "voice" if truth(each.get("voice")) else "audio"
                fields["duration"] = count(each.get("duration"))
            case "DocumentAttributeFilename":
                fields["name"] = words(each.get("file_name"))
    # A sticker may be a video as well, and is a sticker all the same.
    if any(each.get("_") == "DocumentAttributeSticker" for each in attributes):
        kind = "sticker"
    file_id = str(document["id"]) if "id" in document else None
    return Media(kind=kind, size=count(document.get("size")), file_id=file_id, **fields)
