"""`deadair config`: where each value comes from, and what was tuned taken back into the file."""

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collector.entries import KNOWN
from deadair.commands.config_export import export
from deadair.commands.config_show import show
from deadair.config import ConfigError, parse
from deadair.settings import save_channel_budget, save_topic_budget
from domain.change import Change, What
from domain.channel import Channel
from domain.errors import DeadairError
from domain.wanted import Want, Watching
from storage.config import StorageConfig
from storage.store import Transaction, open_store
from tests.support.warm import deadair

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
CONFIG = """\
# Ours. Ask Ana before you change it.
[[channels]]
handle = "falcon_wire"   # the first
budget = 0.5 # since the complaint
# quiet on Fridays

# This one came later.
[[channels]]
handle = "@rayat"
zone = "Asia/Baghdad"

# What we look for.
[topics.drones]
words = ["drone"]

[alerts.silence]
hold = "20m" # longer than theirs
"""
AFTER = """\
# Ours. Ask Ana before you change it.
[[channels]]
handle = "falcon_wire"   # the first
budget = 2.0 # since the complaint
# quiet on Fridays

# This one came later.
# @rayat: retired by Olga[bot] (5), 2026-03-01
# [[channels]]
# handle = "@rayat"
# zone = "Asia/Baghdad"

# added by Olga[bot] (5), 2026-03-01
[[channels]]
handle = "new_wire"
country = "IQ"
source = "web"

# What we look for.
[topics.drones]
words = ["drone"]
budget = 0.2

[alerts.silence]
hold = "20m" # longer than theirs
"""
FALCON = Channel(id=1001, title="Falcon", handle="falcon_wire", added_at=AT)
RAYAT = Channel(id=1002, title="Rayat", handle="rayat", added_at=AT)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG)
    written(tmp_path, _known)
    return tmp_path


def written(home: Path, deed: Callable[[Transaction], Coroutine[Any, Any, None]]) -> None:
    async def write() -> None:
        config = StorageConfig(url=f"sqlite:///{home / 'deadair.db'}")
        async with open_store(config) as store, store.begin() as tx:
            await deed(tx)

    asyncio.run(write())


async def _known(tx: Transaction) -> None:
    for channel in (FALCON, RAYAT):
        await tx.channels.save(channel, AT)
        await tx.marks.set(f"{KNOWN}{channel.handle}", {"id": channel.id}, AT)


async def _tuned(tx: Transaction) -> None:
    for subject, budget in (("channel:1001", 2.0), ("topic:drones", 0.2), ("topic:conflict", 0.1)):
        await tx.changes.set_budget(subject, budget)
        await tx.changes.add(
            Change(
                at=AT,
                by=42,
                name="Ana",
                what=What.BUDGET,
                subject=subject,
                new={"budget": budget, "reason": "too many at night"},
            )
        )
    want = Want(key="rayat", handle="rayat", wanted=Watching.RETIRED, asked_at=AT, asked_by="Olga\n[bot] (5)")
    await tx.changes.put_want(want)
    added = replace(want, key="new_wire", handle="new_wire", wanted=Watching.WATCHED, country="IQ", web=True)
    await tx.changes.put_want(added)
    await tx.changes.put_want(replace(want, key="falcon_wire", handle="falcon_wire", wanted=Watching.PAUSED))


def table(capsys: pytest.CaptureFixture[str], home: Path, key: str | None = None) -> str:
    show(home / "config.toml", key, only_set=False, as_json=False)
    return capsys.readouterr().out


