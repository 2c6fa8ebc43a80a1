"""Names of time zones, as people write them into a config."""

from zoneinfo import ZoneInfo


def known_zone(name: str) -> str:
    """The name of a time zone that there is, as it stands; raises ValueError for any other."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name of a file, or one of a folder
        raise ValueError(f"{name!r} is no time zone: write one like UTC or Asia/Baghdad") from None
    return name
