"""The world as the pages of t.me: the markup that Telegram's own preview has, as far as we know it."""

import base64
import json
from collections.abc import Collection, Sequence
from html import escape

from sandbox.channel import Channel
from sandbox.post import Post
from sandbox.web.markup import marked, short
from sandbox.web.parts import album, media
from sandbox.world import World

PAGE = 20  #: posts on one page


def feed(
    world: World,
    channel: Channel,
    *,
    before: int | None = None,
    after: int | None = None,
    undated: Collection[int] = (),
) -> str:
    """t.me/s/NAME, with ?before= and ?after=; the messages `undated` lack their date."""
    groups = _grouped(channel)
    if after is not None:
        later = [g for g in groups if g[0].id > after]
        shown = later[:PAGE]
    else:
        earlier = [g for g in groups if before is None or g[0].id < before]
        shown = earlier[-PAGE:]
    older = shown and shown[0][0].id > groups[0][0].id
    newer = shown and shown[-1][0].id < groups[-1][0].id
    parts = [
        _more(channel, "before", shown[0][0].id) if older else "",
        *(_message(world, channel, group, group[0].id not in undated) for group in shown),
        _more(channel, "after", shown[-1][-1].id) if newer else "",
    ]
    members = (
        '<div class="tgme_channel_info_counter">'
        f'<span class="counter_value">{short(channel.audience)}</span> '
        '<span class="counter_type">subscribers</span></div>'
    )
    about = (
        f'<div class="tgme_channel_info_description">{_about(channel.about)}</div>' if channel.about else ""
    )
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(channel.title)} – Telegram</title>'
        f'<meta property="og:title" content="{escape(channel.title)}"></head>'
        '<body class="widget_frame_base tgme_webpreview"><header class="tgme_header search_collapsed">'
        '<div class="tgme_channel_info"><div class="tgme_channel_info_header">'
        '<div class="tgme_channel_info_header_title_wrap"><div class="tgme_channel_info_header_title">'
        f'<span dir="auto">{escape(channel.title)}</span></div></div>'
        '<div class="tgme_channel_info_header_username">'
        f'<a href="https://t.me/{channel.handle}">@{channel.handle}</a></div></div>'
        f'<div class="tgme_channel_info_counters">{members}</div>{about}</div></header>'
        f'<main class="tgme_main" data-url="/{channel.handle}"><div class="tgme_container">'
        '<section class="tgme_channel_history js-message_history">'
        f"{''.join(parts)}</section></div></main></body></html>"
    )


def card(title: str, extra: str) -> str:
    """t.me/NAME: who goes by this name, without posts. No title: nobody does."""
    named = f'<div class="tgme_page_title" dir="auto"><span>{escape(title)}</span></div>' if title else ""
    icon = "" if title else '<div class="tgme_page_icon"><i class="tgme_icon_user"></i></div>'
    said = f'<div class="tgme_page_extra">{escape(extra)}</div>' if extra else ""
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Telegram: Contact</title></head>'
        '<body class="no_transition"><div class="tgme_page_wrap"><div class="tgme_body_wrap">'
        f'<div class="tgme_page">{icon}{named}{said}</div></div></div></body></html>'
    )


def _grouped(channel: Channel) -> list[list[Post]]:
    """The posts that are there, the parts of an album together."""
    groups: list[list[Post]] = []
    for number in channel.ids:
        post = channel.posts[number]
        if groups and post.album_id is not None and groups[-1][0].album_id == post.album_id:
            groups[-1].append(post)
        else:
            groups.append([post])
    return groups


def _more(channel: Channel, which: str, number: int) -> str:
    return (
        '<div class="tme_messages_more_wrap js-messages_more_wrap">'
        f'<a href="/s/{channel.handle}?{which}={number}" class="tme_messages_more js-messages_more" '
        f'data-{which}="{number}"></a></div>'
    )


