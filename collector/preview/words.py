"""The text of a message as the preview marks it up, and numbers as it shortens them."""

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from domain.post import Entity

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strike",
    "del": "strike",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
}
_COUNT = re.compile(r"(\d[\d\s.,]*)\s*([KM](?![A-Za-z]))?")
_SHORT = {"": 1, "K": 1_000, "M": 1_000_000}
_SIZE = re.compile(r"([\d.]+)\s*([KMG]?)B", re.IGNORECASE)
_BYTES = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


@dataclass(slots=True)
class _Walk:
    parts: list[str] = field(default_factory=list)
    length: int = 0  #: so far, in UTF-16 units
    entities: list[Entity] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.length += units(text)

    def go(self, node: LexborNode) -> None:
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                self.add(child.text_content or "")
            elif child.tag == "br":
                self.add("\n")
            elif child.tag in ("script", "style"):
                continue
            else:
                self._element(child)

    def _element(self, node: LexborNode) -> None:
        start, n = self.length, len(self.parts)
        if "emoji" in classes(node):  # a picture of an emoji, with the emoji in it
            self.add(node.text())
            return
        # What is nested comes after what holds it, as Telegram orders it.
        place = len(self.entities)
        self.go(node)
        length = self.length - start
        if length and (kind := _kind(node, "".join(self.parts[n:]))) is not None:
            name, url = kind
            self.entities.insert(place, Entity(kind=name, offset=start, length=length, url=url))


def words(node: LexborNode | None) -> tuple[str, tuple[Entity, ...]]:
    """The text of an element and its marks, in UTF-16 units as Telegram counts; blanks at its ends are
    markup.
    """
    if node is None:
        return "", ()
    walk = _Walk()
    walk.go(node)
    raw = "".join(walk.parts)
    text = raw.strip()
    cut, length = units(raw[: len(raw) - len(raw.lstrip())]), units(text)
    kept = []
    for each in walk.entities:
        start, end = max(0, each.offset - cut), min(length, each.offset + each.length - cut)
        if start < end:
            kept.append(Entity(kind=each.kind, offset=start, length=end - start, url=each.url))
    return text, tuple(kept)


def units(text: str) -> int:
    """How long Telegram says a text is: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def classes(node: LexborNode) -> frozenset[str]:
    return frozenset((node.attributes.get("class") or "").split())


def plain(node: LexborNode | None) -> str:
    """The text of an element on one line."""
    return "" if node is None else " ".join(node.text().split())


def count(text: str) -> tuple[int, bool] | None:
    """`1.2K` -> 1200, which is rounded; `12 345 subscribers` -> 12345, which is not. None: no number."""
    found = _COUNT.search(text.replace("\xa0", " "))
    if found is None:
        return None
    digits, unit = found[1].strip(), found[2] or ""
    if not unit:
        return int(re.sub(r"\D", "", digits)), True
    return round(float(digits.replace(",", ".").replace(" ", "")) * _SHORT[unit]), False


def clock(text: str) -> float | None:
    """`1:02:03` -> 3723 seconds. None when it is no time."""
    parts = text.strip().split(":")
    if not 2 <= len(parts) <= 3 or not all(p.isdecimal() for p in parts):
        return None
    seconds = 0.0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return seconds


def size(text: str) -> int | None:
    """`1.2 MB` -> bytes, as nearly as it is shown."""
    found = _SIZE.search(text)
    if found is None:
        return None
    try:
        return round(float(found[1]) * _BYTES[found[2].upper()])
    except ValueError:
        return None


def _kind(node: LexborNode, text: str) -> tuple[str, str | None] | None:
    if node.tag != "a":
        kind = _KINDS.get(node.tag or "")
        return (kind, None) if kind else None
    href = node.attributes.get("href") or ""
    if href.startswith("?q="):
        return ("cashtag" if text.startswith("$") else "hashtag"), None
    if text.startswith("@"):
        return "mention", None
    if href.startswith("mailto:"):
        return "email", None
    if href.startswith("tel:"):
        return "phone", None
    bare = re.sub(r"^https?://", "", href).rstrip("/")
    if bare == re.sub(r"^https?://", "", text).rstrip("/"):
        return "url", None
    return ("text_url", href) if href else None
