"""A message in a chat, with every version it has had."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sandbox.botapi.errors import Json
from sandbox.botapi.files import StoredFile

MOST_VERSIONS = 50  #: of one message; a status line edited for hours keeps its first and its latest


class Body(StrEnum):
    """What a message consists of."""

    TEXT = "text"
    PHOTO = "photo"
    DOCUMENT = "document"
    SERVICE = "service"  #: "joined the group", "pinned a message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a message showed from `at` on."""

    at: datetime
    body: Body
    text: str = ""  #: the text, or the caption below a file
    entities: tuple[Json, ...] = ()
    file: StoredFile | None = None
    markup: Json | None = None  #: the reply markup as the bot gave it
    preview: Json | None = None  #: link_preview_options

    def same_as(self, other: "Version") -> bool:
        """Whether Telegram would call a change from one to the other no modification."""
        mine, its = (
            (v.body, v.text, v.entities, v.file and v.file.unique_id, keyboard(v.markup))
            for v in (self, other)
        )
        return mine == its


def keyboard(markup: Json | None) -> list[list[Json]]:
    """The rows of an inline keyboard; none for any other markup."""
    rows: list[list[Json]] = (markup or {}).get("inline_keyboard", [])
    return rows


@dataclass(slots=True, kw_only=True)
class Message:
    """One message of the bot or of a person."""

    chat_id: int
    id: int
    sender: Json | None  #: None in channels, which speak for themselves
    from_bot: bool
    versions: list[Version]
    thread_id: int | None = None
    reply_to: int | None = None
    silent: bool = False  #: came without a sound
    protected: bool = False
    album: str | None = None
    extra: Json = field(default_factory=dict)  #: further fields of the Bot API's Message
    inline_id: str | None = None
    deleted_at: datetime | None = None

    @property
    def now(self) -> Version:
        """What it shows at present."""
        return self.versions[-1]

    @property
    def sent_at(self) -> datetime:
        return self.versions[0].at

    @property
    def edits(self) -> list[Version]:
        """What it became after it was sent, oldest first."""
        return self.versions[1:]

    @property
    def text(self) -> str:
        """The text or caption it shows at present."""
        return self.now.text

    @property
    def photo(self) -> bytes | None:
        """The picture it shows at present; None if it shows none, or it had to make room for later ones."""
        file = self.now.file
        return file.body if file and self.now.body is Body.PHOTO else None

    @property
    def document(self) -> bytes | None:
        file = self.now.file
        return file.body if file and self.now.body is Body.DOCUMENT else None

    @property
    def buttons(self) -> list[Json]:
        """The inline buttons below it, row by row."""
        return [button for row in keyboard(self.now.markup) for button in row]

    def become(self, version: Version) -> None:
        """Show something else from now on."""
        self.versions.append(version)
        if len(self.versions) > MOST_VERSIONS:
            del self.versions[1]

    def to_api(self, chat: Json, reply: Json | None = None) -> Json:
        """The Bot API's Message. `reply` is the message this one answers."""
        now = self.now
        out: Json = {"message_id": self.id, "date": int(self.sent_at.timestamp()), "chat": chat}
        if self.sender:
            out["from"] = self.sender
        else:
            out["sender_chat"] = chat
        if self.edits:
            out["edit_date"] = int(now.at.timestamp())
        if now.body is Body.TEXT:
            out |= {"text": now.text} | _some(entities=list(now.entities), link_preview_options=now.preview)
        elif now.body is not Body.SERVICE:
            out |= _some(caption=now.text, caption_entities=list(now.entities))
        if now.file:
            shown = now.file.photo_to_api() if now.body is Body.PHOTO else now.file.document_to_api()
            out[now.body.value] = shown
        if rows := keyboard(now.markup):
            out["reply_markup"] = {"inline_keyboard": rows}
        if self.thread_id:
            out |= {"message_thread_id": self.thread_id, "is_topic_message": True}
        return (
            out
            | self.extra
            | _some(media_group_id=self.album, reply_to_message=reply, has_protected_content=self.protected)
        )


def _some(**fields: object) -> Json:
    """The fields that hold something; Telegram leaves the others out."""
    return {name: value for name, value in fields.items() if value}
