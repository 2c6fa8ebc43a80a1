"""A message as Telegram Desktop exports it ("Machine-readable JSON").

Names and meanings: Telegram Desktop's Telegram/SourceFiles/export/output/export_output_json.cpp.
"""

from datetime import datetime, tzinfo
from typing import Any

from collector.importers.entities import joined
from collector.importers.errors import Unusable
from collector.importers.record import Origin, Record
from collector.importers.values import (
    channel_number,
    count,
    instant,
    maybe_instant,
    plain,
    post_id,
    text_of,
    whole,
    words,
)
from domain.post import Entity, Forward, How, Media, Post, PostKind

_MEDIA = {
    "video_file": "video",
    "animation": "video",
    "video_message": "video",
    "voice_message": "voice",
    "audio_file": "audio",
    "sticker": "sticker",
}

_SPECIAL = {"video_message": "round", "animation": "animation"}

#: What is told by the fields of a Post, or repeats them.
_MODELLED = frozenset(
    (
        *("id", "type", "date", "date_unixtime", "edited", "edited_unixtime", "from", "from_id", "author"),
        *("forwarded_from", "forwarded_from_id", "reply_to_message_id", "text", "text_entities"),
        *("media_type", "photo_file_size", "file_size", "file_name", "width", "height", "duration_seconds"),
        *("poll", "location_information"),
    )
)
#: What an export holds in place of a file that was not exported with it.
_LEFT_OUT = "(File "


def is_desktop(document: dict[str, Any]) -> bool:
    """Does it look like a message of a Desktop export?"""
    return document.get("type") in ("message", "service") and (
        "date" in document or "date_unixtime" in document
    )


def desktop_record(document: dict[str, Any], place: str, origin: Origin, zone: tzinfo | None) -> Record:
    """Raises Unusable."""
    number = post_id(document.get("id"))
    posted_at = _instant(document, "date", zone)
    edited_at = _edited(document, posted_at, zone)
    text, entities = _text(document)
    raw = {
        key: plain(value)
        for key, value in document.items()
        if key not in _MODELLED and not (isinstance(value, str) and value.startswith(_LEFT_OUT))
    }
    post = Post(
        channel_id=origin.number or 0,
        id=number,
        posted_at=posted_at,
        seen_at=edited_at or posted_at,
        how=How.IMPORTED,
        text=text,
        kind=PostKind.SERVICE if document["type"] == "service" else PostKind.POST,
        edited_at=edited_at,
        entities=entities,
        media=_media(document),
        forward=_forward(document),
        reply_to=count(document.get("reply_to_message_id")),
        author=words(document.get("author")),
        raw=raw or None,
    )
    return Record(place=place, origin=origin, post=post)


def chat_number(document: dict[str, Any]) -> int | None:
    """The channel that a message says it is from: in a channel every post is from the channel itself."""
    said = document.get("from_id") or document.get("actor_id")
    return channel_number(said) if isinstance(said, str) and said.startswith("channel") else None


def _instant(document: dict[str, Any], name: str, zone: tzinfo | None) -> datetime:
    # `date` is in the local time of whoever exported, without a zone; exports before 2022 have nothing else.
    unix = document.get(f"{name}_unixtime")
    return instant(unix if whole(unix) is not None else document.get(name), zone, name)


def _edited(document: dict[str, Any], posted_at: datetime, zone: tzinfo | None) -> datetime | None:
    unix = document.get("edited_unixtime")
    at = maybe_instant(unix if whole(unix) is not None else document.get("edited"), zone)
    return at if at is not None and at >= posted_at else None


def _text(document: dict[str, Any]) -> tuple[str, tuple[Entity, ...]]:
    text, parts = document.get("text"), document.get("text_entities")
    if (
        isinstance(parts, list)
        and parts
        and not (isinstance(text, str) and len(parts) == 1 and _bare(parts[0]))
    ):
        return joined(parts)
    return joined(text) if isinstance(text, list) else (text_of(text), ())


def _bare(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "plain"


def _forward(document: dict[str, Any]) -> Forward | None:
    if "forwarded_from" not in document:
        return None
    said = document.get("forwarded_from_id")
    number = channel_number(said) if isinstance(said, str) and said.startswith("channel") else None
    return Forward(channel_id=number, name=words(document["forwarded_from"]))


def _media(document: dict[str, Any]) -> Media | None:
    said = document.get("media_type")
    width, height = count(document.get("width")), count(document.get("height"))
    if "photo" in document:
        size = count(document.get("photo_file_size"))
        return Media(kind="photo", size=size, width=width, height=height)
    if isinstance(said, str) or "file" in document:
        return Media(
            kind=_MEDIA.get(said, "other") if isinstance(said, str) else "document",
            size=count(document.get("file_size")),
            duration=count(document.get("duration_seconds")),
            width=width,
            height=height,
            name=words(document.get("file_name")),
            detail={_SPECIAL[said]: True} if isinstance(said, str) and said in _SPECIAL else {},
        )
    if "poll" in document:
        poll = plain(document["poll"])
        return Media(kind="poll", detail=poll if isinstance(poll, dict) else {})
    if isinstance(place := document.get("location_information"), dict):
        return Media(kind="geo", detail=plain(place))
    if "contact_information" in document or "game_title" in document or "invoice_information" in document:
        return Media(kind="other")
    return None


def refuse_other_chats(kind: Any) -> None:
    """Private chats and groups are not taken in. Raises Unusable."""
    if isinstance(kind, str) and kind not in ("public_channel", "private_channel"):
        raise Unusable(f"it is a {kind.replace('_', ' ')}, not a channel")
