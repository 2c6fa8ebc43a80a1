"""`deadair status` of an archive: how far the search index is behind, and who does what."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

from archive.indexer import Indexer
from domain.clock import WallClock
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.reading import a_post, store_posts
from tests.support.warm import deadair


def test_it_tells_how_far_the_search_index_is_behind(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    at = WallClock().now()

    async def fill(*, index: bool) -> None:
        async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'deadair.db'}")) as store:
            if index:
                await Indexer(store, WallClock()).catch_up()
            else:
                await store_posts(store, a_post(1, "one", at=at), a_post(2, "two", at=at))

    asyncio.run(fill(index=False))
    plain = deadair("status", cwd=tmp_path)
    assert "search index: 2 posts and edits are not searchable yet, the first since" in plain.stdout
    told = json.loads(deadair("status", "--json", cwd=tmp_path).stdout)["search_index"]
    assert told["behind"] == 2
    assert told["since"] is not None
    asyncio.run(fill(index=True))
    told = json.loads(deadair("status", "--json", cwd=tmp_path).stdout)["search_index"]
    assert told == {"behind": 0, "since": None}


async def test_status_says_who_does_what_and_who_stands_by(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    lasts = timedelta(minutes=5)
    async with store.begin() as tx:
        await tx.leases.take("reader", "one/12/abcdef01", lasts)
        await tx.leases.take("indexer", "one/12/abcdef01", timedelta(0))
        await tx.leases.stand_by("reader", "two/7/abcdef02", lasts)
        await tx.leases.stand_by("reader", "three/8/abcdef03", timedelta(0))
    plain = deadair("status", cwd=tmp_path, DEADAIR_STORAGE_URL=store_url)
    assert plain.returncode == 0, plain.stderr
    lines = plain.stdout.splitlines()
    reader = next(line for line in lines if line.startswith("reader: "))
    assert reader.startswith("reader: done by one (process 12) for ")
    assert reader.endswith("; two (process 7) stands by")
    assert any(line.startswith("indexer: done by nobody for ") for line in lines)
    told = json.loads(deadair("status", "--json", cwd=tmp_path, DEADAIR_STORAGE_URL=store_url).stdout)
    found = {each["name"]: each for each in told["leases"]}
    assert found["reader"]["holder"] == "one/12/abcdef01"
    assert found["reader"]["standbys"] == ["two/7/abcdef02"]
    assert found["indexer"]["holder"] is None
