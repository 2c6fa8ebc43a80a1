"""Every value that counts, and where it comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from collector.config import AccountConfig, ChannelConfig
from collector.entries import key_of
from deadair.config import Config, Setup
from deadair.secrets import credential, dotenv_names, environment, may_be_secret
from deadair.settings import is_of
from deadair.tuned import SetBudget, Tuned
from domain.mask import address_shown
from domain.wanted import Want, Watching


class Source(StrEnum):
    """Where a value comes from. The later ones count before the earlier."""

    DEFAULT = "default"
    FILE = "config.toml"
    SECRET_FILE = "file"  # noqa: S105 - the name of a place, no secret
    DOTENV = ".env"
    ENVIRONMENT = "environment"
    CREDENTIAL = "credential of systemd"
    TUNED = "set while running"
    NOWHERE = "not given"


#: Shown instead of a secret.
HIDDEN: Final = "(not shown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One value. What is secret has HIDDEN as its value."""

    key: str  #: as `alerts.silence.budget`, `channels[@name].zone`
    value: Any  #: as JSON has it; None: nothing
    source: Source
    by: str = ""  #: who set it while running
    at: datetime | None = None
    why: str = ""
    detail: str = ""  #: which variable, which file
    over: "Origin | None" = field(default=None)  #: what would count without it


def origins(setup: Setup, document: Mapping[str, Any], tuned: Tuned) -> Iterator[Origin]:
    """All of them, in the order of config.toml. `document`: the file as it was written."""
    config = setup.config
    yield from _secrets(setup)
    for account in config.accounts:
        raw = _section(document, "accounts", lambda given, a=account: given.get("name") == a.name)
        yield from (_proxied(o, account) for o in _keys(f"accounts[{account.name}]", account, raw))
    for channel in config.channels:
        yield from _channel(channel, document, tuned)
    configured = {key_of(channel) for channel in config.channels}
    for want in tuned.added:
        if want.key not in configured:
            yield from _added(want, tuned)
    for name, topic in config.topics.items():
        raw = document.get("topics", {}).get(name, {})
        saved = next((b for b in tuned.budgets if b.topic == name), None)
        yield from _tuned_budget(_keys(f"topics.{name}", topic, raw), f"topics.{name}", saved)
    for budget in tuned.budgets:
        if budget.topic is not None and budget.topic not in config.topics:
            yield _set(f"topics.{budget.topic}.budget", budget.budget, budget)
    for name in type(config).model_fields:
        section = getattr(config, name)
        if isinstance(section, BaseModel):
            for origin in _keys(name, section, document.get(name, {})):
                yield _from_environment(origin, setup)


def _keys(prefix: str, model: BaseModel, raw: Mapping[str, Any]) -> Iterator[Origin]:
    values = model.model_dump(mode="json")
    for name in type(model).model_fields:
        inner, given = getattr(model, name), raw.get(name)
        if isinstance(inner, BaseModel):
            yield from _keys(f"{prefix}.{name}", inner, given if isinstance(given, Mapping) else {})
            continue
        value = _hidden(values[name]) if may_be_secret(type(model), name) else values[name]
        source = Source.FILE if name in raw else Source.DEFAULT
        yield Origin(key=f"{prefix}.{name}", value=value, source=source)


def _hidden(value: Any) -> Any:
    """Instead of a value that may be secret; of addresses their hosts are shown."""
    if isinstance(value, list):
        return [address_shown(str(each)) for each in value]
    return HIDDEN if value else value


def _section(document: Mapping[str, Any], name: str, fits: Any) -> Mapping[str, Any]:
    return next((given for given in document.get(name, ()) if fits(given)), {})


def _proxied(origin: Origin, account: AccountConfig) -> Origin:
    if not origin.key.endswith(".proxy") or not account.proxy_file:
        return origin
    return replace(origin, source=Source.SECRET_FILE, detail=account.proxy_file)


# -- channels


