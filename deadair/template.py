"""config.toml as it is shipped: written from the models, so that it can never say what is not so."""

import textwrap
from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from alerts.config import AlertsConfig
from archive.config import ArchiveConfig
from archive.web.config import WebConfig
from bot.config import BotConfig
from claims.config import ClaimsConfig, TopicConfig
from collector.config import AccountConfig, ChannelConfig, CollectorConfig
from collector.size import write_size
from deadair.config import JobsConfig
from deadair.health.config import HealthConfig
from deadair.log import LogConfig
from deadair.retention.config import RetentionConfig
from deadair.secrets import SecretsConfig
from deadair.written import written
from storage.backup.config import BackupConfig
from storage.config import StorageConfig

HEAD = """\
# Deadair: every key there is, with its default. A key that is commented out has that value anyway.
# `deadair config check` says what is wrong with this file and what would run with it, `deadair config show`
# where each value comes from.
#
# Secrets do not belong here. They come from the environment, from `.env` beside this file, or from a file
# that a *_file key names: DEADAIR_API_ID and DEADAIR_API_HASH (my.telegram.org), DEADAIR_BOT_TOKEN
# (@BotFather), DEADAIR_STORAGE_URL (a database url with a password). Such a file may be encrypted: [secrets].
# Spans of time are written 45s, 90m, 6h, 1h30m, 2d, 1w.
"""

ACCOUNTS = "The Telegram accounts that read; log each in once: `deadair login NAME`."
CHANNELS = "The channels to watch: one section for each."
TOPICS = "A subject whose coverage is a series of its own: [topics.NAME], one section for each."


#: Shown for keys that have no default: what such a value looks like.
EXAMPLES: dict[str, object] = {
    "accounts.name": "main",
    "channels.handle": "some_channel",
    "channels.id": 1234567890,
    "channels.title": "Some Channel",
    "channels.group": "network",
    "channels.country": "IQ",
    "channels.resistance": "iri",
    "channels.budget": 1.0,
    "channels.keep_posts": "104w",
    "channels.keep_files": "52w",
    "channels.keep_counters": "26w",
    "channels.account": "main",
    "channels.calendar": ("mine.toml",),
    "channels.join": False,
    "channels.file_kinds": ("photo", "document"),
    "channels.file_largest": "50MB",
    "topics.budget": 0.1,
    "topics.words": ("drone attack", "استهداف"),
    "topics.any_of": ("conflict",),
}


def template() -> str:
    """The text of the shipped config.toml."""
    parts = [HEAD]
    parts.append(_examples("[[accounts]]", AccountConfig, ACCOUNTS))
    parts.append(_examples("[[channels]]", ChannelConfig, CHANNELS))
    parts.append(_examples("[topics.attacks]", TopicConfig, TOPICS))
    for name, model in (
        ("collector", CollectorConfig),
        ("claims", ClaimsConfig),
        ("alerts", AlertsConfig),
        ("archive", ArchiveConfig),
        ("web", WebConfig),
        ("bot", BotConfig),
        ("secrets", SecretsConfig),
        ("storage", StorageConfig),
        ("backup", BackupConfig),
        ("retention", RetentionConfig),
        ("health", HealthConfig),
        ("jobs", JobsConfig),
        ("log", LogConfig),
    ):
        parts.extend(_section(name, model))
    return "\n".join(parts)


def _section(name: str, model: type[BaseModel]) -> Iterator[str]:
    own = {key: field for key, field in model.model_fields.items() if not _is_section(field)}
    lines = [f"[{name}]"]
    for key, field in own.items():
        lines += [
            *_words(field.description or ""),
            f"# {key} = {written(_default(field))}",
        ]
    yield "\n".join(lines) + "\n"
    for key, field in model.model_fields.items():
        if _is_section(field):
            assert isinstance(field.annotation, type)  # noqa: S101 - _is_section has just seen it
            yield from _section(f"{name}.{key}", field.annotation)


def _examples(head: str, model: type[BaseModel], words: str) -> str:
    """A section that a person adds: shown commented out, with examples where a value must be given."""
    lines = [*_words(words), f"# {head}"]
    for key, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        default = EXAMPLES.get(f"{head.strip('[]').split('.')[0]}.{key}", default)
        shown = "" if default in (None, PydanticUndefined) else written(default)
        lines += [*_words(field.description or "", "#   "), f"# {key} = {shown}".rstrip()]
    return "\n".join(lines) + "\n"


def _default(field: FieldInfo) -> object:
    """As a person writes it: a size as `20MB`."""
    value: object = field.get_default(call_default_factory=True)
    return write_size(value) if write_size in map(_func, field.metadata) and isinstance(value, int) else value


def _func(metadata: object) -> object:
    return getattr(metadata, "func", None)


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _words(text: str, prefix: str = "# ") -> list[str]:
    return textwrap.wrap(text, 108, initial_indent=prefix, subsequent_indent=prefix)


if __name__ == "__main__":
    from pathlib import Path

    (Path(__file__).parents[1] / "config.toml").write_text(template(), encoding="utf-8")
