"""Stores for tests: each test that asks for `store` runs on SQLite and on PostgreSQL."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    try:
        with running_postgres() as server:
            yield server
    except LookupError as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(reason))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture
async def store_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The url of an archive that does not exist yet."""
    if engine_name == "sqlite":
        return f"sqlite:///{tmp_path / 'deadair.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return await server.database()


@pytest_asyncio.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    async with open_store(StorageConfig(url=store_url)) as opened:
        yield opened
