"""The engine and the herald begin on a new archive in whatever order."""

from datetime import UTC, datetime, timedelta

from alerts.config import AlertsConfig
from alerts.engine import Engine
from alerts.herald import Herald
from alerts.mark import read_mark
from domain.clock import SetClock
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_a_herald_that_was_there_first_is_not_taken_for_an_engine(store: Store) -> None:
    clock = SetClock(NOON)
    async with store.begin() as tx:
        await tx.readings.go_live(1, NOON)
    await Herald(store, clock, timedelta(hours=1)).look()
    async with store.read() as tx:
        assert [name for name, _, _ in await tx.marks.all("alerts.")] == ["alerts.herald"]
        assert await read_mark(tx) is None
    engine = Engine(store, clock, AlertsConfig(), topics=set())
    await engine.step()
    assert engine.panel is not None
