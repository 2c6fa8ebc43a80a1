"""As the disk of the archive fills up, one thing after the other stops; posts are stored to the last."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from archive.export.make import Order, held_export
from archive.indexer import Indexer
from archive.query import Query
from collector.config import FilesConfig
from collector.files import why_no_room
from deadair.retention.config import RetentionConfig
from domain.clock import SetClock
from domain.use import LEAVES, Use
from storage.backup.write import write_backup
from storage.config import StorageConfig
from storage.errors import DiskFull
from storage.examine import FULL
from storage.room import is_spare, spare
from storage.store import Store, open_store
from tests.support.reading import DRONES, NOON, a_post, a_reader, store_posts

NOW = NOON + timedelta(days=1)


async def works(store: Store, use: Use, folder: Path, n: int) -> bool:
    """Does the part still do it, with as much free as the store is told?"""
    try:
        match use:
            case Use.EXPORTS:
                order = Order(query=Query(), at=NOW, tables=("posts",))
                await held_export(store, order, folder / f"export-{n}", now=NOW)
            case Use.FILES:
                free = store.room(folder)
                return not why_no_room(FilesConfig(reserve=0), kept=0, free=free)
            case Use.BACKUPS:
                await write_backup(store, folder / f"backup-{n}", NOW)
            case Use.INDEX:
                return await Indexer(store, SetClock(NOW)).catch_up() > 0
            case Use.LEARNED:
                spare(store, Use.LEARNED)
            case Use.READINGS:
                return await a_reader(store).catch_up() > 0
            case Use.POSTS:
                await store_posts(store, a_post(1000 + n, DRONES))
    except DiskFull:
        return False
    return True


def just_below(use: Use) -> int:
    return LEAVES[use] - 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("stopped", [None, *Use][:-1])
async def test_each_stops_before_those_that_matter_more(
    store: Store, tmp_path: Path, stopped: Use | None
) -> None:
    left = just_below(stopped) if stopped else 10**12
    store.room = lambda _folder: left
    await store_posts(store, a_post(1, DRONES))
    order = list(Use)
    after = order[order.index(stopped) + 1 :] if stopped else order
    # From the last to the first: who makes an export holds on record what it quotes.
    still = [use for n, use in enumerate(reversed(order)) if await works(store, use, tmp_path, n)]
    assert list(reversed(still)) == after
    assert [name for name in os.listdir(tmp_path) if "part" in name] == [], "what was begun is gone"


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_what_was_stopped_goes_on_when_there_is_room_again(store: Store, tmp_path: Path) -> None:
    store.room = lambda _folder: 0
    await store_posts(store, a_post(1, DRONES))
    assert not await works(store, Use.READINGS, tmp_path, 0)
    store.room = lambda _folder: 10**12
    assert all([await works(store, use, tmp_path, n) for n, use in enumerate(reversed(Use))])


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_backup_that_is_under_way_stops_and_leaves_nothing(store: Store, tmp_path: Path) -> None:
    await store_posts(store, *(a_post(n, DRONES) for n in range(1, 50)))
    left = iter([10**12] * 3)
    store.room = lambda _folder: next(left, 0)
    target = tmp_path / "backups" / "one"
    target.parent.mkdir()
    with pytest.raises(DiskFull, match="too little for backups"):
        await write_backup(store, target, NOW)
    assert list(target.parent.iterdir()) == []


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A folder on another disk than where the archive is."""
    found = Path("/dev/shm")  # noqa: S108 - in memory, on Linux
    if not found.is_dir() or found.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no other disk")
    return found


async def test_what_is_written_to_another_disk_is_in_nobodys_way(tmp_path: Path, other: Path) -> None:
    async with open_store(StorageConfig(url=f"sqlite:///{tmp_path}/deadair.db")) as store:
        store.room = lambda _folder: 0
        spare(store, Use.BACKUPS, other / "backups")
        with pytest.raises(DiskFull, match="leave the last 500 MB to what matters more"):
            spare(store, Use.BACKUPS, tmp_path / "backups" / "deep")


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"])
async def test_of_a_database_elsewhere_it_is_not_known_and_nothing_stops(
    store: Store, tmp_path: Path
) -> None:
    store.room = lambda _folder: 0
    assert all(is_spare(store, use) for use in Use)
    spare(store, Use.BACKUPS, tmp_path)


def test_the_order_is_that_of_how_much_is_left_and_people_are_told_before_anything_stops() -> None:
    assert list(LEAVES) == list(Use)
    assert sorted(LEAVES.values(), reverse=True) == list(LEAVES.values())
    assert len(set(LEAVES.values())) == len(Use)
    assert RetentionConfig().least_free > LEAVES[Use.EXPORTS] > FilesConfig().reserve > LEAVES[Use.BACKUPS]
    assert LEAVES[Use.READINGS] > FULL


def test_the_table_for_people_says_the_same() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/operating.md").read_text()
    table = page.partition("| free on the disk of the archive | what stops |")[2].partition("\n\n")[0]
    said = [line.split("|")[1].strip() for line in table.splitlines()[2:]]
    assert said == [f"{LEAVES[use] // 10**6:,} MB" if LEAVES[use] else "nothing" for use in Use]
