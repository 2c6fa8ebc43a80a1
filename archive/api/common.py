"""What all resources of the API share: how records are written, and how what went wrong is."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from domain.channel import Channel

#: The largest number that the archive's columns hold.
LARGEST = (1 << 63) - 1


class Record(BaseModel):
    """One that is sent. Every field is there, null where nothing is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


#: There was no Telegram before, and no archive reaches beyond: nobody makes us count the hours of ages.
_FIRST, _LAST = datetime(2013, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _in_utc(at: datetime) -> datetime:
    """In UTC, within the time in which there can be posts."""
    return _FIRST if at <= _FIRST else _LAST if at >= _LAST else at.astimezone(UTC)


#: An instant that is asked for: with a zone.
Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
#: A word of a filter.
Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[list[Name], Field(max_length=50)]
Cursor = Annotated[
    str | None,
    Field(max_length=500, description="`next` of the page before; all other parameters stay as they were."),
]


class Mistake(Record):
    at: str
    what: str


class ProblemDocument(BaseModel):
    """What went wrong (RFC 9457). `type` ends in a word for programs that stays what it is."""

    model_config = ConfigDict(title="Problem", extra="allow")

    type: str
    title: str
    status: int
    detail: str
    hint: str | None = None
    mistakes: list[Mistake] | None = None


class ChannelName(Record):
    id: int
    name: str = Field(description="@handle, else the title.")


def channel_name(channel_id: int, known: dict[int, Channel]) -> ChannelName:
    channel = known.get(channel_id)
    return ChannelName(id=channel_id, name=channel.name if channel else str(channel_id))


def url_of(channel: Channel | None, post_id: int) -> str | None:
    """Where Telegram shows the post."""
    if channel is None:
        return None
    if channel.handle:
        return f"https://t.me/{channel.handle}/{post_id}"
    return f"https://t.me/c/{channel.id}/{post_id}" if channel.id > 0 else None


def plain(value: Any) -> Any:
    """A StrEnum or a Sentence as mere text."""
    return str(value) if isinstance(value, str) else value
