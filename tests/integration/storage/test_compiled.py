"""Statements are put into words once, for all archives of a process and each kind of database by itself."""

from pathlib import Path
from types import SimpleNamespace

from storage.compiled import COMPILED, Compiled
from storage.config import StorageConfig
from storage.store import Store, open_store


async def test_a_second_archive_finds_what_the_first_has_put_into_words(tmp_path: Path) -> None:
    kept = []
    for name in ("first", "second"):
        async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / name}.db")) as store:
            async with store.begin() as tx:
                assert list(await tx.channels.all()) == []
            async with store.read() as tx:  # by another engine than the one that writes
                assert list(await tx.channels.all()) == []
        kept.append(len(COMPILED))
    assert kept[0] == kept[1] > 0


async def test_each_kind_of_database_has_its_own_words(store: Store, tmp_path: Path) -> None:
    async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'other'}.db")) as other:
        for each in (store, other, store):
            async with each.begin() as tx:
                await tx.notes.after(0)
                assert list(await tx.channels.all()) == []
                assert await tx.posts.cursors([1, 2]) is not None


def test_what_was_put_into_words_first_goes_first() -> None:
    dialect = SimpleNamespace(server_version_info=(15, 1))
    compiled = Compiled()
    for n in range(2001):
        compiled[dialect, n] = n
    assert len(compiled) == 2000
    assert compiled.get((dialect, 0)) is None
    assert compiled.get((SimpleNamespace(server_version_info=(15, 1)), 2000)) == 2000
    assert compiled.get((SimpleNamespace(server_version_info=(16, 1)), 2000)) is None
