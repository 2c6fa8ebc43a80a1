"""`deadair doctor` against a sandbox in which one thing is wrong at a time: what it says, and what to do."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from collector.allowed import READING
from collector.examine import examine_files
from collector.lock import only_user_of
from collector.sealed import seal, sealed_path
from deadair.commands.doctor import checks
from deadair.config import load
from deadair.retention.room import rounded
from domain.check import Check, Level
from domain.clock import WallClock
from sandbox.botapi.server import BotApiServer
from sandbox.faults import LinkState
from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
from storage.backup.config import BackupConfig
from storage.backup.examine import OnRecord, examine_backups
from storage.config import StorageConfig
from storage.examine import FULL, NEARLY_FULL, examine_archive, examine_room
from storage.keyring import Keyring, new_key
from storage.store import open_store
from tests.support.let_through import let_through
from tests.support.listening import Listening
from tests.support.proxies import MtProxy, SocksProxy
from tests.support.telegram import API_HASH, API_ID, Telegram


@pytest.fixture
async def bot_api() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(clock=WallClock()) as server:
        yield server


class Place:
    """A folder with a config, its secrets, a session that is logged in, and an archive."""

    def __init__(self, folder: Path, telegram: Telegram, bot_api: BotApiServer) -> None:
        self.folder = folder
        self.telegram = telegram
        self.session = telegram.session_file("main")
        self.session.chmod(0o600)
        self.session.parent.chmod(0o700)
        self.secrets = {
            "DEADAIR_API_ID": str(API_ID),
            "DEADAIR_API_HASH": API_HASH,
            "DEADAIR_BOT_TOKEN": bot_api.token,
        }
        self.account = f'[[accounts]]\nname = "main"\nsession = "{self.session}"\n'
        self.rest = (
            '[[channels]]\nhandle = "falcon_news"\n'
            f'[collector]\nserver = "127.0.0.1:{telegram.server.port}"\nanswer_within = 15.0\n'
            f"server_key = '''{SANDBOX_PUBLIC_KEY}'''\n"
            f'[bot]\nowners = [4711]\napi_base = "{bot_api.url}"\n'
        )

    async def examine(self) -> list[Check]:
        path = self.folder / "config.toml"
        path.write_text(self.account + self.rest)
        (self.folder / ".env").write_text("\n".join(f"{k}={v}" for k, v in self.secrets.items()))
        return [check async for check in checks(path)]

    async def wrong(self) -> Check:
        """The one thing that is wrong."""
        found = [c for c in await self.examine() if c.level is Level.WRONG]
        assert len(found) == 1, found
        assert found[0].hint
        return found[0]


@pytest.fixture
async def place(
    tmp_path: Path, telegram: Telegram, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> Place:
    for name in (
        "DEADAIR_API_ID",
        "DEADAIR_API_HASH",
        "DEADAIR_BOT_TOKEN",
        "DEADAIR_STORAGE_URL",
        "DEADAIR_HEARTBEAT_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    telegram.server.apps = {API_ID: API_HASH}
    made = Place(tmp_path, telegram, bot_api)
    async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'deadair.db'}")):
        return made


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


async def test_where_everything_is_well_it_says_so_of_each_thing(place: Place) -> None:
    found = {c.of: c for c in await place.examine()}
    assert {c.level for c in found.values()} <= {Level.WELL, Level.NOTE}  # a note: a disk that is nearly full
    assert set(found) == {
        "config",
        "running",
        "disk",
        "archive",
        "Telegram",
        "clock",
        "application",
        "account main",
        "bot",
    }
    assert found["account main"].what == "logged in as Observer"
    assert "0 posts of 0 channels" in found["archive"].what
    asked = set(place.telegram.log.counts)
    assert asked <= {*READING, "auth.exportLoginToken"}


async def test_a_wrong_api_hash(place: Place) -> None:
    place.secrets["DEADAIR_API_HASH"] = "another"
    found = await place.wrong()
    assert found.of == "application"
    assert "API_ID_INVALID" in found.what
    assert "my.telegram.org" in found.hint


async def test_a_wrong_api_id(place: Place) -> None:
    place.secrets["DEADAIR_API_ID"] = "4711"
    found = {c.of: c for c in await place.examine() if c.level is Level.WRONG}
    assert "CONNECTION_API_ID_INVALID" in found["application"].what
    assert "my.telegram.org" in found["application"].hint
    assert set(found) == {"application", "account main"}


async def test_an_api_hash_that_is_not_given(place: Place) -> None:
    del place.secrets["DEADAIR_API_HASH"]
    found = await place.wrong()
    assert "DEADAIR_API_HASH" in found.hint


async def test_a_dead_proxy(place: Place, closed_port: int) -> None:
    place.account += f'proxy = "socks5://127.0.0.1:{closed_port}"\n'
    found = [c for c in await place.examine() if c.level is Level.WRONG]
    assert found[0].of == "proxy of main"
    assert "cannot be reached: Connection refused" in found[0].what
    assert "Check host and port" in found[0].hint
    assert len(found) == 1
    assert place.telegram.log.counts == {}


async def test_a_proxy_that_does_not_let_us_in(place: Place) -> None:
    async with SocksProxy(login=("me", "right")) as proxy:
        place.account += f'proxy = "socks5://me:wr0ng-w0rd@127.0.0.1:{proxy.port}"\n'
        found = [c for c in await place.examine() if c.level is Level.WRONG]
    assert "does not let us in" in found[0].what
    assert "user and password" in found[0].hint
    assert "wr0ng-w0rd" not in str(found)


async def test_an_mtproxy_does_its_work_and_with_a_wrong_secret_says_so(place: Place) -> None:
    secret, plain = "0123456789abcdef0123456789abcdef", place.account
    async with MtProxy(("127.0.0.1", place.telegram.server.port), secret) as proxy:
        place.account = plain + f'proxy = "mtproxy://{secret}@127.0.0.1:{proxy.port}"\n'
        assert [c for c in await place.examine() if c.level is Level.WRONG] == []
        place.account = plain + f'proxy = "mtproxy://{"f" * 32}@127.0.0.1:{proxy.port}"\n'
        found = [c for c in await place.examine() if c.level is Level.WRONG]
    assert "hangs up" in found[0].what
    assert "secret" in found[0].hint


@pytest.mark.parametrize(("skew", "level"), [(40, Level.WRONG), (-300, Level.WRONG), (10, Level.NOTE)])
async def test_a_clock_that_is_off(place: Place, skew: float, level: Level) -> None:
    place.telegram.link.clock_skew = skew
    clock = next(c for c in await place.examine() if c.of == "clock")
    assert clock.level is level
    assert ("behind" if skew > 0 else "ahead") in clock.what
    assert "NTP" in clock.hint


async def test_a_session_in_use(place: Place) -> None:
    with only_user_of(place.session):
        found = await place.wrong()
        assert "in use by another Deadair (process" in found.what
        assert "kill" in found.hint
        url = StorageConfig(url=f"sqlite:///{place.folder / 'deadair.db'}")
        async with open_store(url) as store, store.begin() as tx:
            await tx.marks.set("collector.account.main", {"state": "watching"}, WallClock().now())
        found_now = [c for c in await place.examine() if c.of == "account main"]
        assert [c.level for c in found_now] == [Level.WELL]
        assert "at work in another process" in found_now[0].what


async def test_a_session_that_nobody_has_logged_in_with(place: Place) -> None:
    place.session.unlink()
    found = await place.wrong()
    assert "nobody has logged in" in found.what
    assert found.hint == "deadair login main"


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ((401, "SESSION_REVOKED"), "not logged in any more"),
        ((401, "USER_DEACTIVATED_BAN"), "has shut the account"),
        ((406, "AUTH_KEY_DUPLICATED"), "used from two addresses at once"),
    ],
)
async def test_a_login_that_is_worth_nothing_any_more(
    place: Place, refusal: tuple[int, str], said: str
) -> None:
    place.telegram.account.refused = refusal
    found = await place.wrong()
    assert said in found.what


async def test_a_session_that_is_damaged(place: Place) -> None:
    place.session.write_bytes(b"no session" * 1000)
    found = await place.wrong()
    assert "cannot be used" in found.what
    assert "deadair login main" in found.hint


async def test_a_session_that_others_can_read(place: Place) -> None:
    place.session.chmod(0o644)
    found = await place.wrong()
    assert "can be read by others (mode 644)" in found.what
    assert found.hint == f"chmod 600 {place.session}"


async def test_a_folder_of_sessions_that_others_can_write(place: Place) -> None:
    place.session.parent.chmod(0o777)
    found = await place.wrong()
    assert "others can write into" in found.what


async def test_a_data_centre_that_cannot_be_reached(place: Place) -> None:
    place.telegram.link.set(LinkState.REFUSED)
    found = [c for c in await place.examine() if c.level is Level.WRONG]
    assert found[0].of == "Telegram"
    assert "cannot be reached: Connection refused" in found[0].what
    assert "proxy" in found[0].hint
    place.telegram.link.set(LinkState.BLACK_HOLE)
    place.rest = place.rest.replace("answer_within = 15.0", "answer_within = 0.5")
    found = [c for c in await place.examine() if c.level is Level.WRONG]
    assert "no answer in time" in found[0].what


async def test_a_wrong_token_of_the_bot(place: Place) -> None:
    place.secrets["DEADAIR_BOT_TOKEN"] = "123456:wrong"
    found = await place.wrong()
    assert "does not accept the bot's token" in found.what
    assert "@BotFather" in found.hint
    assert "123456:wrong" not in found.what
    place.secrets["DEADAIR_BOT_TOKEN"] = "nonsense"
    assert (await place.wrong()).of == "bot"
    del place.secrets["DEADAIR_BOT_TOKEN"]
    assert "DEADAIR_BOT_TOKEN" in (await place.wrong()).hint


async def test_a_bot_api_that_does_not_answer(place: Place, bot_api: BotApiServer, closed_port: int) -> None:
    place.rest = place.rest.replace(bot_api.url, f"http://127.0.0.1:{closed_port}")
    found = await place.wrong()
    assert found.of == "bot"
    assert "api_base" in found.hint


async def test_an_archive_of_another_version(place: Place) -> None:
    from storage.migrate import migrate

    url = StorageConfig(url=f"sqlite:///{place.folder / 'deadair.db'}")
    await migrate(url, "0003")
    found = await place.wrong()
    assert "has schema 0003" in found.what
    assert "deadair migrate" in found.hint


async def test_a_file_that_is_no_archive(place: Place) -> None:
    (place.folder / "deadair.db").write_bytes(b"no database at all" * 1000)
    assert (await place.wrong()).of == "archive"


async def test_a_folder_that_is_not_there(place: Place) -> None:
    place.rest += f'[storage]\nurl = "sqlite:///{place.folder}/nowhere/deadair.db"\n'
    found = await place.wrong()
    assert found.hint == f"make it: mkdir -p {place.folder}/nowhere"


async def test_a_folder_or_an_archive_that_cannot_be_written(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs tests may be root, who can write everything: what the system would say is given."""
    import os

    archive = place.folder / "deadair.db"
    for locked in (place.folder, archive):
        monkeypatch.setattr(
            "storage.examine.os.access", lambda path, mode, locked=locked: Path(path) != locked
        )
        found = await place.wrong()
        assert "cannot be written" in found.what
        assert f"chown {os.geteuid()}:{os.getegid()} {locked}" in found.hint


