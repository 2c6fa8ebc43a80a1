"""The demo from beginning to end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from deadair.demo.outcome import Outcome, outcome
from deadair.demo.pace import Pace
from deadair.demo.screen import Screen
from deadair.demo.stage import Stage, staged
from deadair.demo.view import look
from deadair.wiring import Part, parts
from domain.clock import FastClock
from domain.errors import DeadairError
from sandbox.botapi.record import Deed, Event
from sandbox.scenario import Scenario
from storage.keeper import Keeper, keeping
from storage.store import Store, open_store

#: Real seconds that setting up may take, on a machine that is slow and busy, before something must be wrong.
PATIENCE = 180.0
#: While the past is being read, the clock nearly stands.
WAITING_SPEED = 1.0
#: The parts that play in it: of the others nothing need be loaded.
PARTS = ("collector", "reader", "bot", "jobs", "alerts")

#: Real seconds between two pictures of the channels.
REFRESH = 0.25
#: And between two looks at how far Deadair has followed.
LOOK = 0.05


class DemoFailed(DeadairError):
    """The demo could not be played."""


async def play(
    scenario: Scenario, folder: Path, charts: Path, *, hours_a_second: float, screen: Screen
) -> Outcome:
    """Set the scenario up, let Deadair watch it, and compare what was told with what it asks for."""
    clock = FastClock(scenario.starts, WAITING_SPEED)
    async with (
        staged(scenario, clock, folder) as stage,
        open_store(stage.setup.storage) as store,
        keeping(store, folder) as keeper,
    ):
        screen.opening(sum(len(channel.posts) for channel in stage.telegram.world.channels.values()))
        async with Cast(stage, store, keeper) as cast:
            await _ready(stage, store, cast)
            screen.say(clock.now(), "history read; the bot answers; from here on it is live")
            with screen:
                await _show(stage, store, charts, screen, cast, hours_a_second)
        async with store.read() as tx:
            told = [
                episode
                for episode in await tx.episodes.newest(1000)
                if await tx.outbox.message_of(episode.id, stage.subscriber.id) is not None
            ]
            return outcome(scenario, told, await tx.channels.all())


class Cast:
    """Deadair's parts, as `deadair run` starts them."""

    def __init__(self, stage: Stage, store: Store, keeper: Keeper) -> None:
        self._built = parts(stage.setup, store, stage.clock, keeper, only=PARTS)
        self.tasks: list[asyncio.Task[None]] = []

    def start(self, *names: str) -> None:
        for name in names:
            self.tasks.append(asyncio.create_task(_alive(self._built[name]), name=name))

    def refuse_dead(self) -> None:
        """Raise what a part died of, if one has."""
        for task in self.tasks:
            if task.done() and not task.cancelled():
                if (error := task.exception()) is not None:
                    raise error
                raise DemoFailed(f"the {task.get_name()} ended by itself", hint="please report it")

    async def __aenter__(self) -> "Cast":
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def _alive(start: Part) -> None:
    await start()


async def _ready(stage: Stage, store: Store, cast: Cast) -> None:
    """Let the history in, then let it be read, and let the subscriber in."""
    wanted = {channel.id: len(channel.posts) for channel in stage.telegram.world.channels.values()}
    total = sum(wanted.values())

    async def is_held() -> bool:
        async with store.read() as tx:
            if set(await tx.watch.until()) != set(wanted):
                return False
            cursors = await tx.posts.cursors(wanted)
            if not all(cursors[channel_id].complete for channel_id in wanted):
                return False
            held = [await tx.posts.count(channel_id) == n for channel_id, n in wanted.items()]
            return all(held)

    async def is_read() -> bool:
        async with store.read() as tx:
            subscribed = await tx.subscriptions.of(stage.subscriber.id)
            return await tx.readings.last_seq() >= total and bool(subscribed)

    async def is_judging() -> bool:
        async with store.read() as tx:
            return bool(await tx.marks.get("alerts"))

    cast.start("collector")
    await _until(is_held, cast, "the history is stored")
    # The rest is started when there is something to read: in large steps, so that it is soon done.
    cast.start("reader", "bot", "jobs")
    stage.subscriber.say("/start")
    stage.subscriber.say("/subscribe all")
    await _until(is_read, cast, "the history is read and the subscriber let in")
    cast.start("alerts")
    await _until(is_judging, cast, "the engine knows every channel's rhythm")


async def _until(true: Callable[[], Awaitable[bool]], cast: Cast, what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not await true():
        cast.refuse_dead()
        if time.monotonic() > until:
            raise DemoFailed(
                f"waited {PATIENCE:.0f} s, and still not: {what}", hint="is the machine very busy? try again"
            )
        await asyncio.sleep(0.1)


async def _show(
    stage: Stage,
    store: Store,
    charts: Path,
    screen: Screen,
    cast: Cast,
    hours_a_second: float,
) -> None:
    """Play the live part, showing alerts as they reach the subscriber."""
    clock, scenario = stage.clock, stage.scenario
    watch = stage.telegram.bot_api.watch()

    async def tell() -> None:
        async for event in watch:
            if event.chat_id == stage.subscriber.id:
                _tell(event, charts, screen)

    telling = asyncio.create_task(tell())
    stage.telegram.play()
    pace = Pace(stage, store)
    await pace.keep()
    clock.run_at(hours_a_second * 3600)
    try:
        looked = -1.0
        stood_at, stood_since = clock.now(), time.monotonic()
        while clock.now() < scenario.ends:
            if clock.now() != stood_at:
                stood_at, stood_since = clock.now(), time.monotonic()
            elif time.monotonic() - stood_since > PATIENCE:
                raise DemoFailed(
                    f"the clock has stood at {stood_at:%d %b %H:%M} UTC for {PATIENCE:.0f} s",
                    hint="a part no longer follows; please report it with the output above",
                )
            cast.refuse_dead()
            if telling.done():
                telling.result()
            await pace.keep()
            if screen.is_live and time.monotonic() - looked > REFRESH:
                looked = time.monotonic()
                now = clock.now()
                screen.show(now, await look(store, now), clock.speed)
            await asyncio.sleep(LOOK)
        # What befell just before the end is still on its way to the phone.
        clock.run_until(None)
        clock.run_at(WAITING_SPEED)
        await _settled(store, clock.now())
    finally:
        watch.close()
        await asyncio.gather(telling, return_exceptions=True)


async def _settled(store: Store, now: datetime) -> None:
    for _ in range(100):
        async with store.read() as tx:
            if await tx.outbox.next_due(now) is None:
                return
        await asyncio.sleep(0.05)


def _tell(event: Event, charts: Path, screen: Screen) -> None:
    chart = None
    if event.version.file is not None and event.version.file.body is not None:
        chart = charts / f"{event.message.id}.png"
        chart.write_bytes(event.version.file.body)
    screen.alert(event.at, event.version.text, edited=event.deed is Deed.EDITED, chart=chart)
