"""From the HTML of the preview to posts: the one place that knows how Telegram lays these pages out."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collector.preview.shows import album_of, media_of
from collector.preview.words import classes, count, plain, words
from domain.instant import utc
from domain.post import Forward, How, Post, PostKind

_POST = re.compile(r"^([A-Za-z0-9_]+)/(\d+)g?$")
_PEER = re.compile(r"^c(\d+)_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A page of a channel's posts, t.me/s/NAME, oldest first."""

    handle: str
    title: str
    channel_id: int | None  #: None where the page does not tell it: one without posts
    members: int | None
    is_exact: bool = True  #: False: the number of members is rounded, as `1.2K`
    about: str = ""
    links: tuple[str, ...] = ()  #: channels that its description leads to
    posts: tuple[Post, ...] = ()
    older: int | None = None  #: there are more before this number
    newer: int | None = None  #: there are more after this number
    unread: tuple[int, ...] = ()  #: messages on it that we could make nothing of; 0: not even of its number

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(post.id for post in self.posts)


class Holder(StrEnum):
    """Whom a handle belongs to."""

    CHANNEL = "channel"
    GROUP = "group"
    PERSON = "person"  #: or a bot
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What t.me/NAME says of whoever goes by that name, where no posts are shown."""

    holder: Holder
    title: str = ""
    members: int | None = None
    said: str = ""  #: the line below the title


def read_feed(page: str, *, seen_at: datetime, how: How) -> Feed | None:
    """Read a page of posts; None when it is none, whatever else it is."""
    tree = LexborHTMLParser(page)
    history = tree.css_first(".tgme_channel_history")
    header = tree.css_first(".tgme_channel_info") or tree.css_first(".tgme_header_info")
    if history is None or header is None:
        return None
    title = plain(tree.css_first(".tgme_channel_info_header_title")) or _meta(tree, "og:title")
    shown = tree.css_first(".tgme_channel_info_header_username")
    handle = plain(shown).removeprefix("@")
    messages = history.css(".tgme_widget_message[data-post]")
    if not handle and messages:
        handle = (messages[0].attributes.get("data-post") or "").partition("/")[0]
    channel_id = next((n for m in messages if (n := _channel(m)) is not None), None)
    posts: dict[int, Post] = {}
    unread: list[int] = []
    for message in messages:
        try:
            found = _posts(message, channel_id or 0, seen_at, how)
        except (ValueError, OverflowError, AttributeError, KeyError):
            found = ()  # something is laid out as nobody has thought of: the others must not be lost by it
        if not found:
            unread.append(_number(message))
        posts.update({post.id: post for post in found})
    members = _members(tree)
    about = tree.css_first(".tgme_channel_info_description")
    return Feed(
        handle=handle,
        title=title,
        channel_id=channel_id,
        members=members[0] if members else None,
        is_exact=members is None or members[1],
        about=words(about)[0],
        links=tuple(_names(about)) if about is not None else (),
        posts=tuple(posts[number] for number in sorted(posts)),
        older=_more(history, "before"),
        newer=_more(history, "after"),
        unread=tuple(unread),
    )


def read_card(page: str) -> Card | None:
    """Read the page that t.me has for a name; None when it is none of its pages."""
    tree = LexborHTMLParser(page)
    if tree.css_first(".tgme_page") is None and tree.css_first(".tgme_body_wrap") is None:
        return None
    title, said = plain(tree.css_first(".tgme_page_title")), plain(tree.css_first(".tgme_page_extra"))
    if not title:
        return Card(holder=Holder.NOBODY)
    found = count(said)
    if "subscriber" in said:
        holder = Holder.CHANNEL
    elif "member" in said:
        holder = Holder.GROUP
    else:
        holder, found = Holder.PERSON, None
    return Card(holder=holder, title=title, members=found[0] if found else None, said=said)


def _posts(message: LexborNode, channel_id: int, seen_at: datetime, how: How) -> Sequence[Post]:
    """The post that a message is; of an album, each of its parts. Empty: it cannot be read."""
    named = _POST.match(message.attributes.get("data-post") or "")
    at = _instant(message)
    if named is None or at is None:
        return ()
    number = int(named[2])
    text, entities = words(message.css_first(".js-message_text"))
    common: dict[str, Any] = {
        "channel_id": channel_id,
        "posted_at": at,
        "seen_at": seen_at,
        "how": how,
    }
    if "service_message" in classes(message):
        said = {
            "action": "service",
            "message": text or plain(message.css_first(".tgme_widget_message_bubble")),
        }
        return (Post(id=number, kind=PostKind.SERVICE, raw=said, **common),)
    forward, source = _forward(message)
    views = count(plain(message.css_first(".tgme_widget_message_views")))
    common |= {
        "forward": forward,
        "reply_to": _reply(message, named[1]),
        "author": plain(message.css_first(".tgme_widget_message_from_author")) or None,
        "views": views[0] if views else None,
        "raw": _beyond(message, source) or None,
    }
    parts = album_of(message, named[1])
    if len(parts) > 1:
        first = min(parts)
        return [
            Post(
                id=part,
                text=text if part == first else "",
                entities=entities if part == first else (),
                media=media,
                # The page does not tell the album's own number: that of its first part stands for it.
                album_id=first,
                **common,
            )
            for part, media in sorted(parts.items())
        ]
    return (Post(id=number, text=text, entities=entities, media=media_of(message), **common),)


def _number(message: LexborNode) -> int:
    named = _POST.match(message.attributes.get("data-post") or "")
    return int(named[2]) if named is not None else 0


def _instant(message: LexborNode) -> datetime | None:
    dated = message.css_first(".tgme_widget_message_date time[datetime]") or message.css_first(
        "time[datetime]"
    )
    try:
        return utc(datetime.fromisoformat((dated.attributes.get("datetime") or "") if dated else ""))
    except ValueError:
        return None


def _channel(message: LexborNode) -> int | None:
    """The channel's number, which the page has for its scripts."""
    if peer := _PEER.match(message.attributes.get("data-peer") or ""):
        return int(peer[1])
    view = message.attributes.get("data-view") or ""
    try:
        told = json.loads(base64.urlsafe_b64decode(view + "=" * (-len(view) % 4)))
        number = abs(int(told["c"]))
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None
    return number or None