async def test_a_disk_that_is_full_or_nearly(place: Place) -> None:
    config = StorageConfig(url=f"sqlite:///{place.folder / 'deadair.db'}")
    full = (await examine_archive(config, WallClock().now(), room=lambda _: FULL - 1))[0]
    assert full.level is Level.WRONG
    assert "the disk is full" in full.what
    assert "free some space" in full.hint
    assert examine_room(place.folder, lambda _: NEARLY_FULL - 1).level is Level.NOTE
    assert examine_room(place.folder, lambda _: NEARLY_FULL).level is Level.WELL


@pytest.mark.parametrize(
    ("left", "said"), [(14 * 10**9, "14 GB free"), (4 * 10**9, "4,000 MB free"), (10**9, "1,000 MB free")]
)
def test_the_room_on_a_disk_is_counted_as_health_counts_it(tmp_path: Path, left: int, said: str) -> None:
    assert said in examine_room(tmp_path, lambda _: left).what
    assert f"{rounded(left)} free" == f"{left / 10**9:.1f} GB free"


async def test_where_every_channel_is_read_from_the_web_no_account_is_missed(place: Place) -> None:
    place.account = ""
    place.rest = place.rest.replace('handle = "falcon_news"\n', 'handle = "falcon_news"\nsource = "web"\n')
    del place.secrets["DEADAIR_API_ID"]
    found = {c.of: c for c in await place.examine()}
    assert Level.WRONG not in {c.level for c in found.values()}
    assert "none is needed" in found["accounts"].what


