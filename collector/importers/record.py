"""What a file yields: records, and the places where it holds none."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.post import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The channel of a record, as far as the file tells."""

    number: int | None = None  #: Telegram's own, without the -100 before it
    handle: str | None = None  #: without the @
    title: str | None = None

    def __str__(self) -> str:
        return f"@{self.handle}" if self.handle else self.title or str(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One post of a file, with its later versions and its deletion where the file knows of them.

    `post.channel_id` is Telegram's number where the file has it, else one invented from the channel's name
    (see ``identity``).
    """

    place: str  #: `line 17`, `message 3`, `dump.json: message 3`
    origin: Origin
    post: Post
    later: tuple[Post, ...] = field(default=())  #: its edits, oldest first
    deleted: tuple[datetime, datetime] | None = None  #: last seen, first missed


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A place that holds no usable record, and why not."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"
