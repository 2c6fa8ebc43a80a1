"""Other processes that help to read: the same comes of it, whatever becomes of them."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import pytest
import structlog

from claims import helpers as module
from claims import reader as reader_module
from claims.helpers import Helpers
from claims.interpreter import Interpreter, Words, words_of
from domain.channel import Channel
from domain.post import Post
from storage.store import Store
from tests.support.reading import (
    DENIAL,
    DRONES,
    DRONES_EN,
    FOOTBALL,
    HARIR,
    NOON,
    TANKER,
    a_post,
    a_reader,
    archive_of,
    claims_of,
    readings_of,
    reads,
    store_posts,
)
from tests.support.telegram import until

ROOT = Path(__file__).resolve().parents[3]
TEXTS = [DRONES, DRONES_EN, HARIR, TANKER, DENIAL, FOOTBALL, f"{DRONES}\n{TANKER}", ""]


def posts(n: int) -> list[Post]:
    """Of several channels, some of them in albums."""
    return [
        a_post(i, text, channel=i % 5 + 1, album=i // 10 if i % 10 < 2 else None)
        for i, text in enumerate(islice(cycle(TEXTS), n), 1)
    ]


def words(n: int) -> list[Words]:
    return [words_of(post) for post in posts(n)]


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


@asynccontextmanager
async def helping(n: int = 2) -> AsyncIterator[tuple[Helpers, Sequence[int]]]:
    """Helpers that have come up, and their processes."""
    helpers = Helpers(Interpreter(reads()), n)
    try:
        helpers.much()
        await until(lambda: len(helpers.there) == n, within=60)
        yield helpers, helpers.there
    finally:
        await helpers.close()


async def test_much_is_read_by_others_as_it_would_be_read_here() -> None:
    here = Interpreter(reads())
    async with helping() as (helpers, there):
        much = words(990)
        assert await helpers.read(much, {}) == here.read_each(much, {})
        # Two who ask at once do not get each other's answers.
        one, other = much[:500], much[490:]
        of_one, of_other = await asyncio.gather(helpers.read(one, {}), helpers.read(other, {}))
        assert (of_one, of_other) == (here.read_each(one, {}), here.read_each(other, {}))
        assert helpers.there == there
    assert not any(map(lives, there))


async def test_one_that_is_killed_costs_nothing_but_time() -> None:
    here, much = Interpreter(reads()), words(2000)
    async with helping() as (helpers, there):
        with structlog.testing.capture_logs() as logs:
            reading = asyncio.create_task(helpers.read(much, {}))
            await asyncio.sleep(0.05)
            os.kill(there[0], signal.SIGKILL)
            assert await reading == here.read_each(much, {})
            assert helpers.there == there[1:]
            os.kill(there[1], signal.SIGKILL)
            assert await helpers.read(much, {}) == here.read_each(much, {})
            assert helpers.there == ()
        gone = "reader: a helper is gone; what it was given is read without it"
        assert [log["event"] for log in logs] == [gone, gone]
        helpers.much()  # what killed them may do so again
        await asyncio.sleep(0.1)
        assert helpers.there == ()


async def test_one_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 4.0)
    much = words(400)
    async with helping() as (helpers, there):
        os.kill(there[0], signal.SIGSTOP)
        assert await helpers.read(much, {}) == Interpreter(reads()).read_each(much, {})
        assert helpers.there == there[1:]
    assert not any(map(lives, there))


async def test_who_no_longer_wants_an_answer_leaves_none_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    much, others = words(2000), words(990)[500:]
    async with helping() as (helpers, there):
        with structlog.testing.capture_logs() as logs:
            reading = asyncio.create_task(helpers.read(much, {}))
            await asyncio.sleep(0.05)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            assert await helpers.read(others, {}) == Interpreter(reads()).read_each(others, {})
            helpers.much()  # nothing was wrong with them: others take their place
            await until(lambda: len(helpers.there) == 2, within=60)
        assert not set(helpers.there) & set(there)
        assert [log["event"] for log in logs] == ["reader: much is unread, and others help"]


async def test_where_none_can_be_started_all_is_read_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    helpers, much = Helpers(Interpreter(reads()), 2), words(200)
    with structlog.testing.capture_logs() as logs:
        helpers.much()
        await until(lambda: bool(logs), within=20)
    assert [log["event"] for log in logs] == ["reader: no helper could be started; texts are read without"]
    assert await helpers.read(much, {}) == Interpreter(reads()).read_each(much, {})
    await helpers.close()


async def test_who_is_told_to_have_none_has_none() -> None:
    helpers = Helpers(Interpreter(reads()), 0)
    helpers.much()
    await asyncio.sleep(0.05)
    assert helpers.there == ()
    await helpers.close()


async def test_they_are_let_go_when_nothing_is_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IDLE", 0.3)
    async with helping(1) as (helpers, there):
        await until(lambda: not any(map(lives, there)), within=20)
        assert helpers.there == ()
        few = words(200)
        assert await helpers.read(few, {}) == Interpreter(reads()).read_each(few, {})
        helpers.much()  # and they come back
        await until(lambda: bool(helpers.there), within=60)


async def test_they_hold_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEADAIR_API_HASH", "a-marked-secret")
    async with helping(1) as (_, there):
        assert b"a-marked-secret" not in environment_of(there[0])


async def test_they_end_with_the_program_that_started_them(tmp_path: Path) -> None:
    script = tmp_path / "helped.py"
    script.write_text(
        "import asyncio, sys\n"
        "from claims.helpers import Helpers\n"
        "from claims.interpreter import Interpreter\n"
        "from tests.support.reading import reads\n"
        "async def main():\n"
        "    helpers = Helpers(Interpreter(reads()), 1)\n"
        "    helpers.much()\n"
        "    while not helpers.there:\n"
        "        await asyncio.sleep(0.05)\n"
        "    print(helpers.there[0], file=sys.stderr, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n",
        encoding="utf-8",
    )
    process = subprocess.Popen(  # noqa: ASYNC220 - nothing else is at work meanwhile
        [sys.executable, script],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stderr is not None
    with process.stderr as said:
        helper = int(await asyncio.wait_for(asyncio.to_thread(said.readline), 60))
    assert lives(helper)
    process.kill()
    process.wait()
    await until(lambda: not lives(helper), within=20)


async def test_a_reader_that_is_helped_makes_the_same_archive(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "_MUCH", 200)
    await store_posts(store, *posts(1500))
    edited = [replace(p, text=HARIR, edited_at=p.posted_at) for p in posts(1500)[::50] if p.text != HARIR]
    await store_posts(store, *edited)
    helped = a_reader(store, batch=120, helpers=2)
    first = await helped.read_batch()
    assert first == 119  # half an album waits for the rest of it
    helped._helpers.much()
    await until(lambda: bool(helped._helpers.there), within=60)
    assert first + await helped.catch_up() == 1500 + len(edited)
    await until(lambda: len(helped._helpers.there) == 2, within=60)  # be it that one came while much was read
    there = helped._helpers.there
    await helped.close()
    assert not any(map(lives, there))
    await a_reader(store, version=2, batch=120).catch_up()
    assert await archive_of(store, 1) == await archive_of(store, 2)
    assert len(await readings_of(store)) == 1500


async def ahead(store: Store) -> "reader_module.Reader":
    """A reader that has stored a batch and has the next one in hand."""
    reader = a_reader(store, batch=120, helpers=1)
    reader._helpers.much()
    await until(lambda: bool(reader._helpers.there), within=60)
    assert await reader.read_batch() == 120
    assert reader._ahead is not None
    return reader


async def test_what_channels_mean_is_asked_when_it_is_their_turn(store: Store) -> None:
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=1, title="Falcon", handle="falcon"), NOON)
    bare = "المقاومة الإسلامية تعلن استهداف قاعدة عين الأسد بطائرة مسيرة"
    await store_posts(store, *(a_post(n, bare, channel=1) for n in range(1, 241)))
    reader = a_reader(store, batch=120, read=reads(hawk=("UTC", "kh")), helpers=1)
    reader._helpers.much()
    await until(lambda: bool(reader._helpers.there), within=60)
    assert await reader.read_batch() == 120
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=1, title="Falcon", handle="hawk"), NOON)
    assert await reader.read_batch() == 120
    await reader.close()
    claimants = {c.post_id: c.claim.claimant for c in await claims_of(store)}
    assert claimants[120] != "kh"
    assert claimants[121] == claimants[240] == "kh"


async def test_posts_that_got_another_number_meanwhile_are_read_under_that(store: Store) -> None:
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=-9, title="Falcon", handle="falcon"), NOON)
    await store_posts(store, *(a_post(n, DRONES, channel=-9) for n in range(1, 361)))
    reader = await ahead(store)
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=1234, title="Falcon", handle="falcon"), NOON)
        assert await tx.channels.adopt(1234, "falcon") == -9
    await reader.catch_up()
    await reader.close()
    assert {r.channel_id for r in await readings_of(store)} == {1234}
    assert len(await readings_of(store)) == 360
