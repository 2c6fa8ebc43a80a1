"""A host behind a real wire that is pulled out while it writes: packets get lost, and nobody is told."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from storage.store import Store
from tests.support.cable import Cable
from tests.support.keeper_process import MARK
from tests.support.netns import Network, network
from tests.support.overheard import Overheard
from tests.support.postgres import Postgres, name_of

LEASE = 3.0
ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.postgres


@pytest.fixture
def engine_name() -> str:
    """Hosts share a PostgreSQL."""
    return "postgresql"


class Far:
    """A host behind a wire; where this user may lay none, behind a cable of ours that passes nothing on."""

    def __init__(self, wire: Network | None, door: Cable) -> None:
        self._wire, self._door = wire, door
        self.place = f"{wire.address if wire else '127.0.0.1'}:{door.port}"  #: of the database, from there

    def command(self, *words: str) -> list[str]:
        return self._wire.command(*words) if self._wire else list(words)

    def cut(self) -> None:
        (self._wire or self._door).cut()

    def join(self) -> None:
        (self._wire or self._door).join()


@pytest.fixture
async def far(postgres: Postgres) -> AsyncIterator[Far]:
    with ExitStack() as stack:
        wire = None
        with suppress(LookupError):
            wire = stack.enter_context(network())
        async with Cable(postgres.folder, wire.address if wire else "127.0.0.1") as door:
            yield Far(wire, door)


class Worker(Overheard):
    """`tests.support.keeper_process`, run by a command."""

    def __init__(self, run: Callable[..., list[str]], url: str, folder: Path) -> None:
        folder.mkdir()
        super().__init__(
            subprocess.Popen(
                run(sys.executable, "-m", "tests.support.keeper_process", url, str(folder), f"{LEASE:g}s"),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        )


async def until(true: Callable[[], Any], within: float = 6 * LEASE) -> None:
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.05)


async def test_a_host_whose_packets_are_lost_is_replaced_and_writes_nothing_when_it_is_back(
    store: Store, store_url: str, far: Far, tmp_path: Path
) -> None:
    url = f"postgresql://deadair@{far.place}/{name_of(store_url)}"
    cut_off = Worker(far.command, url, tmp_path / "far")
    here = None
    try:
        await until(lambda: cut_off.has("wrote 3"), 30)
        here = Worker(lambda *words: list(words), store_url, tmp_path / "near")
        await until(lambda: here.has("holder"), 30)
        far.cut()
        await until(lambda: here.has("wrote"))
        await until(lambda: cut_off.has("ended"))
        await asyncio.sleep(LEASE)
        before = len(cut_off.said)
        far.join()
        told = len(here.said)
        await until(lambda: len(here.said) > told + 20)
        await asyncio.sleep(LEASE)  # it has found its way back, and stands by
        assert not any(line.startswith("wrote") for line in cut_off.said[before:])
        async with store.read() as tx:
            assert (await tx.leases.standbys())[0].name == "work"
            marks = {int(name.rpartition(".")[2]): each for name, each, _ in await tx.marks.all(f"{MARK}.")}
        written = [marks[n] for n in sorted(marks)]
        assert sorted(marks) == list(range(1, len(marks) + 1))  # none was written over, none is missing
        assert len(list(dict.fromkeys(each["by"] for each in written))) == 2
        assert [each["token"] for each in written] == sorted(each["token"] for each in written)
    finally:
        far.join()
        await cut_off.stop()
        if here is not None:
            await here.stop()
