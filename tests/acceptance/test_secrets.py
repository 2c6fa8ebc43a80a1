"""A whole run with a mark in every secret there is, and everything that can go wrong with one: no mark is
found anywhere but where the operator put it.
"""

import asyncio
import gzip
import http.client
import os
import resource
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from domain.clock import WallClock
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from storage.config import StorageConfig
from storage.keyring import new_key
from storage.store import open_store
from tests.support.console import DEADAIR, environment
from tests.support.listening import free_port
from tests.support.postgres import Postgres, running_postgres
from tests.support.proxies import SocksProxy
from tests.support.warm import deadair

PHONE, CODE, PASSWORD = "46700900811", "70816", "marked-2fa-password-5d1c"
API_HASH = "0a5e1f2b3c4d5e6f7a8b9c0d1e2f3a4b"
TOKEN = "700800900:AAmarked-token-of-the-bot-Qz81xVw0pTs"
WRONG_TOKEN = "700800901:AAmarked-token-that-is-wrong-Yk52bNe"
PROXY = "marked-proxy-password-91ab"
WRONG_PROXY = "marked-proxy-password-wrong-33cd"
MTPROXY = "5a1b2c3d4e5f60718293a4b5c6d7e8f9"
DATABASE = "marked-database-password-77ef"
HEARTBEAT = "marked-heartbeat-key-0f4b2c"
OUTAGES = "marked-outages-key-8e2d1a"
OTHER_OUTAGES = "marked-outages-key-of-a-path-6c0b"

KEY, _ = new_key()

#: What nobody may ever find, by what it is.
MARKS = {
    "phone": PHONE,
    "password of two steps": PASSWORD,
    "api_hash": API_HASH,
    "token of the bot": TOKEN.partition(":")[2],
    "wrong token": WRONG_TOKEN.partition(":")[2],
    "password of the proxy": PROXY,
    "wrong password of the proxy": WRONG_PROXY,
    "secret of the MTProxy": MTPROXY,
    "password of the database": DATABASE,
    "key of the heartbeat": HEARTBEAT,
    "key of the outages": OUTAGES,
    "key in a path": OTHER_OUTAGES,
    "key of the sessions": KEY.removeprefix("AGE-SECRET-KEY-1"),
}


@dataclass
class Said:
    """Everything that was written for somebody to read, by where."""

    by: dict[str, str] = field(default_factory=dict)

    async def run(
        self, *words: str | Path, cwd: Path, said: str = "", tells: str = "", **more: str
    ) -> subprocess.CompletedProcess[str]:
        """A command to its end. `tells`: a secret that it is there to tell, on its standard output."""
        done = await asyncio.to_thread(deadair, *words, cwd=cwd, said=said, within=90, **more)
        name = " ".join(map(str, words))
        out = done.stdout
        self.by[f"{len(self.by)} {name}: stdout"] = "" if tells else out
        self.by[f"{len(self.by)} {name}: stderr"] = done.stderr
        return done

    def found(self, marks: dict[str, str]) -> list[tuple[str, str]]:
        return [
            (what, where) for where, text in self.by.items() for what, mark in marks.items() if mark in text
        ]


@asynccontextmanager
async def others() -> AsyncIterator[tuple[str, list[str]]]:
    """Whoever takes heartbeats and tells of outages: refuses every second time, and then says nothing."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(str(request.rel_url))
        return web.Response(status=500 if len(asked) % 2 else 200, text="no JSON")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}", asked
    finally:
        await runner.cleanup()


@dataclass
class Site:
    """The folder of an operator, with all of its secrets in files."""

    folder: Path
    telegram: MtprotoServer
    bot: BotApiServer
    proxy: int
    owner: Person
    others: str
    web: int = field(default_factory=free_port)
    health: int = field(default_factory=free_port)

    def write(self, database: str) -> None:
        for name, secret in {
            "api_id": "4711",
            "api_hash": API_HASH,
            "token": TOKEN,
            "key": KEY,
            "wrong_token": WRONG_TOKEN,
            "proxy": f"socks5://deadair:{PROXY}@127.0.0.1:{self.proxy}",
            "url": database,
            "heartbeat": f"{self.others}/ping/{HEARTBEAT}",
        }.items():
            (self.folder / name).write_text(f"{secret}\n")
        (self.folder / "config.toml").write_text(self.config(refused=True))

    def config(self, more: str = "", *, bot: str = "token", refused: bool = False) -> str:
        """`refused`: with accounts whose proxies do not let them in."""
        others = self.refused() if refused else ""
        return f'''
[[accounts]]
name = "main"
proxy_file = "proxy"
{others}
[[channels]]
budget = 0.5
handle = "falcon_wire"
country = "IQ"

[alerts]
outages = [
    "{self.others}/outages?from={{from}}&token={OUTAGES}",
    "{self.others}/{OTHER_OUTAGES}/events.json",
]
outages_every = "2s"
poll = "1s"

[collector]
api_id_file = "api_id"
api_hash_file = "api_hash"
server = "127.0.0.1:{self.telegram.port}"
server_key = """
{SANDBOX_PUBLIC_KEY.strip()}
"""
answer_within = 5
history_pause = "0s"
[collector.preview]
base = "http://127.0.0.1:1"
witness = false

[bot]
token_file = "{bot}"
api_base = "{self.bot.url}"
owners = [{self.owner.id}]
polling = "1s"

[web]
listen = "127.0.0.1:{self.web}"

[secrets]
key_file = "key"

[storage]
url_file = "url"

[health]
heartbeat_file = "heartbeat"
heartbeat_every = "10s"
listen = "127.0.0.1:{self.health}"

[log]
level = "debug"
{more}
'''

    def refused(self) -> str:
        return f"""
