"""What posts show beside their text, as the preview marks it up."""

from collections.abc import Iterable
from html import escape

from domain.post import Media
from sandbox.channel import Channel
from sandbox.post import Post
from sandbox.web.markup import short

_PIXEL = "https://cdn.example/file"


def album(channel: Channel, group: Iterable[Post]) -> str:
    """The parts of an album, each with a link of its own."""
    parts = []
    for post in group:
        url = f"https://t.me/{channel.handle}/{post.id}?single"
        if post.media is not None and post.media.kind == "video":
            parts.append(_video(post.media, url, "grouped_media_wrap "))
        else:
            parts.append(
                f'<a class="tgme_widget_message_photo_wrap grouped_media_wrap js-message_photo" '
                f'style="width:200px;background-image:url(\'{_PIXEL}/{post.id}.jpg\')" href="{url}">'
                '<div class="grouped_media_helper">'
                '<div class="tgme_widget_message_photo grouped_media"></div></div></a>'
            )
    return (
        '<div class="tgme_widget_message_grouped_wrap js-message_grouped_wrap">'
        '<div class="tgme_widget_message_grouped js-message_grouped">'
        '<div class="tgme_widget_message_grouped_layer js-message_grouped_layer">'
        f"{''.join(parts)}</div></div></div>"
    )


def media(channel: Channel, post: Post) -> str:
    """What a post shows beside its text."""
    if post.media is None:
        return ""
    found, url = post.media, f"https://t.me/{channel.handle}/{post.id}"
    match found.kind:
        case "photo":
            return (
                f'<a class="tgme_widget_message_photo_wrap" href="{url}" '
                f"style=\"width:800px;background-image:url('{_PIXEL}/{post.id}.jpg')\">"
                '<div class="tgme_widget_message_photo" style="padding-top:75%"></div></a>'
            )
        case "video":
            return _video(found, url)
        case "voice":
            return (
                f'<a class="tgme_widget_message_voice_player" href="{url}">'
                f'<audio class="tgme_widget_message_voice" src="{_PIXEL}/{post.id}.ogg"></audio>'
                f'<time class="tgme_widget_message_voice_duration">{_clock(found)}</time></a>'
            )
        case "audio" | "document":
            return (
                f'<a class="tgme_widget_message_document_wrap" href="{url}">'
                f'<div class="tgme_widget_message_document_icon accent_bg {found.kind}"></div>'
                '<div class="tgme_widget_message_document">'
                '<div class="tgme_widget_message_document_title" dir="auto">'
                f"{escape(found.name or 'file')}</div>"
                f'<div class="tgme_widget_message_document_extra" dir="auto">{_size(found)}</div></div></a>'
            )
        case "sticker":
            return (
                '<div class="tgme_widget_message_sticker_wrap">'
                '<i class="tgme_widget_message_sticker"></i></div>'
            )
        case "poll":
            return _poll(found)
        case "webpage":
            return _link(found)
        case "geo":
            lat, long = found.detail["lat"], found.detail["long"]
            return (
                '<a class="tgme_widget_message_location_wrap" '
                f'href="https://maps.google.com/maps?q={lat},{long}">'
                '<div class="tgme_widget_message_location"></div></a>'
            )
        case _:
            return (
                '<div class="message_media_not_supported_wrap"><div class="message_media_not_supported">'
                '<div class="message_media_not_supported_label">This media is not supported</div></div></div>'
            )


def _video(found: Media, url: str, more: str = "") -> str:
    return (
        f'<a class="tgme_widget_message_video_player {more}js-message_video_player" style="width:640px" '
        f'href="{url}">'
        f'<i class="tgme_widget_message_video_thumb" style="background-image:url(\'{_PIXEL}/t.jpg\')"></i>'
        '<div class="tgme_widget_message_video_wrap" style="padding-top:56.25%">'
        f'<video src="{_PIXEL}/v.mp4" class="tgme_widget_message_video"></video></div>'
        f'<time class="message_video_duration">{_clock(found)}</time></a>'
    )


def _poll(found: Media) -> str:
    detail = found.detail
    counts = [n or 0 for n in detail.get("counts", [0] * len(detail["answers"]))]
    total = sum(counts)
    options = "".join(
        '<div class="tgme_widget_message_poll_option">'
        '<div class="tgme_widget_message_poll_option_percent">'
        f"{round(100 * n / total) if total else 0}%</div>"
        '<div class="tgme_widget_message_poll_option_value">'
        f'<div class="tgme_widget_message_poll_option_text">{escape(answer)}</div></div></div>'
        for answer, n in zip(detail["answers"], counts, strict=True)
    )
    return (
        '<div class="tgme_widget_message_poll js-poll">'
        f'<div class="tgme_widget_message_poll_question">{escape(detail["question"])}</div>'
        '<div class="tgme_widget_message_poll_type">Anonymous Poll</div>'
        f'<div class="tgme_widget_message_poll_options">{options}</div></div>'
        f'<span class="tgme_widget_message_voters">{short(total)}</span>'
    )


def _link(found: Media) -> str:
    detail = {name: escape(str(value)) for name, value in found.detail.items()}
    return (
        f'<a class="tgme_widget_message_link_preview" href="{detail.get("url", "")}">'
        f'<div class="link_preview_site_name">{detail.get("site_name", "")}</div>'
        f'<div class="link_preview_title">{detail.get("title", "")}</div>'
        f'<div class="link_preview_description">{detail.get("description", "")}</div></a>'
    )


def _clock(found: Media) -> str:
    seconds = round(found.duration or 0)
    return f"{seconds // 60}:{seconds % 60:02}"


def _size(found: Media) -> str:
    return f"{(found.size or 0) / 1024:.1f} KB"
