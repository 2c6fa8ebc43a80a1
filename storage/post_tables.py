"""The tables of posts and of all that is kept with them. Nobody outside this room imports them.

Each is keyed by channel first, so that it can later be split by channel.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.table import Table
from storage.types import Sequence


class Posts(Table):
    """A post as it was first seen; `current` numbers the revision that stands now (0: this row)."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("channel_id", "id"),
        Index(None, "channel_id", "posted_at"),
        Index("ix_posts_album", "channel_id", "album_id"),
        # And `ix_posts_views`, of SQLite alone, as `ix_counters_views`: migrations/versions/0018.
    )
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    id: Mapped[int] = mapped_column(BigInteger)
    posted_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str]
    hash: Mapped[str] = mapped_column(String(32))
    current: Mapped[int] = mapped_column(Integer)
    current_hash: Mapped[str] = mapped_column(String(32))
    edited_at: Mapped[datetime | None]
    entities: Mapped[list[Any] | None]
    media: Mapped[dict[str, Any] | None]
    album_id: Mapped[int | None] = mapped_column(BigInteger)
    forward: Mapped[dict[str, Any] | None]
    reply_to: Mapped[int | None] = mapped_column(BigInteger)
    author: Mapped[str | None]
    views: Mapped[int | None] = mapped_column(BigInteger)
    forwards: Mapped[int | None] = mapped_column(BigInteger)
    raw: Mapped[dict[str, Any] | None]
    details: Mapped[dict[str, Any] | None]
    removed_at: Mapped[datetime | None]


class Revisions(Table):
    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("channel_id", "post_id", "number"),)
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    post_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int]
    seen_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    text: Mapped[str]
    hash: Mapped[str] = mapped_column(String(32))
    entities: Mapped[list[Any] | None]
    media: Mapped[dict[str, Any] | None]


class Deletions(Table):
    __tablename__ = "deletions"
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    first_missed_at: Mapped[datetime] = mapped_column(primary_key=True)
    last_seen_at: Mapped[datetime]
    returned_at: Mapped[datetime | None]


class Raws(Table):
    """A version of a post as Telegram's own format has it. `is_late`: it came after the version itself."""

    __tablename__ = "raws"
    __table_args__ = ({"sqlite_with_rowid": False},)
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    layer: Mapped[int]
    packing: Mapped[int]
    is_late: Mapped[bool]
    body: Mapped[bytes]


class Removals(Table):
    """What a post said was removed: when, by which rule, and which links of the chain speak of it."""

    __tablename__ = "removals"
    __table_args__ = ({"sqlite_with_rowid": False},)
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    why: Mapped[str]
    links: Mapped[list[Any]]  # number and hash of each, in hexadecimal


class Links(Table):
    """The chain of each channel (domain/chain.py): what was stored, in order, and the hash after it."""

    __tablename__ = "links"
    __table_args__ = ({"sqlite_with_rowid": False},)
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12))
    post_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int]
    at: Mapped[datetime | None]
    digest: Mapped[bytes]


class Chains(Table):
    """Where each chain ends."""

    __tablename__ = "chains"
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    began_as: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes]


class Counters(Table):
    """What the counters of a post showed at an instant. Null: Telegram did not say."""

    __tablename__ = "counters"
    __table_args__ = ({"sqlite_with_rowid": False},)
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    due: Mapped[int]  # seconds after posting for which it was taken
    views: Mapped[int | None] = mapped_column(BigInteger)
    forwards: Mapped[int | None] = mapped_column(BigInteger)
    replies: Mapped[int | None] = mapped_column(BigInteger)
    reactions: Mapped[list[Any] | None]


class Followed(Table):
    """Posts whose counters will be looked at again, and when next."""

    __tablename__ = "followed"
    __table_args__ = (Index(None, "channel_id", "due_at"),)
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    posted_at: Mapped[datetime]
    due_at: Mapped[datetime]


class PostFiles(Table):
    """The file that a version of a post shows: kept, still to be fetched, or why it is not."""

    __tablename__ = "post_files"
    __table_args__ = (
        Index(None, "channel_id", "state", "again_at"),
        Index(None, "file_id"),
        Index(None, "sha256"),
    )
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    file_id: Mapped[str]
    kind: Mapped[str] = mapped_column(String(12))
    size: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(12))
    why: Mapped[str]
    tries: Mapped[int]
    again_at: Mapped[datetime]
    at: Mapped[datetime]
    sha256: Mapped[str | None] = mapped_column(String(64))
