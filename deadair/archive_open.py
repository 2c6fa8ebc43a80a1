"""The archive opened for those who only look: with the clock, the zone, and errors of queries pointed at."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from archive.errors import QueryError
from deadair.as_of import told_as_of
from deadair.asking import pointed
from deadair.config import Setup
from domain.errors import DeadairError

if TYPE_CHECKING:
    from storage.store import Store, Transaction


@asynccontextmanager
async def looking(setup: Setup) -> AsyncIterator["Transaction"]:
    """One consistent picture of the archive. A query that cannot be read is told with a mark under it."""
    async with opened(setup) as store, store.read() as tx:
        yield tx


@asynccontextmanager
async def opened(setup: Setup) -> AsyncIterator["Store"]:
    """The archive, likewise."""
    from storage.store import open_store

    try:
        async with open_store(setup.storage, create=False) as store:
            yield store
    except QueryError as error:
        raise DeadairError(
            f"the query cannot be read {error.what}\n{pointed(error)}", hint=error.hint
        ) from error


def tell_unsearchable(n: int) -> None:
    """Says on stderr what the index does not have yet: an answer without it would look complete."""
    if n:
        print(
            f"{n:,} posts and edits are not searchable yet. "
            "`deadair run` indexes them in the background; at once: deadair index",
            file=sys.stderr,
        )


def tell_as_of(now: datetime, ours: datetime) -> None:
    """Says on stderr where an answer is not as of our time."""
    if words := told_as_of(now, ours):
        print(words, file=sys.stderr)


def tell_removed(n: int) -> None:
    """Says on stderr of how many posts nobody can tell any more whether they belong to the answer."""
    if n:
        print(
            f"what {n:,} more posts of that time said was removed by [retention]: "
            "whether they belong to it, nobody can say",
            file=sys.stderr,
        )
