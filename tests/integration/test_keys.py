"""`deadair key` and `deadair sessions`: from no key to one, to another, and back; encrypted files."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from collector.client import is_logged_in
from collector.lock import Held, only_user_of
from deadair.commands import sessions
from deadair.commands.check_config import check_config
from deadair.commands.key import make, seal
from deadair.config import load
from domain.errors import DeadairError
from storage.keyring import BadKey, Keyring, Unopened
from tests.support.telegram import Telegram


@pytest.fixture
def home(telegram: Telegram, tmp_path: Path) -> Path:
    telegram.session_file("main").rename(tmp_path / "main.session")
    config(tmp_path)
    return tmp_path


def config(home: Path, more: str = "") -> Path:
    path = home / "config.toml"
    path.write_text(f'[[accounts]]\nname = "main"\nsession = "main.session"\n{more}')
    return path


WITH_KEY = '[secrets]\nkey_file = "key"\n'


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_from_no_key_to_one_and_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sessions.show(home / "config.toml")
    assert "main.session: not encrypted" in said(capsys)
    with pytest.raises(DeadairError) as no_key:
        sessions.encrypt(home / "config.toml")
    assert "deadair key make FILE" in no_key.value.hint

    make(home / "key")
    told = said(capsys)
    assert (home / "key").stat().st_mode & 0o777 == 0o600
    created, public, secret = (home / "key").read_text().splitlines()
    assert created.startswith("# created: ")
    assert datetime.fromisoformat(created.removeprefix("# created: ")).tzinfo is not None
    recipient = Keyring((secret,)).recipient
    assert public == f"# public key: {recipient}"
    assert recipient in told
    assert secret not in told
    with pytest.raises(DeadairError, match="is there already"):
        make(home / "key")

    path = config(home, WITH_KEY)
    capsys.readouterr()
    sessions.encrypt(path)
    assert said(capsys) == "main: encrypted\n"
    assert not (home / "main.session").exists()
    sessions.show(path)
    assert said(capsys).endswith("main.session.age: encrypted\n")
    sessions.encrypt(path)
    assert said(capsys) == "main: nothing to encrypt\n"
    check_config(path)
    assert "is not logged in" not in said(capsys)

    config(home)
    sessions.show(path)
    assert "is encrypted, and no key is given" in said(capsys)
    with pytest.raises(DeadairError, match="no key is given"):
        sessions.decrypt(path)

    config(home, WITH_KEY)
    sessions.decrypt(path)
    assert "main: no longer encrypted" in said(capsys)
    assert is_logged_in(home / "main.session", "main")


def test_to_another_key(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(home / "key")
    path = config(home, WITH_KEY)
    sessions.encrypt(path)
    make(home / "newer")
    (home / "key").write_text((home / "newer").read_text() + (home / "key").read_text())
    capsys.readouterr()
    sessions.show(path)
    assert "encrypted for an older key: deadair sessions encrypt" in said(capsys)
    sessions.encrypt(path)
    assert said(capsys) == "main: encrypted\n"
    (home / "key").write_text((home / "newer").read_text())
    sessions.show(path)
    assert said(capsys).endswith(": encrypted\n")


def test_a_session_that_is_in_use_is_left_alone(home: Path) -> None:
    make(home / "key")
    path = config(home, WITH_KEY)
    with only_user_of(home / "main.session"), pytest.raises(Held):
        sessions.encrypt(path)
    assert (home / "main.session").exists()
    assert not (home / "main.session.age").exists()


def test_a_secret_file_may_be_encrypted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(home / "key")
    (home / "token").write_text("123456:a-token\n")
    seal(config(home, WITH_KEY), home / "token")
    assert "token.age holds the same, encrypted" in said(capsys)
    assert b"a-token" not in (home / "token.age").read_bytes()
    assert (home / "token.age").stat().st_mode & 0o777 == 0o600
    path = config(home, f'{WITH_KEY}[bot]\ntoken_file = "token.age"\n')
    assert load(path).bot_token == "123456:a-token"
    with pytest.raises(DeadairError, match="is encrypted already"):
        seal(path, home / "token.age")
    config(home, '[bot]\ntoken_file = "token.age"\n')
    with pytest.raises(Unopened, match=r"bot\.token_file names, .*, is encrypted, and no key is given"):
        load(path)


def test_a_key_may_come_from_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(home / "key")
    monkeypatch.setenv("DEADAIR_KEY", (home / "key").read_text())
    assert load(home / "config.toml").keyring


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hunter2\n", "key 1 of secrets.key_file is no key"),
        ("# created: today\n", "there is no key in secrets.key_file"),
    ],
)
def test_a_key_that_is_none_is_refused_and_not_repeated(home: Path, text: str, says: str) -> None:
    (home / "key").write_text(text)
    with pytest.raises(BadKey, match=re.escape(says)) as bad:
        load(config(home, WITH_KEY))
    assert "hunter2" not in bad.value.what + bad.value.hint
    assert "deadair key make FILE" in bad.value.hint


def test_keys_are_read_as_age_writes_them(home: Path) -> None:
    make(home / "key")
    secret = (home / "key").read_text()
    (home / "key").write_text(f"# created: 2026-03-01\n# public key: age1abc\n{secret}\n\n{secret}")
    assert len(load(config(home, WITH_KEY)).keyring.secrets) == 2
