"""Stores for tests: each test that asks for `store` runs on SQLite and on PostgreSQL."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import cache
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


Fill = Callable[[Store], Awaitable[None]]
Make = Callable[[str], Awaitable[None]]
Copied = Callable[[Make], Awaitable[str]]
#: Archives as they are when nothing was ever stored, or when somebody has filled them, to be copied: setting
#: one up takes a second each time.
_MADE: dict[tuple[object, Make], str] = {}


@pytest.fixture
def filled_by() -> Fill | None:
    """What the archive holds that a test asks for: whoever says otherwise has it filled once, and copied."""
    return None


@pytest_asyncio.fixture
async def copied(
    engine_name: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Copied]:
    """Ask for the url of a copy of an archive that is made once: by whom, at the url it is given."""
    if engine_name == "sqlite":

        async def copy(make: Make) -> str:
            if (made := _MADE.get(("sqlite", make))) is None:
                made = str(tmp_path_factory.mktemp("made") / "deadair.db")
                await make(f"sqlite:///{made}")
                _MADE["sqlite", make] = made
            shutil.copyfile(made, tmp_path / "deadair.db")
            return f"sqlite:///{tmp_path / 'deadair.db'}"

        yield copy
        return
    server: Postgres = request.getfixturevalue("postgres")
    copies: list[str] = []

    async def copy(make: Make) -> str:
        if (made := _MADE.get((server, make))) is None:
            made = await server.database()
            await make(made)
            _MADE[server, make] = made
        copies.append(await server.copy(made))
        return copies[-1]

    yield copy
    if server.process is not None:
        for url in copies:
            await server.drop(url)


@pytest_asyncio.fixture
async def store_url(
    engine_name: str,
    copied: Copied,
    filled_by: Fill | None,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> AsyncIterator[str]:
    """The url of an archive that does not exist yet; beside `store`, of the one that it opens."""
    if "store" in request.fixturenames:
        yield await copied(_making(filled_by))
        return
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path / 'deadair.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = await server.database()
    yield url
    if server.process is not None:
        await server.drop(url)


#: A file of SQLite in which nothing was ever stored.
_FRESH: list[bytes] = []


async def fresh(path: Path) -> str:
    """The url of an archive at `path` in which nothing was ever stored: for those who want one an example."""
    url = f"sqlite:///{path}"
    if not _FRESH:
        async with open_store(StorageConfig(url=url)):
            pass
        _FRESH.append(await asyncio.to_thread(path.read_bytes))
    await asyncio.to_thread(path.write_bytes, _FRESH[0])
    return url


@cache
def _making(fill: Fill | None) -> Make:
    async def make(url: str) -> None:
        async with open_store(StorageConfig(url=url)) as store:
            if fill is not None:
                await fill(store)
            await store.checkpoint()

    return make


@pytest_asyncio.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    async with open_store(StorageConfig(url=store_url)) as opened:
        yield opened
