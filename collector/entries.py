"""What each entry of the config is known by, and the marks that say what became of it."""

from collector.config import ChannelConfig
from domain.wanted import KNOWN as KNOWN
from domain.wanted import UNRESOLVED as UNRESOLVED


def key_of(config: ChannelConfig) -> str:
    """The handle in small letters, or the number after a #."""
    return config.handle.casefold() if config.handle else f"#{config.id}"
