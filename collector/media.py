"""What a post shows beside its text, as Telethon has it, in our terms. The file itself is fetched, where a
channel's config asks for it, by files.py.
"""

import math
from hashlib import sha256
from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.rawcopy import shown
from domain.post import Media


def media_of(found: Any) -> Media | None:
    """Of a MessageMedia; None for none. What we have no word for is `other`, with Telegram's own in
    `detail`, under `type`, and all that it says beside.
    """
    match found:
        case None | T.MessageMediaEmpty():
            return None
        case T.MessageMediaPhoto():
            return _photo(found.photo, _flags(found))
        case T.MessageMediaDocument():
            return _document(found.document, _flags(found))
        case T.MessageMediaPoll():
            return _poll(found)
        case T.MessageMediaWebPage():
            return _webpage(found.webpage)
        case T.MessageMediaGeo() | T.MessageMediaGeoLive() | T.MessageMediaVenue():
            return _geo(found)
        case _:
            return _other(found)


def number(value: Any) -> float | None:
    """A number that databases take; None for one that is none (NaN, infinite)."""
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _flags(found: Any) -> dict[str, Any]:
    names = ("spoiler", "live_photo", "ttl_seconds", "video_timestamp")
    flags = {name: value for name in names if (value := getattr(found, name, None))}
    if getattr(found, "round", None):
        flags["round"] = True
    return flags


def _photo(photo: Any, detail: dict[str, Any]) -> Media:
    if not isinstance(photo, T.Photo):
        return Media(kind="photo", detail=detail)
    best = largest(photo)
    return Media(
        kind="photo",
        file_id=str(photo.id),
        size=_bytes(best),
        width=getattr(best, "w", None),
        height=getattr(best, "h", None),
        mime="image/jpeg",
        thumbs=_thumbs(photo.sizes),
        detail=detail,
    )


def largest(photo: Any) -> Any:
    """The biggest of the sizes in which a photo can be fetched; None when there is none."""
    return max(
        photo.sizes or (), key=lambda s: (getattr(s, "w", 0) or 0) * (getattr(s, "h", 0) or 0), default=None
    )


def _bytes(size: Any) -> int | None:
    if isinstance(size, T.PhotoSizeProgressive):
        return max(size.sizes, default=None)
    if isinstance(size, T.PhotoCachedSize):
        return len(size.bytes)
    return getattr(size, "size", None)


def _thumbs(sizes: Any) -> tuple[str, ...]:
    """The previews whose bytes are in the message itself."""
    inline = (T.PhotoStrippedSize, T.PhotoCachedSize, T.PhotoPathSize)
    return tuple(sha256(s.bytes).hexdigest() for s in sizes or () if isinstance(s, inline))


def _document(document: Any, detail: dict[str, Any]) -> Media:
    if not isinstance(document, T.Document):
        return Media(kind="document", detail=detail)
    kind, name = "document", None
    found: dict[str, Any] = {}
    for attribute in document.attributes:
        match attribute:
            case T.DocumentAttributeFilename():
                name = attribute.file_name
            case T.DocumentAttributeImageSize():
                found = {"width": attribute.w, "height": attribute.h, **found}
            case T.DocumentAttributeVideo():
                kind = "video"
                found = {
                    "duration": number(attribute.duration),
                    "width": attribute.w,
                    "height": attribute.h,
                }
                if attribute.round_message:
                    detail["round"] = True
            case T.DocumentAttributeAudio():
                kind = "voice" if attribute.voice else "audio"
                found = {"duration": number(attribute.duration)}
                detail |= {k: v for k in ("title", "performer") if (v := getattr(attribute, k))}
            case T.DocumentAttributeSticker() | T.DocumentAttributeCustomEmoji():
                if attribute.alt:
                    detail["alt"] = attribute.alt
            case T.DocumentAttributeAnimated():
                detail["animated"] = True
    # A sticker may be a video as well, and is a sticker all the same.
    if any(isinstance(a, T.DocumentAttributeSticker) for a in document.attributes):
        kind = "sticker"
    return Media(
        kind=kind,
        file_id=str(document.id),
        size=document.size,
        name=name,
        mime=document.mime_type or None,
        thumbs=_thumbs(document.thumbs),
        detail=detail,
        **found,
    )


def _poll(found: Any) -> Media:
    poll, results = found.poll, found.results
    votes = {r.option: r.voters for r in results.results or ()} if results else {}
    right = [r.option for r in results.results or () if r.correct] if results else []
    options = [getattr(a, "option", None) for a in poll.answers]
    said = {
        "closed": bool(poll.closed) or None,
        "quiz": bool(poll.quiz) or None,
        "multiple": bool(poll.multiple_choice) or None,
        "public": bool(poll.public_voters) or None,
        "correct": [n for n, o in enumerate(options) if o in right] or None,
        "solution": (results.solution if results else None) or None,
        "closes": poll.close_date and shown(poll.close_date),
    }
    return Media(
        kind="poll",
        file_id=str(poll.id),
        detail={
            "question": _plain(poll.question),
            "answers": [_plain(a.text) for a in poll.answers],
            "counts": [votes.get(o) for o in options],
            "total": getattr(results, "total_voters", None),
            **{k: v for k, v in said.items() if v is not None},
        },
    )


def _plain(text: Any) -> str:
    return str(getattr(text, "text", text))


def _webpage(page: Any) -> Media:
    """A preview. Telegram makes it some seconds after the post and may make it anew: it has no number of
    ours, so that neither passes for an edit of the post."""
    detail = {
        name: value
        for name in ("url", "title", "description", "site_name", "author", "type")
        if isinstance(value := getattr(page, name, None), str)
    }
    return Media(kind="webpage", detail=detail)


def _geo(found: Any) -> Media:
    point = found.geo
    detail: dict[str, Any] = {}
    if isinstance(point, T.GeoPoint):
        detail = {"lat": number(point.lat), "long": number(point.long)}
        if point.accuracy_radius is not None:
            detail["accuracy"] = point.accuracy_radius
    for name in ("title", "address", "period", "heading"):
        if (value := getattr(found, name, None)) is not None:
            detail[name] = value
    return Media(kind="geo", detail=detail)


def _other(found: Any) -> Media:
    """All of it, as Telegram says it. What is shown behind a payment or in a game has a number of its own."""
    said = {k: v for k, v in shown(found).items() if k != "_"}
    return Media(kind="other", detail={"type": type(found).__name__.removeprefix("MessageMedia"), **said})
