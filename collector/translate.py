"""From Telethon's messages to our posts: with media.py, entities.py and rawcopy.py, the one place that knows
both.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any

import structlog
from telethon.tl import TLObject
from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.entities import (
    buttons_of,
    entity_of,
    forward_of,
    reactions_of,
    reply_of,
    reply_to,
    topic_of,
    words_of,
)
from collector.media import media_of
from collector.rawcopy import raw_copy, shown
from domain.instant import utc
from domain.post import NO_DETAILS, Details, How, Post, PostKind

log = structlog.get_logger(__name__)


def post_of(message: Any, *, seen_at: datetime, how: How, known: bool = False) -> Post | None:
    """The post that a Message or MessageService is; None for one that is not there, or not in a channel.

    Reactions and buttons move Telegram's edit date as well; it then asks not to show the post as edited, and
    we do not. Of a post that is `known` the date is kept all the same: it dates a change of text, if there is
    one. A message that cannot be understood is a post all the same, with what can be said of it: the rest
    stands in its raw copy.
    """
    channel_id = channel_of(message)
    if channel_id is None or not isinstance(message, (T.Message, T.MessageService)):
        return None
    try:
        fields = _service(message, channel_id) if _is_service(message) else _fields(message, channel_id)
    except Exception as error:  # Telegram says something nobody has thought of: a post must not be lost by it
        log.warning(
            "a message was understood in part only", channel=channel_id, post=message.id, error=repr(error)
        )
        fields = _bare(message)
    edited = getattr(message, "edit_date", None)
    if edited is not None and (known or not getattr(message, "edit_hide", False)):
        fields["edited_at"] = utc(edited)
    return Post(
        channel_id=channel_id,
        id=message.id,
        posted_at=utc(message.date),
        seen_at=seen_at,
        how=how,
        copy=raw_copy(message),
        **fields,
    )


def posts_of(messages: Iterable[Any], *, seen_at: datetime, how: How, known: bool = False) -> list[Post]:
    """The posts among these messages."""
    found = (post_of(m, seen_at=seen_at, how=how, known=known) for m in messages)
    return [post for post in found if post is not None]


def channel_of(message: Any) -> int | None:
    """The number of the channel a message is in; None when it is in none."""
    peer = getattr(message, "peer_id", None)
    return peer.channel_id if isinstance(peer, T.PeerChannel) else None


def _is_service(message: Any) -> bool:
    return isinstance(message, T.MessageService)


def _bare(message: Any) -> dict[str, Any]:
    return {
        "kind": PostKind.SERVICE if _is_service(message) else PostKind.POST,
        "text": str(getattr(message, "message", None) or ""),
        "album_id": getattr(message, "grouped_id", None),
        "details": Details(is_partial=True),
    }


def _service(message: Any, channel_id: int) -> dict[str, Any]:
    answered = message.reply_to
    return {
        "kind": PostKind.SERVICE,
        "reply_to": reply_to(answered, channel_id),
        "raw": _action(message.action),
        "details": _details(
            reply=reply_of(answered, channel_id),
            topic_id=topic_of(answered),
            sender_id=_sender(message.from_id, channel_id),
            reactions=reactions_of(message.reactions),
            is_silent=bool(message.silent),
            ttl=message.ttl_period,
        ),
    }


def _fields(message: Any, channel_id: int) -> dict[str, Any]:
    return {
        "text": message.message or _rich_words(message.rich_message),
        "entities": tuple(map(entity_of, message.entities or ())),
        "media": media_of(message.media),
        "album_id": message.grouped_id,
        "forward": forward_of(message.fwd_from),
        "reply_to": reply_to(message.reply_to, channel_id),
        "author": message.post_author,
        "views": message.views,
        "forwards": message.forwards,
        "details": NO_DETAILS if _beside(message) == _NOTHING else _said_beside(message, channel_id),
    }


#: What `_said_beside` goes by, as it is of most posts: to look at each part costs more than the rest of them.
_SILENT = {
    **dict.fromkeys(("pinned", "silent", "noforwards", "from_scheduled"), False),
    **dict.fromkeys(("reply_to", "replies", "reactions", "via_bot_id", "via_business_bot_id", "from_id")),
    **dict.fromkeys(("ttl_period", "media", "effect", "paid_message_stars", "reply_markup")),
    **dict.fromkeys(("restriction_reason", "factcheck")),
}
_beside, _NOTHING = attrgetter(*_SILENT), tuple(_SILENT.values())


def _said_beside(message: Any, channel_id: int) -> Details:
    answered, replies = message.reply_to, message.replies
    hidden = message.restriction_reason
    return _details(
        reply=reply_of(answered, channel_id),
        topic_id=topic_of(answered),
        discussion_id=getattr(replies, "channel_id", None),
        replies=getattr(replies, "replies", None),
        reactions=reactions_of(message.reactions),
        via_bot=message.via_bot_id or message.via_business_bot_id,
        sender_id=_sender(message.from_id, channel_id),
        is_pinned=bool(message.pinned),
        is_silent=bool(message.silent),
        is_protected=bool(message.noforwards),
        was_scheduled=bool(message.from_scheduled),
        ttl=message.ttl_period or getattr(message.media, "ttl_seconds", None),
        effect=message.effect,
        paid=message.paid_message_stars,
        buttons=buttons_of(message.reply_markup) or None,
        hidden_in=tuple(f"{r.platform}: {r.reason}" for r in hidden) if hidden else None,
        fact_check=_plain(getattr(message.factcheck, "text", None)),
    )


def _details(**said: Any) -> Details:
    given = {name: value for name, value in said.items() if value is not None and value is not False}
    return Details(**given) if given else NO_DETAILS


def _rich_words(rich: Any) -> str:
    """The words of a message that is built of blocks and has no text of its own, a line for each block."""
    if rich is None:
        return ""
    return "\n".join(line for block in rich.blocks or () if (line := "".join(_pieces(block))))


def _pieces(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, (list, tuple)):
        for each in part:
            yield from _pieces(each)
    elif isinstance(part, TLObject):
        for name in ("text", "texts", "caption", "credit", "items", "blocks", "title", "rows", "cells"):
            yield from _pieces(getattr(part, name, None))


def _plain(text: Any) -> str | None:
    found = getattr(text, "text", text)
    return found if isinstance(found, str) else None


def _sender(peer: Any, channel_id: int) -> int | None:
    """Who posted, where it is not the channel: a person's number, or that of another channel or group."""
    if peer is None:
        return None
    number = next(
        (n for name in ("user_id", "channel_id", "chat_id") if (n := getattr(peer, name, None)) is not None),
        None,
    )
    return None if number == channel_id else number


def _action(action: Any) -> dict[str, Any]:
    """`MessageActionChatEditTitle` -> chat_edit_title, with all that it says."""
    said = shown(action)
    said.pop("_", None)
    return {"action": words_of(action, "MessageAction"), **{k: v for k, v in said.items() if v != []}}
