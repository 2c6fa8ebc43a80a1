"""A Telegram on loopback and one `deadair run` against it, with a subscriber to everything."""

import asyncio
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archive.indexer import unsearchable
from benchmarks.bursts import Process
from sandbox.botapi.people import Person
from sandbox.botapi.server import SANDBOX_TOKEN
from sandbox.channel import Channel
from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
from sandbox.server import Sandbox
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.console import DEADAIR, environment

SECRETS = {"DEADAIR_API_ID": "1", "DEADAIR_API_HASH": "sandbox", "DEADAIR_BOT_TOKEN": SANDBOX_TOKEN}
LOOK = 0.1  #: seconds between two looks into the archive
PATIENCE = 900.0  #: seconds that reading the past may take
_ANSWERS_WITHIN = 60.0
_KEEP = "Subscribe"  #: the button that keeps a subscription


@dataclass(slots=True)
class Stage:
    """What a measurement holds of it."""

    sandbox: Sandbox
    subscriber: Person
    folder: Path
    url: str
    made_at: datetime
    channels: list[Channel] = field(default_factory=list)
    arrived: dict[int, datetime] = field(default_factory=dict)  #: when each message reached the phone

    def channel(self, number: int) -> Channel:
        """A new channel that the account is a member of."""
        made = self.sandbox.world.add_channel(
            f"Channel {number}", f"channel_{number:04}", members=[self.sandbox.account]
        )
        self.channels.append(made)
        return made

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[Store, Process]]:
        """`deadair run` in a process of its own, once all of the past has gone its way."""
        (self.folder / "config.toml").write_text(self._config(), encoding="utf-8")
        self.sandbox.session_file(self.folder / "sessions" / "main.session")
        noting = asyncio.create_task(self._note())
        env = environment(**SECRETS, DEADAIR_STORAGE_URL=self.url)
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: ASYNC220 - before anything is measured
                [str(DEADAIR), "run"], cwd=self.folder, env=env, stdout=log, stderr=log
            )
        try:
            async with open_store(StorageConfig(url=self.url)) as store:
                await until(lambda: self._is_ready(store, process), PATIENCE)
                self.subscriber.say("/start")
                await until(lambda: self._is_subscribed(store, 1), _ANSWERS_WITHIN)
                # Claims are told to those alone who ask for them.
                self.subscriber.say("/subscribe all claim")
                await until(self._is_offered, _ANSWERS_WITHIN)
                self.subscriber.press(_KEEP)
                await until(lambda: self._is_subscribed(store, 2), _ANSWERS_WITHIN)
                yield store, Process(process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            await asyncio.to_thread(process.wait, 30)
            noting.cancel()

    async def _is_ready(self, store: Store, process: subprocess.Popen[bytes]) -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"deadair run has ended: {(self.folder / 'log').read_text()[-2000:]}")
        async with store.read() as tx:
            watched, judged = len(await tx.watch.until()), await tx.marks.get("alerts")
        return bool(judged) and watched == len(self.channels) and await is_through(store, self.channels)

    async def _is_offered(self) -> bool:
        sent = self.sandbox.bot_api.sent(self.subscriber.id)
        return any(button["text"] == _KEEP for message in sent for button in message.buttons)

    async def _is_subscribed(self, store: Store, n: int) -> bool:
        async with store.read() as tx:
            return len(await tx.subscriptions.of(self.subscriber.id)) == n

    async def _note(self) -> None:
        async for event in self.sandbox.bot_api.watch():
            if event.chat_id == self.subscriber.id:
                self.arrived.setdefault(event.message.id, event.at)

    def _config(self) -> str:
        lines = [
            "[collector]",
            f'server = "127.0.0.1:{self.sandbox.port}"',
            f'server_key = """\n{SANDBOX_PUBLIC_KEY.strip()}\n"""',
            # What spares Telegram on the first day would make hours of it here.
            'history_pause = "0s"',
            "call_budgets = []",
            "[bot]",
            f'api_base = "{self.sandbox.bot_url}"',
            f"owners = [{self.subscriber.id}]",
            '[[accounts]]\nname = "main"',
            *(f'[[channels]]\nhandle = "{c.handle}"' for c in self.channels),
        ]
        return "\n".join(lines) + "\n"


@asynccontextmanager
async def staged(folder: Path, url: str) -> AsyncIterator[Stage]:
    """A Telegram without channels yet."""
    async with Sandbox() as sandbox:
        yield Stage(sandbox, sandbox.bot_api.person("Sara"), folder, url, sandbox.clock.now())


async def is_through(store: Store, channels: Sequence[Channel]) -> bool:
    """Is every post of theirs stored, read and indexed?

    The engine takes in what was read at once, but stores its place only with a decision or once a minute.
    """
    async with store.read() as tx:
        cursors = await tx.posts.cursors([c.id for c in channels])
        if any(c.id not in cursors or cursors[c.id].newest_id < c.top_id for c in channels):
            return False
        if not all(cursor.complete for cursor in cursors.values()) or await unsearchable(tx):
            return False
        version = await tx.readings.live_version()
        read = await tx.marks.get(f"reader.{version}")
        return bool(read) and read["seq"] >= await tx.posts.last_seq()


async def until(true: Callable[[], Awaitable[bool]], within: float) -> float:
    """Seconds until it is true. Raises TimeoutError."""
    began = time.monotonic()
    async with asyncio.timeout(within):
        while not await true():  # noqa: ASYNC110 - another program does it, which sets no event of ours
            await asyncio.sleep(LOOK)
    return time.monotonic() - began


def row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def table(rows: Mapping[str, Sequence[object]], headings: Sequence[str]) -> str:
    """As Markdown; the first column is the key."""
    rule = ["---", *["---:"] * len(headings)]
    return "\n".join(
        [row(["", *headings]), row(rule), *(row([name, *cells]) for name, cells in rows.items())]
    )
