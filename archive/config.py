"""`[archive]`: search, counts and exports."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from domain.zone import known_zone


class ArchiveConfig(BaseModel, extra="forbid", frozen=True):
    """`[archive]`"""

    zone: Annotated[str, AfterValidator(known_zone)] = Field(
        "UTC",
        description="The zone in which `deadair search`, `count` and `show` tell times and count days, "
        "where --zone does not say: `Asia/Baghdad`.",
    )
    poll: float = Field(
        2.0, gt=0, le=60, description="Seconds between looks for new posts to index, where no notice comes."
    )
    batch: int = Field(500, ge=1, le=5000, description="Posts indexed in one transaction.")