def values(capsys: pytest.CaptureFixture[str], home: Path, key: str | None = None) -> dict[str, Any]:
    show(home / "config.toml", key, only_set=key is not None, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["not_shown"] is None
    return {each["key"]: each for each in document["values"]}


def test_every_key_of_the_config_is_shown_with_its_source(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = values(capsys, home)
    hold = found["alerts.silence.hold"]
    assert (hold["value"], hold["source"]) == ("20m", "file")
    assert found["alerts.silence.budget"]["source"] == "default"
    assert found["channels[@rayat].zone"] == {
        "key": "channels[@rayat].zone",
        "value": "Asia/Baghdad",
        "source": "file",
    }
    assert found["channels[@rayat].country"]["source"] == "default"
    sections = parse(CONFIG).model_dump(mode="json")
    assert {f"jobs.{key}" for key in sections["jobs"]} <= found.keys()
    assert {f"collector.files.{key}" for key in sections["collector"]["files"]} <= found.keys()


def test_what_was_set_while_running_is_shown_with_who_when_and_why_over_what_the_file_says(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(home, _tuned)
    found = values(capsys, home, "channels[")
    budget = found["channels[@falcon_wire].budget"]
    assert (budget["value"], budget["source"], budget["by"]) == (2.0, "tuned", "Ana (42)")
    assert (budget["at"], budget["why"]) == (AT.isoformat(), "too many at night")
    assert (budget["instead_of"]["value"], budget["instead_of"]["source"]) == (0.5, "file")
    assert found["channels[@rayat].watched"]["value"] == "retired"
    assert found["channels[@falcon_wire].watched"]["instead_of"]["value"] == "watched"
    assert found["channels[@new_wire].country"]["value"] == "IQ"
    shown = table(capsys, home, "channels[@falcon")
    assert "Ana (42)" in shown
    assert "does not count" in shown


def test_no_key_is_folded_and_what_is_no_terminal_gets_a_line_for_each(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written(home, _tuned)
    words = [f"word{n}" for n in range(40)]
    (home / "config.toml").write_text(CONFIG.replace('["drone"]', json.dumps(words)))
    keys = values(capsys, home).keys()
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    piped = table(capsys, home).splitlines()
    assert {line.split()[0] for line in piped[1:] if not line.startswith(" ")} == keys
    assert [line for line in piped[1:] if line.startswith(" ") and "does not count" not in line] == []
    [drones] = [line for line in piped if line.startswith("topics.drones.words ")]
    assert json.dumps(words) in drones
    assert drones.endswith("config.toml")
    monkeypatch.setenv("FORCE_COLOR", "1")
    on_terminal = table(capsys, home)
    shown = {re.sub(r"\x1b\[[0-9;]*m", "", line).partition(" ")[0] for line in on_terminal.splitlines()}
    assert shown == {*keys, "key", ""}
    assert "config.toml" in on_terminal


def test_secrets_are_said_to_be_there_and_never_shown(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".env").write_text("DEADAIR_API_HASH=marked-hash\n")
    (home / "token").write_text("marked-token")
    (home / "config.toml").write_text(
        CONFIG
        + '[bot]\ntoken_file = "token"\n[[accounts]]\nname = "main"\n'
        + 'proxy = "socks5://u:marked-proxy@h:1080"\n[health]\nheartbeat_url = "https://h/marked-beat"\n'
        + '[alerts]\noutages = ["https://h/v2?key=marked-key", "https://h/marked-path/iq", "iq.json"]\n'
    )
    secret = {
        "DEADAIR_API_ID": "9918273",
        "DEADAIR_HEARTBEAT_URL": "https://h/marked-env",
        "DEADAIR_STORAGE_URL": f"sqlite:///{home / 'deadair.db'}",
    }
    for name, value in secret.items():
        monkeypatch.setenv(name, value)
    found = values(capsys, home)
    sources = {
        "DEADAIR_API_ID": "environment",
        "DEADAIR_API_HASH": "dotenv",
        "DEADAIR_BOT_TOKEN": "secret_file",
        "accounts[main].proxy": "file",
        "health.heartbeat_url": "environment",
    }
    assert {key: found[key]["source"] for key in sources} == sources
    assert all(found[key]["value"] is None and found[key]["secret"] for key in sources)
    assert found["alerts.outages"]["value"] == ["https://h/***", "https://h/***", "iq.json"]
    assert found["storage.url"]["source"] == "environment"
    for said in (table(capsys, home), json.dumps(found)):
        assert "marked" not in said
        assert "9918273" not in said
    monkeypatch.setenv("DEADAIR_STORAGE_URL", "postgresql://u:marked-word@127.0.0.1:1/none")
    shown = table(capsys, home, "storage")
    assert "marked-word" not in shown
    assert "postgresql://u:***@127.0.0.1:1/none" in shown
    assert "What was set while running is not shown" in shown


def test_an_unknown_key_is_refused(home: Path) -> None:
    with pytest.raises(DeadairError, match="no key begins with"):
        show(home / "config.toml", "alerts.silense", only_set=False, as_json=False)


def test_an_export_is_shown_first_and_then_written_with_comments_and_order_kept(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def exported(*, write: bool) -> str:
        export(home / "config.toml", write=write)
        return capsys.readouterr().out

    assert "nothing was set" in exported(write=True)
    written(home, _tuned)
    shown = exported(write=False)
    assert "+budget = 2.0 # since the complaint" in shown
    assert "left out: the budget 0.1 of topic conflict" in shown
    assert "left out: @falcon_wire is paused" in shown
    assert (home / "config.toml").read_text() == CONFIG

    exported(write=True)
    assert (home / "config.toml").read_text() == AFTER
    [kept] = home.glob("config.toml.*.bak")
    assert kept.read_text() == CONFIG
    assert "nothing was set" in exported(write=False)


def test_a_file_that_cannot_be_changed_by_its_lines_is_left_alone(home: Path) -> None:
    inline = 'channels = [{ handle = "falcon_wire" }]\n'
    (home / "config.toml").write_text(inline)
    written(home, _tuned)
    with pytest.raises(ConfigError) as refused:
        export(home / "config.toml", write=True)
    assert "by hand" in refused.value.hint
    assert (home / "config.toml").read_text() == inline


def test_a_budget_saved_by_tune_leaves_each_comment_with_what_it_is_about(home: Path) -> None:
    save_channel_budget(home / "config.toml", RAYAT, 1.5, AT)
    save_topic_budget(home / "config.toml", "drones", 0.3, AT)
    after = CONFIG.replace('"Asia/Baghdad"\n', '"Asia/Baghdad"\nbudget = 1.5\n')
    assert (home / "config.toml").read_text() == after.replace('["drone"]\n', '["drone"]\nbudget = 0.3\n')


def test_the_commands_are_there(home: Path) -> None:
    shown = deadair("config", "show", "alerts.silence.hold", cwd=home)
    assert "config.toml" in shown.stdout, shown.stderr
    checked = deadair("config", "check", cwd=home)
    assert "the config is well formed" in checked.stdout, checked.stderr


def test_without_a_config_it_is_said_that_the_defaults_count_and_no_archive_is_made(tmp_path: Path) -> None:
    for words in (["config", "check"], ["config", "show", "--set"]):
        run = deadair(*words, cwd=tmp_path)
        assert run.returncode == 0, run.stderr
        assert f"here is no config.toml in {tmp_path}" in run.stdout
        assert "name one with --config" in run.stdout
        assert "well formed" not in run.stdout
    made = deadair("migrate", cwd=tmp_path)
    assert (made.returncode, "neither a config.toml nor a deadair.db" in made.stderr) == (1, True)
    assert "--config" in made.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_a_config_an_archive_that_is_there_or_named_is_brought_up(tmp_path: Path) -> None:
    named = deadair("migrate", cwd=tmp_path, DEADAIR_STORAGE_URL="sqlite:///deadair.db")
    assert (named.returncode, "migrated" in named.stdout) == (0, True), named.stderr
    there = deadair("migrate", cwd=tmp_path)
    assert (there.returncode, "nothing to do" in there.stdout) == (0, True), there.stderr


def test_files_kept_within_a_second_are_listed_in_the_order_in_which_they_were_kept(home: Path) -> None:
    texts = []
    for budget in (1.5, 1.6, 1.7):
        texts.append((home / "config.toml").read_text())
        save_channel_budget(home / "config.toml", RAYAT, budget, AT)
    assert [kept.read_text() for kept in sorted(home.glob("config.toml.*.bak"))] == texts