def _forward(message: LexborNode) -> tuple[Forward | None, str | None]:
    """Where it comes from, and the handle of that channel where the page leads to it."""
    if message.css_first(".tgme_widget_message_forwarded_from") is None:
        return None, None
    name = message.css_first(".tgme_widget_message_forwarded_from_name")
    path = (
        urlsplit((name.attributes.get("href") or "") if name is not None else "").path.strip("/").split("/")
    )
    post_id = int(path[1]) if len(path) == 2 and path[1].isdecimal() else None
    return Forward(name=plain(name) or None, post_id=post_id), path[0] or None


def _reply(message: LexborNode, handle: str) -> int | None:
    link = message.css_first("a.tgme_widget_message_reply")
    if link is None:
        return None
    path = _path(link)
    if len(path) != 2 or path[0].lower() != handle.lower() or not path[1].isdecimal():
        return None
    return int(path[1])


def _path(link: LexborNode) -> list[str]:
    """https://t.me/name/12 -> name, 12"""
    return urlsplit(link.attributes.get("href") or "").path.strip("/").split("/")


def _beyond(message: LexborNode, source: str | None) -> dict[str, Any]:
    """What the page tells besides: the preview dates no edit, so that it is a mark and no instant."""
    out: dict[str, Any] = {}
    if source:
        out["forwarded_from"] = source
    if "edited" in plain(message.css_first(".tgme_widget_message_meta")).replace(",", " ").split():
        out["edited"] = True
    reactions = {}
    for each in message.css(".tgme_reaction"):
        sign = plain(each.css_first(".emoji")) or plain(each.css_first("tg-emoji")) or "paid"
        if found := count(plain(each).removeprefix(sign)):
            reactions[sign] = found[0]
    if reactions:
        out["reactions"] = reactions
    return out


def _more(history: LexborNode, which: str) -> int | None:
    for link in history.css("a.tme_messages_more"):
        value = link.attributes.get(f"data-{which}")
        if value is None:
            asked = parse_qs(urlsplit(link.attributes.get("href") or "").query)
            value = next(iter(asked.get(which, [])), "")
        if value.isdecimal():
            return int(value)
    return None


def _members(tree: LexborHTMLParser) -> tuple[int, bool] | None:
    for counter in tree.css(".tgme_channel_info_counter"):
        if "subscriber" in plain(counter.css_first(".counter_type")):
            return count(plain(counter.css_first(".counter_value")))
    return None


def _names(node: LexborNode) -> list[str]:
    return [href for a in node.css("a") if (href := a.attributes.get("href")) and "t.me/" in href]


def _meta(tree: LexborHTMLParser, name: str) -> str:
    found = tree.css_first(f'meta[property="{name}"]')
    return (found.attributes.get("content") or "").strip() if found is not None else ""
