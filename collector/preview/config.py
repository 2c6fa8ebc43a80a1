"""`[collector.preview]` of config.toml: how the public web preview is read."""

from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator

from collector.budget import Budget
from storage.span import Span

#: Telegram's own.
BASE = "https://t.me"
#: What stands in a Budget for the pages of the preview.
PAGES = "preview"


class PreviewConfig(BaseModel, extra="forbid", frozen=True):
    """`[collector.preview]`"""

    every: Span = Field(
        timedelta(minutes=3),
        gt=timedelta(0),
        description='How often a channel with `source` "web" is looked at; what was watched rests on it.',
    )
    budget: str = Field(
        "20/1m", description="Pages asked for in a span of time at most, of all channels together."
    )
    witness: bool = Field(
        True,
        description="When a channel falls silent, ask the preview once whether it shows posts that we do "
        "not have.",
    )
    agent: str = Field("Deadair (monitor of public channels)", description="What it says that it is.")
    base: str = Field(
        "https://t.me", description="Where the preview is; another place is for a sandbox only."
    )

    @field_validator("budget")
    @classmethod
    def _counted(cls, value: str) -> str:
        try:
            Budget.parse(f"{PAGES} {value}")
        except ValueError:
            raise ValueError(f"{value!r} is no budget of pages: write it like 20/1m") from None
        return value

    @field_validator("base")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
            raise ValueError(f"{value!r} is no place of a preview: write it like https://t.me")
        return value.rstrip("/")

    @field_validator("agent")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.strip() or not value.isprintable() or not value.isascii():
            raise ValueError(f"{value!r} is no name for a program: write one line of plain letters")
        return value.strip()

    @property
    def pages(self) -> Budget:
        return Budget.parse(f"{PAGES} {self.budget}")
