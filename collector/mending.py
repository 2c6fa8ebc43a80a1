"""Waiting until a person may have done something about an account that cannot be used."""

import asyncio
from pathlib import Path

from collector.errors import LoggedOut
from collector.lock import Held, lock_path
from collector.sealed import kept_at

#: Real seconds between two looks at whether a person has logged in again.
_LOOK_EVERY = 2.0


async def mended(session: Path, error: LoggedOut | Held) -> None:
    """Wait until it is worth trying again: the session file has changed, or its holder may be gone."""
    if isinstance(error, Held):
        await asyncio.sleep(_LOOK_EVERY)
    else:
        await changed(session)


async def changed(session: Path) -> None:
    """Wait until the session file has, as when somebody logs in."""
    before = _stamp(session)
    await asyncio.sleep(_LOOK_EVERY)
    while _stamp(session) == before:  # noqa: ASYNC110 - another process changes it, and sets no event
        await asyncio.sleep(_LOOK_EVERY)


def _stamp(session: Path) -> list[tuple[int, int]]:
    """Of the file and of its lock: not when they were written alone, but also when they became ours."""
    return [found for path in (kept_at(session), lock_path(session)) if (found := _changed_at(path))]


def _changed_at(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ctime_ns, stat.st_size
