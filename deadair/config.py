"""config.toml: read, checked as a whole, and every mistake told at once."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError, model_validator

from alerts.config import AlertsConfig
from archive.config import ArchiveConfig
from archive.web.config import WebConfig
from bot.config import BotConfig
from claims.config import ClaimsConfig, TopicConfig, word_topics
from collector.config import AccountConfig, ChannelConfig, CollectorConfig
from deadair.health.config import HealthConfig
from deadair.log import LogConfig
from deadair.masking import know_secrets_of
from deadair.mistakes import mistakes
from deadair.retention.config import RetentionConfig
from deadair.secrets import SecretsConfig, environment, keyring
from deadair.secrets import secret as find_secret
from domain.errors import DeadairError, why
from domain.place import place
from domain.toml import BadToml, line_of, read_toml
from storage.backup.config import BackupConfig
from storage.config import StorageConfig
from storage.keyring import NO_KEY, Keyring

#: Looked for in the current folder when no `--config` is given.
FILE = "config.toml"
#: The archive when none is named, beside the config.
ARCHIVE = "sqlite:///deadair.db"
_Secret = Callable[..., str | None]
#: The version of a config that is all defaults.
NO_FILE = "defaults"


class ConfigError(DeadairError):
    """The config cannot be used; the message lists every mistake."""


#: With the name of an account behind, what its proxy is called where its secrets are given.
_PROXY = "DEADAIR_PROXY"


class JobsConfig(BaseModel, extra="forbid", frozen=True):
    """`[jobs]`"""

    checkpoint_minutes: int = Field(
        15, ge=1, le=1440, description="SQLite: how often the write-ahead log is brought back into the file."
    )
    sign_of_life_minutes: int = Field(
        1, ge=1, le=60, description="How often this process leaves a sign of life for `deadair status`."
    )


class Config(BaseModel, extra="forbid", frozen=True):
    """Everything that can be set."""

    secrets: SecretsConfig = SecretsConfig()
    storage: StorageConfig = StorageConfig()
    backup: BackupConfig = BackupConfig()
    accounts: tuple[AccountConfig, ...] = ()
    channels: tuple[ChannelConfig, ...] = ()
    collector: CollectorConfig = CollectorConfig()
    topics: dict[str, TopicConfig] = Field(default_factory=dict)
    claims: ClaimsConfig = ClaimsConfig()
    alerts: AlertsConfig = AlertsConfig()
    archive: ArchiveConfig = ArchiveConfig()
    web: WebConfig = WebConfig()
    bot: BotConfig = BotConfig()
    retention: RetentionConfig = RetentionConfig()
    health: HealthConfig = HealthConfig()
    jobs: JobsConfig = JobsConfig()
    log: LogConfig = LogConfig()

    @model_validator(mode="after")
    def _fits_together(self) -> "Config":
        names = [account.name for account in self.accounts]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"accounts: two are named {name!r}; give each its own name")
        handles = [str(channel.handle or channel.id).casefold() for channel in self.channels]
        for handle in handles:
            if handles.count(handle) > 1:
                raise ValueError(f"channels: {handle} is listed twice; remove one")
        for channel in self.channels:
            if channel.account and channel.account not in names:
                raise ValueError(
                    f"channels: {channel.handle or channel.id} names the account {channel.account!r}, "
                    f"which is not among the accounts ({', '.join(names) or 'none is set'})"
                )
        try:
            word_topics(self.topics)
        except DeadairError as error:
            raise ValueError(f"topics: {error.what}. {error.hint}") from error
        return self


class Setup(BaseModel, frozen=True):
    """A config with the folder it stands in and its secrets: what the parts are built from."""

    config: Config
    folder: Path  #: relative paths start here
    version: str = NO_FILE  #: the first letters of the file's SHA-256
    api_id: int | None = None
    api_hash: str | None = Field(default=None, repr=False)
    bot_token: str | None = Field(default=None, repr=False)
    keyring: Keyring = Field(default=NO_KEY, repr=False)  #: by which sessions are kept encrypted

    @property
    def storage(self) -> StorageConfig:
        return self.config.storage


def load(path: Path | None = None) -> Setup:
    """Read the config at `path`, else `config.toml` in the current folder, else the defaults.

    Raises ConfigError with every mistake, SecretError for a secret that cannot be read.
    """
    given = path if path is not None else Path(FILE)
    folder = given.parent if path is not None else Path()
    if not given.is_file():
        if given.is_dir():
            inside = given / FILE
            raise ConfigError(
                f"{given} is a folder, and not a config",
                hint=f"give --config {inside}"
                if inside.is_file()
                else f"name a file with --config; there is no {FILE} in it",
            )
        if path is not None:
            raise ConfigError(f"there is no config at {given}", hint="give its path with --config")
        return with_secrets(Config(), folder)
    text = _read(given)
    return with_secrets(parse(text, str(given)), folder, version=version_of(text))


def version_of(text: str) -> str:
    """What a config is called where it is said who runs which: as `sha256sum config.toml` begins."""
    return sha256(text.encode()).hexdigest()[:12]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"cannot read {path}: line {line_of(error)} is not in UTF-8",
            hint="save it as UTF-8, which every editor can",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"cannot read {path}: {why(error)}", hint="it must be a file that this user may read"
        ) from error


def parse(text: str, name: str = FILE) -> Config:
    """Check the text of a config. Raises ConfigError with every mistake in it."""
    try:
        document = read_toml(text)
    except BadToml as error:
        raise ConfigError(f"{name} is not valid TOML: {error}", hint="mend that line") from error
    try:
        return Config.model_validate(document)
    except ValidationError as error:
        found = mistakes(error, Config)
        lines = "\n".join(f"  {line}" for line in found)
        raise ConfigError(
            f"{name} has {len(found)} mistake{'s' if len(found) > 1 else ''}:\n{lines}",
            hint="config.toml of the distribution explains every key",
        ) from error


def with_secrets(config: Config, folder: Path, *, version: str = NO_FILE) -> Setup:
    """Fill in the secrets and the default place of the archive. From here on no secret of it is written."""
    env = environment(folder)
    keys = keyring(config.secrets, env, folder)
    secret = partial(find_secret, env=env, folder=folder, keys=keys)
    api_id = secret("DEADAIR_API_ID", file=config.collector.api_id_file, key="collector.api_id_file")
    if api_id is not None and not api_id.isdecimal():
        raise ConfigError("DEADAIR_API_ID is not a number", hint="it is the `api_id` of my.telegram.org")
    url = secret("DEADAIR_STORAGE_URL", file=config.storage.url_file, key="storage.url_file")
    storage = config.storage.model_copy(update={"url": _placed(url or config.storage.url or ARCHIVE, folder)})
    accounts = tuple(_with_proxy(account, secret) for account in config.accounts)
    setup = Setup(
        config=config.model_copy(
            update={
                "storage": storage,
                "accounts": accounts,
                "health": _with_heartbeat(config.health, secret),
                **_with_calendars(config, folder),
            }
        ),
        folder=folder,
        version=version,
        api_id=int(api_id) if api_id else None,
        api_hash=secret(
            "DEADAIR_API_HASH", file=config.collector.api_hash_file, key="collector.api_hash_file"
        ),
        bot_token=secret("DEADAIR_BOT_TOKEN", file=config.bot.token_file, key="bot.token_file"),
        keyring=keys,
    )
    know_secrets_of(setup)
    return setup


def _with_heartbeat(config: HealthConfig, secret: _Secret) -> HealthConfig:
    key = "health.heartbeat_file"
    url = secret("DEADAIR_HEARTBEAT_URL", file=config.heartbeat_file, key=key)
    if url is None:
        return config
    if not url.startswith(("https://", "http://")):
        raise ConfigError("DEADAIR_HEARTBEAT_URL is no address", hint="it begins with https:// or http://")
    return config.model_copy(update={"heartbeat_url": url})


def _with_proxy(account: AccountConfig, secret: _Secret) -> AccountConfig:
    """The account with the proxy that its file names, or its credential of systemd holds."""
    name, key = f"{_PROXY}.{account.name}", f"proxy_file of the account {account.name!r}"
    proxy = secret(name, file=account.proxy_file, key=key)
    if proxy is None:
        return account
    try:
        return AccountConfig.model_validate({**account.model_dump(), "proxy": proxy})
    except ValidationError as error:
        # The value holds a password: what is wrong is said, what stands there is not.
        what = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise ConfigError(
            f"the {key if account.proxy_file else f'credential {name}'} is of no use: {what}",
            hint="write socks5://user:password@host:port",
        ) from None


def _with_calendars(config: Config, folder: Path) -> dict[str, object]:
    """The sections that name calendar files, with paths that count from the config's folder."""

    def placed(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(place(folder, name)) if name.endswith(".toml") else name for name in names)

    return {
        "alerts": config.alerts.model_copy(update={"calendars": placed(config.alerts.calendars)}),
        "channels": tuple(
            c if c.calendar is None else c.model_copy(update={"calendar": placed(c.calendar)})
            for c in config.channels
        ),
    }


def _placed(url: str, folder: Path) -> str:
    """A relative SQLite path counts from the config's folder, wherever the command is run."""
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return prefix + str(folder / url.removeprefix(prefix))
    return url
