"""The keeper: work that one process does, of however many would."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.clock import WallClock
from domain.errors import DeadairError
from storage.alive import alive
from storage.config import StorageConfig
from storage.errors import LeaseLost, Unreachable
from storage.keeper import Keeper, keeping
from storage.store import Store, open_store
from tests.support.keeper_process import MARK
from tests.support.overheard import Overheard
from tests.support.postgres import running_postgres
from tests.support.warm import forked, warm_up

LEASE = 3.0
POSTGRES = pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgres)])
SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])


@asynccontextmanager
async def a_keeper(url: str, folder: Path) -> AsyncIterator[tuple[Store, Keeper]]:
    """As another process has it, as far as the database can tell."""
    config = StorageConfig.model_validate({"url": url, "lease": f"{LEASE:g}s"})
    async with open_store(config, create=False) as store, keeping(store, folder) as keeper:
        yield store, keeper


class Watched:
    """Work that says when it is done, and notices when it is done by two at once."""

    def __init__(self) -> None:
        self.at_once: set[str] = set()
        self.most = 0
        self.by: list[str] = []

    def of(self, name: str, then: Callable[[Store], Awaitable[None]] | None = None) -> Any:
        async def work(store: Store) -> None:
            self.at_once.add(name)
            self.by.append(name)
            self.most = max(self.most, len(self.at_once))
            try:
                await (asyncio.Event().wait() if then is None else then(store))
            finally:
                self.at_once.discard(name)

        return work


async def until(true: Callable[[], Any], within: float = 4 * LEASE) -> None:
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.02)


async def eventually_waits(store: Store, who: str) -> None:
    async with asyncio.timeout(4 * LEASE):
        while True:
            async with store.read() as tx:
                if who in {s.holder for s in await tx.leases.standbys()}:
                    return
            await asyncio.sleep(0.05)


@contextmanager
def cancelled_after(*tasks: "asyncio.Task[Any]") -> Iterator[None]:
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def test_of_two_one_works_and_the_other_goes_on_at_once_when_it_is_stopped(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    watched = Watched()
    async with AsyncExitStack() as stays:
        _, two = await stays.enter_async_context(a_keeper(store_url, tmp_path))
        async with a_keeper(store_url, tmp_path) as (_, one):
            first = asyncio.create_task(one.alone("work", watched.of("one")))
            await until(lambda: watched.by == ["one"])
            second = asyncio.create_task(two.alone("work", watched.of("two")))
            await asyncio.sleep(1.5 * LEASE)
            assert watched.by == ["one"]  # renewed all the while
            async with store.read() as tx:
                assert [(s.name, s.holder) for s in await tx.leases.standbys()] == [("work", two.name)]
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
        with cancelled_after(second):
            await until(lambda: watched.by == ["one", "two"], LEASE / 2)  # it does not wait for a lapse
            assert watched.most == 1
            async with store.read() as tx:
                lease = await tx.leases.get("work")
                assert lease is not None
                assert (lease.holder, lease.token) == (two.name, 2)


async def test_two_keepers_never_both_work_however_often_it_changes_hands(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    watched = Watched()

    async def a_while(_store: Store) -> None:
        await asyncio.sleep(0.05)

    async def again_and_again(name: str) -> None:
        for _ in range(8):
            async with a_keeper(store_url, tmp_path) as (_, keeper):
                await keeper.alone("work", watched.of(name, a_while))

    await asyncio.gather(again_and_again("one"), again_and_again("two"), again_and_again("three"))
    assert watched.most == 1
    assert len(watched.by) == 24


async def test_what_the_work_dies_of_is_passed_on(store: Store, store_url: str, tmp_path: Path) -> None:
    async def dies(_store: Store) -> None:
        raise DeadairError("the lexicon is wrong", hint="mend it")

    async with a_keeper(store_url, tmp_path) as (_, keeper):
        with pytest.raises(DeadairError, match="the lexicon is wrong"):
            await keeper.alone("work", dies)


async def test_work_that_dies_of_a_database_that_is_away_is_begun_anew(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    begun: list[int] = []

    async def dies_once(_store: Store) -> None:
        begun.append(len(begun))
        if len(begun) == 1:
            raise Unreachable("the database is restarted")

    async with a_keeper(store_url, tmp_path) as (_, keeper):
        await asyncio.wait_for(keeper.alone("work", dies_once), 4 * LEASE)
    assert begun == [0, 1]


async def test_work_that_finds_itself_replaced_is_ended_and_stands_by(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    """Whatever it makes of the error that it is told of: it is ended from outside."""
    refused: list[LeaseLost] = []

    async def stubborn(fenced: Store) -> None:
        while True:
            await asyncio.sleep(0.05)
            try:
                async with fenced.begin() as tx:
                    await tx.marks.set(MARK, {"by": "one"}, (await tx.leases.now()))
            except LeaseLost as error:
                refused.append(error)

    watched = Watched()
    async with a_keeper(store_url, tmp_path) as (_, keeper):
        task = asyncio.create_task(keeper.alone("work", watched.of("one", stubborn)))
        with cancelled_after(task):
            await until(lambda: watched.at_once)
            async with store.begin() as tx:
                lease = await tx.leases.get("work")
                assert lease is not None
                # As if another had found it lapsed.
                await tx.leases.take("work", "two", store.lease, is_dead=lambda _holder: True)
                await tx.marks.set(MARK, {"by": "two"}, await tx.leases.now())
            await until(lambda: not watched.at_once, LEASE)
            await asyncio.sleep(0.3)
            assert len(refused) <= 2
            async with store.read() as tx:
                assert await tx.marks.get(MARK) == {"by": "two"}
                assert [s.holder for s in await tx.leases.standbys()] == [keeper.name]


async def test_the_same_process_may_begin_the_work_anew(store: Store, store_url: str, tmp_path: Path) -> None:
    """As it does when another config counts; nobody else gets in between."""
    watched = Watched()
    async with a_keeper(store_url, tmp_path) as (_, one), a_keeper(store_url, tmp_path) as (_, two):
        for n in (1, 2):
            task = asyncio.create_task(one.alone("work", watched.of(f"one{n}")))
            await until(lambda n=n: watched.by[-1:] == [f"one{n}"], LEASE / 2)  # type: ignore[misc]
            if n == 1:
                waiting = asyncio.create_task(two.alone("work", watched.of("two")))
                await eventually_waits(store, two.name)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        with cancelled_after(waiting):
            assert watched.by == ["one1", "one2"]


async def test_leases_that_are_alike_are_shared_with_one_that_comes_later(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    """What is handed over has ended before the other begins it."""
    at_once: dict[str, str] = {}

    def of(keeper: Keeper, name: str) -> Any:
        async def work(_store: Store) -> None:
            assert name not in at_once
            at_once[name] = keeper.name
            try:
                await asyncio.sleep(3600)
            finally:
                await asyncio.sleep(0.2)  # it takes its time to end
                del at_once[name]

        return work

    async with a_keeper(store_url, tmp_path) as (_, one), a_keeper(store_url, tmp_path) as (_, two):
        tasks = [asyncio.create_task(one.alone(name, of(one, name))) for name in ("of:a", "of:b", "other")]
        await until(lambda: len(at_once) == 3)
        tasks += [asyncio.create_task(two.alone(name, of(two, name))) for name in ("of:a", "of:b", "other")]
        await eventually_waits(store, two.name)
        with cancelled_after(*tasks):
            await one.even_out("of:")
            await until(lambda: sorted(at_once.values()) == sorted([one.name, one.name, two.name]))
            await one.even_out("of:")
            await two.even_out("of:")
            await asyncio.sleep(LEASE / 2)
            assert sorted(at_once.values()) == sorted([one.name, one.name, two.name])
            assert at_once["other"] == one.name
            assert not any(task.done() for task in tasks)


# -- processes


class Worker(Overheard):
    """`tests.support.keeper_process`."""

    def __init__(self, url: str, folder: Path, lease: float = LEASE) -> None:
        with open(os.devnull, "wb") as nowhere:
            super().__init__(
                forked(
                    "-m",
                    "tests.support.keeper_process",
                    url,
                    folder,
                    f"{lease:g}s",
                    stderr=nowhere,
                    strict=True,
                )
            )

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    async def stop(self) -> None:
        self.signal(signal.SIGCONT)
        await super().stop()


@pytest.fixture
async def workers(store: Store, store_url: str, tmp_path: Path) -> AsyncIterator[Callable[..., Worker]]:
    made: list[Worker] = []
    warm_up()

    def start(folder: Path = tmp_path, lease: float = LEASE) -> Worker:
        made.append(Worker(store_url, folder, lease))
        return made[-1]

    yield start
    for worker in made:
        await worker.stop()


async def in_turn(store: Store) -> list[int]:
    """The processes in the order in which they wrote; tokens never go back, so that none wrote late."""
    async with store.read() as tx:
        marks = {int(name.rpartition(".")[2]): value for name, value, _ in await tx.marks.all(f"{MARK}.")}
        assert sorted(marks) == list(range(1, (await tx.marks.get(MARK))["n"] + 1))  # none was written over
    written = [value for _, value in sorted(marks.items())]
    tokens = [value["token"] for value in written]
    assert tokens == sorted(tokens)
    return list(dict.fromkeys(value["by"] for value in written))


async def test_a_killed_one_is_replaced_at_once_on_its_own_host(
    store: Store, workers: Callable[..., Worker]
) -> None:
    """The kernel says that it is dead: nobody waits for a minute's lease to run out."""
    first = workers(lease=60)
    await until(lambda: first.has("wrote 3"))
    first.signal(signal.SIGKILL)
    second = workers(lease=60)
    await until(lambda: second.has("wrote"), 20)
    assert await in_turn(store) == [first.process.pid, second.process.pid]


