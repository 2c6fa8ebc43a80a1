"""The tables of who may enter and who changed what, beside those of tables.py. Nobody outside imports it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Table
from storage.types import Sequence


class Requests(Table):
    """Who of the strangers asked to be let in; one row for each."""

    __tablename__ = "requests"
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str]
    handle: Mapped[str | None]
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), index=True)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    told: Mapped[dict[str, Any]]


class Changes(Table):
    """The record of what people changed; rows are only ever added."""

    __tablename__ = "changes"
    __table_args__ = (Index(None, "what", "subject", "id"), Index(None, "undoes"))
    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    what: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str]
    old: Mapped[dict[str, Any] | None]
    new: Mapped[dict[str, Any] | None]
    undoes: Mapped[int | None] = mapped_column(BigInteger)


class Budgets(Table):
    """False alarms a month accepted of a channel or topic, where it was set while Deadair runs."""

    __tablename__ = "budgets"
    subject: Mapped[str] = mapped_column(primary_key=True)  # channel:NUMBER, topic:NAME
    budget: Mapped[float]


class Wants(Table):
    """Channels wanted watched, paused or retired; the last word on each."""

    __tablename__ = "wants"
    key: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[str] = mapped_column(String(12))
    handle: Mapped[str | None]
    channel_id: Mapped[int | None] = mapped_column(BigInteger)
    group: Mapped[str | None]
    zone: Mapped[str] = mapped_column(String(64))
    country: Mapped[str | None] = mapped_column(String(2))
    web: Mapped[bool]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    state: Mapped[str] = mapped_column(String(12), index=True)
    why: Mapped[str]
