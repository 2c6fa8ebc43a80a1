"""A sandbox of its own process, a config that leads to it, and what a run comes to say."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sandbox.botapi.server import SANDBOX_TOKEN
from tests.support.console import deadair, started

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


def wait_for(look: Callable[[], T], true: Callable[[T], object], within: float = 60) -> T:
    until = time.monotonic() + within
    while not true(found := look()):
        assert time.monotonic() < until, found
        time.sleep(0.3)
    return found
