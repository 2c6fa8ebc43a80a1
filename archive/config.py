"""`[archive]`: search, counts and exports."""

from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, field_validator


class ArchiveConfig(BaseModel, extra="forbid", frozen=True):
    """`[archive]`"""

    zone: str = Field(
        "UTC",
        description="The zone in which `deadair search`, `count` and `show` tell times and count days, "
        "where --zone does not say: `Asia/Baghdad`.",
    )
    poll: float = Field(
        2.0, gt=0, le=60, description="Seconds between looks for new posts to index, where no notice comes."
    )
    batch: int = Field(500, ge=1, le=5000, description="Posts indexed in one transaction.")

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{zone!r} is no time zone: write one like UTC or Asia/Baghdad") from None
        return zone
