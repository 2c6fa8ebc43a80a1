"""The world behind the server: people, chats, what was said, and the one bot."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.clock import Clock
from sandbox.botapi.chats import Chat, ChatKind, Standing
from sandbox.botapi.errors import Json, Misused, bad_request, too_many
from sandbox.botapi.files import FileStore
from sandbox.botapi.limits import Limits
from sandbox.botapi.messages import Body, Message, Version
from sandbox.botapi.people import Inquiry, Person, Press
from sandbox.botapi.record import Deed, Record
from sandbox.botapi.updates import UpdateQueue

FIRST_PERSON = 700_001
FIRST_GROUP = -400_001
FIRST_CHANNEL = -1_001_000_000_001  #: supergroups and channels count downwards from here


@dataclass(slots=True, kw_only=True)
class Profile:
    """What the bot has told Telegram about itself."""

    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)  #: name and descriptions, by language
    webhook: Json = field(default_factory=dict)
    logged_out: bool = False


class World:
    """All that methods read and change. Messages bear the time of `clock`; patience is measured on `pace`."""

    def __init__(self, *, bot_id: int, username: str, clock: Clock, pace: Clock) -> None:
        self.clock = clock
        self.pace = pace
        self.me: Json = {
            "id": bot_id,
            "is_bot": True,
            "first_name": "Deadair (sandbox)",
            "username": username,
        }
        self.privacy = True  #: in groups the bot hears only what is meant for it
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, Person] = {}
        self.record = Record()
        self.queue = UpdateQueue(pace, self.record.changed)
        self.files = FileStore()
        self.limits = Limits(pace=pace)
        self.profile = Profile()
        self.presses: dict[str, Press] = {}
        self.inquiries: dict[str, Inquiry] = {}
        self.started_at = pace.now()
        self._last_message = 0
        self._last_query = 0

    def now(self) -> datetime:
        return self.clock.now()

    # -- who and where

    def person(
        self,
        name: str,
        *,
        id: int | None = None,  # noqa: A002 - Telegram's word
        username: str | None = None,
        language: str = "en",
        started: bool = False,
    ) -> Person:
        """Someone with a phone. `started`: has written to the bot before, so that it may write to them."""
        number = FIRST_PERSON + len(self.people) if id is None else id
        if number in self.people or number <= 0:
            raise Misused(f"there cannot be a person number {number}", hint="numbers are positive and unique")
        user: Json = {"id": number, "is_bot": False, "first_name": name, "language_code": language}
        user |= {"username": username} if username else {}
        shut = "" if started else "chat not found"
        chat = Chat(id=number, kind=ChatKind.PRIVATE, person=user, shut=shut)
        chat.members[number] = Standing.MEMBER
        self.chats[number] = chat
        person = self.people[number] = Person(id=number, user=user, world=self)
        return person

    def group(
        self,
        title: str,
        *people: Person,
        kind: ChatKind = ChatKind.GROUP,
        username: str | None = None,
        forum: bool = False,
        bot: Standing = Standing.MEMBER,
    ) -> Chat:
        """A group, supergroup or channel; the first of the people is its creator."""
        if kind is ChatKind.PRIVATE or (forum and kind is not ChatKind.SUPERGROUP):
            raise Misused(f"a {kind} chat cannot be made so", hint="only supergroups can be forums")
        first, step = (FIRST_GROUP, -1) if kind is ChatKind.GROUP else (FIRST_CHANNEL, -1)
        number = first
        while number in self.chats:
            number += step
        chat = Chat(id=number, kind=kind, title=title, username=username, is_forum=forum, bot=bot)
        for person in people:
            chat.members[person.id] = Standing.MEMBER if chat.members else Standing.CREATOR
        self.chats[number] = chat
        return chat

    def find_chat(self, which: str) -> Chat:
        """The chat a call names by number or @name. Raises Refused."""
        if not which:
            raise bad_request("chat_id is empty")
        if which.startswith("@"):
            named = (c for c in self.chats.values() if c.username and c.kind is not ChatKind.PRIVATE)
            found = next((c for c in named if f"@{c.username}".lower() == which.lower()), None)
        else:
            try:
                found = self.chats.get(int(which))
            except ValueError:
                found = None
        if found is None:
            raise bad_request("chat not found")
        return found

    # -- what is said

    def new_message_id(self, chat: Chat) -> int:
        if chat.counts_alone:
            chat.last_id += 1
            return chat.last_id
        self._last_message += 1
        return self._last_message

    def new_query_id(self) -> str:
        self._last_query += 1
        return str(4_000_000_000 + self._last_query)

    def send(self, chat: Chat, versions: list[Version], **fields: object) -> list[Message]:
        """Put messages of the bot into a chat, several as an album. Raises Refused (429) beyond the rates."""
        wait = self.limits.take(chat, len(versions))
        if wait:
            raise too_many(wait)
        sender = None if chat.kind is ChatKind.CHANNEL else self.me
        messages = []
        for version in versions:
            number = self.new_message_id(chat)
            message = Message(
                chat_id=chat.id,
                id=number,
                sender=sender,
                from_bot=True,
                versions=[version],
                **fields,  # type: ignore[arg-type]  # named by the callers in methods/
            )
            chat.add(message)
            self.record.note(Deed.SENT, version.at, message)
            messages.append(message)
        return messages

    def edit(self, message: Message, version: Version) -> None:
        """Let a message show something else. Raises Refused when that is what it shows already."""
        if message.now.same_as(version):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly "
                "the same as a current content and reply markup of the message"
            )
        message.become(version)
        self.record.note(Deed.EDITED, version.at, message)

    def delete(self, message: Message) -> None:
        message.deleted_at = self.now()
        self.record.note(Deed.DELETED, message.deleted_at, message)

    def hear(self, chat: Chat, message: Message) -> None:
        """Put a person's message into a chat, and queue it for the bot if that may hear it."""
        chat.add(message)
        if chat.bot.is_in and (chat.kind is not ChatKind.GROUP or chat.migrated_to is None):
            kind = "channel_post" if chat.kind is ChatKind.CHANNEL else "message"
            if self._is_meant_for_bot(chat, message):
                self.queue.push(kind, self.message_to_api(chat, message))
        self.record.changed()

    def serve_notice(self, chat: Chat, by: Json | None, **extra: object) -> Message:
        """A service message: who joined, what was pinned, where the group went."""
        version = Version(at=self.now(), body=Body.SERVICE)
        message = Message(
            chat_id=chat.id,
            id=self.new_message_id(chat),
            sender=by,
            from_bot=False,
            versions=[version],
            extra=dict(extra),
        )
        self.hear(chat, message)
        return message

    def message_to_api(self, chat: Chat, message: Message) -> Json:
        reply = chat.messages.get(message.reply_to) if message.reply_to else None
        where = chat.to_api()
        return message.to_api(where, reply.to_api(where) if reply and not reply.deleted_at else None)

    def _is_meant_for_bot(self, chat: Chat, message: Message) -> bool:
        """Privacy mode (https://core.telegram.org/bots/features#privacy-mode)."""
        if not chat.is_group or not self.privacy or chat.bot.rules or message.now.body is Body.SERVICE:
            return True
        answered = chat.messages.get(message.reply_to) if message.reply_to else None
        if answered is not None and answered.from_bot:
            return True
        if not message.text.startswith("/"):
            return False
        addressee = message.text.split()[0].partition("@")[2]
        return not addressee or addressee.lower() == self.me["username"].lower()
