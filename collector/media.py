"""What a post shows beside its text, as Telethon has it, in our terms. The file itself is not fetched."""

from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from domain.post import Media


def media_of(found: Any) -> Media | None:
    """Of a MessageMedia; None for none. What we have no word for is `other`, with Telegram's own in
    `detail`.
    """
    match found:
        case None | T.MessageMediaEmpty():
            return None
        case T.MessageMediaPhoto():
            return _photo(found.photo)
        case T.MessageMediaDocument():
            return _document(found.document)
        case T.MessageMediaPoll():
            return _poll(found)
        case T.MessageMediaWebPage():
            return _webpage(found.webpage)
        case T.MessageMediaGeo() | T.MessageMediaGeoLive() | T.MessageMediaVenue():
            return _geo(found)
        case _:
            return Media(kind="other", detail={"type": type(found).__name__.removeprefix("MessageMedia")})


def _photo(photo: Any) -> Media:
    if not isinstance(photo, T.Photo):
        return Media(kind="photo")
    best = max(photo.sizes, key=_pixels, default=None)
    return Media(
        kind="photo",
        file_id=str(photo.id),
        size=_bytes(best),
        width=getattr(best, "w", None),
        height=getattr(best, "h", None),
    )


def _pixels(size: Any) -> int:
    return (getattr(size, "w", 0) or 0) * (getattr(size, "h", 0) or 0)


def _bytes(size: Any) -> int | None:
    if isinstance(size, T.PhotoSizeProgressive):
        return max(size.sizes, default=None)
    return getattr(size, "size", None)


def _document(document: Any) -> Media:
    if not isinstance(document, T.Document):
        return Media(kind="document")
    kind, name, found = "document", None, {}
    detail: dict[str, Any] = {"mime": document.mime_type} if document.mime_type else {}
    for attribute in document.attributes:
        match attribute:
            case T.DocumentAttributeFilename():
                name = attribute.file_name
            case T.DocumentAttributeVideo():
                kind = "video"
                found = {
                    "duration": float(attribute.duration),
                    "width": attribute.w,
                    "height": attribute.h,
                }
            case T.DocumentAttributeAudio():
                kind = "voice" if attribute.voice else "audio"
                found = {"duration": float(attribute.duration)}
            case T.DocumentAttributeAnimated():
                detail["animated"] = True
    # A sticker may be a video as well, and is a sticker all the same.
    if any(isinstance(a, T.DocumentAttributeSticker) for a in document.attributes):
        kind = "sticker"
    return Media(kind=kind, file_id=str(document.id), size=document.size, name=name, detail=detail, **found)


def _poll(found: Any) -> Media:
    votes = {r.option: r.voters for r in found.results.results or ()} if found.results else {}
    return Media(
        kind="poll",
        file_id=str(found.poll.id),
        detail={
            "question": _plain(found.poll.question),
            "answers": [_plain(a.text) for a in found.poll.answers],
            "counts": [votes.get(a.option) for a in found.poll.answers],
            "total": getattr(found.results, "total_voters", None),
        },
    )


def _plain(text: Any) -> str:
    return str(getattr(text, "text", text))


def _webpage(page: Any) -> Media:
    """A preview. Telegram makes it some seconds after the post and may make it anew: it has no number of
    ours, so that neither passes for an edit of the post."""
    detail = {
        name: value
        for name in ("url", "title", "description", "site_name")
        if isinstance(value := getattr(page, name, None), str)
    }
    return Media(kind="webpage", detail=detail)


def _geo(found: Any) -> Media:
    point = found.geo
    detail: dict[str, Any] = {}
    if isinstance(point, T.GeoPoint):
        detail = {"lat": point.lat, "long": point.long}
    if isinstance(title := getattr(found, "title", None), str):
        detail["title"] = title
    return Media(kind="geo", detail=detail)
