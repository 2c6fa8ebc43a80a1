"""A chat: who is in it, what the bot may do there, and what was said."""

from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.botapi.errors import Json, bad_request, forbidden
from sandbox.botapi.messages import Message


class ChatKind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Standing(StrEnum):
    """What someone is in a chat; the Bot API's words."""

    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"  #: may read but not write
    LEFT = "left"
    KICKED = "kicked"

    @property
    def is_in(self) -> bool:
        return self not in (Standing.LEFT, Standing.KICKED)

    @property
    def rules(self) -> bool:
        return self in (Standing.CREATOR, Standing.ADMINISTRATOR)


@dataclass(slots=True, kw_only=True)
class Topic:
    """A topic of a forum; its number is that of the message that opened it."""

    id: int
    name: str
    closed: bool = False


@dataclass(slots=True, kw_only=True)
class Chat:
    """One chat the bot is or was in. Private chats bear their person's number."""

    id: int
    kind: ChatKind
    title: str = ""
    username: str | None = None
    person: Json | None = None  #: who a private chat is with
    is_forum: bool = False
    members: dict[int, Standing] = field(default_factory=dict)
    bot: Standing = Standing.MEMBER
    topics: dict[int, Topic] = field(default_factory=dict)
    migrated_to: int | None = None
    pinned: list[int] = field(default_factory=list)
    #: Why a private chat takes nothing: never opened, blocked, the person is gone. Telegram's words.
    shut: str = ""
    keep: int = 1000  #: messages; older ones are forgotten
    messages: OrderedDict[int, Message] = field(default_factory=OrderedDict)
    last_id: int = 0  #: of supergroups and channels, which count for themselves

    @property
    def is_group(self) -> bool:
        return self.kind in (ChatKind.GROUP, ChatKind.SUPERGROUP)

    @property
    def counts_alone(self) -> bool:
        """Whether its messages have numbers of their own; the others share the bot's."""
        return self.kind in (ChatKind.SUPERGROUP, ChatKind.CHANNEL)

    def to_api(self) -> Json:
        """The Bot API's Chat."""
        out: Json = {"id": self.id, "type": self.kind.value}
        if self.person:
            out |= {k: v for k, v in self.person.items() if k in ("first_name", "last_name", "username")}
        else:
            out["title"] = self.title
            out |= {"username": self.username} if self.username else {}
        return out | ({"is_forum": True} if self.is_forum else {})

    def add(self, message: Message) -> None:
        self.messages[message.id] = message
        while len(self.messages) > self.keep:
            self.messages.popitem(last=False)

    def standing(self, person_id: int) -> Standing:
        return self.members.get(person_id, Standing.LEFT)

    def refuse_reading(self) -> None:
        """Raises Refused where the bot may not even look."""
        if self.migrated_to is not None:
            raise bad_request(
                "group chat was upgraded to a supergroup chat", migrate_to_chat_id=self.migrated_to
            )
        kind = "group" if self.kind is ChatKind.PRIVATE else self.kind.value
        if self.bot is Standing.KICKED:
            raise forbidden(f"bot was kicked from the {kind} chat")
        if self.bot is Standing.LEFT:
            raise forbidden(f"bot is not a member of the {kind} chat")

    def refuse_writing(self, thread_id: int | None = None) -> None:
        """Raises Refused where the bot may not write: the same words Telegram uses."""
        self.refuse_reading()
        if self.shut:
            raise bad_request(self.shut) if self.shut == "chat not found" else forbidden(self.shut)
        if self.kind is ChatKind.CHANNEL and not self.bot.rules:
            raise bad_request("need administrator rights in the channel chat")
        if self.bot is Standing.RESTRICTED:
            raise bad_request("not enough rights to send text messages to the chat")
        if thread_id is None:
            return
        if not self.is_forum or thread_id not in self.topics:
            raise bad_request("message thread not found")
        if self.topics[thread_id].closed and not self.bot.rules:
            raise bad_request("TOPIC_CLOSED")
