"""Memory that is not needed any more goes back to the system, so that a night full of news leaves nothing.

glibc keeps what threads have given up, in up to eight areas a processor, and the more the larger the pieces
were that were asked for once: after a history was read that is a fifth of all. What other systems do is left
to them.
"""

import asyncio
import ctypes
from collections.abc import Callable
from datetime import timedelta
from typing import Any

_EVERY = timedelta(minutes=1)

# mallopt(3)
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_AT_ONCE = 256 * 1024  #: bytes; a larger piece has pages of its own, which go back at once
_AREAS = 2  #: only SQLite's threads ask for memory at the same time


def _of_glibc(name: str) -> Callable[..., Any] | None:
    try:
        found: Callable[..., Any] = getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError, TypeError):
        return None
    return found


def keep_little() -> None:
    """For this process, from now on; to be said before threads begin."""
    if (mallopt := _of_glibc("mallopt")) is not None:
        mallopt(_ARENA_MAX, _AREAS)
        mallopt(_MMAP_THRESHOLD, _AT_ONCE)
        mallopt(_TRIM_THRESHOLD, _AT_ONCE)


def give_back() -> None:
    """What is kept and not in use."""
    if (trim := _of_glibc("malloc_trim")) is not None:
        trim(0)


async def giving_back(every: timedelta = _EVERY) -> None:
    """Until cancelled, so often. In a thread: it takes some milliseconds."""
    while True:
        await asyncio.sleep(every.total_seconds())
        await asyncio.to_thread(give_back)
