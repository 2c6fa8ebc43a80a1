"""The tables of who may do what, and who waits for it: beside those of tables.py, as private to this room."""

from datetime import datetime

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.table import DERIVED, Table


class Leases(Table):
    """A row stays for ever, for its token must never begin anew."""

    __tablename__ = "leases"
    __table_args__ = ({"info": DERIVED},)  # of running processes, which are not restored
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str]
    token: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[datetime]
    since: Mapped[datetime]


class Standbys(Table):
    __tablename__ = "standbys"
    __table_args__ = ({"info": DERIVED},)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str] = mapped_column(Text, primary_key=True)
    until: Mapped[datetime]
