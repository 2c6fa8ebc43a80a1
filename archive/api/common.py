"""What all resources of the API share: how records are written, and how what went wrong is."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from domain.channel import Channel
from domain.instant import FIRST

#: The largest number that the archive's columns hold.
LARGEST = (1 << 63) - 1


class Record(BaseModel):
    """One that is sent. Every field is there, null where nothing is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


#: No archive reaches beyond: nobody makes us count the hours of ages.
_LAST = datetime(2200, 1, 1, tzinfo=UTC)


def _in_utc(at: datetime) -> datetime:
    """In UTC, within the time in which there can be posts."""
    return FIRST if at <= FIRST else _LAST if at >= _LAST else at.astimezone(UTC)


_ISO = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _iso(value: object) -> object:
    """As text with a date before the time; a mere number, which could be seconds or anything, is refused."""
    if isinstance(value, str) and not _ISO.match(value):
        raise ValueError("write an instant with its zone: 2031-03-14T12:00:00Z")
    return value


#: An instant that is asked for: with a zone.
Instant = Annotated[AwareDatetime, BeforeValidator(_iso), AfterValidator(_in_utc)]
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
