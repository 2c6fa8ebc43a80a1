"""What is no chat, or one of which Telegram says not how to reach it, keeps no channel from being found."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from telethon.extensions import BinaryReader
from telethon.sessions import MemorySession
from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.channels import resolve
from collector.errors import Failed
from collector.stock import StockClient

NOON = datetime(2031, 3, 14, 12, tzinfo=UTC)
SETTINGS = T.PeerNotifySettings()
NO_PHOTO = T.ChatPhotoEmpty()


class Told(StockClient):
    """A client that is told this, page by page, whatever it asks."""

    pages: Sequence[Any] = ()

    async def _call(self, *_: Any, **__: Any) -> Any:
        page, *self.pages = self.pages
        return BinaryReader(bytes(page._bytes())).tgread_object()


def a_channel(number: int, access_hash: int | None = 5) -> T.Channel:
    return T.Channel(
        id=number, title="Falcon", photo=NO_PHOTO, date=NOON, access_hash=access_hash, broadcast=True
    )


def a_dialog(peer: Any) -> T.Dialog:
    counts = ("unread_count", "unread_mentions_count", "unread_reactions_count", "unread_poll_votes_count")
    return T.Dialog(
        peer=peer,
        top_message=3,
        read_inbox_max_id=0,
        read_outbox_max_id=0,
        notify_settings=SETTINGS,
        pts=9,
        **dict.fromkeys(counts, 0),
    )


def a_page(dialogs: Sequence[Any], chats: Sequence[Any], users: Sequence[Any] = ()) -> Any:
    messages = [
        T.Message(id=3, peer_id=each.peer, date=NOON, message="words")
        for each in dialogs
        if isinstance(each, T.Dialog)
    ]
    return T.messages.DialogsSlice(
        count=1000, dialogs=list(dialogs), messages=messages, chats=list(chats), users=list(users)
    )


async def listed(*pages: Any) -> list[int]:
    client = Told(MemorySession(), 1, "hash")
    client.pages = pages
    return [dialog.entity.id for dialog in await client.get_dialogs(limit=None)]


FOLDER = T.DialogFolder(T.Folder(1, "Archive"), T.PeerChannel(7), 3, 0, 0, 0, 0)


@pytest.mark.parametrize("odd", [FOLDER, T.DialogCommunity(8, SETTINGS)], ids=["folder", "community"])
async def test_what_is_no_chat_hides_none_be_it_on_a_full_page(odd: Any) -> None:
    numbers = range(100, 199)
    first = [odd, *(a_dialog(T.PeerChannel(number)) for number in numbers)]
    full = a_page(first, [a_channel(number) for number in numbers])
    assert await listed(full, a_page([a_dialog(T.PeerChannel(7))], [a_channel(7)])) == [*numbers, 7]


@pytest.mark.parametrize(
    ("peer", "chats", "users"),
    [
        (T.PeerChannel(8), [a_channel(8, access_hash=None)], []),
        (T.PeerUser(8), [], [T.User(id=8)]),
        (T.PeerUser(8), [], [T.UserEmpty(8)]),
        (T.PeerChat(8), [T.ChatEmpty(8)], []),
        (T.PeerChannel(8), [], []),
    ],
)
async def test_nor_does_one_that_cannot_be_reached(peer: Any, chats: list[Any], users: list[Any]) -> None:
    page = a_page([a_dialog(peer), a_dialog(T.PeerChannel(7))], [*chats, a_channel(7)], users)
    assert await listed(page) == [7]


async def test_a_handle_that_leads_to_one_that_cannot_be_reached_is_a_failure_of_that_one() -> None:
    class Line:
        async def ask(self, *_: Any, **__: Any) -> Any:
            found = a_channel(7, access_hash=None)
            return T.contacts.ResolvedPeer(peer=T.PeerChannel(7), chats=[found], users=[])

    line: Any = Line()
    with pytest.raises(Failed, match="does not say how to reach it"):
        await resolve(line, "falcon_news")
