"""Whatever becomes of a reader on its way, the archive is in the end as one undisturbed reader makes it."""

import asyncio
import random
from pathlib import Path

from storage.store import Store
from tests.support.reading import a_reader, archive_of, store_a_mixed_archive
from tests.support.warm import forked, warm_up

ROOT = Path(__file__).resolve().parents[3]


async def test_a_reader_killed_again_and_again_loses_and_doubles_nothing(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    await store_a_mixed_archive(store, 80)
    warm_up()
    for batches in (1, 4):
        with (tmp_path / "log").open("ab") as log:
            process = forked("-m", "tests.support.reader_process", store_url, "4", stderr=log)
        assert process.stdout is not None
        with process.stdout as said:
            for _ in range(batches):
                assert await asyncio.to_thread(said.readline) == "stored\n"
            process.kill()
            assert await asyncio.to_thread(process.wait) == -9
    assert 0 < await a_reader(store).unread() < 100
    await a_reader(store, batch=4).catch_up()
    await a_reader(store, version=2).catch_up()
    assert await archive_of(store, 1) == await archive_of(store, 2)


async def test_a_reader_cancelled_at_any_moment_loses_and_doubles_nothing(store: Store) -> None:
    await store_a_mixed_archive(store, 80)
    luck, cancelled = random.Random(3), 0
    reader = a_reader(store, batch=4)
    for _ in range(15):
        reading = asyncio.create_task(reader.catch_up())
        await asyncio.wait({reading}, timeout=luck.random() * 0.06)
        cancelled += not reading.done()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        if luck.random() < 0.3:
            reader = a_reader(store, batch=luck.randrange(1, 9))
    assert cancelled > 2
    await reader.catch_up()
    await a_reader(store, version=2).catch_up()
    assert await archive_of(store, 1) == await archive_of(store, 2)
