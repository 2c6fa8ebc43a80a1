"""While an archive is learned, whatever else the process does goes on, and people can see how far it is."""

import asyncio
from datetime import timedelta

import pytest
import structlog

from alerts import learning as module
from alerts.learning import STALE, Learnt, learnt
from domain.clock import WallClock
from storage.marks import LEARNING
from storage.store import Store
from tests.integration.alerts.test_keeping import Life, until_stop


async def test_others_have_their_turn_meanwhile(store: Store) -> None:
    await until_stop(store)
    engine, now = Life(store).engine(), asyncio.get_running_loop().time
    step, began, longest = asyncio.create_task(engine.step()), now(), 0.0
    while not step.done():
        before = now()
        await asyncio.sleep(0)
        longest = max(longest, now() - before)
    assert engine.panel is not None
    assert longest < (now() - began) / 2


async def test_how_far_it_is_is_told_while_it_lasts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TELL_EVERY", 0.05)
    await until_stop(store)
    seen: list[Learnt] = []
    with structlog.testing.capture_logs() as logs:
        step = asyncio.create_task(Life(store).engine().step())
        while not step.done():
            async with store.read() as tx:
                if (found := await learnt(tx)) is not None and found not in seen:
                    seen.append(found)
            await asyncio.sleep(0.01)
        await step
    told = [log for log in logs if log["event"] == "alerts: learning what is usual"]
    assert told
    assert all(log["done"].endswith("%") and log["left"] for log in told)
    assert seen
    assert [each.part for each in seen] == sorted(each.part for each in seen)
    assert all(0 < each.part <= 1 and each.left >= timedelta() for each in seen)
    async with store.read() as tx:
        assert await learnt(tx) is None


async def test_one_that_is_broken_off_is_no_longer_told_of(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TELL_EVERY", 0.05)
    await until_stop(store)
    step = asyncio.create_task(Life(store).engine().step())
    async with asyncio.timeout(60):
        while True:
            async with store.read() as tx:
                if await learnt(tx) is not None:
                    break
            await asyncio.sleep(0.01)
    step.cancel()
    await asyncio.gather(step, return_exceptions=True)
    async with store.read() as tx:
        assert await learnt(tx) is None


async def test_the_sign_of_a_process_that_was_killed_is_not_believed_for_long(store: Store) -> None:
    now = WallClock().now()
    for at, believed in ((now - STALE - timedelta(seconds=1), False), (now, True)):
        async with store.begin() as tx:
            await tx.marks.set(LEARNING, {"part": 0.4, "left": 75.0}, at)
        async with store.read() as tx:
            found = await learnt(tx)
        assert (found == Learnt(part=0.4, left=timedelta(seconds=75))) is believed
        assert (found is None) is not believed


async def test_an_archive_that_is_soon_learned_is_not_worth_a_word(store: Store) -> None:
    await until_stop(store)
    with structlog.testing.capture_logs() as logs:
        await Life(store).engine().step()
    assert "alerts: learning what is usual" not in {log["event"] for log in logs}
    async with store.read() as tx:
        assert not [name for name, _, _ in await tx.marks.all(LEARNING)]


async def test_posts_of_the_very_instant_at_which_it_begins_are_no_trouble(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TURN", 0.0)
    told: list[Learnt] = []
    now = WallClock().now()
    async with module.learning(store, now, now, told.append) as progress:
        await progress.reached(now)
        await progress.reached(now + timedelta(seconds=3))  # another clock is ahead
    assert [0 < each.part <= 1 for each in told] == [True, True]
