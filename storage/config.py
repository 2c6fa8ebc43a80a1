"""`[storage]`: where the archive is kept."""

from datetime import timedelta

from pydantic import BaseModel, Field

from storage.span import Span


class StorageConfig(BaseModel, extra="forbid", frozen=True):
    """`[storage]`"""

    url: str = Field(
        default="",
        description=(
            "Where the archive is kept: `sqlite:///file.db` or `postgresql://user@host/name`. "
            "Empty: `deadair.db` beside this file. A password belongs into `url_file` or DEADAIR_STORAGE_URL."
        ),
        repr=False,
    )
    url_file: str = Field(default="", description="A file that holds the url, when it contains a password.")
    busy_timeout: float = Field(
        default=30.0, gt=0, le=600, description="SQLite: seconds to wait for another process that is writing."
    )
    pool_size: int = Field(default=5, ge=1, le=100, description="Connections kept open.")
    lease: Span = Field(
        default=timedelta(seconds=15),
        ge=timedelta(seconds=3),
        le=timedelta(minutes=10),
        description=(
            "After so long without a sign of life of a part, or of an account, a process that stands by does "
            "its work. On PostgreSQL a part that is cut off from it stops after two thirds of that."
        ),
    )
