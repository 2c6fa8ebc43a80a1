"""The table of what the engine has learned: beside those of tables.py, as private to this room."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from storage.table import DERIVED, Table


class Learned(Table):
    """Put away whole, as a generation of parts, and only so that it need not be learned anew at a start."""

    __tablename__ = "learned"
    __table_args__ = ({"info": DERIVED},)
    generation: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)  #: 0: the head
    content: Mapped[bytes]
