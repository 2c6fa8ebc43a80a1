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
    answer_within: Span = Field(
        default=timedelta(minutes=5),
        ge=timedelta(seconds=1),
        le=timedelta(hours=6),
        description=(
            "PostgreSQL: a statement of a part at work that takes longer is broken off, told as an outage "
            "and tried again. Backups, exports, migrations and what is asked at a shell have no such limit; "
            "questions to API, pages and bot have `[web] query_longest`."
        ),
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
