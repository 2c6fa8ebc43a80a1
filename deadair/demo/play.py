"""The demo from beginning to end."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

from deadair.demo.outcome import Outcome, outcome
from deadair.demo.screen import Screen
from deadair.demo.stage import Stage, staged
from deadair.demo.view import look
from deadair.wiring import parts
from domain.clock import FastClock
from domain.errors import DeadairError
from sandbox.botapi.record import Deed, Event
from sandbox.scenario import Scenario
from storage.store import Store, open_store

#: Real seconds that setting up may take before something must be wrong.
PATIENCE = 60.0
#: While the past is being read, the clock nearly stands.
WAITING_SPEED = 1.0


class DemoFailed(DeadairError):
    """The demo could not be played."""


async def play(
    scenario: Scenario, folder: Path, charts: Path, *, hours_a_second: float, screen: Screen
) -> Outcome:
    """Set the scenario up, let Deadair watch it, and compare what was told with what it asks for."""
    clock = FastClock(scenario.starts, WAITING_SPEED)
    async with staged(scenario, clock, folder) as stage, open_store(stage.setup.storage) as store:
        screen.opening(sum(len(channel.posts) for channel in stage.world.channels.values()))
        async with _running(stage, store) as running:
            await _until_ready(stage, store, running)
            screen.say(clock.now(), "history read; the bot answers; from here on it is live")
            clock.run_at(hours_a_second * 3600)
            with screen:
                await _show(stage, store, charts, screen, running)
        async with store.read() as tx:
            told = [
                episode
                for episode in await tx.episodes.newest(1000)
                if await tx.outbox.first_message(episode.id, stage.subscriber.id) is not None
            ]
            return outcome(scenario, told, await tx.channels.all())


@contextlib.asynccontextmanager
async def _running(stage: Stage, store: Store) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Deadair's parts, as `deadair run` starts them."""
    built = parts(stage.setup, store, stage.clock)
    tasks = [asyncio.create_task(_start(start), name=name) for name, start in built.items()]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _start(start: object) -> None:
    await start()  # type: ignore[operator]


async def _until_ready(stage: Stage, store: Store, running: list[asyncio.Task[None]]) -> None:
    """Wait until the history is in and read, and the subscriber has been let in and has subscribed."""
    wanted = {channel.id: len(channel.posts) for channel in stage.world.channels.values()}
    until = time.monotonic() + PATIENCE
    stage.subscriber.say("/start")
    stage.subscriber.say("/subscribe all")
    while time.monotonic() < until:
        _refuse_dead(running)
        async with store.read() as tx:
            held = {channel_id: await tx.posts.count(channel_id) for channel_id in wanted}
            read = await tx.readings.last_seq()
            subscribed = await tx.subscriptions.of(stage.subscriber.id)
            watched = await tx.watch.until()
        if held == wanted and read >= sum(wanted.values()) and subscribed and set(watched) == set(wanted):
            return
        await asyncio.sleep(0.05)
    raise DemoFailed(
        f"the demo was not ready after {PATIENCE:.0f} s: {sum(held.values())} of {sum(wanted.values())} "
        f"posts stored, {read} read, {'subscribed' if subscribed else 'not subscribed'}",
        hint="is the machine very busy? try again, and look at the log with --verbose",
    )


def _refuse_dead(running: list[asyncio.Task[None]]) -> None:
    for task in running:
        if task.done() and not task.cancelled():
            if (error := task.exception()) is not None:
                raise error
            raise DemoFailed(f"the {task.get_name()} ended by itself", hint="please report it")


async def _show(
    stage: Stage, store: Store, charts: Path, screen: Screen, running: list[asyncio.Task[None]]
) -> None:
    """Play the live part, showing alerts as they reach the subscriber."""
    clock, scenario = stage.clock, stage.director.scenario
    watch = stage.bot_api.watch()

    async def tell() -> None:
        async for event in watch:
            if event.chat_id == stage.subscriber.id:
                _tell(event, charts, screen)

    telling = asyncio.create_task(tell())
    directing = asyncio.create_task(stage.director.run())
    try:
        while (now := clock.now()) < scenario.ends:
            _refuse_dead([*running, telling])
            screen.show(now, await look(store, now), clock.speed)
            await asyncio.sleep(0.15)
        # What befell just before the end is still on its way to the phone.
        clock.run_at(WAITING_SPEED)
        await _settled(store, clock.now())
    finally:
        watch.close()
        directing.cancel()
        await asyncio.gather(telling, directing, return_exceptions=True)


async def _settled(store: Store, now: datetime) -> None:
    for _ in range(100):
        async with store.read() as tx:
            if await tx.outbox.next_due(now) is None:
                return
        await asyncio.sleep(0.05)


def _tell(event: Event, charts: Path, screen: Screen) -> None:
    chart = None
    if event.version.file is not None and event.version.file.body is not None:
        charts.mkdir(parents=True, exist_ok=True)
        chart = charts / f"{event.message.id}.png"
        chart.write_bytes(event.version.file.body)
    screen.alert(event.at, event.version.text, edited=event.deed is Deed.EDITED, chart=chart)