async def test_a_config_with_a_mistake(place: Place) -> None:
    place.rest += '[storage]\nurrl = "x"\n'
    found = await place.wrong()
    assert "did you mean 'url'" in found.what


async def test_a_plain_session_is_reported_where_a_key_is_given_and_left_as_it_is(place: Place) -> None:
    place.secrets["DEADAIR_KEY"] = new_key()[0]
    found = [c for c in await place.examine() if c.level is Level.NOTE]
    assert [c.of for c in found] == ["account main"]
    assert "is not encrypted yet" in found[0].what
    assert "deadair sessions encrypt" in found[0].hint
    assert place.session.exists()
    assert not sealed_path(place.session).exists()


async def test_an_encrypted_session_is_looked_at_with_its_key_and_without_it_said_to_be_locked(
    place: Place,
) -> None:
    secret, _ = new_key()
    seal(place.session, Keyring((secret,)), "main")
    place.secrets["DEADAIR_KEY"] = secret
    checks = await place.examine()
    assert [c for c in checks if c.level is not Level.WELL] == []
    assert "logged in as" in next(c.what for c in checks if c.of == "account main")
    del place.secrets["DEADAIR_KEY"]
    wrong = await place.wrong()
    assert "is encrypted, and no key is given" in wrong.what
    assert "DEADAIR_KEY" in wrong.hint


