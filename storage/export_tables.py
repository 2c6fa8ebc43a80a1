"""The tables of the exports that were made. Nobody outside this room imports them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.table import Table
from storage.types import Sequence


class Exports(Table):
    """An export with a manifest; `identity` is "" until it is whole."""

    __tablename__ = "exports"
    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    at: Mapped[datetime]
    identity: Mapped[str] = mapped_column(String(64))


class Exported(Table):
    """The posts of a channel that an export holds: the first and the last number of each stretch of them."""

    __tablename__ = "exported"
    export_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    posts: Mapped[list[Any]]