def _message(world: World, channel: Channel, group: Sequence[Post], is_dated: bool) -> str:
    first, is_album = group[0], len(group) > 1
    view = {"c": -channel.id, "p": f"{first.id}g" if is_album else first.id, "t": 0, "h": "0"}
    data_view = base64.urlsafe_b64encode(json.dumps(view).encode()).decode().rstrip("=")
    service = first.service is not None
    head = (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
        f'<div class="tgme_widget_message {"service_message " if service else ""}js-widget_message" '
        f'data-post="{channel.handle}/{first.id}" data-view="{data_view}" data-peer="c{channel.id}_-1">'
        '<div class="tgme_widget_message_bubble">'
    )
    if service:
        body = marked(_service(channel, first), ())
    else:
        text = next((p for p in group if p.text), first)
        body = "".join(
            (
                '<div class="tgme_widget_message_author"><a class="tgme_widget_message_owner_name" '
                f'href="https://t.me/{channel.handle}"><span dir="auto">{escape(channel.title)}</span>'
                "</a></div>",
                _forward(world, first),
                _reply(channel, first),
                album(channel, group) if is_album else media(channel, first),
                marked(text.text, text.entities) if text.text else "",
                _reactions(first),
            )
        )
    return f"{head}{body}{_footer(channel, first) if is_dated else ''}</div></div></div>"


def _footer(channel: Channel, post: Post) -> str:
    at = post.posted_at.replace(microsecond=0)
    views = "" if post.service else f'<span class="tgme_widget_message_views">{short(post.views)}</span>'
    author = (
        f'<span class="tgme_widget_message_from_author" dir="auto">{escape(post.author)}</span>, '
        if post.author
        else ""
    )
    edited = "edited &nbsp;" if post.edited_at and not post.edit_hidden else ""
    return (
        '<div class="tgme_widget_message_footer compact js-message_footer">'
        f'<div class="tgme_widget_message_info short js-message_info">{views}'
        f'<span class="tgme_widget_message_meta">{author}{edited}'
        f'<a class="tgme_widget_message_date" href="https://t.me/{channel.handle}/{post.id}">'
        f'<time datetime="{at.isoformat()}" class="time">{at:%H:%M}</time></a></span></div></div>'
    )


def _forward(world: World, post: Post) -> str:
    source = post.forward
    if source is None:
        return ""
    origin = world.channels.get(source.channel_id or 0)
    title = escape(origin.title if origin else source.name or "a channel")
    if origin is None or origin.handle is None:
        name = f'<span class="tgme_widget_message_forwarded_from_name"><span dir="auto">{title}</span></span>'
    else:
        url = f"https://t.me/{origin.handle}" + (f"/{source.post_id}" if source.post_id else "")
        name = (
            f'<a class="tgme_widget_message_forwarded_from_name" href="{url}">'
            f'<span dir="auto">{title}</span></a>'
        )
    return f'<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from&nbsp;{name}</div>'


def _reply(channel: Channel, post: Post) -> str:
    if post.reply_to is None:
        return ""
    answered = channel.posts.get(post.reply_to)
    quoted = escape(answered.text[:60]) if answered else "Deleted message"
    return (
        f'<a class="tgme_widget_message_reply user-color-0" href="https://t.me/{channel.handle}/{post.reply_to}">'
        f'<div class="tgme_widget_message_author"><span dir="auto">{escape(channel.title)}</span></div>'
        f'<div class="tgme_widget_message_text js-message_reply_text" dir="auto">{quoted}</div></a>'
    )


def _reactions(post: Post) -> str:
    if not post.reactions:
        return ""
    chips = "".join(
        f'<span class="tgme_reaction"><i class="emoji"><b>{escape(sign)}</b></i>{short(n)}</span>'
        for sign, n in post.reactions
    )
    return f'<div class="tgme_widget_message_reactions js-message_reactions">{chips}</div>'


def _service(channel: Channel, post: Post) -> str:
    what, _, detail = (post.service or "").partition(":")
    return {
        "title": f"Channel name was changed to «{detail}»",
        "photo": "Channel photo updated",
        "created": "Channel created",
        "pin": f"{channel.title} pinned a message",
    }.get(what, post.service or "")


def _about(text: str) -> str:
    words = (
        f'<a href="https://t.me/{w[1:]}">{escape(w)}</a>' if w.startswith("@") else escape(w)
        for w in text.split(" ")
    )
    return " ".join(words)
