"""Budgets written into the operator's own config.toml: his comments and his order stay as they are."""

import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from deadair.config import Config, ConfigError, parse
from deadair.sections import CHANNELS, topic_header, with_budget
from domain.channel import Channel


def save_channel_budget(path: Path, channel: Channel, budget: float, now: datetime) -> Path:
    """`budget` under the channel's [[channels]] section. Returns where the old file is kept.

    Raises ConfigError when the config does not name the channel, or cannot be written.
    """
    before = read_text(path)
    for number, given in enumerate(parse(before, str(path)).channels):
        if is_of(given.handle, given.id, channel):
            return _save(path, before, with_budget(before, CHANNELS, number, budget), now)
    raise ConfigError(
        f"{path} does not name {channel.name}",
        hint=f'add it first: [[channels]] handle = "{channel.handle or channel.id}"',
    )


def save_topic_budget(path: Path, topic: str, budget: float, now: datetime) -> Path:
    """`budget` under [topics.NAME]; the same otherwise."""
    before = read_text(path)
    if topic not in parse(before, str(path)).topics:
        raise ConfigError(
            f"{path} has no [topics.{topic}]",
            hint="a budget of its own is for a topic of yours; one of the lexicon becomes one by "
            f'[topics.NAME] any_of = ["{topic}"]',
        )
    return _save(path, before, with_budget(before, topic_header(topic), 0, budget), now)


def is_of(handle: object, number: object, channel: Channel) -> bool:
    """Does a [[channels]] section with this handle or number mean the channel?"""
    from collector.config import ChannelConfig

    if handle is None:
        return number is not None and ChannelConfig(id=int(str(number))).id == channel.id
    bare = ChannelConfig(handle=str(handle)).handle or ""
    return bare.casefold() == (channel.handle or "").casefold()


def _save(path: Path, before: str, after: str | None, now: datetime) -> Path:
    """Prove the new text, keep the old one, and put the new one in its place at once."""
    _prove(before, after, path)
    assert after is not None  # noqa: S101 - just proved
    return put(path, after, now)


def read_text(path: Path) -> str:
    """What stands in the file. Raises ConfigError when it cannot be read."""
    try:
        return path.resolve().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"there is no config to save into at {path}", hint="name it with --config"
        ) from error


def put(path: Path, text: str, now: datetime) -> Path:
    """Write the new text in place of the old, all at once. Returns where the old file is kept.

    Raises ConfigError when it cannot be written; then nothing was changed.
    """
    real = path.resolve()
    kept = _free(real, now)
    try:
        shutil.copy2(real, kept)
        _replace(real, text)
    except OSError as error:
        raise ConfigError(
            f"cannot write {path}: {error.strerror or error}",
            hint="nothing was changed; its folder must be writable",
        ) from error
    return kept


def _prove(before: str, after: str | None, path: Path) -> None:
    """Nothing but budgets may differ: a mistake here would change what is watched."""

    def without(config: Config) -> Config:
        channels = tuple(c.model_copy(update={"budget": None}) for c in config.channels)
        topics = {name: t.model_copy(update={"budget": None}) for name, t in config.topics.items()}
        return config.model_copy(update={"channels": channels, "topics": topics})

    if after is None or without(parse(after, str(path))) != without(parse(before, str(path))):
        raise ConfigError(
            f"{path} cannot be changed without changing more than a budget", hint="write the budget by hand"
        )


def _free(path: Path, now: datetime) -> Path:
    """A name for the old file that is not taken, and comes after those before it in a listing."""
    stem = f"{path.name}.{now:%Y%m%d-%H%M%S}"
    names = [path.with_name(f"{stem}.bak"), *(path.with_name(f"{stem}_{n:02}.bak") for n in range(2, 100))]
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
