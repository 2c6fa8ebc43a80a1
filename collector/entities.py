"""What stands in and around a text, as Telethon has it, in our terms: entities, answers, origins, buttons."""

import re
from functools import cache
from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from domain.instant import utc
from domain.post import Entity, Forward, Reply

_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


def words_of(found: Any, prefix: str) -> str:
    """`MessageEntityTextUrl`, without its prefix -> text_url"""
    return _words(type(found).__name__, prefix)


@cache
def _words(name: str, prefix: str) -> str:
    return _HUMP.sub("_", name.removeprefix(prefix)).lower()


def entity_of(found: Any) -> Entity:
    kind = words_of(found, "MessageEntity")
    url = getattr(found, "url", None)
    if url is None and (user := getattr(found, "user_id", None)) is not None:
        url = f"tg://user?id={user}"
    detail = getattr(found, "language", None) or getattr(found, "document_id", None)
    if detail is None and isinstance(at := getattr(found, "date", None), int):
        detail = at
    return Entity(
        kind=kind,
        offset=found.offset,
        length=found.length,
        url=url,
        detail=str(detail) if detail else None,
    )


def forward_of(header: Any) -> Forward | None:
    if header is None:
        return None
    source = header.from_id
    return Forward(
        channel_id=source.channel_id if isinstance(source, T.PeerChannel) else None,
        post_id=header.channel_post,
        name=header.from_name or header.post_author,
        posted_at=utc(header.date) if header.date else None,
        user_id=source.user_id if isinstance(source, T.PeerUser) else None,
        is_imported=bool(header.imported),
    )


def reply_to(header: Any, channel_id: int) -> int | None:
    """The post of the same channel that is answered; an answer to another chat's is none of ours."""
    if not isinstance(header, T.MessageReplyHeader):
        return None
    other = header.reply_to_peer_id
    if other is not None and getattr(other, "channel_id", None) != channel_id:
        return None
    number: int | None = header.reply_to_msg_id
    return number


def reply_of(header: Any, channel_id: int) -> Reply | None:
    """What is said of an answer beyond the number of a post in the same channel."""
    if isinstance(header, T.MessageReplyStoryHeader):
        return Reply(channel_id=getattr(header.peer, "channel_id", None), story_id=header.story_id)
    if not isinstance(header, T.MessageReplyHeader):
        return None
    other = getattr(header.reply_to_peer_id, "channel_id", None)
    elsewhere = header.reply_to_peer_id is not None and other != channel_id
    reply = Reply(
        channel_id=other if elsewhere else None,
        post_id=header.reply_to_msg_id if elsewhere else None,
        name=getattr(header.reply_from, "from_name", None),
        quote=header.quote_text or None,
        quote_offset=header.quote_offset,
    )
    return None if reply == Reply() else reply


def topic_of(header: Any) -> int | None:
    """Telegram's topic of a forum that a message stands in."""
    if not isinstance(header, T.MessageReplyHeader) or not header.forum_topic:
        return None
    number: int | None = header.reply_to_top_id or header.reply_to_msg_id
    return number


def buttons_of(markup: Any) -> tuple[tuple[str, str | None], ...]:
    """The words of each button under a post, with its link where it has one."""
    rows = getattr(markup, "rows", None) or ()
    return tuple(
        (str(getattr(b, "text", "")), _leads_to(b))
        for row in rows
        for b in getattr(row, "buttons", None) or ()
    )


def _leads_to(button: Any) -> str | None:
    """In some layers a button has its link itself, in others its type has it."""
    for each in (button, getattr(button, "type", None)):
        if isinstance(url := getattr(each, "url", None), str):
            return url
    return None


def reactions_of(found: Any) -> tuple[tuple[str, int], ...] | None:
    """Sign and count of each; None where Telegram says nothing of reactions."""
    if found is None:
        return None
    return tuple((_sign(each.reaction), int(each.count)) for each in found.results or ())


def _sign(reaction: Any) -> str:
    match reaction:
        case T.ReactionEmoji():
            return str(reaction.emoticon)
        case T.ReactionCustomEmoji():
            return f"custom:{reaction.document_id}"
        case _:
            return words_of(reaction, "Reaction")
