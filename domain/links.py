"""The links in a post, resolved: what each stretch of its text leads to."""

from collections.abc import Sequence

from domain.post import Entity, Post

#: What stands before the words of an entity to make a link of them.
_BEFORE = {"email": "mailto:", "phone": "tel:"}


def links_of(post: Post) -> list[str]:
    """Every link of a post, once each, in the order of its text: those shown, those behind words, @names,
    those of buttons, the preview's and the forward's source.
    """
    found = [*links_in(post.text, post.entities), *(url for _, url in post.details.buttons if url)]
    if post.media is not None and post.media.kind == "webpage":
        found.append(str(post.media.detail.get("url") or ""))
    source = post.forward
    if source is not None and source.channel_id is not None and source.post_id is not None:
        found.append(f"https://t.me/c/{source.channel_id}/{source.post_id}")
    return list(dict.fromkeys(link for link in found if link))


def links_in(text: str, entities: Sequence[Entity]) -> list[str]:
    """What the entities of a text lead to, in order."""
    units = text.encode("utf-16-le", "surrogatepass")
    return [link for e in sorted(entities, key=lambda e: e.offset) if (link := _link(units, e))]


def _link(units: bytes, entity: Entity) -> str | None:
    if entity.url is not None:
        return entity.url
    # Telegram counts in UTF-16 units: two bytes each.
    at, end = 2 * max(entity.offset, 0), 2 * max(entity.offset + entity.length, 0)
    words = units[at:end].decode("utf-16-le", "replace").strip()
    if not words:
        return None
    if entity.kind == "url":
        return words if "://" in words else f"https://{words}"
    if entity.kind == "mention":
        return f"https://t.me/{words.lstrip('@')}"
    if entity.kind in _BEFORE:
        return _BEFORE[entity.kind] + words.replace(" ", "")
    return None
