"""The tables of what chats do not want to hear, of their answers to alerts, and of notes to ops.

Nobody outside this room imports them.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.table import Table
from storage.types import Sequence


class Mutes(Table):
    __tablename__ = "mutes"
    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, index=True)
    channel_id: Mapped[int | None] = mapped_column(BigInteger)
    topic: Mapped[str | None]
    claimant: Mapped[str | None]
    until: Mapped[datetime | None]
    reason: Mapped[str]
    by: Mapped[str]
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str]


class QuietHoursRows(Table):
    """Local times of the chat's zone, in minutes after midnight."""

    __tablename__ = "quiet_hours"
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    start: Mapped[int]
    end: Mapped[int]
    made_at: Mapped[datetime]
    by: Mapped[str]


class Digests(Table):
    __tablename__ = "digests"
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    every: Mapped[str] = mapped_column(String(12))
    hour: Mapped[int]
    weekday: Mapped[int]
    instead: Mapped[bool]
    made_at: Mapped[datetime]
    by: Mapped[str]
    sent_at: Mapped[datetime | None]


class Acknowledgements(Table):
    """What chats answered to alerts; the newest of an episode and chat counts."""

    __tablename__ = "acknowledgements"
    __table_args__ = (Index(None, "episode_id", "chat_id"),)
    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    episode_id: Mapped[int] = mapped_column(ForeignKey("episodes.id"))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    answer: Mapped[str] = mapped_column(String(12))
    until: Mapped[datetime | None] = mapped_column(index=True)
    by: Mapped[str]
    at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]


class Notes(Table):
    __tablename__ = "notes"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    about: Mapped[str]
    why: Mapped[str]
