"""A config that is wrong says which key, what stands there, and what is allowed."""

from pathlib import Path

import pytest

from deadair.config import ConfigError, load, parse
from deadair.origins import Source, place_of
from deadair.secrets import SecretError
from storage.keyring import new_key


def told(text: str) -> str:
    with pytest.raises(ConfigError) as error:
        parse(text)
    return error.value.what


def test_an_unknown_key_is_named_with_the_nearest_known_one() -> None:
    assert "alerts.silence.budgte: no such key; did you mean 'budget'?" in told(
        "[alerts.silence]\nbudgte = 1"
    )


def test_an_unknown_section_is_named_with_the_nearest_known_one() -> None:
    assert "colector: no such key; did you mean 'collector'?" in told("[colector]\n")


def test_a_bad_value_is_shown_with_what_is_allowed() -> None:
    said = told('[alerts.silence]\nbudget = -1\nat_least = "soon"')
    assert "alerts.silence.budget = -1: input should be greater than or equal to 0.000001" in said
    assert "alerts.silence.at_least = 'soon': 'soon' is no span of time: write it like 45s, 90m" in said
    assert "2 mistakes" in said


@pytest.mark.parametrize("budget", ["0", "5e-324", "1e-7", "31", "nan"])
@pytest.mark.parametrize("of", ["[alerts.drop]", "[topics.floods]\nwords = ['x']", "[[channels]]\nid = 7"])
def test_a_budget_that_nobody_can_reckon_with_is_told(of: str, budget: str) -> None:
    assert "budget" in told(f"{of}\nbudget = {budget}")


@pytest.mark.parametrize("value", ["[" * 100_000, "1" * 5_000], ids=["nested", "number"])
def test_what_is_beyond_reading_is_told(value: str) -> None:
    assert "config.toml is not valid TOML" in told(f"[alerts.drop]\nbudget = {value}")


def test_a_zone_that_there_is_not_is_told_before_anybody_searches() -> None:
    said = told('[archive]\nzone = "Asia/Bagdad"')
    assert "archive.zone = 'Asia/Bagdad': 'Asia/Bagdad' is no time zone" in said


@pytest.mark.parametrize("number", ["0", "-100", "9223372036854775808", "-1009223372036854775808"])
def test_a_number_that_no_channel_has_is_told_and_not_watched(number: str) -> None:
    assert "no channel has that number" in told(f"[[channels]]\nid = {number}")


@pytest.mark.parametrize("session", ["/", "."])
def test_a_session_that_is_a_folder_is_told(session: str) -> None:
    assert "name the file in it" in told(f'[[accounts]]\nname = "main"\nsession = "{session}"')


def test_a_mistake_in_a_list_is_told_with_its_place() -> None:
    assert "channels[2].hanlde: no such key; did you mean 'handle'?" in told(
        '[[channels]]\nhandle = "one_news"\n[[channels]]\nhandle = "two_news"\nhanlde = "x"'
    )


def test_a_secret_in_the_file_is_refused_and_told_where_it_belongs() -> None:
    said = told('[bot]\ntoken = "123:abc"')
    assert "bot.token: a secret does not belong into this file; use DEADAIR_BOT_TOKEN" in said
    assert "123:abc" not in said


@pytest.mark.parametrize(
    "text",
    [
        '[alerts]\noutages = ["x", { key = "hunter2" }]',
        '[alerts]\noutages = "https://h/?key=hunter2"',
        '[health]\nheartbeat_url = ["https://h/hunter2"]',
        '[storage]\nurl = ["postgresql://d:hunter2@h/d"]',
        '[[accounts]]\nname = "a"\nproxy = "socks6://d:hunter2@h"',
        '[[accounts]]\nname = "a"\nproxy = "socks5://:hunter2@h"\n[[accounts]]\nname = "a"',
        '[[channels]]\ntitle = "hunter2"',
    ],
)
def test_what_may_be_secret_is_not_shown_where_it_is_wrong(text: str) -> None:
    assert "hunter2" not in told(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[bot]\nowners = [1,,]", "line 2"),
        ('[bot]\nabout = """\nof nobody\n[alerts]\n', "begun in line 2"),
        ('[bot]\nabout = """\nof us"""\nmore = \'\'\'\n[alerts]\n', "begun in line 4"),
        ("[bot]\nowners = [\n1,\n2,\n", "begun in line 2"),
        ("[bot]\nowners = [1]\npoll = { a = 1,\n", "line 3"),
        (f"[bot]\n\npoll = {'9' * 5_000}\n[alerts]\n", "line 3: a number with too many digits"),
        (f"[bot]\nowners = [\n{'[' * 100_000}\n]\n", "line 3: too many brackets within each other"),
    ],
)
def test_broken_toml_is_told_with_its_line(text: str, says: str) -> None:
    assert says in told(text)


def test_what_stands_in_a_broken_line_is_not_shown() -> None:
    """It may be a token that somebody put there."""
    assert "hunter2" not in told("[bot]\ntoken = hunter2\n")


def test_the_mark_that_some_editors_of_windows_put_before_a_text_is_no_mistake() -> None:
    assert parse("\ufeff[bot]\nowners = [1]\n").bot.owners == (1,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[accounts]\nname = "main"', "accounts: write [[accounts]], with two brackets, above each of them"),
        ('[channels]\nhandle = "one_news"', "channels: write [[channels]], with two brackets"),
        ('[[bot]]\ntoken = "hunter2"', "bot: write [bot], with one bracket"),
    ],
)
def test_a_section_with_the_wrong_brackets_is_told_how_it_is_written(text: str, says: str) -> None:
    assert says in told(text)
    assert "hunter2" not in told(text)


