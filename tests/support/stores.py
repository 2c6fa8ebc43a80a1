"""Stores for tests: each test that asks for `store` runs on SQLite and on PostgreSQL."""

import os
import shutil
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
        with running_postgres(in_memory=True) as server:
            yield server
    except LookupError as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(reason))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


#: An archive as it is when nothing was ever stored, to be copied: setting one up takes a second each time.
_NEW: dict[object, str | Path] = {}


@pytest_asyncio.fixture
async def store_url(
    engine_name: str, request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """The url of an archive that does not exist yet; beside `store`, of the one that it opens."""
    copied = "store" in request.fixturenames
    if engine_name == "sqlite":
        file = tmp_path / "deadair.db"
        if copied:
            shutil.copyfile(await _new_file(tmp_path_factory), file)
        yield f"sqlite:///{file}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = await (server.copy(await _new_database(server)) if copied else server.database())
    yield url
    if server.process is not None:
        await server.drop(url)


async def _new_file(factory: pytest.TempPathFactory) -> Path:
    if (file := _NEW.get("sqlite")) is None:
        file = _NEW["sqlite"] = factory.mktemp("new") / "deadair.db"
        async with open_store(StorageConfig(url=f"sqlite:///{file}")) as store:
            await store.checkpoint()
    return Path(file)


async def _new_database(server: Postgres) -> str:
    if server not in _NEW:
        url = await server.database()
        async with open_store(StorageConfig(url=url)):
            _NEW[server] = url
    return str(_NEW[server])


@pytest_asyncio.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    async with open_store(StorageConfig(url=store_url)) as opened:
        yield opened
