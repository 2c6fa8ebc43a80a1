"""Records inside records: as JSON in a column, and back."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.post import Entity, Forward, Media


def media_document(media: Media | None) -> dict[str, Any] | None:
    if media is None:
        return None
    return {name: value for name, value in asdict(media).items() if value not in (None, {})}


def media_record(document: dict[str, Any] | None) -> Media | None:
    return Media(**document) if document else None


def entities_document(entities: tuple[Entity, ...]) -> list[Any] | None:
    return [[e.kind, e.offset, e.length, e.url] for e in entities] or None


def entities_record(document: list[Any] | None) -> tuple[Entity, ...]:
    return tuple(Entity(kind=k, offset=o, length=n, url=u) for k, o, n, u in document or ())


def forward_document(forward: Forward | None) -> dict[str, Any] | None:
    if forward is None:
        return None
    document = asdict(forward)
    if forward.posted_at is not None:
        document["posted_at"] = forward.posted_at.isoformat()
    return document


def forward_record(document: dict[str, Any] | None) -> Forward | None:
    if document is None:
        return None
    at = document.get("posted_at")
    return Forward(**{**document, "posted_at": datetime.fromisoformat(at) if at else None})
