"""`[collector]`, `[[accounts]]` and `[[channels]]` of config.toml: what is watched, by whom, and how
patiently.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, field_validator, model_validator

from collector.budget import Budget
from collector.preview.config import PreviewConfig
from collector.proxy import Proxy
from collector.size import Size
from domain.budget import LEAST, MOST
from domain.country import COUNTRIES
from domain.wanted import bare_handle
from domain.zone import known_zone
from storage.keep import Keep
from storage.keyring import NO_KEY, Keyring
from storage.span import Span

#: Telegram's numbers of channels have 64 bits, and so have the archive's.
_BEYOND = 1 << 63


@dataclass(frozen=True, slots=True)
class App:
    """What my.telegram.org gives to a program that wants to speak with Telegram, and by which keys that
    program keeps its sessions.
    """

    api_id: int
    api_hash: str = field(repr=False)
    keyring: Keyring = NO_KEY  #: sessions are encrypted where there is a key


#: What is known of limits is hearsay: waits of a day after some 160 handles looked up, and after sweeps of
#: the account's own channels; one page of history a second is what clients are told to keep to.
CALL_BUDGETS = (
    "contacts.resolveUsername 40/8h",
    "channels.joinChannel 10/1d",
    "messages.getDialogs 10/1h",
    "channels.getFullChannel 60/10m",
    "messages.getHistory 60/1m",
    "channels.getMessages 60/1m",
    "* 300/1m",
)


#: What the public preview goes by where an account is named: in watch spans, gaps and `deadair status`.
WEB = "web"


class AccountConfig(BaseModel, extra="forbid", frozen=True):
    """`[[accounts]]`: a Telegram account that watches."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9_-]{1,40}$", description="What you call it, here and in `deadair login NAME`."
    )
    session: str = Field(
        default="",
        description="Its session file. Empty: `sessions/NAME.session`. Whoever has it has the account.",
    )
    proxy: str = Field(
        default="",
        description="`socks5://user:password@host:port`, `socks4://...`, `http://...`, or an MTProxy as "
        "`mtproxy://SECRET@host:port` or as its link `tg://proxy?...`. Empty: none.",
        repr=False,
    )
    proxy_file: str = Field(default="", description="A file that holds the proxy, when it has a password.")

    channels: int = Field(
        default=500,
        ge=1,
        le=1000,
        description="How many channels it may watch: Telegram lets an account into 500, one with Premium "
        "into 1000.",
    )

    @field_validator("name")
    @classmethod
    def _not_the_preview(cls, value: str) -> str:
        if value == WEB:
            raise ValueError(f"{WEB!r} is what the public preview goes by: give the account another name")
        return value

    @field_validator("session")
    @classmethod
    def _is_a_file(cls, value: str) -> str:
        if value and not Path(value).name:
            raise ValueError(f"{value!r} is a folder: name the file in it, as sessions/main.session")
        return value

    @field_validator("proxy")
    @classmethod
    def _known_proxy(cls, value: str) -> str:
        if value:
            Proxy.parse(value)
        return value

    @property
    def session_path(self) -> str:
        return self.session or f"sessions/{self.name}.session"


Kind = Literal["photo", "video", "document", "audio", "voice", "sticker"]
#: Kinds of media that have a file.
FETCHABLE: tuple[Kind, ...] = ("photo", "video", "document", "audio", "voice", "sticker")


class FilesConfig(BaseModel, extra="forbid", frozen=True):
    """`[collector.files]`: the files of posts, of the channels that have `files = true`."""

    folder: str = Field(
        "files", description="Where they are kept, each under the SHA-256 of its bytes; beside this file."
    )
    kinds: tuple[Kind, ...] = Field(
        FETCHABLE, description="Which are kept; a channel may say otherwise with `file_kinds`."
    )
    largest: Size = Field(
        20_000_000,
        description="The largest that is kept; a channel may say otherwise with `file_largest`.",
    )
    quota: Size = Field(
        10_000_000_000, description="The room that all of them may take. What is beyond waits for room."
    )
    reserve: Size = Field(1_000_000_000, description="Room left free on the disk, at least 600 MB.")
    rate: Size = Field(
        1_000_000, gt=0, description="Bytes a second at most, for posts come before their files."
    )


