"""What the tests of storage on PostgreSQL share."""

from collections.abc import AsyncIterator

import pytest

from tests.support.cable import Cable
from tests.support.postgres import Postgres


@pytest.fixture
async def cable(postgres: Postgres) -> AsyncIterator[Cable]:
    async with Cable(postgres.folder) as cable:
        yield cable
