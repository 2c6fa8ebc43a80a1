"""`[backup]`: copies of the archive, made by the clock."""

from pydantic import BaseModel, Field, field_validator

from domain.errors import DeadairError


class BackupConfig(BaseModel, extra="forbid", frozen=True):
    """`[backup]`"""

    every_hours: int = Field(
        0,
        ge=0,
        le=24 * 31,
        description="How often a backup is written while Deadair runs; 0: never by itself.",
    )
    folder: str = Field(
        "backups",
        min_length=1,
        description="Where backups are written, relative to this file; best on another disk than it.",
    )
    keep: int = Field(
        7, ge=1, le=1000, description="How many backups stay there; of those it made, the oldest go first."
    )
    recipient: str = Field(
        "",
        description=(
            "Whom backups are encrypted for: the public part of an age key (`age1...`), as "
            "`deadair backup --new-key FILE` makes one. Empty: they are not encrypted."
        ),
    )

    @field_validator("recipient")
    @classmethod
    def _is_one(cls, recipient: str) -> str:
        from storage.backup.paper import check_recipient

        if recipient:
            try:
                check_recipient(recipient)
            except DeadairError as error:
                raise ValueError(f"{error.what}; {error.hint}") from error
        return recipient