@POSTGRES
async def test_one_killed_elsewhere_is_replaced_when_its_lease_has_run_out(
    store: Store, workers: Callable[..., Worker], tmp_path: Path
) -> None:
    """In another folder, as on another host, nothing proves it dead."""
    (elsewhere := tmp_path / "elsewhere").mkdir()
    first = workers()
    await until(lambda: first.has("wrote 3"))
    second = workers(elsewhere)
    await until(lambda: second.has("holder"))
    first.signal(signal.SIGKILL)
    await until(lambda: second.has("wrote"), 4 * LEASE)
    assert await in_turn(store) == [first.process.pid, second.process.pid]


async def test_one_that_was_paused_for_longer_than_its_lease_writes_nothing_when_woken(
    store: Store, workers: Callable[..., Worker]
) -> None:
    """On PostgreSQL in the middle of a transaction, which is ended there; SQLite has nobody who could."""
    first = workers()
    await until(lambda: first.has("wrote 3"))
    second = workers()
    await until(lambda: second.has("holder"))
    told = len(first.said)
    await until(lambda: len(first.said) > told)
    first.signal(signal.SIGSTOP)
    await until(lambda: second.has("wrote"), 6 * LEASE)
    before = len(first.said)
    first.signal(signal.SIGCONT)
    await until(lambda: first.has("ended"))
    told = len(second.said)
    await until(lambda: len(second.said) > told + 20)
    assert not any(line.startswith("wrote") for line in first.said[before:])
    assert await in_turn(store) == [first.process.pid, second.process.pid]