async def test_an_encrypted_session_that_others_can_read(place: Place) -> None:
    secret, _ = new_key()
    seal(place.session, Keyring((secret,)), "main")
    place.secrets["DEADAIR_KEY"] = secret
    sealed_path(place.session).chmod(0o644)
    assert "can be read by others (mode 644)" in (await place.wrong()).what


async def test_a_secret_that_every_user_of_the_machine_can_read(place: Place) -> None:
    place.rest = place.rest.replace("[bot]\n", '[bot]\ntoken_file = "token"\n')
    (place.folder / "token").write_text(place.secrets["DEADAIR_BOT_TOKEN"])
    (place.folder / "token").chmod(0o644)
    assert [c for c in await place.examine() if c.of == "secrets"] == []
    with let_through(place.folder / "token"):
        exposed = [c for c in await place.examine() if c.of == "secrets"]
        assert [(c.level, c.hint) for c in exposed] == [
            (Level.WRONG, f"chmod 600 {place.folder / '.env'}"),
            (Level.WRONG, f"chmod 600 {place.folder / 'token'}"),
        ]
        assert place.secrets["DEADAIR_BOT_TOKEN"] not in str(exposed)
        (place.folder / ".env").chmod(0o600)
        (place.folder / "token").chmod(0o640)
        assert [c for c in await place.examine() if c.of == "secrets"] == []


