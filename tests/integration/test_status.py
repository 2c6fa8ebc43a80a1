"""`deadair status` of an archive: how far the search index is behind."""

import asyncio
import json
from pathlib import Path

from archive.indexer import Indexer
from domain.clock import WallClock
from storage.config import StorageConfig
from storage.store import open_store
from tests.support.console import deadair
from tests.support.reading import a_post, store_posts


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