class ChannelConfig(BaseModel, extra="forbid", frozen=True):
    """`[[channels]]`: a channel to be watched, by its handle or its number."""

    handle: str | None = Field(default=None, description="Its @name or t.me link.")
    id: int | None = Field(
        default=None, description="Its number; needed only for one without a handle that the account is in."
    )
    title: str | None = Field(default=None, description="What to call it until Telegram says so.")
    group: str | None = Field(
        default=None, description="Channels that answer to one command: their silence is told together."
    )
    zone: Annotated[str, AfterValidator(known_zone)] = Field(
        default="UTC", description="Time zone of its audience, as `Asia/Baghdad`: its days are counted there."
    )
    country: str | None = Field(
        default=None,
        description="Where it is made, by two letters as `IQ`: a cut of that country's internet is then told "
        "as one, and as no silence of its channels.",
    )
    resistance: str | None = Field(
        default=None,
        description='Whom it means by a bare "the Islamic Resistance": an actor of the lexicon, as `iri` or '
        "`hezbollah`. Unset: the place tells, or nobody is named.",
    )
    budget: float | None = Field(
        default=None,
        ge=LEAST,
        le=MOST,
        description="False alarms a month you accept of this channel, of silence, drop and surge each. "
        "Unset: as [alerts] says. `deadair tune CHANNEL --budget B` shows beforehand what it means.",
    )
    calendar: tuple[str, ...] | None = Field(
        default=None,
        description="Calendars that hold for this channel, in whichever country, instead of those of "
        "[alerts] calendars. Unset: of these the periods of its country.",
    )
    source: Literal["account", "web"] = Field(
        default="account",
        description="`web`: read from the public preview, t.me/s/NAME, which needs no account at all, shows "
        "public channels only, and tells of edits and deletions late (docs/web-preview.md).",
    )
    files: bool = Field(
        default=False,
        description="Whether the files of its posts are kept too, of those stored from then on.",
    )
    file_kinds: tuple[Kind, ...] | None = Field(
        default=None, description="Which kinds of them. Unset: as [collector.files] says."
    )
    file_largest: Size | None = Field(
        default=None, description="The largest of them, as `20MB`. Unset: as [collector.files] says."
    )
    keep_posts: Keep | None = Field(
        default=None,
        description="How long what its posts say stays. Unset: as [retention] says. `0s`: for ever. Posts "
        "whose content is removed still count (docs/operating.md).",
    )
    keep_files: Span | None = Field(
        default=None, description="How long its files stay. Unset: as [retention] says. `0s`: for ever."
    )
    keep_counters: Span | None = Field(default=None, description="The same of its counters over time.")
    account: str | None = Field(
        default=None,
        description="The account that watches it, others only while that one is lost. Unset: one that is in "
        "it already, else the one with the fewest channels.",
    )
    join: bool | None = Field(
        default=None, description="Whether the account joins it. Unset: as `collector.join` says."
    )

    @field_validator("handle")
    @classmethod
    def _bare(cls, value: str | None) -> str | None:
        if value is None:
            return None
        return bare_handle(value)

    @field_validator("id")
    @classmethod
    def _without_prefix(cls, value: int | None) -> int | None:
        # The Bot API and most clients write channel numbers with -100 before them.
        if value is not None and value < 0:
            text = str(value)
            if not text.startswith("-100"):
                raise ValueError(f"{value} is the number of a group, not of a channel")
            value = int(text[4:] or 0)
        if value is not None and not 0 < value < _BEYOND:
            raise ValueError("no channel has that number")
        return value

    @field_validator("country")
    @classmethod
    def _known_country(cls, value: str | None) -> str | None:
        if value is not None and value.upper() not in COUNTRIES:
            raise ValueError(f"{value!r} is no country of ISO 3166-1: write two letters, as IQ, IR or LB")
        return value and value.upper()

    @model_validator(mode="after")
    def _named(self) -> "ChannelConfig":
        if self.handle is None and self.id is None:
            raise ValueError("a channel needs a handle or an id")
        if self.source == "web":
            if self.handle is None:
                raise ValueError('source "web" needs a handle: the preview knows channels by @name only')
            if self.account is not None:
                raise ValueError(f'source "web" reads without an account: remove account = {self.account!r}')
            if self.join:
                raise ValueError('source "web" joins nothing: remove join')
            if self.files:
                raise ValueError('source "web" has no files: remove files')
        return self

    @property
    def name(self) -> str:
        return f"@{self.handle}" if self.handle else self.title or str(self.id)