[[accounts]]
name = "refused"
proxy = "socks5://deadair:{WRONG_PROXY}@127.0.0.1:{self.proxy}"

[[accounts]]
name = "hidden"
proxy = "mtproxy://dd{MTPROXY}@127.0.0.1:{self.proxy}"
"""


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Site]:
    world = World(WallClock())
    watcher = world.add_account(PHONE, code=CODE, password=PASSWORD, hint="the usual one")
    channel = world.add_channel("Falcon", "falcon_wire", members=[watcher])
    for n in range(5):
        world.post(channel, f"Falcon reports {n}")
    async with (
        MtprotoServer(world) as telegram,
        BotApiServer(token=TOKEN, clock=WallClock()) as bot,
        SocksProxy(login=("deadair", PROXY)) as proxy,
        others() as (address, _),
    ):
        telegram.apps = {4711: API_HASH}
        owner = bot.person("Sara")
        yield Site(folder, telegram, bot, proxy.port, owner, address)


def asked(address: str, **headers: str) -> tuple[int, str]:
    try:
        request = urllib.request.Request(address, headers=headers)  # noqa: S310 - http, as we write it
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - the same
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""


async def wait_for(true: Callable[[], Any], within: float = 60) -> None:
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(true):  # noqa: ASYNC110 - it waits for another program
            await asyncio.sleep(0.3)


def texts_of(folder: Path, but: set[str]) -> dict[str, str]:
    """Every file below the folder, unpacked, by its name."""
    out = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in but:
            raw = path.read_bytes()
            out[str(path.relative_to(folder))] = (
                gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
            ).decode("latin-1")
    return out


@pytest.mark.postgres
@pytest.mark.timeout(900)
async def test_no_secret_is_found_in_logs_errors_process_lists_backups_or_dumps(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    said = Said()
    with running_postgres() as postgres:
        async with site(folder) as at:
            url = (await postgres.database()).replace("deadair@", f"deadair:{DATABASE}@")
            at.write(url)
            await _commands_before(said, at)
            secrets = await _a_run(said, at, postgres, tmp_path)
            await _commands_after(said, at, url)
    marks = MARKS | secrets
    # The tests of a mark itself: what an operator put somewhere is there.
    everything = texts_of(folder, set())
    assert OUTAGES in everything["config.toml"]
    assert "sessions/main.session.age" in everything
    mine = {"config.toml", "token", "wrong_token", "proxy", "url", "heartbeat", "api_hash", "key"}
    said.by |= {
        f"file {name}": text
        for name, text in texts_of(folder, mine).items()
        if not name.endswith(".bak") and name != "backup.key"
    }
    assert len(said.by) > 40
    assert said.found(marks) == []


async def _commands_before(said: Said, at: Site) -> None:
    folder = at.folder
    for words in (["config", "check"], ["config", "show"], ["config", "show", "--json"]):
        assert (await said.run(*words, cwd=folder)).returncode == 0
    shown = said.by[next(name for name in said.by if "config show: stdout" in name)]
    assert f"{at.others}/***" in shown
    for wrong in (
        f'[alerts]\noutages = [ "x", {{ token = "{OUTAGES}" }} ]',
        f'[bot]\ntoken = "{TOKEN}"',
        f'[[accounts]]\nname = "main"\nproxy = "socks6://deadair:{PROXY}@nowhere"\n',
        f'[[accounts]]\nname = "a"\nproxy = "socks5://:{PROXY}@h:1"\n[[accounts]]\nname = "a"\n',
        f'[storage]\nurl = ["postgresql://deadair:{DATABASE}@db/deadair"]',
        f'[storage]\nurl = "postgresql//deadair:{DATABASE}@db/deadair"',
        f'[health]\nheartbeat_url = ["http://h/{HEARTBEAT}"]',
    ):
        (folder / "wrong.toml").write_text(wrong)
        assert (await said.run("config", "check", "--config", "wrong.toml", cwd=folder)).returncode == 1 or (
            await said.run("status", "--config", "wrong.toml", cwd=folder)
        ).returncode == 1, wrong
    (folder / "wrong.toml").unlink()
    refused = await said.run("login", "refused", cwd=folder, said=f"{PHONE}\n")
    assert refused.returncode == 1
    assert "does not let us in" in refused.stderr
    talk = f"{PHONE}1\n+{PHONE}\n00000\n{CODE}\nnot it\n{PASSWORD}\n"
    assert (await said.run("login", "main", cwd=folder, said=talk)).returncode == 0
    for words in (["doctor"], ["doctor", "--json"]):
        doctor = await said.run(*words, cwd=folder)
        assert "logged in as Observer" in doctor.stdout
        assert "does not let us in" in doctor.stdout


def _started(folder: Path, log: Path, *words: str) -> subprocess.Popen[bytes]:
    """A command at work, which would leave a core behind if it were for the limits alone."""

    def may_dump() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    with log.open("ab") as file:
        return subprocess.Popen(
            [str(DEADAIR), *words],
            cwd=folder,
            env=environment(),
            stdout=file,
            stderr=subprocess.STDOUT,
            preexec_fn=may_dump,
        )


async def _a_run(said: Said, at: Site, postgres: Postgres, cores: Path) -> dict[str, str]:
    """A run at level debug, in which everything is asked and most of it fails; then it is shot down."""

    folder, log = at.folder, cores / "log"
    (folder / "config.toml").write_text(at.config())
    running = _started(folder, log, "run")
    try:
        await wait_for(lambda: "watching" in log.read_text())
        await wait_for(lambda: asked(f"http://127.0.0.1:{at.web}/api/v1/channels")[0] == 401)
        for what in ("cmdline", "environ"):
            path = Path(f"/proc/{running.pid}/{what}")
            said.by[f"/proc: {what}"] = (await asyncio.to_thread(path.read_bytes)).decode()
        secrets = await _ask_everything(said, at)
        (folder / "config.toml").write_text(
            at.config(f'[bott]\ntoken = "{TOKEN}"\nurl = "http://h/{OUTAGES}"')
        )
        await wait_for(lambda: "config refused" in log.read_text())
        (folder / "config.toml").write_text(at.config())
        await wait_for(lambda: "outages cannot be read" in log.read_text())
        await wait_for(lambda: "the heartbeat is not taken" in log.read_text())
        await asyncio.to_thread(postgres.stop)
        # It is unwell, or has stopped to be begun anew: either is said.
        await wait_for(lambda: asked(f"http://127.0.0.1:{at.health}/healthz")[0] == 503 or running.poll())
        said.by["/healthz, database away"] = asked(f"http://127.0.0.1:{at.health}/healthz")[1]
        said.by["/metrics, database away"] = asked(f"http://127.0.0.1:{at.health}/metrics")[1]
        for words in (["status"], ["doctor"], ["health"], ["config", "show"]):
            await said.run(*words, cwd=folder)
        running.terminate()
        await asyncio.to_thread(running.wait)
        assert "cannot reach postgresql://deadair:***@" in log.read_text()
        await asyncio.to_thread(postgres.start)
        running = _started(folder, log, "run")
        await wait_for(lambda: asked(f"http://127.0.0.1:{at.health}/metrics")[0] == 200, within=90)
        running.send_signal(signal.SIGABRT)
        _, status = await asyncio.to_thread(os.waitpid, running.pid, 0)
        assert os.WTERMSIG(status) == signal.SIGABRT
        assert not os.WCOREDUMP(status)
        running.returncode = -signal.SIGABRT
    finally:
        if running.returncode is None:
            running.kill()
            running.wait()
        print(log.read_text())
    said.by["log"] = log.read_text()
    return secrets


async def _ask_everything(said: Said, at: Site) -> dict[str, str]:
    folder, base = at.folder, f"http://127.0.0.1:{at.web}"
    made = await said.run("token", "make", "press", cwd=folder, tells="the token")
    token = made.stdout.strip().splitlines()[0]
    status, _ = await asyncio.to_thread(asked, f"{base}/api/v1/channels", Authorization=f"Bearer {token}")
    assert status == 200
    for path, headers in (
        (f"/api/v1/channels?token={token}", {}),
        ("/api/v1/channels", {"Authorization": f"Bearer {token}x"}),
        (f"/api/v1/{token}", {"Authorization": f"Bearer {token}"}),
    ):
        status, text = await asyncio.to_thread(lambda p=path, h=headers: asked(base + p, **h))
        assert status >= 400
        said.by[f"API {len(said.by)}"] = text
    at.owner.say("/web")
    await wait_for(lambda: any("/sign-in/" in m.versions[0].text for m in at.bot.sent(at.owner.id)))
    link = next(m.versions[0].text for m in at.bot.sent(at.owner.id) if "/sign-in/" in m.versions[0].text)
    code = link.partition("/sign-in/")[2].split()[0]
    status, _ = await asyncio.to_thread(asked, f"{base}/sign-in/{code}")
    assert status == 200
    for what in ("healthz", "readyz", "metrics"):
        said.by[what] = (await asyncio.to_thread(asked, f"http://127.0.0.1:{at.health}/{what}"))[1]
        assert said.by[what]
    for words in (["status", "--json"], ["health", "--json"], ["config", "show"], ["token", "list"]):
        await said.run(*words, cwd=folder)
    assert (await said.run("doctor", "--json", cwd=folder)).stdout
    return {"token of the API": token, "code of a sign-in link": code}


async def _refused_by_proxies(said: Said, at: Site) -> None:
    """Accounts that are logged in, and that no proxy lets in."""
    sessions = at.folder / "sessions"
    for name in ("refused", "hidden"):
        shutil.copy(sessions / "main.session.age", sessions / f"{name}.session.age")
    running = _started(at.folder, at.folder / "log", "run", "--only", "collector")
    try:
        await wait_for(lambda: (at.folder / "log").read_text().count("no line to Telegram") >= 2)
        await said.run("status", "--json", cwd=at.folder)
    finally:
        running.terminate()
        await asyncio.to_thread(running.wait)
    for name in ("refused", "hidden"):
        (sessions / f"{name}.session.age").unlink()


async def _commands_after(said: Said, at: Site, url: str) -> None:
    folder = at.folder
    async with open_store(StorageConfig(url=url)) as store, store.begin() as tx:
        channel = next(c for c in await tx.channels.all() if c.handle == "falcon_wire")
        await tx.changes.set_budget(f"channel:{channel.id}", 2.0)
    (folder / "config.toml").write_text(at.config(refused=True))
    exported = await said.run("config", "export", cwd=folder)
    assert "budget = 2.0" in exported.stdout
    assert "proxy = " in exported.stdout  # the lines around it are shown
    await _refused_by_proxies(said, at)
    made = await said.run("backup", "--new-key", "backup.key", cwd=folder)
    recipient = made.stdout.partition('recipient = "')[2].partition('"')[0]
    assert "AGE-SECRET-KEY-1" in (folder / "backup.key").read_text()
    await said.run("backup", "plain.deadair.gz", cwd=folder)
    await said.run("backup", "sealed.deadair.gz.age", "--recipient", recipient, cwd=folder)
    assert (folder / "plain.deadair.gz").is_file()
    assert (folder / "sealed.deadair.gz.age").is_file()
    for words in (["restore", "sealed.deadair.gz.age", "--check", "--key", "backup.key"], ["verify"]):
        assert (await said.run(*words, cwd=folder)).returncode == 0
    assert (await said.run("export", "-o", "exported", cwd=folder)).returncode == 0
    (folder / "config.toml").write_text(at.config(bot="wrong_token"))
    wrong = await said.run("run", cwd=folder)
    assert wrong.returncode == 1
    assert "token" in wrong.stderr
    (folder / "url").write_text(f"postgresql://deadair:{DATABASE}@127.0.0.1:1/deadair?password={DATABASE}")
    for words in (["run"], ["status"], ["config", "show"], ["doctor"]):
        assert DATABASE not in (await said.run(*words, cwd=folder)).stdout
    assert not any("AGE-SECRET-KEY-1" in text for text in said.by.values())
