"""The tables of what becomes of channels, beside those of tables.py. Nobody outside this room imports it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Table
from storage.types import Sequence


class Headcounts(Table):
    __tablename__ = "headcounts"
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    members: Mapped[int] = mapped_column(BigInteger)
    within: Mapped[int] = mapped_column(BigInteger)


class Candidates(Table):
    """Channels that may be taking the place of another; `name` is the handle in lower case."""

    __tablename__ = "candidates"
    __table_args__ = (UniqueConstraint("channel_id", "name"),)
    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    handle: Mapped[str]
    title: Mapped[str]
    number: Mapped[int | None] = mapped_column(BigInteger)
    found_at: Mapped[datetime]
    evidence: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(String(12), index=True)
    asked_at: Mapped[datetime | None]
    asked_by: Mapped[str]
    why: Mapped[str]


class Testimonies(Table):
    """What the outside saw of a silence; without `says` it is a question still to be asked."""

    __tablename__ = "testimonies"
    __table_args__ = (UniqueConstraint("channel_id", "since_at"), Index(None, "answered_at"))
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    since_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    says: Mapped[str | None] = mapped_column(String(12))
    posts: Mapped[list[Any]]
    detail: Mapped[str]
