"""A changed config, taken up by a process that runs: on save, on SIGHUP, on `deadair reload`."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from deadair.commands.health import health
from deadair.commands.reload import reload
from deadair.config import version_of
from deadair.health.marks import CONFIG, WAITS
from storage.config import StorageConfig
from storage.store import open_store
from tests.support.forked import Forked
from tests.support.listening import free_port
from tests.support.warm import deadair, started

BEFORE = """\
[[channels]]
handle = "falcon_wire"
source = "web"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(BEFORE)
    return tmp_path


@dataclass
class Run:
    process: Forked
    expected: list[str] = field(default_factory=list)  #: what its log must hold in the end


@pytest.fixture
def running(home: Path) -> Iterator[Run]:
    run = Run(started("run", "--only", "alerts", "--only", "health", cwd=home))
    try:
        soon(home, lambda marks: len(marks) == 2)
        yield run
    finally:
        run.process.terminate()
        _, said = run.process.communicate(timeout=20)
        assert run.process.returncode == 0, said
        assert [words for words in run.expected if words not in said] == []


def marks_of(home: Path) -> dict[str, dict[str, Any]]:
    async def read() -> dict[str, dict[str, Any]]:
        config = StorageConfig(url=f"sqlite:///{home / 'deadair.db'}")
        async with open_store(config, create=False) as store, store.read() as tx:
            return {name.removeprefix(CONFIG): value for name, value, _ in await tx.marks.all(CONFIG)}

    return asyncio.run(read()) if (home / "deadair.db").exists() else {}


def soon(home: Path, holds: Callable[[dict[str, dict[str, Any]]], bool]) -> dict[str, dict[str, Any]]:
    until = time.monotonic() + 60
    marks: dict[str, dict[str, Any]] = {}
    while time.monotonic() < until:
        try:
            marks = marks_of(home)
        except Exception:
            marks = {}
        if holds(marks):
            return marks
        time.sleep(0.2)
    raise AssertionError(f"it never came to that: {marks}")


def all_run(text: str) -> Callable[[dict[str, dict[str, Any]]], bool]:
    return lambda marks: {each["version"] for each in marks.values()} == {version_of(text)}


def test_a_saved_config_is_taken_up_and_a_bad_one_refused_while_the_former_counts(
    home: Path, running: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    running.expected += ['"anew": ["alerts", "health"]', '"keys": {"alerts": ["storage.pool_size"]']
    config = home / "config.toml"
    assert all_run(BEFORE)(marks_of(home))
    place = f"127.0.0.1:{free_port()}"
    good = BEFORE + f'[health]\nlisten = "{place}"\n[alerts.silence]\nbudget = 2.0\n'
    config.write_text(good)
    soon(home, all_run(good))
    answer = httpx.get(f"http://{place}/readyz", trust_env=False, timeout=20)
    assert answer.status_code == 200, "the part that answers there was begun anew"

    config.write_text(good.replace("budget", "budgte"))
    marks = soon(home, lambda marks: all("refused" in each for each in marks.values()))
    assert "no such key; did you mean 'budget'" in marks["alerts"]["refused"]
    assert all_run(good)(marks)
    capsys.readouterr()
    with suppress(SystemExit):
        health(_copy(home, good), as_json=True)
    told = json.loads(capsys.readouterr().out)
    [said] = [check for check in told["checks"] if check["of"] == "config"]
    assert said["level"] == "note"
    assert "no such key" in said["what"]

    config.write_text("")
    marks = soon(home, lambda marks: "names no channel" in marks["alerts"].get("refused", ""))
    assert all_run(good)(marks)

    later = good + "[storage]\npool_size = 9\n"
    config.write_text(later)
    marks = soon(home, lambda marks: WAITS in marks["alerts"])
    assert all_run(good)(marks)
    assert marks["health"][WAITS] == "storage.pool_size"
    assert "refused" not in marks["health"]


def test_a_signal_and_the_command_have_it_read_anew_though_the_file_looks_the_same(
    home: Path, running: Run
) -> None:
    config = home / "config.toml"
    stat = config.stat()
    after = BEFORE.replace("falcon_wire", "falcon_news")
    assert len(after) == len(BEFORE)
    config.write_text(after)
    os.utime(config, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    time.sleep(2.5)
    assert all_run(BEFORE)(marks_of(home))
    running.process.send_signal(signal.SIGHUP)
    soon(home, all_run(after))

    config.write_text(BEFORE)
    os.utime(config, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    done = deadair("reload", cwd=home)
    assert done.returncode == 0, done.stderr
    assert f"alerts: runs {version_of(BEFORE)}" in done.stdout
    assert f"health: runs {version_of(BEFORE)}" in done.stdout


def test_where_nothing_runs_the_config_is_proved_all_the_same(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def make() -> None:
        async with open_store(StorageConfig(url=f"sqlite:///{home / 'deadair.db'}")):
            pass

    asyncio.run(make())
    reload(home / "config.toml", as_json=False)
    assert "nothing runs" in capsys.readouterr().out


def _copy(home: Path, text: str) -> Path:
    path = home / "copy.toml"
    path.write_text(text)
    return path
