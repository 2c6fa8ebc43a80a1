"""`deadair reread` as a person runs it: what a changed reader finds is shown before it counts."""

import contextlib
import json
import os
import pty
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.console import DEADAIR, environment
from tests.support.warm import deadair, forked, started

START = datetime(2024, 2, 1, tzinfo=UTC)
TEXTS = (
    "كتائب حزب الله: استهدفنا قاعدة حرير بطائرة مسيرة",
    "صقور الرافد: استهدفنا قاعدة عين الأسد بالصواريخ",
    "مباراة اليوم",
)
HAWKS = '[[actor]]\nid = "river_hawks"\nside = "axis"\nar = ["صقور الرافد"]\n'
POSTS = 600


def archived(folder: Path) -> int | None:
    """How many posts the live version has read."""
    with contextlib.closing(sqlite3.connect(folder / "deadair.db")) as db:
        marks = dict(db.execute("SELECT name, value FROM marks").fetchall())
    live = json.loads(marks.get("reader.live", "{}")).get("version")
    seq: int | None = json.loads(marks.get(f"reader.{live}", "{}")).get("seq")
    return seq


def live(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(folder / "deadair.db")) as db:
        (value,) = db.execute("SELECT value FROM marks WHERE name = 'reader.live'").fetchone()
    version: int = json.loads(value)["version"]
    return version


def wait(met: Callable[[], bool]) -> None:
    for _ in range(600):
        with contextlib.suppress(sqlite3.OperationalError):
            if met():
                return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


@contextlib.contextmanager
def running_reader(folder: Path, config: str = "config.toml") -> Iterator[None]:
    process = started("run", "--only", "reader", "--config", config, cwd=folder)
    try:
        wait(lambda: archived(folder) == POSTS)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    assert process.returncode == 0, told


def write(folder: Path) -> Path:
    folder.mkdir()
    (folder / "config.toml").write_text("[claims]\nbatch = 50\n")
    with (folder / "posts.jsonl").open("w", encoding="utf-8") as f:
        for n in range(POSTS):
            at = START + timedelta(hours=n)
            row = {"channel": "sada_news", "id": n + 1, "date": at.isoformat(), "text": TEXTS[n % 3]}
            f.write(json.dumps(row, ensure_ascii=False) + "\n")
    run = deadair("import", "posts.jsonl", cwd=folder)
    assert run.returncode == 0, run.stderr
    return folder


def learn(folder: Path) -> None:
    (folder / "own.toml").write_text(HAWKS, encoding="utf-8")
    (folder / "new.toml").write_text('[claims]\nbatch = 5\nlexicon = ["own.toml"]\n')


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that the shipped lexicon has read."""
    folder = write(tmp_path_factory.mktemp("reread") / "read")
    unread = deadair("reread", "--dry-run", cwd=folder)
    assert (unread.returncode, unread.stdout) == (0, "")
    assert "600 posts and edits are unread" in unread.stderr
    first = deadair("reread", cwd=folder)
    assert (first.returncode, first.stdout) == (0, "")
    assert "read 600 posts and edits under version 1" in first.stderr
    assert archived(folder) == POSTS
    learn(folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path, read_once: Path) -> Path:
    own = tmp_path / "own"
    own.mkdir()
    for name in ("deadair.db", "config.toml", "new.toml", "own.toml"):
        (own / name).write_bytes((read_once / name).read_bytes())
    return own


def test_there_is_nothing_to_do_when_nothing_changed(folder: Path) -> None:
    run = deadair("reread", cwd=folder)
    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr.startswith("nothing to read again: version 1 is live")


def test_an_archive_that_is_not_there_is_told(tmp_path: Path) -> None:
    run = deadair("reread", cwd=tmp_path)
    assert run.returncode == 1
    assert "what to do:" in run.stderr


def test_the_difference_is_shown_before_it_counts_and_counts_on_a_yes(folder: Path) -> None:
    shown = deadair("reread", "--config", "new.toml", "--dry-run", cwd=folder)
    assert shown.returncode == 0, shown.stderr
    assert "read 600 posts and edits under version 2" in shown.stderr
    rows = [line.split() for line in shown.stdout.splitlines()]
    assert rows[0][:4] == ["claims", "in", "600", "posts,"]
    assert ["responsibility", "all", "400", "400", "-"] in rows
    assert ["river_hawks", "0", "200", "+200"] in rows
    assert ["unknown_group", "200", "0", "-200", "(-100%)"] in rows
    assert "1 more are found as often as before" in shown.stdout
    assert live(folder) == 1

    unasked = deadair("reread", "--config", "new.toml", cwd=folder)
    assert unasked.returncode == 1
    assert "nobody was there to be asked" in unasked.stderr
    assert live(folder) == 1

    document = deadair("reread", "--config", "new.toml", "--yes", "--json", cwd=folder)
    assert document.returncode == 0, document.stderr
    assert "read" not in document.stderr, "nothing is read twice"
    assert "version 2 is live" in document.stderr
    counts = {
        (c["kind"], c["claimant"]): (c["before"], c["after"]) for c in json.loads(document.stdout)["counts"]
    }
    assert counts["responsibility", "kh"] == (200, 200)
    assert counts["responsibility", "river_hawks"] == (0, 200)
    assert live(folder) == 2


@pytest.mark.parametrize(("answer", "status", "version"), [(b"y\n", 0, 2), (b"\n", 1, 1)])
def test_a_person_is_asked(folder: Path, answer: bytes, status: int, version: int) -> None:
    ours, theirs = pty.openpty()
    with open(theirs, "rb", buffering=0) as keys:
        words = (DEADAIR, "reread", "--config", "new.toml")
        running = forked(*words, cwd=folder, env=environment(), stdin=keys)
    os.write(ours, answer)
    _, told = running.communicate(timeout=60)
    os.close(ours)
    assert "let version 2 count from now on, in the place of 1? [y/N]" in told
    assert (running.returncode, live(folder)) == (status, version)


def test_broken_off_it_goes_on_where_it_was(folder: Path) -> None:
    def reached() -> int:
        with contextlib.closing(sqlite3.connect(folder / "deadair.db")) as db:
            found = db.execute("SELECT value FROM marks WHERE name = 'reader.2'").fetchone()
        return json.loads(found[0])["seq"] if found else 0

    process = started("reread", "--config", "new.toml", "--yes", cwd=folder)
    wait(lambda: reached() > 0)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "what was read is kept" in told
    assert "Traceback" not in told
    done = reached()
    assert 0 < done < POSTS
    assert live(folder) == 1
    rest = deadair("reread", "--config", "new.toml", "--yes", cwd=folder)
    assert rest.returncode == 0, rest.stderr
    assert f"read {POSTS - done} posts and edits under version 2" in rest.stderr
    assert live(folder) == 2


def test_nothing_goes_live_that_the_running_reader_would_not_go_on_with(folder: Path) -> None:
    with running_reader(folder):
        run = deadair("reread", "--config", "new.toml", "--yes", cwd=folder)
        assert run.returncode == 1
        assert "another Deadair is running and reads by version 1" in run.stderr
        assert "river_hawks" in run.stdout
        assert live(folder) == 1
    run = deadair("reread", "--config", "new.toml", "--yes", cwd=folder)
    assert (run.returncode, live(folder)) == (0, 2), run.stderr
