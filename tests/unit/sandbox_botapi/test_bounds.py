"""A run of hours does not eat the machine's memory."""

import pytest

from domain.clock import SetClock
from domain.errors import DeadairError
from sandbox.botapi import people, record, updates
from sandbox.botapi.chats import Chat
from sandbox.botapi.errors import Misused, Refused
from sandbox.botapi.files import FileStore, picture_size
from sandbox.botapi.messages import MOST_VERSIONS, Body, Message, Version
from sandbox.botapi.server import BotApiServer
from sandbox.botapi.world import World
from tests.support.botapi import NOON, picture


@pytest.fixture
def world() -> World:
    made = World(bot_id=1, username="bot", clock=SetClock(NOON), pace=SetClock(NOON))
    made.limits.on = False
    return made


def text(words: str) -> Version:
    return Version(at=NOON, body=Body.TEXT, text=words)


def send(world: World, chat: Chat, words: str) -> Message:
    [message] = world.send(chat, [text(words)])
    return message


def test_a_chat_keeps_its_latest_messages(world: World) -> None:
    ana = world.person("Ana", started=True)
    ana.chat.keep = 50
    for n in range(200):
        send(world, ana.chat, f"alert {n}")
    assert [m.text for m in ana.received] == [f"alert {n}" for n in range(150, 200)]


def test_a_message_edited_for_hours_keeps_its_first_and_latest_versions(world: World) -> None:
    message = send(world, world.person("Ana", started=True).chat, "0")
    for n in range(1, 500):
        world.edit(message, text(str(n)))
    assert len(message.versions) == MOST_VERSIONS
    assert [v.text for v in (message.versions[0], message.versions[1], message.versions[-1])] == [
        "0",
        "451",
        "499",
    ]


def test_the_oldest_files_make_room_for_new_ones() -> None:
    store = FileStore(room=1000)
    files = [store.add_photo("chart.png", picture(size=400)) for _ in range(4)]
    assert [f.body is None for f in files] == [True, True, False, False]
    assert store.known(files[3].id) is files[3]
    with pytest.raises(Refused, match="wrong file identifier"):
        store.known(files[0].id)


async def test_who_does_not_look_misses_the_oldest_and_is_told_how_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "MOST_UNSEEN", 3)
    watch = world.record.watch()
    chat = world.person("Ana", started=True).chat
    for n in range(5):
        send(world, chat, str(n))
    watch.close()
    assert [event.version.text async for event in watch] == ["2", "3", "4"]
    assert watch.missed == 2


def test_updates_that_nobody_fetches_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "MOST_KEPT", 10)
    ana = world.person("Ana")
    for n in range(25):
        ana.say(str(n))
    assert world.queue.pending == 10


def test_pressed_buttons_are_forgotten_in_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "MOST_QUERIES", 5)
    ana = world.person("Ana", started=True)
    for n in range(9):
        ana.inline(str(n))
    assert [i.query for i in world.inquiries.values()] == ["4", "5", "6", "7", "8"]


@pytest.mark.parametrize(
    ("body", "size"),
    [
        (picture(640, 360), (640, 360)),
        (b"GIF89a\x10\x00\x20\x00", (16, 32)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x11\x08\x01\x68\x02\x80", (640, 360)),
        (
            b"RIFF....WEBPVP8X" + b"\0" * 8 + (639).to_bytes(3, "little") + (359).to_bytes(3, "little"),
            (640, 360),
        ),
        (b"\xff\xd8\xff\xe0\x00", None),
        (b"%PDF-1.7", None),
    ],
)
def test_a_pictures_size_is_read_from_its_head(body: bytes, size: tuple[int, int] | None) -> None:
    assert picture_size(body) == size


async def test_a_taken_port_is_named_with_what_to_do() -> None:
    async with BotApiServer(clock=SetClock(NOON)) as first:
        port = int(first.url.rpartition(":")[2])
        second = BotApiServer(clock=SetClock(NOON))
        with pytest.raises(DeadairError, match=f"cannot listen on port {port}") as refused:
            await second.start(port)
        assert "another port" in refused.value.hint
        with pytest.raises(Misused, match="runs already"):
            await first.start()


def test_a_token_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(Misused, match="does not look like a bot's token"):
        BotApiServer(token="secret", clock=SetClock(NOON))


async def test_waiting_in_vain_says_what_was_called_last(world: World) -> None:
    with pytest.raises(Misused, match="what was waited for did not happen") as vain:
        await world.record.until(lambda: False, 0.01)
    assert vain.value.hint == "the last calls were none"
