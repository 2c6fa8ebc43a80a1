"""Which account watches which channel, and what a second one saw of it beside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.account_tables import Assignments, Witnesses
from storage.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Who watches a channel of the config, since `at`."""

    key: str
    home: str
    watcher: str | None  #: the home, or who stands in for it; None: nobody can
    witness: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """How what a second account saw of a channel compares with what the one that watches it saw.

    `waiting` are numbers, each with the instant at which one of the two saw it and the other had not yet;
    `differed` the last that the other never saw.
    """

    channel_id: int
    account: str
    since: datetime
    checked_at: datetime
    newest_id: int
    seen: int = 0
    only_witness: int = 0
    only_watcher: int = 0
    waiting: tuple["Waiting", ...] = ()
    differed: tuple["Waiting", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A post that one of two accounts saw, and the other not."""

    post_id: int
    at: datetime
    by_witness: bool  #: seen by the witness; else by the one that watches
    doubted: bool = False  #: the other was asked whether it is still there


class AccountRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def assignments(self) -> Mapping[str, Assignment]:
        rows = await self._connection.execute(select(Assignments.__table__).order_by(Assignments.key))
        return {row["key"]: Assignment(**row) for row in rows.mappings()}

    async def assign(self, assignments: Iterable[Assignment]) -> None:
        rows = [{name: getattr(a, name) for name in Assignment.__slots__} for a in assignments]
        await upsert(self._connection, Assignments, rows, key=("key",))

    async def dismiss(self, keys: Iterable[str]) -> None:
        """Nobody watches these any more."""
        await self._connection.execute(delete(Assignments).where(Assignments.key.in_(list(keys))))

    async def witnessed(self, channel_id: int | None = None) -> Sequence[Witnessed]:
        """What witnesses saw of a channel, or of all."""
        query = select(Witnesses.__table__)
        if channel_id is not None:
            query = query.where(Witnesses.channel_id == channel_id)
        rows = await self._connection.execute(query.order_by(Witnesses.channel_id, Witnesses.account))
        return [
            Witnessed(**{**row, "waiting": _read(row["waiting"]), "differed": _read(row["differed"])})
            for row in rows.mappings()
        ]

    async def save_witnessed(self, witnessed: Witnessed) -> None:
        row = {name: getattr(witnessed, name) for name in Witnessed.__slots__}
        row |= {"waiting": _written(witnessed.waiting), "differed": _written(witnessed.differed)}
        await upsert(self._connection, Witnesses, [row], key=("channel_id", "account"))


def _read(document: Sequence[Sequence[object]]) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(
            post_id=int(str(number)),
            at=datetime.fromisoformat(str(at)),
            by_witness=bool(by_witness),
            doubted=bool(doubted),
        )
        for number, at, by_witness, doubted in document
    )


def _written(waiting: Iterable[Waiting]) -> list[list[object]]:
    return [[w.post_id, w.at.isoformat(), w.by_witness, w.doubted] for w in waiting]
