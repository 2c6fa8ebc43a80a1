"""Leases as they are kept: taken, renewed, given back, by the database's own clock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clock import WallClock
from domain.lease import NOBODY, Answer, Lease, Reason, Standby, take
from storage.lease_tables import Leases, Standbys
from storage.upsert import upsert


class LeaseRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def now(self) -> datetime:
        """The present instant of the database, so that it does not matter how the clocks of hosts differ."""
        if self._connection.dialect.name != "postgresql":
            return WallClock().now()  # the file is opened on one host, whose clock is the one there is
        # Not now(): that is when the transaction began, and it may have waited for another since.
        found = await self._connection.execute(select(func.clock_timestamp()))
        at: datetime = found.scalar_one()
        return at

    async def get(self, name: str) -> Lease | None:
        """As it stands, whether held or not; None: nobody ever had it."""
        row = (
            await self._connection.execute(select(Leases.__table__).where(Leases.name == name))
        ).one_or_none()
        return None if row is None else Lease(**row._mapping)

    async def all(self) -> Sequence[Lease]:
        rows = await self._connection.execute(select(Leases.__table__).order_by(Leases.name))
        return [Lease(**row) for row in rows.mappings()]

    async def take(
        self,
        name: str,
        who: str,
        lasts: timedelta,
        *,
        is_dead: Callable[[str], bool] = lambda _holder: False,
    ) -> Answer:
        """Have the lease, if it may be had. `is_dead` knows of a holder that it has died.

        Only in a transaction of `Store.begin`, which waits for whatever is being written under the former
        lease.
        """
        standing, now = await self.get(name), await self.now()
        dead = standing is not None and is_dead(standing.holder)
        answer = take(standing, name, who, lasts, now, is_dead=dead)
        if not answer.is_given:
            return answer
        row = {field: getattr(answer.lease, field) for field in Lease.__slots__}
        if standing is None:
            await upsert(self._connection, Leases, [row], key=("name",))
        else:
            # Renewals do not queue with the writers: one that came in meanwhile wins.
            done = await self._connection.execute(
                update(Leases)
                .where(
                    Leases.name == name,
                    Leases.token == standing.token,
                    Leases.holder == standing.holder,
                    Leases.until == standing.until,
                )
                .values(row)
            )
            if not done.rowcount:
                renewed = await self.get(name)
                return Answer(reason=Reason.HELD, lease=renewed or standing)
        await self._connection.execute(delete(Standbys).where(Standbys.name == name, Standbys.holder == who))
        return answer

    async def renew(self, leases: Iterable[Lease], lasts: timedelta) -> Mapping[str, Lease]:
        """Have these for longer, by name; those that are not among them have been taken by another.

        One that had lapsed is renewed as well, as long as nobody has taken it.
        """
        renewed = {}
        until = await self.now() + lasts
        for lease in sorted(leases, key=lambda lease: lease.name):
            done = await self._connection.execute(
                update(Leases).where(*_same(lease)).values(until=until).returning(Leases.__table__)
            )
            if (row := done.one_or_none()) is not None:
                renewed[lease.name] = Lease(**row._mapping)
        return renewed

    async def give_back(self, leases: Iterable[Lease]) -> None:
        """Others may have them at once. What another has taken already stays that one's."""
        now = await self.now()
        for lease in sorted(leases, key=lambda lease: lease.name):
            await self._connection.execute(
                update(Leases).where(*_same(lease)).values(holder=NOBODY, until=now)
            )

    async def stands(self, lease: Lease) -> bool:
        """Is it still this holder's, under this token?"""
        found = await self._connection.execute(select(Leases.name).where(*_same(lease)))
        return found.one_or_none() is not None

    async def stand_by(self, name: str, who: str, lasts: timedelta) -> None:
        """Be known as one that waits for it, for so long."""
        until = await self.now() + lasts
        row = {"name": name, "holder": who, "until": until}
        await upsert(self._connection, Standbys, [row], key=("name", "holder"))

    async def stand_down(self, who: str) -> None:
        """Wait for nothing any more; and forget those that have long not been heard of."""
        gone = Standbys.until < await self.now() - timedelta(hours=1)
        await self._connection.execute(delete(Standbys).where((Standbys.holder == who) | gone))

    async def standbys(self) -> Sequence[Standby]:
        """Who waits for what."""
        rows = await self._connection.execute(
            select(Standbys.__table__)
            .where(Standbys.until > await self.now())
            .order_by(Standbys.name, Standbys.holder)
        )
        return [Standby(**row) for row in rows.mappings()]


def _same(lease: Lease) -> tuple[Any, ...]:
    return Leases.name == lease.name, Leases.holder == lease.holder, Leases.token == lease.token
