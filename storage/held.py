"""How many posts the archive holds: counted once, and from then on only what has come since.

No post ever leaves the archive, and none comes to stand before one that could be read already. So however
large it is, who asks again and again costs it nothing.
"""

from sqlalchemy import func, select

from storage.store import Transaction
from storage.tables import Posts


class Held:
    """For one process and one archive."""

    def __init__(self) -> None:
        self._n = 0
        self._up_to = 0

    async def count(self, tx: Transaction) -> int:
        """As many as this transaction sees. The first time all of them are counted."""
        query = select(func.count(), func.max(Posts.seq)).where(Posts.seq > self._up_to)
        n, last = (await tx.connection.execute(query)).one()
        if n:
            self._n, self._up_to = self._n + n, last
        return self._n
