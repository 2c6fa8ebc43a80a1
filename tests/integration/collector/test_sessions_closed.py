"""No connection of an account leaves its session's file open, however it ended."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from collector.client import connected
from collector.errors import Unusable
from domain.errors import DeadairError
from tests.support.collecting import APP, account, hurried
from tests.support.telegram import Telegram


async def test_what_is_noted_after_the_end_leaves_no_file_open(telegram: Telegram) -> None:
    mine = account(telegram)
    session = Path(mine.session)
    async with connected(mine, hurried(telegram), APP, session) as line:
        assert _open(session)
        late = asyncio.create_task(_note_late(line.client.session))
    await late
    assert _open(session) == []


async def test_a_client_that_cannot_be_made_leaves_no_file_open(telegram: Telegram) -> None:
    mine = account(telegram)
    session = Path(mine.session)
    nowhere = hurried(telegram).model_copy(update={"server_key": "no such key"})
    with pytest.raises(DeadairError, match="server_key"):
        async with connected(mine, nowhere, APP, session):
            pass
    assert _open(session) == []
    with closing(sqlite3.connect(session)) as file:
        file.execute("CREATE TRIGGER no BEFORE INSERT ON sessions BEGIN SELECT RAISE(ABORT, 'is full'); END")
    elsewhere = hurried(telegram).model_copy(update={"server": "127.0.0.1:1"})
    with pytest.raises(Unusable, match="is full"):
        async with connected(mine, elsewhere, APP, session):
            pass
    assert _open(session) == []


async def _note_late(session: Any) -> None:
    """As the client does that has not ended with the rest of it: its next note opens the file anew."""
    while session._conn is not None:  # noqa: ASYNC110 - who closes it tells nobody
        await asyncio.sleep(0)
    session.get_update_states()
    assert session._conn is not None


def _open(session: Path) -> list[str]:
    files = [os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()]
    return [name for name in files if name.startswith(str(session))]