# -- what is written beside the archive, and where it answers


BACKUPS = "[backup]\nevery_hours = 24\n"


async def test_a_folder_of_backups_that_cannot_be_made_or_has_no_room(place: Place) -> None:
    place.rest += BACKUPS
    found = [c for c in await place.examine() if c.of == "backup"]
    assert [(c.level, c.what) for c in found] == [
        (Level.WELL, "none yet; `deadair run` makes the first within minutes")
    ]
    (place.folder / "backups").write_text("no folder")
    found = [c for c in await place.examine() if c.level is Level.WRONG]
    assert [c.of for c in found] == ["backup"]
    assert "is no folder" in found[0].what
    assert "[backup] folder" in found[0].hint


def test_room_for_one_more_backup_is_as_much_as_the_last_took_and_more(tmp_path: Path) -> None:
    config, now = BackupConfig(every_hours=24), WallClock().now()

    def wrong(room: int, archive: int = 500) -> list[str]:
        found = examine_backups(config, tmp_path / "new", OnRecord(), now, archive, lambda _: room)
        return [c.what for c in found if c.level is Level.WRONG]

    assert wrong(500) == []
    assert "there is no room for one more" in wrong(499)[0]

    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "deadair-20260301T000000Z.deadair.gz").write_bytes(b"x" * 100)
    assert wrong(120) == []
    assert "there is no room for one more" in wrong(119)[0]
    assert list(examine_backups(BackupConfig(), tmp_path / "new", OnRecord(), now, 0, lambda _: 0)) == []


@pytest.mark.parametrize(
    ("made", "asked", "file", "level", "says"),
    [
        (timedelta(hours=30), timedelta(days=9), "there", Level.WELL, "made 1 d 6 h ago; 1 are kept"),
        (timedelta(hours=49), timedelta(days=9), "there", Level.WRONG, "the last was made 2 d 1 h ago"),
        (timedelta(hours=1), timedelta(days=9), "gone", Level.NOTE, "gone, is not in"),
        (None, timedelta(hours=1), "", Level.WELL, "the first is begun within minutes"),
        (None, timedelta(days=3), "", Level.WRONG, "none was made yet"),
    ],
)
def test_how_old_the_last_backup_is_and_whether_it_is_still_there(
    tmp_path: Path, made: timedelta | None, asked: timedelta, file: str, level: Level, says: str
) -> None:
    now, name = WallClock().now(), "deadair-20260301T000000Z.deadair.gz"
    (tmp_path / name).write_bytes(b"x")
    record = OnRecord(
        made_at=now - made if made else None, asked_at=now - asked, file=name if file == "there" else file
    )
    (check,) = examine_backups(BackupConfig(every_hours=24), tmp_path, record, now, 0)
    assert (check.level, says in check.what) == (level, True), check
    assert bool(check.hint) is (level is not Level.WELL)


async def test_a_folder_of_files_is_looked_at_where_files_are_kept(place: Place) -> None:
    assert [c for c in await place.examine() if c.of == "files"] == []
    place.rest = place.rest.replace('"falcon_news"\n', '"falcon_news"\nfiles = true\n')
    assert [c.level for c in await place.examine() if c.of == "files"] != [Level.WRONG]
    (place.folder / "files").write_text("no folder")
    found = await place.wrong()
    assert "is no folder" in found.what
    assert "[collector.files] folder" in found.hint
    waits = examine_files(place.folder, 10**9, lambda _: 10**9 - 1)
    assert (waits.level, "files wait for room" in waits.what) == (Level.NOTE, True)
    assert examine_files(place.folder / "new", 10**9, lambda _: 10**11).level is Level.WELL


