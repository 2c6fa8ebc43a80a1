"""The archive opened for those who only look: with the clock, the zone, and errors of queries pointed at."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from archive.errors import QueryError
from deadair.asking import pointed
from deadair.config import Setup
from domain.errors import DeadairError

if TYPE_CHECKING:
    from storage.store import Transaction


@asynccontextmanager
async def looking(setup: Setup) -> AsyncIterator["Transaction"]:
    """One consistent picture of the archive. A query that cannot be read is told with a mark under it."""
    from storage.store import open_store

    try:
        async with open_store(setup.storage, create=False) as store, store.read() as tx:
            yield tx
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
