"""`[bot]` of config.toml: who may talk to the bot, and at what pace it talks."""

from datetime import timedelta
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, field_validator, model_validator

from domain.instant import say_span
from domain.zone import known_zone
from storage.span import Span


class BotConfig(BaseModel, extra="forbid", frozen=True):
    """`[bot]`

    The token is a secret and comes from DEADAIR_BOT_TOKEN or `token_file`, never from the config itself.
    """

    owners: tuple[int, ...] = Field(
        default=(),
        description="Telegram user numbers of those who own this bot: let in at once, they invite others.",
    )
    token_file: str = Field(
        default="", description="A file that holds the bot's token. Unset: DEADAIR_BOT_TOKEN."
    )
    api_base: str = Field(
        default="",
        description="Address of your own Bot API server, like `http://127.0.0.1:8081`. Empty: Telegram's.",
    )
    zone: Annotated[str, AfterValidator(known_zone)] = Field(
        default="UTC", description="IANA time zone in which a newcomer is told times, like `Asia/Baghdad`."
    )
    invite_expires: Span = Field(
        default=timedelta(hours=48),
        ge=timedelta(minutes=5),
        le=timedelta(days=30),
        description="How long an invite link opens the door, if nobody used it before.",
    )
    stranger_line: Span = Field(
        default=timedelta(hours=6),
        ge=timedelta(minutes=1),
        description="A stranger who writes is answered with one line, and then with nothing for so long.",
    )
    ask_again: Span = Field(
        default=timedelta(days=30),
        ge=timedelta(hours=1),
        description="A stranger whose wish to be let in was refused may ask again after so long.",
    )
    test_within: Span = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=10),
        description="So long `/test` waits for its alert to arrive before it says what keeps it.",
    )
    polling: Span = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=1),
        le=timedelta(seconds=50),
        description="How long one request for news stays open (real seconds).",
    )
    timeout: Span = Field(
        default=timedelta(seconds=20),
        ge=timedelta(seconds=2),
        le=timedelta(minutes=5),
        description="How long any other answer of Telegram may take (real seconds).",
    )
    per_second: float = Field(
        default=25.0, gt=0, le=30, description="Messages a second over all chats; Telegram allows about 30."
    )
    chat_per_second: float = Field(
        default=1.0, gt=0, le=1, description="Messages a second into one chat; Telegram allows one."
    )
    group_per_minute: int = Field(
        default=18, ge=1, le=20, description="Messages a minute into one group; Telegram allows 20."
    )
    couriers: int = Field(default=4, ge=1, le=32, description="Deliveries under way at the same time.")
    poll: Span = Field(
        default=timedelta(seconds=15),
        gt=timedelta(0),
        description="How often to look into the outbox when no notice of a delivery arrives.",
    )
    lease: Span = Field(
        default=timedelta(minutes=3),
        description=(
            "A delivery whose courier died is taken up by another after so long. Longer than `timeout`, "
            "for a lease that ends under way makes a double."
        ),
    )
    retry: Span = Field(
        default=timedelta(seconds=5),
        gt=timedelta(0),
        description="Pause after the first failure to deliver; it doubles with each further one.",
    )
    retry_most: Span = Field(
        default=timedelta(minutes=5), gt=timedelta(0), description="The longest such pause."
    )
    pages: str = Field(
        default="",
        description="Where people reach the archive's pages, like `https://deadair.example.org`: alerts link "
        "there. Empty: no link.",
    )
    digest_after: Span = Field(
        default=timedelta(hours=1),
        gt=timedelta(0),
        description="What could not be delivered for so long is told in one digest instead of one by one.",
    )
    simulated: bool = Field(
        default=False, description="Label everything the bot says as a simulation. The demo sets it."
    )

    @field_validator("api_base", "pages")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        parts = urlsplit(address)
        if address and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError(f"{address!r} is no address: write http://127.0.0.1:8081, or leave it empty")
        return address.rstrip("/")

    @field_validator("owners")
    @classmethod
    def _owners_are_people(cls, owners: tuple[int, ...]) -> tuple[int, ...]:
        for owner in owners:
            if owner <= 0:
                raise ValueError(f"{owner} is no user's number: those are positive; a group cannot own a bot")
        return owners

    @model_validator(mode="after")
    def _lease_outlives_a_call(self) -> Self:
        # A delivery may take a photo and a message, each with its fallbacks.
        if self.lease < 3 * self.timeout:
            raise ValueError(
                f"lease ({say_span(self.lease)}) must be at least three times timeout "
                f"({say_span(self.timeout)}), else a delivery under way is sent twice"
            )
        return self
