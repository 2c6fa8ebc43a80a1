"""Which part goes by what of the config: what of it changes says who is begun anew, and what has to wait."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from collector.config import WEB, ChannelConfig
from deadair.budgets import budgets_of
from deadair.config import Config, Setup
from deadair.lexicon import names_entries, own_files, reads_of

#: Sections that the collector goes by from its start to its end.
_COLLECTORS: Final = ("accounts", "collector")

#: Sections that whole processes go by.
_EVERYBODYS: Final = ("secrets", "storage", "log")
EVERYBODY: Final = "*"

Slices = Mapping[str, object]


def prove(setup: Setup) -> None:
    """Raises DeadairError for a config whose files or names are wrong, though it is well formed."""
    if setup.config.claims.lexicon or names_entries(setup):
        reads_of(setup)
    budgets_of(setup.config)


def slices(setup: Setup) -> Slices:
    """What each part goes by, by its name; two that are equal change nothing for it."""
    config = setup.config
    lexicon = [(str(path), _digest(path)) for path in own_files(setup)]
    topics = {name: topic.model_copy(update={"budget": None}) for name, topic in config.topics.items()}
    judging = (config.alerts, topics, budgets_of(config), lexicon, config.claims)
    means = {(c.handle or str(c.id)).casefold(): (c.zone, c.resistance) for c in config.channels}
    keeping = [
        (c.name, c.keep_posts, c.keep_files, c.keep_counters)
        for c in config.channels
        if (c.keep_posts, c.keep_files, c.keep_counters) != (None, None, None)
    ]
    return {
        "reader": (topics, lexicon, config.claims, means),
        "indexer": config.archive,
        "alerts": judging,
        "bot": (config.bot, setup.bot_token, judging, config.web.base, config.web.link_expires),
        "web": (config.web, config.archive, judging),
        "jobs": (config.jobs, config.backup, config.retention, keeping),
        "health": (config.health, config.backup, config.retention),
    }


def waiting(started: Setup, new: Setup) -> dict[str, list[str]]:
    """Keys that count from the next start on only, by the part that they keep back; no values, for some
    are secret."""
    keys = [key for name in _COLLECTORS for key in _differing(name, started.config, new.config)]
    if started.api_id != new.api_id:
        keys.append("DEADAIR_API_ID")
    if started.api_hash != new.api_hash:
        keys.append("DEADAIR_API_HASH")
    if started.keyring != new.keyring:
        keys.append("DEADAIR_KEY")
    keys += [f"channels[{c.name}]" for c in new.config.channels if not _can_be_watched(c, started)]
    everybody = [key for name in _EVERYBODYS for key in _differing(name, started.config, new.config)]
    return {"collector": keys, EVERYBODY: everybody}


def watchable(started: Setup, new: Setup) -> tuple[ChannelConfig, ...]:
    """The channels that the running collector can watch: those it has, it keeps as they were."""
    before = {c.name: c for c in started.config.channels}
    out = []
    for channel in new.config.channels:
        if _can_be_watched(channel, started):
            out.append(channel)
        elif channel.name in before:
            out.append(before[channel.name])
    return tuple(out)


def _can_be_watched(channel: ChannelConfig, started: Setup) -> bool:
    """By the accounts that were there at the start, or from the web."""
    if channel.source == WEB:
        return True
    config = started.config
    has_fleet = not config.channels or any(c.source != WEB for c in config.channels)
    names = {account.name for account in config.accounts}
    return has_fleet and bool(names) and (channel.account is None or channel.account in names)


def kept(started: Setup, new: Setup) -> Setup:
    """The new config with what has to wait left as it was: what the parts run from now on."""
    was = started.config
    update: dict[str, object] = {name: getattr(was, name) for name in (*_COLLECTORS, *_EVERYBODYS)}
    update["channels"] = watchable(started, new)
    return new.model_copy(
        update={
            "config": new.config.model_copy(update=update),
            "api_id": started.api_id,
            "api_hash": started.api_hash,
            "keyring": started.keyring,
        }
    )


def _differing(name: str, old: Config, new: Config) -> list[str]:
    """The keys of a section that differ."""
    before, after = getattr(old, name), getattr(new, name)
    if before == after:
        return []
    if isinstance(before, tuple):
        return [name]
    return [
        f"{name}.{key}" for key in type(before).model_fields if getattr(before, key) != getattr(after, key)
    ]


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
