"""A changed config, applied while everything runs: proved first, and refused with its reason."""

import asyncio
import signal
from collections.abc import Collection, Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from collector.config import ChannelConfig
from deadair.config import FILE, NO_FILE, ConfigError, Setup, load
from deadair.health.marks import CONFIG, WAITS
from deadair.slices import EVERYBODY, Slices, kept, prove, slices, waiting, watchable
from deadair.supervise import Crew
from deadair.wiring import parts
from domain.clock import Clock
from domain.current import Current
from domain.errors import DeadairError
from storage.errors import StoreError
from storage.keeper import Keeper
from storage.store import Store

log = structlog.get_logger(__name__)

#: The mark by which `deadair reload` asks for it.
ASKED: Final = "config.asked"
#: Real seconds between two looks at the file; it has to look the same twice, for it may be half written.
LOOK_EVERY: Final = 1.0
#: How often the mark is looked at where no notice of it comes, and how often it is said anew what runs.
_ASK_EVERY: Final = timedelta(seconds=2)
_SAY_EVERY: Final = timedelta(minutes=1)

Stamp = tuple[int, int, int]


class Reloading:
    """Runs beside the parts of one process."""

    def __init__(
        self,
        path: Path | None,
        setup: Setup,
        store: Store,
        clock: Clock,
        keeper: Keeper,
        *,
        only: Collection[str],
        channels: Current[Sequence[ChannelConfig]],
    ) -> None:
        """`path` as it was given with --config; None: config.toml of the current folder, if there is one."""
        self._given = path
        self._path = path if path is not None else Path(FILE)
        self._started = setup
        self._only = only
        self._store = store
        self._clock = clock
        self._keeper = keeper
        self._channels = channels
        self._slices: Slices = {}
        self._versions = dict.fromkeys(only, setup.version)
        self._waits: dict[str, list[str]] = {}
        self._refused = ""
        self._asked = ""  #: when `deadair reload` asked last
        self._answers = ""  #: which of its questions has been seen to
        self._wanted = asyncio.Event()
        self._stamp = _stamp(self._path)

    async def run(self, crew: Crew) -> None:
        """Apply every change, until cancelled."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._wanted.set)
        try:
            self._slices = await asyncio.to_thread(slices, self._started)
            await _first(self._look(), self._hear(), self._say_again(), self._take_up(crew))
        finally:
            loop.remove_signal_handler(signal.SIGHUP)

    async def _take_up(self, crew: Crew) -> None:
        while True:
            await self._say()
            await self._wanted.wait()
            self._wanted.clear()
            asked = self._asked
            await self._apply(crew)
            self._answers = asked

    async def _apply(self, crew: Crew) -> None:
        self._stamp = _stamp(self._path)
        try:
            new = await asyncio.to_thread(self._read)
            changed = self._changed(now := await asyncio.to_thread(slices, new))
            setup = kept(self._started, new)
            made = parts(setup, self._store, self._clock, self._keeper, only=changed)
        except DeadairError as error:
            self._refused = error.what
            log.error("config refused, the former one counts on", reason=error.what, hint=error.hint)
            return
        self._refused = ""
        await crew.renew(made)
        self._channels.set(watchable(self._started, new))
        self._slices = now
        waits = waiting(self._started, new)
        self._waits = {
            name: keys for name in self._only if (keys := [*waits[EVERYBODY], *waits.get(name, [])])
        }
        self._versions = {
            name: self._versions[name] if name in self._waits else new.version for name in self._only
        }
        log.info("config applied", version=new.version, anew=sorted(changed))
        if self._waits:
            log.warning("config: some of it counts from the next start on", keys=self._waits)

    def _read(self) -> Setup:
        """The config as it stands now. Raises DeadairError for what cannot be run."""
        if self._stamp is None and self._started.version != NO_FILE:
            raise ConfigError(f"there is no config at {self._path} any more", hint="put it back")
        new = load(self._given)
        prove(new)
        if self._channels.value and not new.config.channels:
            raise ConfigError(
                "it names no channel any more, as a file does that was lost while it was written",
                hint="if it is meant so: restart",
            )
        return new

    def _changed(self, now: Slices) -> set[str]:
        return {name for name, of in now.items() if of != self._slices.get(name)} & set(self._only)

    # -- asked

    async def _look(self) -> None:
        """At the file: saved is asked."""
        before = self._stamp
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = _stamp(self._path)
            if now is not None and now == before and now != self._stamp:
                self._wanted.set()
            before = now

    async def _hear(self) -> None:
        """Of `deadair reload`, which may be run on another machine."""
        last: str | None = None
        with self._store.listen("config") as notice:
            while True:
                try:
                    async with self._store.read() as tx:
                        asked = (await tx.marks.get(ASKED)).get("at", "")
                    if last is not None and asked != last:
                        self._asked = asked
                        self._wanted.set()
                    last = asked
                except StoreError:
                    pass  # whoever works with it says so
                await notice.polled(self._clock, _ASK_EVERY)

    # -- said

    async def _say_again(self) -> None:
        while True:
            await self._clock.sleep(_SAY_EVERY)
            await self._say()

    async def _say(self) -> None:
        now = self._clock.now()
        try:
            async with self._store.begin() as tx:
                for name in self._only:
                    await tx.marks.set(CONFIG + name, self._standing(name), now)
        except StoreError as error:
            log.warning("config: it could not be kept who runs which", reason=error.what)

    def _standing(self, name: str) -> dict[str, Any]:
        standing: dict[str, Any] = {"version": self._versions[name]}
        if name in self._waits:
            standing[WAITS] = ", ".join(self._waits[name])
        if self._answers:
            standing["asked"] = self._answers
        if self._refused:
            standing["refused"] = self._refused
        return standing


async def _first(*works: Coroutine[Any, Any, None]) -> None:
    """All of them until one ends, which only an error makes it do; then that error."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _stamp(path: Path) -> Stamp | None:
    """What a file looks like from outside; None: it is not there."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