class CollectorConfig(BaseModel, extra="forbid", frozen=True):
    """`[collector]`"""

    api_id_file: str = Field(
        default="", description="A file that holds the api_id of my.telegram.org. Else: DEADAIR_API_ID."
    )
    api_hash_file: str = Field(
        default="", description="A file that holds the api_hash. Else: DEADAIR_API_HASH."
    )

    reconcile_every: Span = Field(
        timedelta(minutes=3),
        gt=timedelta(0),
        description="How often each channel is asked for its newest post; what was watched rests on it.",
    )
    confirm_every: Span = Field(
        timedelta(minutes=1),
        gt=timedelta(0),
        description="How often, between two such rounds, the channels that an account is in are asked, a "
        "hundred in one call: what was watched up to a break is known to within so much.",
    )
    hurry_every: Span = Field(
        timedelta(seconds=30),
        gt=timedelta(0),
        description="The same for a channel whose posts Telegram does not push, though the account is in it.",
    )
    call_budgets: tuple[str, ...] = Field(
        CALL_BUDGETS,
        description="How many calls of a kind an account makes in a span of time at most; the first that "
        "fits counts, * fits all. A call beyond waits: Telegram shuts accounts that hurry.",
    )
    probe_every: Span = Field(
        timedelta(seconds=45),
        gt=timedelta(0),
        description="How often a request proves that the connection does its work.",
    )
    answer_within: float = Field(
        20.0, gt=0, le=300, description="Seconds Telegram is given to answer before the line counts as dead."
    )
    retry_min: float = Field(
        1.0, gt=0, le=600, description="Seconds before a lost connection is tried again; doubled each time."
    )
    retry_max: float = Field(120.0, gt=0, le=3600, description="The longest such wait.")

    since: Span = Field(timedelta(days=60), description="How far back the history is read.")
    history_limit: int = Field(
        100_000, ge=0, description="Posts of history to read of each channel at most. 0: none."
    )
    history_pause: Span = Field(
        timedelta(seconds=1), description="Pause between pages of history: Telegram slows down who hurries."
    )

    stand_in_after: Span = Field(
        timedelta(minutes=10),
        gt=timedelta(0),
        description="For so long may an account have no line to Telegram before others watch its channels; "
        "for one that is banned or logged out they do at once.",
    )

    witness: bool = Field(
        True,
        description="Have a second account look at each channel beside the first, where there is one.",
    )
    witness_every: Span = Field(
        timedelta(minutes=15), gt=timedelta(0), description="How often it looks at each."
    )

    join: bool = Field(
        False,
        description="Join public channels, so that Telegram pushes their posts at once. Others are asked.",
    )
    join_pause: Span = Field(timedelta(minutes=10), description="Pause between two joins.")

    recheck_every: Span = Field(
        timedelta(days=1),
        gt=timedelta(0),
        description="How often recent posts are asked for again, for edits and deletions that went unseen, "
        "and holes in their numbers are looked into.",
    )
    recheck_posts: int = Field(
        200, ge=0, le=5000, description="How many of the newest posts of a channel that is."
    )
    counters_at: tuple[Span, ...] = Field(
        tuple(timedelta(hours=n) for n in (1, 6, 24, 7 * 24)),
        description="How long after posting the views, forwards, replies and reactions of a post are looked "
        "at. Empty: never after the first sight.",
    )
    counters_slack: Span = Field(
        timedelta(minutes=2),
        description="So much later may that be, for a hundred posts of a channel are looked at in one call.",
    )
    counters_pause: Span = Field(
        timedelta(seconds=3),
        description="Pause between two such calls, whatever is due; a late look is dated as it was taken.",
    )
    refresh_every: Span = Field(
        timedelta(days=1),
        gt=timedelta(0),
        description="How often titles, handles and audience are looked up.",
    )
    return_every: Span = Field(
        timedelta(hours=1),
        gt=timedelta(0),
        description="How often a channel that could not be read is tried again.",
    )

    preview: PreviewConfig = Field(PreviewConfig(), description="How the public web preview is read.")

    server: str = Field(
        default="", description="`host:port` of another server than Telegram's: for a sandbox only."
    )
    server_key: str = Field(
        default="", description="That server's public RSA key, as PEM text or as the path of a file."
    )
    transport: Literal["full", "abridged", "intermediate"] = Field(
        "full", description="How packets are framed: `full`, `abridged` or `intermediate`."
    )

    files: FilesConfig = Field(
        FilesConfig(), description="The files of posts, of the channels that have `files = true`."
    )

    @field_validator("call_budgets")
    @classmethod
    def _budgets_of_calls(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            Budget.parse(each)
        return value

    @field_validator("server")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        if value and not (value.rpartition(":")[0] and value.rpartition(":")[2].isdecimal()):
            raise ValueError(f"{value!r} is no server: write host:port")
        return value

    @field_validator("counters_at")
    @classmethod
    def _growing(cls, value: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
        spans = (timedelta(0), *value)
        if any(later <= sooner for sooner, later in pairwise(spans)):
            raise ValueError("each must be longer than the one before: write 1h, 6h, 24h")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> "CollectorConfig":
        if self.retry_max < self.retry_min:
            raise ValueError(f"retry_max ({self.retry_max}) is less than retry_min ({self.retry_min})")
        return self
