"""Budgets written into the operator's own config.toml: his comments and his order stay as they are."""

import os
import shutil
import tempfile
from collections.abc import MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Any

from deadair.config import Config, ConfigError, parse
from domain.channel import Channel


def save_channel_budget(path: Path, channel: Channel, budget: float, now: datetime) -> Path:
    """`budget` under the channel's [[channels]] section. Returns where the old file is kept.

    Raises ConfigError when the config does not name the channel, or cannot be written.
    """

    def change(document: MutableMapping[str, Any]) -> None:
        for section in document.get("channels", []):
            if is_of(section.get("handle"), section.get("id"), channel):
                section["budget"] = budget
                return
        raise ConfigError(
            f"{path} does not name {channel.name}",
            hint=f'add it first: [[channels]] handle = "{channel.handle or channel.id}"',
        )

    return _change(path, change, now)


def save_topic_budget(path: Path, topic: str, budget: float, now: datetime) -> Path:
    """`budget` under [topics.NAME]; the same otherwise."""

    def change(document: MutableMapping[str, Any]) -> None:
        section = document.get("topics", {}).get(topic)
        if section is None:
            raise ConfigError(
                f"{path} has no [topics.{topic}]",
                hint="a budget of its own is for a topic of yours; one of the lexicon becomes one by "
                f'[topics.NAME] any_of = ["{topic}"]',
            )
        section["budget"] = budget

    return _change(path, change, now)


def is_of(handle: object, number: object, channel: Channel) -> bool:
    """Does a [[channels]] section with this handle or number mean the channel?"""
    from collector.config import ChannelConfig

    if handle is None:
        return number is not None and ChannelConfig(id=int(str(number))).id == channel.id
    bare = ChannelConfig(handle=str(handle)).handle or ""
    return bare.casefold() == (channel.handle or "").casefold()


def _change(path: Path, change: Any, now: datetime) -> Path:
    """Read, change, prove, keep the old one, and put the new one in its place at once."""
    import tomlkit

    real = path.resolve()
    try:
        before = real.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"there is no config to save into at {path}", hint="run `deadair tune` with --config"
        ) from error
    parse(before, str(path))
    document = tomlkit.parse(before)
    change(document)
    after = tomlkit.dumps(document)
    _prove(before, after, path)
    kept = _free(real, now)
    try:
        shutil.copy2(real, kept)
        _replace(real, after)
    except OSError as error:
        raise ConfigError(
            f"cannot write {path}: {error.strerror or error}",
            hint="nothing was changed; its folder must be writable",
        ) from error
    return kept


def _prove(before: str, after: str, path: Path) -> None:
    """Nothing but budgets may differ: a mistake here would change what is watched."""

    def without(config: Config) -> Config:
        channels = tuple(c.model_copy(update={"budget": None}) for c in config.channels)
        topics = {name: t.model_copy(update={"budget": None}) for name, t in config.topics.items()}
        return config.model_copy(update={"channels": channels, "topics": topics})

    if without(parse(after, str(path))) != without(parse(before, str(path))):
        raise ConfigError(
            f"{path} cannot be changed without changing more than a budget", hint="write the budget by hand"
        )


def _free(path: Path, now: datetime) -> Path:
    """A name for the old file that is not taken."""
    stem = f"{path.name}.{now:%Y%m%d-%H%M%S}"
    names = [path.with_name(f"{stem}.bak"), *(path.with_name(f"{stem}-{n}.bak") for n in range(2, 100))]
    return next(name for name in names if not name.exists())


def _replace(path: Path, text: str) -> None:
    """All of the new text or all of the old, whenever the machine stops."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, name)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
