"""`[health]`: what watches over Deadair itself, and when something counts as stuck."""

from datetime import timedelta

from pydantic import BaseModel, Field, field_validator

from storage.span import Span


class HealthConfig(BaseModel, extra="forbid", frozen=True):
    """`[health]`"""

    listen: str = Field(
        "",
        description=(
            "Where `/healthz`, `/readyz` and `/metrics` (Prometheus) are answered: `127.0.0.1:9478`. Empty: "
            "nowhere. They name channels and accounts, and ask for no password."
        ),
    )
    heartbeat_url: str = Field(
        "",
        description=(
            "An address that is asked for every `heartbeat_every` as long as all is well, so that somebody "
            "notices when Deadair dies with all its alarms. Whoever knows it can feign health: a secret one "
            "belongs into `heartbeat_file` or DEADAIR_HEARTBEAT_URL."
        ),
        repr=False,
    )
    heartbeat_file: str = Field("", description="A file that holds that address.")
    heartbeat_every: Span = Field(timedelta(minutes=1), ge=timedelta(seconds=10), description="How often.")
    tell_after: Span = Field(
        timedelta(minutes=5),
        gt=timedelta(0),
        description="What is wrong for so long is told to ops and owners by the bot, once, and once when it "
        "has been well for so long.",
    )
    watched_behind: Span = Field(
        timedelta(minutes=15),
        gt=timedelta(0),
        description="An account that has seen nothing of any channel for so long counts as stuck.",
    )
    unread_behind: Span = Field(
        timedelta(minutes=5),
        gt=timedelta(0),
        description="The reader is stuck when a post has waited for it for so long.",
    )
    unindexed_behind: Span = Field(
        timedelta(minutes=5),
        gt=timedelta(0),
        description="The indexer is stuck when a post or an edit has waited for it for so long.",
    )
    decided_behind: Span = Field(
        timedelta(minutes=5),
        gt=timedelta(0),
        description="The alerts are stuck when nothing has been decided for so long.",
    )
    undelivered_behind: Span = Field(
        timedelta(minutes=5),
        gt=timedelta(0),
        description="The bot is stuck when an alert has waited for so long that nothing holds back.",
    )
    polling_behind: Span = Field(
        timedelta(minutes=3),
        gt=timedelta(0),
        description="The bot is deaf when Telegram has answered none of its questions for so long.",
    )

    @field_validator("listen")
    @classmethod
    def _is_a_place(cls, listen: str) -> str:
        if listen:
            host_and_port(listen)
        return listen

    @field_validator("heartbeat_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("an address begins with https:// or http://")
        return url


def host_and_port(listen: str) -> tuple[str, int]:
    """`127.0.0.1:9478`, `[::1]:9478`. Raises ValueError when it is none."""
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{listen!r} is no place to listen at; write 127.0.0.1:9478")
    return host.strip("[]"), int(port)
