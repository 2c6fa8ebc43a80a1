"""The tables of which account watches what: beside those of tables.py, and as private to this room."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Table


class Assignments(Table):
    """Which account watches a channel of the config, and which one looks at it beside."""

    __tablename__ = "assignments"
    key: Mapped[str] = mapped_column(Text, primary_key=True)  # the handle or #number that the config names
    home: Mapped[str] = mapped_column(String(64))
    watcher: Mapped[str | None] = mapped_column(String(64))  # home, or who stands in for it
    witness: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]


class Witnesses(Table):
    """What a second account saw of a channel beside the one that watches it."""

    __tablename__ = "witnesses"
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime]
    checked_at: Mapped[datetime]
    newest_id: Mapped[int] = mapped_column(BigInteger)
    seen: Mapped[int] = mapped_column(BigInteger)
    only_witness: Mapped[int] = mapped_column(BigInteger)
    only_watcher: Mapped[int] = mapped_column(BigInteger)
    waiting: Mapped[list[Any]]
    differed: Mapped[list[Any]]
