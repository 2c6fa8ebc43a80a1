"""Posts as rows, and the records inside them as JSON in a column; and back."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from domain.post import NO_DETAILS, Details, Entity, Forward, How, Media, Post, PostKind, Reply


def media_document(media: Media | None) -> dict[str, Any] | None:
    if media is None:
        return None
    # Not asdict(): it copies deeply, and was a third of what storing a post costs.
    named = ((name, getattr(media, name)) for name in Media.__slots__)
    return {name: value for name, value in named if value is not None and value != {} and value != ()}


def media_record(document: dict[str, Any] | None) -> Media | None:
    if not document:
        return None
    if "thumbs" in document:
        document = {**document, "thumbs": tuple(document["thumbs"])}
    return Media(**document)


def entities_document(entities: tuple[Entity, ...]) -> list[Any] | None:
    return [
        [e.kind, e.offset, e.length, e.url] if e.detail is None else [*_spot(e), e.detail] for e in entities
    ] or None


def _spot(e: Entity) -> tuple[str, int, int, str | None]:
    return e.kind, e.offset, e.length, e.url


def entities_record(document: list[Any] | None) -> tuple[Entity, ...]:
    return tuple(
        Entity(kind=k, offset=o, length=n, url=u, detail=more[0] if more else None)
        for k, o, n, u, *more in document or ()
    )


_DETAILS = [(each.name, each.default) for each in fields(Details)]


def details_document(details: Details) -> dict[str, Any] | None:
    """What differs from a post of which nothing was said; None when nothing does."""
    if details is NO_DETAILS:
        return None
    document = {name: value for name, default in _DETAILS if (value := getattr(details, name)) != default}
    if details.reply is not None:
        document["reply"] = {k: v for k, v in asdict(details.reply).items() if v is not None}
    return document or None


def details_record(document: dict[str, Any] | None) -> Details:
    if not document:
        return NO_DETAILS
    given = dict(document)
    if (reply := given.get("reply")) is not None:
        given["reply"] = Reply(**reply)
    for name in ("reactions", "buttons"):
        if given.get(name) is not None:
            given[name] = tuple((a, b) for a, b in given[name])
    if "hidden_in" in given:
        given["hidden_in"] = tuple(given["hidden_in"])
    return Details(**given)


_LATER = ("user_id", "is_imported")


def forward_document(forward: Forward | None) -> dict[str, Any] | None:
    if forward is None:
        return None
    document = asdict(forward)
    # Not there in the first archives, and rarely said.
    document = {k: v for k, v in document.items() if k not in _LATER or v not in (None, False)}
    if forward.posted_at is not None:
        document["posted_at"] = forward.posted_at.isoformat()
    return document


def forward_record(document: dict[str, Any] | None) -> Forward | None:
    if document is None:
        return None
    at = document.get("posted_at")
    return Forward(**{**document, "posted_at": datetime.fromisoformat(at) if at else None})


def post_row(post: Post) -> dict[str, Any]:
    digest = post.hash
    return {
        "channel_id": post.channel_id,
        "id": post.id,
        "posted_at": post.posted_at,
        "seen_at": post.seen_at,
        "last_seen_at": post.seen_at,
        "how": post.how.value,
        "kind": post.kind.value,
        "text": post.text,
        "hash": digest,
        "current": 0,
        "current_hash": digest,
        "edited_at": post.edited_at,
        "entities": entities_document(post.entities) if post.entities else None,
        "media": media_document(post.media),
        "album_id": post.album_id,
        "forward": forward_document(post.forward),
        "reply_to": post.reply_to,
        "author": post.author,
        "views": post.views,
        "forwards": post.forwards,
        "raw": post.raw,
        "details": details_document(post.details),
    }


def post_record(row: Mapping[Any, Any]) -> Post:
    return Post(
        channel_id=row["channel_id"],
        id=row["id"],
        posted_at=row["posted_at"],
        seen_at=row["seen_at"],
        how=How(row["how"]),
        kind=PostKind(row["kind"]),
        text=row["text"],
        edited_at=row["edited_at"],
        entities=entities_record(row["entities"]),
        media=media_record(row["media"]),
        album_id=row["album_id"],
        forward=forward_record(row["forward"]),
        reply_to=row["reply_to"],
        author=row["author"],
        views=row["views"],
        forwards=row["forwards"],
        raw=row["raw"],
        details=details_record(row["details"]),
        removed_at=row["removed_at"],
    )
