"""A person of ops in the bot: what she says, what she taps, what she reads."""

from datetime import timedelta

from domain.channel import Channel
from domain.clock import WallClock
from domain.subscription import Role
from sandbox.botapi.messages import Message
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.support.alerting import let_in

DAY = timedelta(days=1)


def bare(words: str) -> str:
    return words.replace("\u2068", "").replace("\u2069", "")


def labels(message: Message) -> list[str]:
    return [button["text"] for button in message.buttons]


async def olga(server: BotApiServer, store: Store, role: Role = Role.OPS) -> Person:
    person = server.person("Olga", started=True)
    await let_in(store, person.id, role)
    return person


async def said(server: BotApiServer, person: Person, *lines: str) -> list[str]:
    before = len(person.received)
    for line in lines:
        person.say(line)
    messages = await server.received(person.id, before + len(lines))
    return [bare(m.text) for m in messages[before:]]


async def tap(server: BotApiServer, person: Person, label: str, message: Message | None = None) -> Message:
    shown = message or person.received[-1]
    before = len(shown.edits)
    person.press(label, shown)
    await server.until(lambda: len(shown.edits) > before)
    return shown


async def watch(store: Store, *channels: Channel) -> None:
    async with store.begin() as tx:
        for channel in channels:
            await tx.channels.save(channel, WallClock().now())
            key = (channel.handle or f"#{channel.id}").casefold()
            mark = {"id": channel.id, "account": "main"}
            await tx.marks.set(f"collector.known.{key}", mark, WallClock().now())


FALCON = Channel(id=1001, title="Falcon Front", handle="Falcon_Front", group="birds", zone="Asia/Baghdad")
