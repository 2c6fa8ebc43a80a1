"""A Telegram on loopback for tests: a world, an MTProto server over it, and sessions that lead there.

async def test_something(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=20)
    async with telegram.client() as client: ...
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import StringSession

from domain.clock import Clock, WallClock
from sandbox.account import Account
from sandbox.channel import Channel
from sandbox.faults import Faults
from sandbox.link import Link
from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
from sandbox.mtproto.log import MethodLog
from sandbox.mtproto.server import MtprotoServer
from sandbox.mtproto.sessionfile import session_for, session_string, write_session
from sandbox.world import World

API_ID = 1
API_HASH = "sandbox"


class Telegram:
    """What a test holds of it. `account` is a member of every channel made by `channel()`."""

    def __init__(self, server: MtprotoServer, folder: Path) -> None:
        self.server = server
        self.world: World = server.world
        self.folder = folder
        self.account: Account = self.world.add_account("15550100")
        self.clients: list[TelegramClient] = []

    @property
    def faults(self) -> Faults:
        return self.server.faults

    @property
    def link(self) -> Link:
        return self.server.link

    @property
    def log(self) -> MethodLog:
        return self.server.log

    def channel(
        self,
        title: str,
        handle: str | None = None,
        *,
        posts: int = 0,
        joined: bool = True,
        every: timedelta = timedelta(minutes=10),
        **more: Any,
    ) -> Channel:
        """A channel with so many posts of the past, the last of them `every` ago."""
        made = self.world.add_channel(title, handle, members=[self.account] if joined else [], **more)
        start = self.world.clock.now() - every * posts
        for n in range(posts):
            self.world.post(made, f"{title} {n + 1}", at=start + every * n)
        return made

    def session_file(self, name: str = "account", account: Account | None = None) -> Path:
        """A session file that is logged in already (as `self.account` unless another is given)."""
        return write_session(self.folder / f"{name}.session", self.server, account or self.account)

    def new_session_file(self, name: str = "new") -> Path:
        """A session file that leads here and is not logged in; logging in needs `trust_sandbox`."""
        return write_session(self.folder / f"{name}.session", self.server)

    def session_string(self, account: Account | None = None) -> str:
        return session_string(self.server, account or self.account)

    @asynccontextmanager
    async def client(self, account: Account | None = None, **options: Any) -> AsyncIterator[TelegramClient]:
        """A stock client, connected and logged in; it keeps its session in memory."""
        client = TelegramClient(StringSession(self.session_string(account)), API_ID, API_HASH, **options)
        await client.connect()
        try:
            yield client
        finally:
            await client.disconnect()

    @asynccontextmanager
    async def stranger(self, **options: Any) -> AsyncIterator[TelegramClient]:
        """A stock client, connected and not logged in."""
        client = TelegramClient(session_for(self.server), API_ID, API_HASH, **options)
        await client.connect()
        try:
            yield client
        finally:
            await client.disconnect()


@pytest.fixture
def sandbox_clock() -> Clock:
    """The clock of the sandbox's world; a test that wants another overrides this fixture."""
    return WallClock()


@pytest.fixture
def trust_sandbox(monkeypatch: pytest.MonkeyPatch) -> str:
    """For this test, Telethon trusts the sandbox's public key. Gives the key as PEM."""
    monkeypatch.setattr(rsa, "_server_keys", dict(rsa._server_keys))
    rsa.add_key(SANDBOX_PUBLIC_KEY, old=False)
    return SANDBOX_PUBLIC_KEY


@pytest_asyncio.fixture
async def telegram(tmp_path: Path, sandbox_clock: Clock) -> AsyncIterator[Telegram]:
    """A Telegram on a free port. At the end nothing may have been asked of it that it cannot do."""
    async with MtprotoServer(World(sandbox_clock)) as server:
        yield Telegram(server, tmp_path / "telegram")
    assert server.errors == []


async def until(true: Callable[[], Any], within: float = 5.0) -> None:
    """Wait for something to become true; fail after so many real seconds."""
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - it waits for another program, which sets no event of ours
            await asyncio.sleep(0.005)


def day(n: int = 1, hour: int = 0, minute: int = 0) -> datetime:
    """An instant of March 2031: no test depends on today."""
    return datetime(2031, 3, n, hour, minute, tzinfo=UTC)
