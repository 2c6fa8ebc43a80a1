"""A post and what becomes of it: revisions of its text, an interval in which it was deleted."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b, sha256
from typing import Any, NamedTuple

from domain.instant import refuse_naive


class PostKey(NamedTuple):
    """A post's identity: Telegram's ids are unique only within a channel."""

    channel_id: int
    post_id: int


class How(StrEnum):
    """By which way we know of a post or a stretch of time."""

    LIVE = "live"  #: pushed by Telegram as it happened
    POLLED = "polled"  #: found by asking for the newest id
    BACKFILLED = "backfilled"  #: read from the history later
    IMPORTED = "imported"  #: taken from a file


class PostKind(StrEnum):
    POST = "post"
    SERVICE = "service"  #: "channel photo changed", "pinned": has an id, closes an id hole, is not counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """Where a repost comes from, as far as Telegram tells."""

    channel_id: int | None = None
    post_id: int | None = None
    name: str | None = None  #: of a source that hides who it is, else the signature
    posted_at: datetime | None = None
    user_id: int | None = None  #: a person's or a bot's number, where it is not hidden
    is_imported: bool = False  #: it comes from another messenger's history

    def __post_init__(self) -> None:
        refuse_naive(self, "posted_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """What a post shows beside its text. The file itself is kept only where a channel's config says so."""

    kind: str  #: photo, video, document, audio, voice, sticker, poll, webpage, geo, other
    size: int | None = None  #: bytes
    duration: float | None = None  #: seconds
    width: int | None = None
    height: int | None = None
    name: str | None = None
    file_id: str | None = None  #: Telegram's number of the file: another one is another file
    mime: str | None = None  #: what kind of file the sender's app said it is
    #: SHA-256 of each small preview that came within the message: the same picture under another number has
    #: the same ones.
    thumbs: tuple[str, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)  #: a poll's question and counts, and the like


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A formatted or linked stretch of the text, in UTF-16 units as Telegram counts."""

    kind: str
    offset: int
    length: int
    url: str | None = None
    detail: str | None = None  #: a code block's language, a custom emoji's number


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a post answers to, where that is more than a post of its own channel (`Post.reply_to`)."""

    channel_id: int | None = None  #: of the post in another channel
    post_id: int | None = None
    name: str | None = None  #: of an author who is hidden
    quote: str | None = None  #: the passage that is answered
    quote_offset: int | None = None  #: where it stands in the answered text, in UTF-16 units
    story_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What Telegram says of a post besides. Everything is as it was at first sight, and may be absent."""

    reply: Reply | None = None
    topic_id: int | None = None  #: Telegram's topic of a forum: the number of the message that opened it
    discussion_id: int | None = None  #: the group in which it is commented on
    replies: int | None = None  #: comments, or answers
    reactions: tuple[tuple[str, int], ...] | None = None  #: sign (or `custom:NUMBER`, `paid`) and count
    via_bot: int | None = None
    sender_id: int | None = None  #: who posted, where that is not the channel itself
    is_pinned: bool = False
    is_silent: bool = False  #: sent without a sound
    is_protected: bool = False  #: forwarding and saving are forbidden
    was_scheduled: bool = False
    ttl: int | None = None  #: seconds after which Telegram removes it
    effect: int | None = None  #: the number of an animation
    paid: int | None = None  #: stars that were paid to send it
    buttons: tuple[tuple[str, str | None], ...] = ()  #: words and link of each
    hidden_in: tuple[str, ...] = ()  #: where Telegram does not show it, and why: `ios: porn`
    fact_check: str | None = None
    #: True: translating the message failed; what is missing here stands in its raw copy.
    is_partial: bool = False


#: Of a post of which nothing else was said.
NO_DETAILS = Details()


@dataclass(frozen=True, slots=True)
class RawCopy:
    """A message just as Telegram's own format has it: nothing it said is lost to our model of it."""

    layer: int  #: of the TL schema that reads it
    data: bytes

    @property
    def hash(self) -> bytes:
        """SHA-256 of the data."""
        return sha256(self.data).digest()


def content_hash(text: str, media: Media | None) -> str:
    """What makes a version: text and media. Views, reactions and markup do not change it."""
    h = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16)
    if media is not None:
        said = f"\0{media.kind}\0{media.file_id or ''}\0{media.name or ''}"
        h.update(said.encode("utf-8", "surrogatepass"))
    return h.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One publication of a channel, as it was when we first saw it."""

    channel_id: int
    id: int
    posted_at: datetime  #: Telegram's clock
    seen_at: datetime  #: ours
    how: How
    text: str = ""
    kind: PostKind = PostKind.POST
    edited_at: datetime | None = None
    entities: tuple[Entity, ...] = ()
    media: Media | None = None
    album_id: int | None = None  #: posts of one album share it and count as one
    forward: Forward | None = None
    reply_to: int | None = None
    author: str | None = None
    views: int | None = None
    forwards: int | None = None
    raw: dict[str, Any] | None = None  #: what an imported record or a service message held beyond our model
    details: Details = NO_DETAILS
    removed_at: datetime | None = None  #: when what it said was removed, its time being over; it still counts
    #: No part of what a post is: of two sightings of one version it is never the same.
    copy: RawCopy | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        refuse_naive(self, "posted_at", "seen_at", "edited_at", "removed_at")

    @property
    def key(self) -> PostKey:
        return PostKey(self.channel_id, self.id)

    @property
    def hash(self) -> str:
        """Of what it says: of a post whose content was removed it is that of nothing."""
        return content_hash(self.text, self.media)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A later version of a post; number 1 is the first change."""

    channel_id: int
    post_id: int
    number: int
    seen_at: datetime
    edited_at: datetime | None
    text: str
    entities: tuple[Entity, ...] = ()
    media: Media | None = None

    def __post_init__(self) -> None:
        refuse_naive(self, "seen_at", "edited_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A post was removed at some instant within [last seen, first missed]."""

    channel_id: int
    post_id: int
    last_seen_at: datetime
    first_missed_at: datetime
    returned_at: datetime | None = None  #: it was there again later: hidden for a while, or a wrong answer

    def __post_init__(self) -> None:
        refuse_naive(self, "last_seen_at", "first_missed_at", "returned_at")
        if self.first_missed_at < self.last_seen_at:
            raise ValueError(f"post {self.post_id} was missed before it was last seen")
