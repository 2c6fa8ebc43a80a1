"""The tables of what is searchable, beside those of tables.py. Nobody outside this room imports it.

The words themselves lie in `words`, which each engine has in a form of its own (storage/words.py).
"""

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.table import DERIVED, Table
from storage.types import Sequence


class Documents(Table):
    """A post with all its versions, as search knows it.

    `doc` is the second in which it was posted and its place in the archive in one number, so that the order
    of the index is that of time. `named` is the channel's number when it was indexed. `band_a` and `band_b`
    are the same in posts that say nearly the same.
    """

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("channel_id", "post_id"), {"info": DERIVED})
    doc: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    post_id: Mapped[int] = mapped_column(BigInteger)
    named: Mapped[int] = mapped_column(BigInteger)
    band_a: Mapped[int] = mapped_column(BigInteger)
    band_b: Mapped[int] = mapped_column(BigInteger)


class SearchPlaces(Table):
    """How far the index has come: with the index, and like it not in backups, so that neither lies of the
    other.
    """

    __tablename__ = "search_places"
    __table_args__ = ({"info": DERIVED},)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    post: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[str] = mapped_column(Text)
