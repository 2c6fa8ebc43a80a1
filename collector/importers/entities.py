"""Formatted text: from the parts of an export to one text with entities, in UTF-16 units."""

import re
from collections.abc import Sequence
from typing import Any

from collector.importers.errors import Unusable
from collector.importers.values import shown, whole
from domain.post import Entity

#: Telegram Desktop's words where https://core.telegram.org/type/MessageEntity has others.
_DESKTOP = {"link": "url", "text_link": "text_url", "strikethrough": "strike"}
_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


def units(text: str) -> int:
    """How long Telegram counts a text: in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def joined(parts: Sequence[Any]) -> tuple[str, tuple[Entity, ...]]:
    """A text given in parts, each a string or an object with type and text. Raises Unusable."""
    texts: list[str] = []
    entities: list[Entity] = []
    at = 0
    for part in parts:
        if isinstance(part, str):
            kind, text, url = "plain", part, None
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            kind, text, url = str(part.get("type", "plain")), part["text"], part.get("href")
        else:
            raise Unusable(f"a part of its text is no text: {shown(part)}")
        length = units(text)
        if kind != "plain" and length:
            link = url if isinstance(url, str) else None
            entities.append(Entity(kind=_DESKTOP.get(kind, kind), offset=at, length=length, url=link))
        texts.append(text)
        at += length
    return "".join(texts), tuple(entities)


def telethon_entities(given: Any) -> tuple[Entity, ...]:
    """Entities as Telethon dumps them; one that is unfit is left out."""
    out: list[Entity] = []
    for each in given if isinstance(given, list) else ():
        if not isinstance(each, dict):
            continue
        name, offset, length = str(each.get("_", "")), whole(each.get("offset")), whole(each.get("length"))
        if offset is None or length is None or offset < 0 or length <= 0:
            continue
        kind = _HUMP.sub("_", name.removeprefix("MessageEntity")).lower()
        url = each.get("url")
        out.append(Entity(kind=kind, offset=offset, length=length, url=url if isinstance(url, str) else None))
    return tuple(out)