@pytest.mark.postgres
async def test_without_a_database_the_work_ends_before_another_could_begin_it(tmp_path: Path) -> None:
    """Cut off from it, nobody can know whether another has the lease; and it goes on when it is back."""
    watched = Watched()
    with running_postgres() as server:
        url = await server.database()
        async with (
            open_store(StorageConfig.model_validate({"url": url, "lease": f"{LEASE:g}s"})) as store,
            keeping(store, tmp_path) as keeper,
        ):
            task = asyncio.create_task(keeper.alone("work", watched.of("one")))
            with cancelled_after(task):
                await until(lambda: watched.at_once)
                async with store.read() as tx:
                    known = await tx.leases.get("work")
                await asyncio.to_thread(server.stop)
                await until(lambda: not watched.at_once, LEASE)
                assert known is not None
                assert WallClock().now() < known.until + store.lease / 3 + timedelta(seconds=0.5)
                await asyncio.to_thread(server.start)
                await until(lambda: watched.at_once)
                assert watched.by == ["one", "one"]
                async with store.read() as tx:
                    again = await tx.leases.get("work")
                assert again is not None
                assert again.token == 2


@SQLITE
async def test_sqlite_may_be_full_for_longer_than_a_lease(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    """Nobody on another host could have taken the lease: what was fetched meanwhile is kept in memory."""
    watched = Watched()
    async with a_keeper(store_url, tmp_path) as (_, keeper):
        task = asyncio.create_task(keeper.alone("work", watched.of("one")))
        with cancelled_after(task):
            await until(lambda: watched.at_once)
            async with store.begin():  # nobody else writes
                await asyncio.sleep(1.5 * LEASE)
            assert watched.at_once
        assert watched.by == ["one"]


async def test_a_process_that_is_alive_is_not_taken_for_dead(tmp_path: Path) -> None:
    with alive(tmp_path) as one:
        with alive(tmp_path) as two:
            assert not two.is_dead(one.name)
            assert not one.is_dead(two.name)
            assert not one.is_dead("another-host/12/abcdef01")
            assert not one.is_dead("..")
        assert not one.is_dead(two.name)  # it ended well, and gave back what it had
    (elsewhere := tmp_path / "elsewhere").mkdir()
    with alive(elsewhere) as three:
        assert not three.is_dead(one.name)


async def test_of_another_kernel_nothing_is_believed(tmp_path: Path) -> None:
    """A file system of many hosts may not show the locks of the others."""
    with alive(tmp_path) as me:
        file = tmp_path / ".running" / "host_12_abcdef01"
        file.write_bytes(b"another boot")
        assert not me.is_dead("host/12/abcdef01")
        file.write_bytes((tmp_path / ".running" / me.name.replace("/", "_")).read_bytes())
        assert me.is_dead("host/12/abcdef01")
