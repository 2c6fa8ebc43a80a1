"""What people changed while Deadair runs: the record of it, and the settings themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.change import Change, What
from domain.wanted import Want, WantState, Watching
from storage.access_tables import Budgets, Changes, Wants
from storage.upsert import upsert


class ChangeRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # -- the record

    async def add(self, change: Change) -> Change:
        """Keep a change. Returns it with its number."""
        made = await self._connection.execute(
            insert(Changes)
            .values(
                at=change.at,
                by=change.by,
                name=change.name,
                what=change.what.value,
                subject=change.subject,
                old=None if change.old is None else dict(change.old),
                new=None if change.new is None else dict(change.new),
                undoes=change.undoes,
            )
            .returning(Changes.id)
        )
        return replace(change, id=made.scalar_one())

    async def get(self, number: int) -> Change | None:
        rows = await self._connection.execute(select(Changes.__table__).where(Changes.id == number))
        row = rows.mappings().one_or_none()
        return _change(row) if row else None

    async def newest(
        self, limit: int = 10, *, skip: int = 0, only: Sequence[What] = tuple(What)
    ) -> Sequence[Change]:
        """The last ones of these kinds, newest first."""
        rows = await self._connection.execute(
            select(Changes.__table__)
            .where(Changes.what.in_([what.value for what in only]))
            .order_by(Changes.id.desc())
            .offset(skip)
            .limit(limit)
        )
        return [_change(row) for row in rows.mappings()]

    async def count(self, only: Sequence[What] = tuple(What)) -> int:
        found = await self._connection.execute(
            select(func.count()).select_from(Changes).where(Changes.what.in_([what.value for what in only]))
        )
        return found.scalar_one()

    async def last_of(self, what: What, subject: str) -> Change | None:
        """The last change of one thing."""
        rows = await self._connection.execute(
            select(Changes.__table__)
            .where(Changes.what == what.value, Changes.subject == subject)
            .order_by(Changes.id.desc())
            .limit(1)
        )
        row = rows.mappings().one_or_none()
        return _change(row) if row else None

    async def undone_by(self, number: int) -> Change | None:
        """The change that took this one back."""
        rows = await self._connection.execute(
            select(Changes.__table__).where(Changes.undoes == number).order_by(Changes.id).limit(1)
        )
        row = rows.mappings().one_or_none()
        return _change(row) if row else None

    # -- budgets

    async def budgets(self) -> Mapping[str, float]:
        """By subject: `channel:NUMBER` or `topic:NAME`."""
        rows = await self._connection.execute(select(Budgets.subject, Budgets.budget))
        return {subject: budget for subject, budget in rows}  # noqa: C416 - mypy cannot make a dict of rows

    async def set_budget(self, subject: str, budget: float | None) -> None:
        """None: what config.toml says counts again."""
        if budget is None:
            await self._connection.execute(delete(Budgets).where(Budgets.subject == subject))
        else:
            row = {"subject": subject, "budget": budget}
            await upsert(self._connection, Budgets, [row], key=("subject",))

    # -- wants

    async def wants(self) -> Sequence[Want]:
        rows = await self._connection.execute(select(Wants.__table__).order_by(Wants.asked_at, Wants.key))
        return [_want(row) for row in rows.mappings()]

    async def want(self, key: str) -> Want | None:
        rows = await self._connection.execute(select(Wants.__table__).where(Wants.key == key))
        row = rows.mappings().one_or_none()
        return _want(row) if row else None

    async def put_want(self, want: Want) -> None:
        """The last word on an entry; it replaces the one before."""
        row = {name: getattr(want, name) for name in Want.__slots__}
        row |= {"wanted": want.wanted.value, "state": want.state.value}
        await upsert(self._connection, Wants, [row], key=("key",))

    async def remove_want(self, key: str) -> None:
        """What config.toml says counts again."""
        await self._connection.execute(delete(Wants).where(Wants.key == key))

    async def settle_want(self, want: Want, state: WantState, why: str = "") -> None:
        """What came of it, unless somebody wants something else by now."""
        await self._connection.execute(
            update(Wants)
            .where(Wants.key == want.key, Wants.asked_at == want.asked_at, Wants.wanted == want.wanted.value)
            .values(state=state.value, why=why)
        )


def _change(row: Mapping[Any, Any]) -> Change:
    return Change(**{**row, "what": What(row["what"])})


def _want(row: Mapping[Any, Any]) -> Want:
    return Want(**{**row, "wanted": Watching(row["wanted"]), "state": WantState(row["state"])})
