"""What all tables have in common: how names are made, and how our types are kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase

from storage.types import Document, Instant, Words

#: Of a table that can be made anew from the others, and is therefore left out of backups.
DERIVED = {"derived": True}
#: How far such tables are made: marks of these names are left out with them.
DERIVED_MARKS = "search."


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way to declare it
        datetime: Instant,
        dict[str, Any]: Document,
        list[Any]: Document,
        str: Words,
        float: Float,
        bool: Boolean,
        bytes: LargeBinary,
    }
