"""Does the new archive hold what the old one holds?"""

from collections.abc import Callable, Mapping

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.chain import ChainRepository, Head
from storage.moving.compare import Sum, compare
from storage.moving.ledger import Ledger
from storage.moving.rows import Rows, Stretch
from storage.whole import kept_tables


async def differences(wanted: Mapping[str, Sum], new: AsyncEngine, more: Callable[[int], None]) -> list[str]:
    """Read all of it back and say where it is another than wanted; those rows count as not brought."""
    out: list[str] = []
    for table in kept_tables():
        async with new.connect() as connection:
            blocks = await Ledger(connection).blocks(table.name)
            found = await compare(connection, Rows(table, is_postgres=True), blocks, more)
        if found.sum == wanted[table.name] and not found.changed:
            continue
        out.append(
            f"{table.name}: {found.sum.n:,} rows, of {wanted[table.name].n:,}; it differs "
            + "; ".join(_said(stretch) for stretch in found.changed[:3])
        )
        async with new.begin() as connection:
            for stretch in found.changed:
                if stretch.upto is None:
                    await connection.execute(
                        delete(table).where(*Rows(table, is_postgres=True).within(stretch))
                    )
                else:
                    await Ledger(connection).forget(table.name, stretch.upto)
    return out


def _said(stretch: Stretch) -> str:
    def key(values: tuple[object, ...]) -> str:
        return ", ".join(map(str, values))

    after = f"after {key(stretch.after)} " if stretch.after is not None else ""
    return f"{after}up to {key(stretch.upto)}" if stretch.upto is not None else f"{after}up to the end"


async def heads(connection: AsyncConnection) -> Mapping[int, Head]:
    """Where each channel's chain ends."""
    return {head.channel_id: head for head in await ChainRepository(connection).heads()}
