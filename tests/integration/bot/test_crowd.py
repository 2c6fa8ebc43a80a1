"""The short form of `make soak ARGS="crowd"`: many subscribers, and an outage in the middle."""

import pytest

from domain.clock import SetClock
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.soak.crowd import tell_a_crowd
from tests.support.botapi import NOON


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
def pace(clock: SetClock) -> SetClock:
    """One clock for all of it."""
    return clock


async def test_everyone_who_can_be_reached_is_reached_once_within_the_rates(
    server: BotApiServer, store: Store, clock: SetClock
) -> None:
    told = await tell_a_crowd(server, store, clock, 100, say=lambda _: None)
    assert clock.now() > NOON
    assert (told.reached, told.out_of_reach, told.moved, told.flooded) == (95, 5, 2, 3)
