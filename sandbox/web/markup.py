"""Text with its entities, and numbers, as the preview shows them."""

from collections.abc import Sequence
from html import escape

from domain.post import Entity

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strike": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "spoiler": "tg-spoiler",
}


def short(n: int) -> str:
    """12345 -> 12.3K, as the preview shortens numbers."""
    for size, unit in ((1_000_000, "M"), (1_000, "K")):
        if n >= size:
            return f"{n / size:.3g}{unit}" if n / size < 1000 else f"{n // size}{unit}"
    return str(n)


def marked(text: str, entities: Sequence[Entity]) -> str:
    """Marked up; entities are cut in UTF-16 units, and those that are nested follow what holds them."""
    raw = text.encode("utf-16-le")
    opens: dict[int, list[str]] = {}
    closes: dict[int, list[str]] = {}
    for each in entities:
        covered = raw[2 * each.offset : 2 * (each.offset + each.length)].decode("utf-16-le")
        start, end = _tag(each, covered)
        opens.setdefault(each.offset, []).append(start)
        closes.setdefault(each.offset + each.length, []).insert(0, end)
    out, at = [], 0
    for place in sorted({*opens, *closes, len(raw) // 2}):
        piece = raw[2 * at : 2 * place].decode("utf-16-le")
        out.append(escape(piece, quote=False).replace("\n", "<br/>"))
        out += [*closes.get(place, []), *opens.get(place, [])]
        at = place
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{"".join(out)}</div>'


def _tag(each: Entity, covered: str) -> tuple[str, str]:
    match each.kind:
        case "text_url":
            return f'<a href="{escape(each.url or "")}" target="_blank" rel="noopener">', "</a>"
        case "url":
            url = covered if "://" in covered else f"http://{covered}"
            return f'<a href="{escape(url)}" target="_blank" rel="noopener">', "</a>"
        case "mention":
            return f'<a href="https://t.me/{covered.lstrip("@")}" target="_blank">', "</a>"
        case "hashtag":
            return f'<a href="?q=%23{escape(covered.lstrip("#"))}">', "</a>"
        case _:
            name = _TAGS.get(each.kind)
            return (f"<{name}>", f"</{name}>") if name else ("", "")