@pytest.mark.parametrize("part", ["web", "health"])
async def test_an_address_that_another_program_has_or_this_machine_has_not(place: Place, part: str) -> None:
    of, plain = f"address of {part}", place.rest
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen()
        place.rest = plain + f'[{part}]\nlisten = "127.0.0.1:{port}"\n'
        found = await place.wrong()
        assert (found.of, f"127.0.0.1:{port} is in use by another program" in found.what) == (of, True)
        assert "ss -ltnp" in found.hint

        url = StorageConfig(url=f"sqlite:///{place.folder / 'deadair.db'}")
        async with open_store(url) as store, store.begin() as tx:
            await tx.marks.set(f"process.config.{part}", {"version": "abc"}, WallClock().now())
        well = next(c for c in await place.examine() if c.of == of)
        assert (well.level, f"the part `{part}` is at work" in well.what) == (Level.WELL, True)
    assert next(c for c in await place.examine() if c.of == of).what == f"127.0.0.1:{port} is free"
    place.rest = plain + f'[{part}]\nlisten = "203.0.113.7:9478"\n'
    assert "is no address of this machine" in (await place.wrong()).what


async def test_a_heartbeat_is_not_sent_and_its_secret_address_not_shown(
    place: Place, closed_port: int
) -> None:
    async with Silent() as server:
        place.secrets["DEADAIR_HEARTBEAT_URL"] = f"http://127.0.0.1:{server.port}/ping/s3cret"
        found = next(c for c in await place.examine() if c.of == "heartbeat")
        assert (found.level, found.what) == (
            Level.WELL,
            f"127.0.0.1:{server.port} can be reached; nothing was sent",
        )
        await server.was_left.wait()
        assert server.heard == b""
    place.secrets["DEADAIR_HEARTBEAT_URL"] = f"http://127.0.0.1:{closed_port}/ping/s3cret"
    wrong = await place.wrong()
    assert "cannot be reached: Connection refused" in wrong.what
    assert "heartbeat_url" in wrong.hint
    assert "s3cret" not in str(wrong)


class Silent(Listening):
    """Listens, and says nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = b""
        self.was_left = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard = await reader.read()
        self.was_left.set()


async def test_whether_deadair_is_at_work_and_with_which_config(place: Place) -> None:
    def running(found: list[Check]) -> Check:
        return next(c for c in found if c.of == "running")

    assert "nobody works with the archive now" in running(await place.examine()).what
    url = StorageConfig(url=f"sqlite:///{place.folder / 'deadair.db'}")
    version = load(place.folder / "config.toml").version
    async with open_store(url) as store:
        async with store.begin() as tx:
            await tx.leases.take("reader", "host/1/a", timedelta(minutes=1))
            await tx.marks.set("process.config.reader", {"version": version}, WallClock().now())
        found = running(await place.examine())
        assert (found.level, found.what) == (
            Level.WELL,
            f"at work: reader; with the config as it stands here, {version}",
        )
        async with store.begin() as tx:
            await tx.marks.set("process.config.reader", {"version": "0123"}, WallClock().now())
    found = running(await place.examine())
    assert (found.level, "with the config 0123" in found.what) == (Level.NOTE, True)
    assert "deadair reload" in found.hint
    (place.folder / "deadair.db").write_bytes(b"no database at all" * 1000)
    assert [c for c in await place.examine() if c.of == "running"] == [], "that is unknown then"


async def test_an_archive_that_every_user_of_the_machine_can_read(place: Place) -> None:
    archive = place.folder / "deadair.db"
    archive.chmod(0o644)
    assert [c for c in await place.examine() if c.of == "archive"][1:] == []
    (place.folder / ".env").chmod(0o600)
    with let_through(archive):
        (place.folder / ".env").chmod(0o600)
        found = [c for c in await place.examine() if c.of == "archive" and c.level is Level.WRONG]
    assert [c.hint.startswith(f"chmod 600 {archive}") for c in found] == [True]
