"""A post as its channel published it."""

from dataclasses import dataclass
from datetime import datetime

from domain.instant import refuse_naive
from domain.post import NO_DETAILS, Details, Entity, Forward, Media


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One version of one post. A change makes another record with a higher `version`."""

    channel_id: int
    id: int
    posted_at: datetime
    text: str = ""
    entities: tuple[Entity, ...] = ()
    media: Media | None = None
    album_id: int | None = None
    forward: Forward | None = None
    reply_to: int | None = None
    author: str | None = None  #: the signature, where the channel signs its posts
    views: int = 1
    forwards: int = 0
    reactions: tuple[tuple[str, int], ...] = ()
    edited_at: datetime | None = None
    edit_hidden: bool = False  #: the edit was a reaction or a button: apps do not show it as one
    pinned: bool = False
    service: str | None = None  #: "pin", "title:New name", "photo": no post, but it has an id
    details: Details = NO_DETAILS  #: what else there is; reactions and pins stand above
    version: int = 1

    def __post_init__(self) -> None:
        refuse_naive(self, "posted_at", "edited_at")

    def same_content(self, other: "Post") -> bool:
        """Would a reader see no difference?"""
        return (self.text, self.entities, self.media) == (other.text, other.entities, other.media)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRecord:
    """All that became of one post: what an archive that missed nothing would hold."""

    versions: tuple[Post, ...]  #: by content: reactions and views make none
    deleted_at: datetime | None = None

    @property
    def first(self) -> Post:
        return self.versions[0]

    @property
    def last(self) -> Post:
        return self.versions[-1]
