"""An archive that is only read, built once for all tests that do no more."""

import asyncio

import pytest

from storage.config import StorageConfig
from storage.store import open_store
from tests.support.birds import fill


@pytest.fixture(scope="package")
def birds_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Sixty days of a few channels, on SQLite."""
    where = f"sqlite:///{tmp_path_factory.mktemp('birds')}/deadair.db"

    async def make() -> None:
        async with open_store(StorageConfig(url=where)) as store:
            await fill(store)

    asyncio.run(make())
    return where
