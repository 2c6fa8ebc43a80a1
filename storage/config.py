"""`[storage]`: where the archive is kept."""

from pydantic import BaseModel, Field


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
