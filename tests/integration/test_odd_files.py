"""What a file holds that nobody would expect there costs a record at most: it is told, and all else goes its
way, into the archive, the index, the claims and the chain.
"""

from pathlib import Path

import pytest

from archive.indexer import Indexer, unsearchable
from collector.importers.bring_in import import_files
from collector.importers.record import Bad
from domain.clock import SetClock
from storage.proof import prove
from storage.store import Store
from tests.support.odd_files import GOOD, odd_file
from tests.support.reading import NOON, a_reader

CLOCK = SetClock(NOON)


@pytest.mark.parametrize("form", GOOD)
async def test_a_file_of_odd_records_goes_in_and_all_its_way(store: Store, tmp_path: Path, form: str) -> None:
    path, n = odd_file(form, tmp_path / "odd.json", every=5)
    bad: list[Bad] = []
    [done] = await import_files([path], store, CLOCK, bad=lambda _, each: bad.append(each))
    assert done.error is None
    assert (done.records, done.bad) == (n, len(bad))
    assert done.added > n / 2
    assert [each.reason for each in bad if "could not be understood" in each.reason] == []
    await Indexer(store, CLOCK).catch_up()
    await a_reader(store).catch_up()
    async with store.read() as tx:
        assert await unsearchable(tx) == 0
        assert await tx.posts.count() == done.added
    for number in done.channels:
        assert (await prove(store, number)).broken is None