def _channel(channel: ChannelConfig, document: Mapping[str, Any], tuned: Tuned) -> Iterator[Origin]:
    def fits(given: Mapping[str, Any]) -> bool:
        return key_of(ChannelConfig.model_validate(given)) == key_of(channel)

    raw, place = _section(document, "channels", fits), f"channels[{channel.name}]"
    want = next((w for w in tuned.wants if w.key == key_of(channel)), None)
    if want is not None and want.wanted is not Watching.WATCHED:
        instead = Origin(key=f"{place}.watched", value="watched", source=Source.FILE)
        yield replace(_wanted(place, want), over=instead)
    known = tuned.found.get(key_of(channel))
    saved = next(
        (
            b
            for b in tuned.budgets
            if b.channel is not None and (b.channel == known or is_of(channel.handle, channel.id, b.channel))
        ),
        None,
    )
    yield from _tuned_budget(_keys(place, channel, raw), place, saved)


def _added(want: Want, tuned: Tuned) -> Iterator[Origin]:
    place = f"channels[{f'@{want.handle}' if want.handle else want.key}]"
    yield _wanted(place, want)
    for key, value in added(want).items():
        yield replace(_wanted(place, want), key=f"{place}.{key}", value=value)
    known = tuned.found.get(want.key)
    for saved in tuned.budgets:
        if saved.channel is not None and (
            saved.channel == known or is_of(want.handle, want.channel_id, saved.channel)
        ):
            yield _set(f"{place}.budget", saved.budget, saved)


def added(want: Want) -> dict[str, Any]:
    """The [[channels]] section that says the same as the want."""
    section: dict[str, Any] = {"handle": want.handle} if want.handle else {"id": want.channel_id}
    if want.group:
        section["group"] = want.group
    if want.zone != "UTC":
        section["zone"] = want.zone
    if want.country:
        section["country"] = want.country
    if want.web:
        section["source"] = "web"
    return section


def _wanted(place: str, want: Want) -> Origin:
    return Origin(
        key=f"{place}.watched",
        value=want.wanted.value,
        source=Source.TUNED,
        by=want.asked_by,
        at=want.asked_at,
        detail=f"it cannot be: {want.why}" if want.why else "",
    )


def _tuned_budget(some: Iterator[Origin], place: str, saved: SetBudget | None) -> Iterator[Origin]:
    for origin in some:
        if saved is not None and origin.key == f"{place}.budget":
            yield replace(_set(origin.key, saved.budget, saved), over=origin)
        else:
            yield origin


def _set(key: str, value: float, saved: SetBudget) -> Origin:
    return Origin(key=key, value=value, source=Source.TUNED, by=saved.by, at=saved.at, why=saved.why)


# -- secrets and the environment


def _secrets(setup: Setup) -> Iterator[Origin]:
    config = setup.config
    for name, file, value in (
        ("DEADAIR_API_ID", config.collector.api_id_file, setup.api_id),
        ("DEADAIR_API_HASH", config.collector.api_hash_file, setup.api_hash),
        ("DEADAIR_BOT_TOKEN", config.bot.token_file, setup.bot_token),
        ("DEADAIR_KEY", config.secrets.key_file, setup.keyring or None),
    ):
        source, detail = place_of(name, file, setup.folder)
        if value is None:
            yield Origin(key=name, value=None, source=Source.NOWHERE)
        else:
            yield Origin(key=name, value=HIDDEN, source=source, detail=detail)


def _from_environment(origin: Origin, setup: Setup) -> Origin:
    """Two keys may be given outside of the file as well, and count from there."""
    from storage.engines import parse_url, shown

    config: Config = setup.config
    if origin.key == "storage.url":
        source, detail = place_of("DEADAIR_STORAGE_URL", config.storage.url_file, setup.folder)
        value = shown(parse_url(setup.storage.url))
    elif origin.key == "health.heartbeat_url":
        source, detail = place_of("DEADAIR_HEARTBEAT_URL", config.health.heartbeat_file, setup.folder)
        value = origin.value
    else:
        return origin
    if source is Source.NOWHERE:
        return replace(origin, value=value)
    return replace(origin, value=value, source=source, detail=detail)


def place_of(name: str, file: str, folder: Path) -> tuple[Source, str]:
    """Where a secret is given, by the order in which `deadair.secrets.secret` looks."""
    if file:
        return Source.SECRET_FILE, file
    if credential(name, environment(folder)) is not None:
        return Source.CREDENTIAL, name
    if not environment(folder).get(name):
        return Source.NOWHERE, ""
    return (Source.DOTENV if name in dotenv_names(folder) else Source.ENVIRONMENT), name
