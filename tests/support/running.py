"""A sandbox of its own process, a config that leads to it, and what a run comes to say."""

import asyncio
import json
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from domain.errors import DeadairError
from sandbox.botapi.server import SANDBOX_TOKEN
from storage.config import StorageConfig
from storage.store import open_store
from tests.support.warm import deadair, started

T = TypeVar("T")
SECRETS = {"DEADAIR_API_ID": "1", "DEADAIR_API_HASH": "sandbox", "DEADAIR_BOT_TOKEN": SANDBOX_TOKEN}


@pytest.fixture
def telegram(tmp_path: Path) -> Iterator[str]:
    """The config lines that lead to a sandbox of its own process."""
    process = started("sandbox", "--scenario", "quiet", cwd=tmp_path)
    assert process.stdout is not None
    said = ""
    while "api_base" not in said:
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        said += line
    try:
        yield said[said.index("[collector.preview]") :]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


def config(telegram: str) -> str:
    preview, rest = telegram.split("[collector]")
    collector, bot = rest.split("[bot]")
    collector = f"{preview}[collector]{collector}"
    return (
        '[[accounts]]\nname = "main"\n[[channels]]\nhandle = "rayat_assadim"\n'
        + collector.replace("[collector]\n", '[collector]\nhistory_pause = "0s"\n')
        + "[bot]"
        + bot
        + "\nowners = [4711]\n"
    )


def status(folder: Path, **more: str) -> list[dict[str, Any]]:
    """The channels as `deadair status` has them; none when it cannot say. `more`: of the environment."""
    run = deadair("status", "--json", cwd=folder, **more)
    return json.loads(run.stdout)["channels"] if run.returncode == 0 else []


def watched_until(url: str) -> datetime | None:
    """How far any channel of an archive was watched; None while there is none, or it is not watched yet.

    What is waited for is asked of the archive itself: a command each time costs a second of the processor.
    """

    async def look() -> datetime | None:
        async with open_store(StorageConfig(url=url), create=False) as store, store.read() as tx:
            seen = [await tx.watch.seen(channel.id) for channel in await tx.channels.all()]
        return max((each.stretches[-1][1] for each in seen if each.stretches), default=None)

    try:
        return asyncio.run(look())
    except DeadairError:
        return None


def is_well(listen: str) -> bool:
    """Does a run with this `[health] listen` say that every part makes progress?"""
    try:
        with urllib.request.urlopen(f"http://{listen}/healthz", timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_for(look: Callable[[], T], true: Callable[[T], object], within: float = 60) -> T:
    until = time.monotonic() + within
    while not true(found := look()):
        assert time.monotonic() < until, found
        time.sleep(0.3)
    return found
