"""The short form of `make soak ARGS="deliveries"`: a courier that is killed loses nothing."""

import pytest

from domain.clock import SetClock
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.soak.deliveries import kill_couriers
from tests.support.courier_process import STEPS


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


async def test_a_courier_killed_at_any_step_loses_no_alert_and_sends_none_more_than_twice(
    server: BotApiServer, store: Store, store_url: str, clock: SetClock
) -> None:
    killed = await kill_couriers(server, store, store_url, kills=12, seed=20310314, say=lambda _: None)
    assert sum(killed.values()) == 12
    assert len(set(killed) & set(STEPS)) >= 3
