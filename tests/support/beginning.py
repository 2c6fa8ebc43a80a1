"""An archive of weeks of one channel that has just fallen silent, and an engine that has begun."""

from datetime import timedelta

import pytest

from alerts.config import AlertsConfig, SilenceRule
from alerts.engine import Engine
from domain.clock import SetClock
from domain.episode import Episode
from domain.subscription import Role, Subscriber, Subscription
from storage.store import Store
from tests.support.archiving import archive, channels, watched
from tests.support.rhythms import HOUR, MONDAY, Story, channel
from tests.support.stores import Fill

DAY = timedelta(days=1)
WEEKS = timedelta(weeks=5)
STOP = MONDAY + WEEKS + 13 * HOUR
OWNER, READER, STRANGER = 10, 20, 30
#: What is told once more is a story of its own.
RULES = AlertsConfig(silence=SilenceRule(escalate_after=timedelta(0)))


async def people(store: Store) -> None:
    async with store.begin() as tx:
        for chat, role in ((OWNER, Role.OWNER), (READER, Role.GUEST)):
            await tx.subscriptions.let_in(
                Subscriber(chat_id=chat, name=str(chat), role=role, let_in_at=MONDAY, let_in_by="test")
            )
        await tx.subscriptions.subscribe(Subscription(chat_id=READER, channel_id=1, made_at=MONDAY))
        await tx.subscriptions.subscribe(Subscription(chat_id=STRANGER, made_at=MONDAY))


async def episodes(store: Store) -> list[Episode]:
    async with store.read() as tx:
        return sorted(await tx.episodes.newest(), key=lambda e: e.id)


async def told(store: Store, episode: Episode) -> list[int]:
    async with store.read() as tx:
        return [d.chat_id for d in await tx.outbox.deliveries(episode.id)]


async def until_stop(store: Store) -> None:
    """Weeks of one channel that has just fallen silent."""
    await people(store)
    await channels(store, channel(1))
    await archive(store, Story(1).posts(WEEKS + 13 * HOUR, 30).readings)
    await watched(store, STOP)


@pytest.fixture
def filled_by(request: pytest.FixtureRequest) -> Fill | None:
    return until_stop if "begun" in request.fixturenames else None


@pytest.fixture
async def begun(store: Store) -> tuple[Store, Engine, SetClock]:
    """An archive of weeks of one channel that has just fallen silent, and an engine that has begun."""
    clock = SetClock(STOP)
    engine = Engine(store, clock, RULES)
    await engine.step()
    return store, engine, clock
