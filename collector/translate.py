"""From Telethon's messages to our posts: with collector/media.py, the one place that knows both."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.media import media_of
from domain.instant import utc
from domain.post import Entity, Forward, How, Post, PostKind

_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


def post_of(message: Any, *, seen_at: datetime, how: How, known: bool = False) -> Post | None:
    """The post that a Message or MessageService is; None for one that is not there, or not in a channel.

    Reactions and buttons move Telegram's edit date as well; it then asks not to show the post as edited, and
    we do not. Of a post that is `known` the date is kept all the same: it dates a change of text, if there is
    one.
    """
    channel_id = channel_of(message)
    if channel_id is None or not isinstance(message, (T.Message, T.MessageService)):
        return None
    reply = _reply(message.reply_to, channel_id)
    if isinstance(message, T.MessageService):
        return Post(
            channel_id=channel_id,
            id=message.id,
            posted_at=utc(message.date),
            seen_at=seen_at,
            how=how,
            kind=PostKind.SERVICE,
            reply_to=reply,
            raw=_action(message.action),
        )
    edited = utc(message.edit_date) if message.edit_date else None
    return Post(
        channel_id=channel_id,
        id=message.id,
        posted_at=utc(message.date),
        seen_at=seen_at,
        how=how,
        text=message.message or "",
        edited_at=edited if known or not message.edit_hide else None,
        entities=tuple(_entity(e) for e in message.entities or ()),
        media=media_of(message.media),
        album_id=message.grouped_id,
        forward=_forward(message.fwd_from),
        reply_to=reply,
        author=message.post_author,
        views=message.views,
        forwards=message.forwards,
    )


def posts_of(messages: Iterable[Any], *, seen_at: datetime, how: How, known: bool = False) -> list[Post]:
    """The posts among these messages."""
    found = (post_of(m, seen_at=seen_at, how=how, known=known) for m in messages)
    return [post for post in found if post is not None]


def channel_of(message: Any) -> int | None:
    """The number of the channel a message is in; None when it is in none."""
    peer = getattr(message, "peer_id", None)
    return peer.channel_id if isinstance(peer, T.PeerChannel) else None


def _entity(found: Any) -> Entity:
    kind = _HUMP.sub("_", type(found).__name__.removeprefix("MessageEntity")).lower()
    url = getattr(found, "url", None)
    if url is None and (user := getattr(found, "user_id", None)) is not None:
        url = f"tg://user?id={user}"
    return Entity(kind=kind, offset=found.offset, length=found.length, url=url)


def _forward(header: Any) -> Forward | None:
    if header is None:
        return None
    source = header.from_id
    return Forward(
        channel_id=source.channel_id if isinstance(source, T.PeerChannel) else None,
        post_id=header.channel_post,
        name=header.from_name or header.post_author,
        posted_at=utc(header.date) if header.date else None,
    )


def _reply(header: Any, channel_id: int) -> int | None:
    """The post of the same channel that is answered; an answer to another chat's is none of ours."""
    if not isinstance(header, T.MessageReplyHeader):
        return None
    other = header.reply_to_peer_id
    if other is not None and getattr(other, "channel_id", None) != channel_id:
        return None
    number: int | None = header.reply_to_msg_id
    return number


def _action(action: Any) -> dict[str, Any]:
    """`MessageActionChatEditTitle` -> chat_edit_title, with the title where it has one."""
    name = _HUMP.sub("_", type(action).__name__.removeprefix("MessageAction")).lower()
    told = {"action": name}
    for field in ("title", "message"):
        if isinstance(value := getattr(action, field, None), str):
            told[field] = value
    return told
