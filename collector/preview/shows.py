"""What a message of the preview shows beside its text, in our terms."""

import re
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from collector.preview.words import classes, clock, count, plain, size
from domain.post import Media

_KINDS = (
    (".tgme_widget_message_poll", "poll"),
    (".tgme_widget_message_photo_wrap", "photo"),
    (".tgme_widget_message_video_player", "video"),
    (".tgme_widget_message_roundvideo_player", "video"),
    (".tgme_widget_message_voice_player", "voice"),
    (".tgme_widget_message_document_wrap", "document"),
    (".tgme_widget_message_sticker_wrap", "sticker"),
    (".tgme_widget_message_location_wrap", "geo"),
    (".message_media_not_supported", "other"),
    (".tgme_widget_message_link_preview", "webpage"),
)
_WIDTH = re.compile(r"(?:^|;)\s*width:\s*([\d.]+)px")
_RATIO = re.compile(r"padding-top:\s*([\d.]+)%")


def media_of(message: LexborNode) -> Media | None:
    """What it shows; None: nothing but its text. The preview names no file: `file_id` stays open."""
    for selector, kind in _KINDS:
        if (node := message.css_first(selector)) is not None:
            return _media(message, node, kind)
    return None


def album_of(message: LexborNode, handle: str) -> dict[int, Media]:
    """The parts of an album by their numbers; empty when it is none."""
    out: dict[int, Media] = {}
    for layer in message.css(".tgme_widget_message_grouped_layer"):
        for part in layer.css("a[href]"):
            path = urlsplit(part.attributes.get("href") or "").path.strip("/").split("/")
            if len(path) == 2 and path[0].lower() == handle.lower() and path[1].isdecimal():
                is_photo = "tgme_widget_message_photo_wrap" in classes(part)
                out[int(path[1])] = _media(message, part, "photo" if is_photo else "video")
    return out


def _media(message: LexborNode, node: LexborNode, kind: str) -> Media:
    match kind:
        case "poll":
            return _poll(message, node)
        case "photo":
            width, height = _sizes(node, ".tgme_widget_message_photo")
            return Media(kind=kind, width=width, height=height)
        case "video":
            duration = plain(node.css_first("time"))
            is_round = "tgme_widget_message_roundvideo_player" in classes(node)
            width, height = _sizes(node, ".tgme_widget_message_video_wrap")
            return Media(
                kind=kind,
                duration=clock(duration),
                width=width,
                height=height,
                detail={"round": True} if is_round else {},
            )
        case "voice":
            return Media(kind=kind, duration=clock(plain(node.css_first("time"))))
        case "document":
            return _document(node)
        case "geo":
            return Media(kind=kind, detail=_place(node))
        case "webpage":
            return Media(kind=kind, detail=_link(node))
        case "other":
            return Media(
                kind=kind, detail={"type": plain(node.css_first(".message_media_not_supported_label"))}
            )
        case _:
            return Media(kind=kind)


def _sizes(node: LexborNode, inner: str) -> tuple[int | None, int | None]:
    """In pixels of the page: what it was made to fit into, and not the file's own."""
    wide = _WIDTH.search(node.attributes.get("style") or "")
    box = node.css_first(inner)
    ratio = _RATIO.search((box.attributes.get("style") or "") if box is not None else "")
    if wide is None or ratio is None:
        return None, None
    width = float(wide[1])
    return round(width), round(width * float(ratio[1]) / 100)


def _poll(message: LexborNode, node: LexborNode) -> Media:
    options = node.css(".tgme_widget_message_poll_option")
    shares = [count(plain(o.css_first(".tgme_widget_message_poll_option_percent"))) for o in options]
    voters = count(plain(message.css_first(".tgme_widget_message_voters")))
    return Media(
        kind="poll",
        detail={
            "question": plain(node.css_first(".tgme_widget_message_poll_question")),
            "type": plain(node.css_first(".tgme_widget_message_poll_type")),
            "answers": [plain(o.css_first(".tgme_widget_message_poll_option_text")) for o in options],
            "percents": [share[0] if share else None for share in shares],
            "total": voters[0] if voters else None,
        },
    )


def _document(node: LexborNode) -> Media:
    title = plain(node.css_first(".tgme_widget_message_document_title"))
    extra = plain(node.css_first(".tgme_widget_message_document_extra"))
    icon = node.css_first(".tgme_widget_message_document_icon")
    if icon is not None and "audio" in classes(icon):
        return Media(kind="audio", name=title or None, detail={"performer": extra} if extra else {})
    return Media(kind="document", name=title or None, size=size(extra))


def _place(node: LexborNode) -> dict[str, Any]:
    found = re.search(r"(-?\d+\.\d+),(-?\d+\.\d+)", node.attributes.get("href") or "")
    return {"lat": float(found[1]), "long": float(found[2])} if found else {}


def _link(node: LexborNode) -> dict[str, Any]:
    told = {
        "url": node.attributes.get("href") or "",
        "title": plain(node.css_first(".link_preview_title")),
        "description": plain(node.css_first(".link_preview_description")),
        "site_name": plain(node.css_first(".link_preview_site_name")),
    }
    return {name: value for name, value in told.items() if value}