def test_a_byte_that_is_no_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b'[bot]\n# fine\ntoken_file = "\xff"\n')
    with pytest.raises(ConfigError, match=r"line 3 is not in UTF-8") as error:
        load(tmp_path / "config.toml")
    assert "UTF-8" in error.value.hint


def test_a_folder_given_as_the_config_is_told_with_what_is_in_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder, and not a config") as error:
        load(tmp_path)
    assert error.value.hint == "name a file with --config; there is no config.toml in it"
    (tmp_path / "config.toml").write_text("")
    with pytest.raises(ConfigError) as error:
        load(tmp_path)
    assert error.value.hint == f"give --config {tmp_path / 'config.toml'}"


def test_a_channel_listed_twice_is_refused() -> None:
    assert "listed twice" in told('[[channels]]\nhandle = "one_news"\n[[channels]]\nhandle = "One_News"')


def test_a_channel_of_an_account_that_is_not_there_is_refused() -> None:
    assert "names the account 'b'" in told('[[channels]]\nhandle = "one_news"\naccount = "b"')


def test_a_config_that_is_not_there_is_an_error_when_it_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no config at"):
        load(tmp_path / "none.toml")


def test_the_archive_lies_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    assert load(tmp_path / "config.toml").storage.url == f"sqlite:///{tmp_path}/deadair.db"


def test_secrets_come_from_the_env_file_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text("")
    (tmp_path / ".env").write_text("DEADAIR_BOT_TOKEN=1:file\nDEADAIR_API_HASH=abc\nDEADAIR_API_ID=7\n")
    monkeypatch.setenv("DEADAIR_BOT_TOKEN", "2:environment")
    setup = load(tmp_path / "config.toml")
    assert (setup.bot_token, setup.api_hash, setup.api_id) == ("2:environment", "abc", 7)
    assert "environment" not in repr(setup)


def test_a_named_secret_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[bot]\ntoken_file = "token"')
    with pytest.raises(SecretError, match=r"cannot read the secret that bot\.token_file names"):
        load(tmp_path / "config.toml")


def test_a_named_secret_file_wins_and_an_empty_one_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEADAIR_BOT_TOKEN", "2:environment")
    (tmp_path / "config.toml").write_text('[bot]\ntoken_file = "token"')
    (tmp_path / "token").write_text("1:file\n")
    assert load(tmp_path / "config.toml").bot_token == "1:file"
    (tmp_path / "token").write_text("\n")
    with pytest.raises(SecretError, match="empty"):
        load(tmp_path / "config.toml")


def test_a_credential_of_systemd_is_found_by_its_name_whichever_unit_it_is_given_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text('[[accounts]]\nname = "main"')
    given = tmp_path / "credentials"
    given.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    monkeypatch.setenv("DEADAIR_BOT_TOKEN", "2:environment")
    assert load(tmp_path / "config.toml").bot_token == "2:environment"
    secret, _ = new_key()
    for name, value in {
        "DEADAIR_KEY": secret,
        "DEADAIR_BOT_TOKEN": "3:credential\n",
        "DEADAIR_API_ID": "7",
        "DEADAIR_STORAGE_URL": "postgresql://deadair:w0rd@host/deadair",
        "DEADAIR_HEARTBEAT_URL": "https://beat.example/1",
        "DEADAIR_PROXY.main": "socks5://me:w0rd@host:1080",
    }.items():
        (given / name).write_text(value)
    setup = load(tmp_path / "config.toml")
    assert (setup.bot_token, setup.api_id, bool(setup.keyring)) == ("3:credential", 7, True)
    assert setup.storage.url == "postgresql://deadair:w0rd@host/deadair"
    assert setup.config.health.heartbeat_url == "https://beat.example/1"
    assert setup.config.accounts[0].proxy == "socks5://me:w0rd@host:1080"
    assert place_of("DEADAIR_BOT_TOKEN", "", tmp_path) == (Source.CREDENTIAL, "DEADAIR_BOT_TOKEN")

    (given / "DEADAIR_BOT_TOKEN").write_bytes(setup.keyring.seal(b"4:sealed"))
    assert load(tmp_path / "config.toml").bot_token == "4:sealed"
    (tmp_path / "config.toml").write_text('[bot]\ntoken_file = "token"')
    (tmp_path / "token").write_text("1:file")
    assert load(tmp_path / "config.toml").bot_token == "1:file"


def test_a_credential_that_is_empty_is_an_error_that_says_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text("")
    (tmp_path / "DEADAIR_BOT_TOKEN").write_text("\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(SecretError, match="the file of the credential DEADAIR_BOT_TOKEN is empty") as empty:
        load(tmp_path / "config.toml")
    assert "LoadCredential=DEADAIR_BOT_TOKEN" in empty.value.hint
    (tmp_path / "DEADAIR_BOT_TOKEN").unlink()
    (tmp_path / "DEADAIR_BOT_TOKEN").mkdir()
    with pytest.raises(SecretError, match="cannot read the secret of the credential"):
        load(tmp_path / "config.toml")


def test_a_proxy_with_a_password_comes_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[[accounts]]\nname = "main"\nproxy_file = "proxy"')
    (tmp_path / "proxy").write_text("socks5://me:hunter2@127.0.0.1:1080\n")
    assert load(tmp_path / "config.toml").config.accounts[0].proxy == "socks5://me:hunter2@127.0.0.1:1080"
    (tmp_path / "proxy").write_text("me:hunter2@127.0.0.1\n")
    with pytest.raises(ConfigError, match="proxy_file of the account 'main'") as error:
        load(tmp_path / "config.toml")
    assert "hunter2" not in error.value.what
