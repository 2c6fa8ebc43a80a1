"""Sessions that are kept encrypted: logged in with, taken over, killed, locked, and given another key."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from telethon.crypto import AuthKey
from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.client import is_logged_in
from collector.config import AccountConfig, App
from collector.errors import Locked
from collector.login import login
from collector.sealed import SealedSession, key_of, opened, plain, put, seal, sealed_path, unseal
from domain.errors import DeadairError
from sandbox.channel import Channel
from storage.keyring import NO_KEY, Keyring, is_sealed, new_key
from storage.store import Store
from tests.support.collecting import account, collecting, differences, eventually, hurried
from tests.support.collector_process import CollectorProcess
from tests.support.telegram import API_HASH, API_ID, Telegram, day
from tests.support.warm import forked

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def ring() -> Keyring:
    return Keyring((new_key()[0],))


@pytest.fixture(autouse=True)
def trusting(trust_sandbox: str) -> None:
    """What a login adds to Telethon's keys is taken away after the test."""


def app(keyring: Keyring) -> App:
    return App(API_ID, API_HASH, keyring)


class Person:
    """Knows phone and code."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def phone(self) -> str:
        return "+1 555 0100"

    async def code(self, where: str) -> str:
        return "12345"

    async def password(self, hint: str) -> str:
        raise AssertionError(hint)

    async def show_qr(self, url: str, until: object) -> None:
        raise AssertionError(url)

    async def tell(self, text: str) -> None:
        self.heard.append(text)


async def test_a_login_with_a_key_leaves_an_encrypted_session_and_no_other(
    telegram: Telegram, tmp_path: Path, ring: Keyring
) -> None:
    session, config = tmp_path / "sessions" / "main.session", hurried(telegram)
    who, person = AccountConfig(name="main", session=str(session)), Person()
    me = await login(who, config, app(ring), person)
    assert me.id == telegram.account.id
    kept = sealed_path(session)
    assert sorted(path.name for path in session.parent.iterdir()) == ["main.session.age", "main.session.lock"]
    assert kept.stat().st_mode & 0o777 == 0o600
    key = key_of(opened(session, ring, "main"))
    assert len(key) == 256
    raw = kept.read_bytes()
    assert is_sealed(raw)
    assert key not in raw
    assert b"15550100" not in raw
    assert (await login(who, config, app(ring), person)).id == me.id
    assert person.heard == ["Observer is logged in already."]


async def test_a_plain_session_is_taken_over_at_the_start_and_nothing_of_it_stays(
    telegram: Telegram, store: Store, ring: Keyring
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=5)
    watcher = account(telegram)
    session = Path(watcher.session)
    key = key_of(plain(session, "main"))

    async def is_read(tx):  # type: ignore[no-untyped-def]
        return await tx.posts.count(channel.id) == 5

    async with collecting(telegram, store, [channel], accounts=[watcher], app=app(ring)) as task:
        await eventually(store, is_read, task=task)
        assert sorted(each for each in os.listdir(session.parent) if each.startswith("main.session")) == [
            "main.session.age",
            "main.session.lock",
        ]
    assert key_of(opened(session, ring, "main")) == key
    assert "auth.sendCode" not in telegram.log.counts
    async with collecting(telegram, store, [channel], accounts=[watcher], app=app(ring)) as task:
        telegram.world.post(channel, "and it goes on")

        async def goes_on(tx):  # type: ignore[no-untyped-def]
            return await tx.posts.count(channel.id) == 6

        await eventually(store, goes_on, task=task)


@pytest.mark.parametrize("given", ["none", "another"])
async def test_without_its_key_an_account_says_what_to_do_and_goes_on_once_it_is_back(
    telegram: Telegram, store: Store, ring: Keyring, given: str
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    watcher = account(telegram)
    session = Path(watcher.session)
    assert seal(session, ring, "main")
    before = sealed_path(session).read_bytes()
    wrong = NO_KEY if given == "none" else Keyring((new_key()[0],))
    with pytest.raises(Locked) as locked:
        async with collecting(telegram, store, [channel], accounts=[watcher], app=app(wrong)) as task:
            await task
    assert "encrypted" in locked.value.what
    assert "DEADAIR_KEY" in locked.value.hint
    assert f"remove {sealed_path(session)} and log in anew: deadair login main" in locked.value.hint
    async with store.read() as tx:
        assert (await tx.marks.get("collector.account.main"))["state"] == "locked"
    with pytest.raises(Locked):
        await login(watcher, hurried(telegram), app(wrong), Person())
    assert sealed_path(session).read_bytes() == before
    assert session.name not in os.listdir(session.parent)

    async def is_watching(tx):  # type: ignore[no-untyped-def]
        return (await tx.marks.get("collector.account.main")).get("state") == "watching"

    async with collecting(telegram, store, [channel], accounts=[watcher], app=app(ring)) as task:
        await eventually(store, is_watching, task=task)


async def test_another_key_takes_over_as_soon_as_it_stands_first(
    telegram: Telegram, store: Store, ring: Keyring
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    watcher = account(telegram)
    session = Path(watcher.session)
    seal(session, ring, "main")
    newer = Keyring((new_key()[0],))
    both = Keyring((*newer.secrets, *ring.secrets))

    async def is_read(tx):  # type: ignore[no-untyped-def]
        return await tx.posts.count(channel.id) == 1

    async with collecting(telegram, store, [channel], accounts=[watcher], app=app(both)) as task:
        await eventually(store, is_read, task=task)
    assert is_logged_in(session, "main", newer)
    with pytest.raises(Locked):
        is_logged_in(session, "main", ring)


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=5)


@pytest.fixture
def collector(
    telegram: Telegram, tmp_path: Path, store_url: str, channel: Channel, ring: Keyring
) -> Iterator[CollectorProcess]:
    process = CollectorProcess(telegram, tmp_path, store_url, [channel], keyring=ring, recheck_posts=1000)
    yield process
    if process.process is not None and process.process.poll() is None:
        process.kill()


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_killed_at_any_moment_it_is_logged_in_as_before(
    telegram: Telegram, store: Store, channel: Channel, collector: CollectorProcess, ring: Keyring
) -> None:
    """From the first start on, when the plain session is taken over."""
    session = telegram.folder / "main.session"
    key = key_of(plain(session, "main"))
    chance = random.Random(20310314)
    for n in range(8):
        said = collector.log.read_text().count("watching") if collector.log.exists() else 0
        collector.start()
        telegram.world.post(channel, f"while it runs {n}")
        if n % 2:  # at its work, or somewhere on the way to it
            async with asyncio.timeout(20):
                while collector.log.read_text().count("watching") == said:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.05)
        await asyncio.sleep(chance.random())
        collector.kill()
        kept = opened(session, ring, "main") if sealed_path(session).exists() else plain(session, "main")
        assert key_of(kept) == key
    collector.start()
    telegram.world.post(channel, "at the end")

    async def is_whole(_):  # type: ignore[no-untyped-def]
        return not await differences(telegram, store, channel)

    await eventually(store, is_whole, within=20)
    assert collector.stop() == 0
    assert not session.exists()
    assert key_of(opened(session, ring, "main")) == key
    assert "auth.sendCode" not in telegram.log.counts


def test_a_file_that_is_there_is_whole_whenever_its_writer_was_killed(tmp_path: Path, ring: Keyring) -> None:
    session = tmp_path / "main.session"
    first = SealedSession(sealed_path(session), ring)
    first.set_update_state(0, T.updates.State(0, 0, day(), 0, 0))
    first.auth_key = AuthKey(bytes(range(256)))
    first.close()
    chance, saved = random.Random(7), 0
    for _ in range(12):
        writer = forked("-m", "tests.support.saver_process", sealed_path(session), ring.secrets[0])
        assert writer.stdout is not None
        assert writer.stdout.readline()
        time.sleep(chance.random() * 0.05)
        writer.send_signal(signal.SIGKILL)
        said = writer.communicate()[0].split()
        found = SealedSession(sealed_path(session), ring, opened(session, ring, "main"))
        assert found.auth_key.key == bytes(range(256))
        at = found.get_update_state(0).pts
        assert at >= max([saved, *map(int, said)])
        saved = at
        found.close()
    assert saved > 12


def test_what_the_client_keeps_comes_back(tmp_path: Path, ring: Keyring) -> None:
    path = tmp_path / "main.session.age"
    session = SealedSession(path, ring)
    session.set_dc(2, "149.154.167.51", 443)
    session.auth_key = AuthKey(bytes(range(256)))
    falcon = T.Channel(id=7, title="Falcon", photo=None, date=day(), access_hash=99, username="f")
    session.process_entities([falcon])
    state = T.updates.State(5, 6, day(2), 7, unread_count=0)
    session.set_update_state(0, state)
    session.close()
    back = SealedSession(path, ring, opened(tmp_path / "main.session", ring, "main"))
    assert (back.dc_id, back.server_address, back.port) == (2, "149.154.167.51", 443)
    assert back.auth_key.key == bytes(range(256))
    assert back.get_entity_rows_by_username("f") == (-1000000000007, 99)
    assert list(back.get_update_states()) == [(0, state)]
    back.close()


def test_nothing_is_written_where_nothing_has_changed(tmp_path: Path, ring: Keyring) -> None:
    path = tmp_path / "main.session.age"
    session = SealedSession(path, ring)
    before = path.read_bytes()
    session.save()
    session.close()
    assert path.read_bytes() == before


def test_a_full_disk_leaves_what_was_kept_before(tmp_path: Path, ring: Keyring) -> None:
    path = tmp_path / "main.session.age"
    SealedSession(path, ring).close()
    before = path.read_bytes()
    program = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom collector.sealed import put\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try: put(Path(sys.argv[1]), b'x' * 1000)\nexcept OSError as error: print(type(error).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "OSError\n"
    assert path.read_bytes() == before


def test_a_taking_over_that_was_interrupted_is_brought_to_its_end(telegram: Telegram, ring: Keyring) -> None:
    session = telegram.session_file("main")
    put(sealed_path(session), ring.seal(plain(session, "main")))
    assert seal(session, ring, "main")
    assert not session.exists()
    assert is_logged_in(session, "main", ring)


def test_of_two_sessions_with_different_logins_none_is_thrown_away(telegram: Telegram, ring: Keyring) -> None:
    session = telegram.session_file("main")
    put(sealed_path(session), ring.seal(plain(telegram.session_file("other"), "main")))
    for deed in (seal, unseal):
        with pytest.raises(DeadairError, match="two sessions of account 'main'"):
            deed(session, ring, "main")
    assert session.exists()
    assert sealed_path(session).exists()


def test_a_session_may_be_kept_plain_again(telegram: Telegram, ring: Keyring) -> None:
    session = telegram.session_file("main")
    key = key_of(plain(session, "main"))
    seal(session, ring, "main")
    assert unseal(session, ring, "main")
    assert not sealed_path(session).exists()
    assert session.stat().st_mode & 0o777 == 0o600
    assert key_of(plain(session, "main")) == key
    assert not unseal(session, ring, "main")


def test_a_damaged_one_is_told_from_one_for_another_key(telegram: Telegram, ring: Keyring) -> None:
    session = telegram.session_file("main")
    seal(session, ring, "main")
    raw = sealed_path(session).read_bytes()
    sealed_path(session).write_bytes(raw[:-7])
    with pytest.raises(Locked, match="is damaged"):
        is_logged_in(session, "main", ring)
