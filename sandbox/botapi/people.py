"""People with phones: what they can do to the bot."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from sandbox.botapi.chats import Chat, ChatKind, Standing
from sandbox.botapi.errors import Json, Misused
from sandbox.botapi.membership import bot_standing_changed
from sandbox.botapi.messages import Body, Message, Version
from sandbox.botapi.wording import find_entities

if TYPE_CHECKING:
    from sandbox.botapi.world import World

T = TypeVar("T")
#: Telegram keeps a pressed button waiting for so long; later answers are refused.
QUERY_PATIENCE = timedelta(minutes=15)
MOST_QUERIES = 10_000  #: pressed buttons and inline queries that are remembered, each


@dataclass(slots=True, kw_only=True)
class Press:
    """A pressed button, and what the bot answered."""

    id: str
    person_id: int
    data: str
    at: datetime  #: on the clock that patience is measured on
    answer: Json | None = None  #: text, show_alert, url


@dataclass(slots=True, kw_only=True)
class Inquiry:
    """An inline query, and what the bot offered."""

    id: str
    person_id: int
    query: str
    at: datetime  #: on the clock that patience is measured on
    results: list[Json] | None = None
    options: Json = field(default_factory=dict)  #: cache_time, is_personal, next_offset, button


@dataclass(slots=True, kw_only=True)
class Person:
    """Someone who can write to the bot. Every deed is done by calling it; the bot learns of it by polling."""

    id: int
    user: Json
    world: World = field(repr=False)
    deactivated: bool = False

    @property
    def chat(self) -> Chat:
        """The private chat with the bot."""
        return self.world.chats[self.id]

    @property
    def received(self) -> list[Message]:
        """What the bot has sent into the private chat, oldest first, deleted or not."""
        return [m for m in self.chat.messages.values() if m.from_bot]

    def say(
        self, text: str, *, chat: Chat | None = None, reply_to: int | None = None, topic: int | None = None
    ) -> Message:
        """Write to the bot, or into a chat. Raises Misused where the person cannot.

        Writing to a bot that one had blocked unblocks it first, as pressing Restart does.
        """
        where = self._may_write(chat)
        if where is self.chat:
            self.unblock()
            where.shut = ""
        if not text.strip():
            raise Misused("nobody can send an empty message", hint="say something")
        version = Version(at=self.world.now(), body=Body.TEXT, text=text, entities=find_entities(text))
        channel = where.kind is ChatKind.CHANNEL
        message = Message(
            chat_id=where.id,
            id=self.world.new_message_id(where),
            sender=None if channel else self.user,
            from_bot=False,
            versions=[version],
            reply_to=reply_to,
            thread_id=topic,
        )
        self._meet_bot(where)
        self.world.hear(where, message)
        return message

    def start(self, payload: str = "") -> Message:
        """Open the bot by a link t.me/bot?start=PAYLOAD, or without one."""
        return self.say(f"/start {payload}".strip())

    def press(self, button: str, message: Message | int | None = None, *, chat: Chat | None = None) -> Press:
        """Press an inline button, by its data or label; without a message, on the latest that has it."""
        where = chat or self.chat
        pressed = self._message_with(where, button, message)
        found = next(b for b in pressed.buttons if button in (b.get("callback_data"), b["text"]))
        if "callback_data" not in found:
            raise Misused(f"the button {found['text']!r} opens something and tells the bot nothing")
        press = Press(
            id=self.world.new_query_id(),
            person_id=self.id,
            data=found["callback_data"],
            at=self.world.pace.now(),
        )
        _remember(self.world.presses, press.id, press)
        query: Json = {"id": press.id, "from": self.user, "chat_instance": str(hash_of(where.id))}
        query["data"] = press.data
        if pressed.inline_id:
            query["inline_message_id"] = pressed.inline_id
        else:
            query["message"] = self.world.message_to_api(where, pressed)
        self._meet_bot(where)
        self.world.queue.push("callback_query", query)
        return press

    def inline(self, query: str, *, offset: str = "") -> Inquiry:
        """Type @bot and a query in any chat."""
        inquiry = Inquiry(
            id=self.world.new_query_id(), person_id=self.id, query=query, at=self.world.pace.now()
        )
        _remember(self.world.inquiries, inquiry.id, inquiry)
        content: Json = {"id": inquiry.id, "from": self.user, "query": query, "offset": offset}
        self.world.queue.push("inline_query", content)
        return inquiry

    def choose(self, inquiry: Inquiry, result_id: str, *, chat: Chat | None = None) -> Message:
        """Send one of the offered results into a chat; the bot is told which one."""
        result = next((r for r in inquiry.results or [] if r["id"] == result_id), None)
        if result is None:
            raise Misused(f"no result {result_id!r} was offered", hint="wait for the bot's answer first")
        where = self._may_write(chat)
        said = result.get("input_message_content") or {}
        text = str(said.get("message_text") or result.get("caption") or result.get("title") or "")
        message = Message(
            chat_id=where.id,
            id=self.world.new_message_id(where),
            sender=self.user,
            from_bot=False,
            versions=[
                Version(
                    at=self.world.now(),
                    body=Body.TEXT,
                    text=text,
                    entities=tuple(said.get("entities") or ()),
                    markup=result.get("reply_markup"),
                )
            ],
            extra={"via_bot": self.world.me},
            inline_id=f"inline-{inquiry.id}",
        )
        where.add(message)
        chosen: Json = {"result_id": result_id, "from": self.user, "query": inquiry.query}
        self.world.queue.push("chosen_inline_result", chosen | {"inline_message_id": message.inline_id})
        return message

    def block(self) -> None:
        """Block the bot; it is told."""
        if self.chat.shut == "bot was blocked by the user":
            return
        self.chat.shut = "bot was blocked by the user"
        bot_standing_changed(self.world, self.chat, self.user, Standing.MEMBER, Standing.KICKED)

    def unblock(self) -> None:
        """Let the bot write again, if it was blocked; it is told."""
        if self.chat.shut != "bot was blocked by the user":
            return
        self.chat.shut = ""
        bot_standing_changed(self.world, self.chat, self.user, Standing.KICKED, Standing.MEMBER)

    def deactivate(self) -> None:
        """Delete the account. The bot learns of it only when it writes."""
        self.deactivated = True
        self.chat.shut = "user is deactivated"

    def _may_write(self, chat: Chat | None) -> Chat:
        where = chat or self.chat
        if self.deactivated:
            raise Misused(f"{self.user['first_name']} has no account any more")
        if where.migrated_to is not None:
            raise Misused(f"the group {where.title} has become {where.migrated_to}", hint="write there")
        standing = where.standing(self.id)
        if not standing.is_in or (where.kind is ChatKind.CHANNEL and not standing.rules):
            raise Misused(f"{self.user['first_name']} may not write in {where.title or where.id}")
        return where

    def _meet_bot(self, where: Chat) -> None:
        """Once met in a group, a person is known to the bot, yet it may not write first."""
        if where is not self.chat and self.chat.shut == "chat not found":
            self.chat.shut = "bot can't initiate conversation with a user"

    def _message_with(self, chat: Chat, button: str, message: Message | int | None) -> Message:
        if isinstance(message, int):
            message = chat.messages.get(message)
        candidates = [message] if message is not None else list(reversed(chat.messages.values()))
        for candidate in candidates:
            names = {n for b in candidate.buttons for n in (b.get("callback_data"), b["text"])}
            if button in names and candidate.deleted_at is None:
                return candidate
        seen = [b["text"] for m in candidates[:3] for b in m.buttons]
        raise Misused(f"there is no button {button!r}", hint=f"to be seen are {', '.join(seen) or 'none'}")


def hash_of(chat_id: int) -> int:
    """A number that stands for a chat without naming it, as chat_instance does."""
    return (chat_id * 2_654_435_761 + 97) % 2**63


def _remember(store: dict[str, T], key: str, value: T) -> None:
    store[key] = value
    while len(store) > MOST_QUERIES:
        del store[next(iter(store))]
