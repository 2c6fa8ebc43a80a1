"""Pages of a channel's history, asked for one by one.

Telethon's iter_messages ends early, and without a word, on a page with a row twice or with deleted posts
only; here a page ends nothing but what it shows to be the end.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812

from collector.client import Line
from collector.errors import Failed
from collector.watched import Watched

PAGE = 100  #: Telegram gives no more at once
READ = "messages.getHistory"  #: the call that brings one


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one request brought. `ids` are of everything on it, places of deleted posts included."""

    messages: tuple[Any, ...]
    chats: tuple[Any, ...]
    ids: tuple[int, ...]


async def newer(line: Line, watched: Watched, than: int, *, background: bool = False) -> Page:
    """The posts that follow on number `than`, up to a page of them, whatever came after."""
    page = await _ask(line, watched, background=background, offset_id=than + 1, add_offset=-PAGE, limit=PAGE)
    return await _filled(line, watched, _only(page, lambda number: number > than))


async def newest(line: Line, watched: Watched, than: int) -> Page:
    """The newest posts there are after number `than`, up to a page of them."""
    page = await _ask(line, watched, min_id=than, limit=PAGE)
    return await _filled(line, watched, _only(page, lambda number: number > than))


async def older(
    line: Line, watched: Watched, than: int, limit: int = PAGE, *, background: bool = False
) -> Page:
    """The posts before number `than`; 0: the newest there are."""
    page = await _ask(line, watched, background=background, offset_id=than, limit=limit)
    return await _filled(line, watched, _only(page, lambda number: not than or number < than))


async def before(line: Line, watched: Watched, at: datetime) -> int:
    """The number of the newest post from before `at`; 0 when there is none."""
    page = await _ask(line, watched, offset_date=at, limit=1)
    return max(page.ids, default=0)


async def by_number(
    line: Line, watched: Watched, ids: list[int], *, background: bool = False
) -> tuple[list[Any], list[int]]:
    """The posts with these numbers, a hundred at most, and the numbers that have none any more."""
    request = F.channels.GetMessagesRequest(watched.input, [T.InputMessageID(i) for i in ids])
    answer = await line.ask(request, background=background)
    if not isinstance(answer, (T.messages.ChannelMessages, T.messages.Messages, T.messages.MessagesSlice)):
        raise Failed(f"channels.getMessages: answered with {type(answer).__name__}")
    # Matched by number, never by place: what is not mentioned at all is not known to be gone.
    there = [m for m in answer.messages if not isinstance(m, T.MessageEmpty) and m.id in ids]
    empty = [m.id for m in answer.messages if isinstance(m, T.MessageEmpty) and m.id in ids]
    return there, empty


async def _ask(line: Line, watched: Watched, *, background: bool = False, **offsets: Any) -> Page:
    given = {"offset_id": 0, "offset_date": None, "add_offset": 0, "max_id": 0, "min_id": 0, "hash": 0}
    request = F.messages.GetHistoryRequest(peer=watched.peer, **{**given, **offsets})
    answer = await line.ask(request, background=background)
    messages = getattr(answer, "messages", None)
    if messages is None:  # messagesNotModified answers a hash that we never send
        raise Failed(f"{READ}: answered with {type(answer).__name__}")
    return Page(messages=tuple(messages), chats=tuple(answer.chats), ids=tuple(m.id for m in messages))


async def _filled(line: Line, watched: Watched, page: Page) -> Page:
    """A page of history has posts on it. Where it shows but the place of one, that post is asked for: the
    place alone would let it pass for read."""
    hollow = sorted({m.id for m in page.messages if isinstance(m, T.MessageEmpty)})
    if not hollow:
        return page
    there, _ = await by_number(line, watched, hollow[:PAGE])
    kept = tuple(m for m in page.messages if not isinstance(m, T.MessageEmpty))
    return Page(messages=(*kept, *there), chats=page.chats, ids=page.ids)


def _only(page: Page, wanted: Any) -> Page:
    kept = tuple(m for m in page.messages if wanted(m.id))
    return Page(messages=kept, chats=page.chats, ids=tuple(m.id for m in kept))
