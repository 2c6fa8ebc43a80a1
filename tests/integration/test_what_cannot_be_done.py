"""A command that cannot do what it was told says so in two lines, and leaves nothing behind."""

import resource
from pathlib import Path

import pytest

from deadair.asking import Options, query_of, zone_of
from deadair.commands.key import make_key
from domain.clock import WallClock
from domain.errors import DeadairError
from tests.support.warm import deadair


def refused(folder: Path, *arguments: str) -> str:
    done = deadair(*arguments, cwd=folder)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    what, hint = done.stderr.splitlines()
    assert what.startswith("deadair: ")
    assert hint.startswith("  what to do: ")
    assert "Errno" not in what
    return what


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text('[[channels]]\nhandle = "falcon_news"\n')
    return tmp_path


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("search", "drone"), "holds no archive yet"),
        (("count",), "holds no archive yet"),
        (("health",), "holds no archive yet"),
        (("backup",), "holds no archive yet"),
        (("token", "make", "Ana"), "holds no archive yet"),
        (("import", "none.json"), "there is no file none.json"),
        (("import", "."), ". is a folder"),
        (("backfill", "@heron_news"), "names no channel '@heron_news'"),
        (("backfill",), "Telegram's application id is not given"),
        (("export", "--again", "none"), "cannot read none: No such file or directory"),
        (("restore", "x", "--key", "none"), "cannot read the key in none: No such file or directory"),
        (("demo", "--output", "config.toml"), "cannot write into config.toml"),
        (("import", "n" * 300), "too long for a file"),
        (("verify", "n" * 300), "too long for a file"),
        (("demo", "--scenario", "none"), "there is no scenario"),
    ],
)
def test_it_is_told_and_nothing_is_made(folder: Path, command: tuple[str, ...], says: str) -> None:
    assert says in refused(folder, *command)
    assert {path.name for path in folder.iterdir()} - {".running", "backups"} == {"config.toml"}


@pytest.mark.parametrize(
    "key",
    [
        '[[accounts]]\nname = "main"\nsession = "~nobody_here/main"',
        '[secrets]\nkey_file = "~nobody_here/key"',
        '[bot]\ntoken_file = "~nobody_here/token"',
        '[claims]\nlexicon = ["~nobody_here/words.toml"]',
    ],
)
def test_a_home_that_there_is_not_is_told(tmp_path: Path, key: str) -> None:
    (tmp_path / "config.toml").write_text(key)
    assert "begins at a home that this machine does not know" in refused(tmp_path, "config", "check")


def test_a_key_that_cannot_be_written_whole_is_not_left_in_part(tmp_path: Path) -> None:
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))  # as a disk that is full
    try:
        with pytest.raises(DeadairError, match="cannot write"):
            make_key(tmp_path / "key", WallClock().now())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))
    assert not (tmp_path / "key").exists()
    make_key(tmp_path / "key", WallClock().now())


def test_views_from_more_to_less_are_refused() -> None:
    zone, now = zone_of(None, "UTC"), WallClock().now()
    with pytest.raises(DeadairError) as error:
        query_of(Options(views="5000-1000"), zone, now)
    assert "1000-5000" in error.value.hint
    query = query_of(Options(views="1000-5000"), zone, now)
    assert (query.views_at_least, query.views_at_most) == (1000, 5000)
    query = query_of(Options(views="-5000"), zone, now)
    assert (query.views_at_least, query.views_at_most) == (None, 5000)
