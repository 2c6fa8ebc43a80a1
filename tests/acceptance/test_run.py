"""`deadair run` against a Telegram of one's own: it starts, watches, and stops when told."""

import json
import signal
from pathlib import Path

import pytest

from deadair.wiring import PARTS
from sandbox.botapi.server import SANDBOX_TOKEN
from tests.support import warm
from tests.support.console import started
from tests.support.listening import free_port
from tests.support.running import SECRETS, config, is_well, status, wait_for, watched_until
from tests.support.warm import deadair


@pytest.mark.timeout(300)
def test_a_whole_run_from_login_to_a_clean_stop(tmp_path: Path, telegram: str) -> None:
    """Log in by code, watch, look at the status, press Ctrl-C."""
    health_at, archive = f"127.0.0.1:{free_port()}", f"sqlite:///{tmp_path / 'deadair.db'}"
    (tmp_path / "config.toml").write_text(f'{config(telegram)}[health]\nlisten = "{health_at}"\n')
    checked = deadair("check-config", cwd=tmp_path, **SECRETS)
    assert checked.returncode == 0
    assert "account main is not logged in: deadair login main" in checked.stdout

    refused = deadair("run", cwd=tmp_path, **SECRETS)
    assert refused.returncode == 1
    assert "deadair login main" in refused.stderr
    assert "Traceback" not in refused.stderr

    doctor = deadair("doctor", cwd=tmp_path, **SECRETS)
    assert doctor.returncode == 1
    assert "nobody has logged in with it yet" in doctor.stdout
    assert "→ deadair login main" in doctor.stdout
    assert doctor.stderr == ""

    login = deadair("login", "main", cwd=tmp_path, said="15550100\n12345\n", **SECRETS)
    assert login.returncode == 0, login.stderr
    session = tmp_path / "sessions" / "main.session"
    assert session.stat().st_mode & 0o777 == 0o600

    running = started("run", cwd=tmp_path, **SECRETS)
    try:
        wait_for(lambda: watched_until(archive), bool)
        seen = status(tmp_path)
        assert seen[0]["watched_until"]
        assert seen[0]["handle"] == "rayat_assadim"
        assert seen[0]["posts"] > 0
        assert 0 <= seen[0]["ripe"]["part"] <= 1  # its history may have come in by now
        assert seen[0]["ripe"]["of_days"] == 14
        doctor = deadair("doctor", "--json", cwd=tmp_path, **SECRETS)
        assert doctor.returncode == 0, doctor.stdout
        found = {each["of"]: each for each in json.loads(doctor.stdout)["checks"]}
        assert found["account main"]["what"] == "at work in another process: watching"
        wait_for(lambda: is_well(health_at), bool)
        health = deadair("health", cwd=tmp_path)
        assert health.returncode == 0, health.stdout
        assert "Nothing is wrong" in health.stdout
        held = deadair("login", "main", cwd=tmp_path, **SECRETS)
        assert held.returncode == 1
        assert str(running.pid) in held.stderr
    finally:
        running.send_signal(signal.SIGINT)
        _, log = running.communicate(timeout=10)
        print(log)
    assert running.returncode == 0
    stopped = deadair("health", "--json", cwd=tmp_path)
    assert json.loads(stopped.stdout)["well"] is (stopped.returncode == 0)
    assert "Traceback" not in log
    gaps = status(tmp_path)[0]["blind"]
    assert gaps is not None
    assert gaps["cause"] == "our_stop"

    held = status(tmp_path)[0]["posts"]
    back = deadair("backfill", "@rayat_assadim", "--since", "2000-01-01", cwd=tmp_path, **SECRETS)
    assert back.returncode == 0, back.stderr
    assert "posts held, back to" in back.stdout
    assert status(tmp_path)[0]["posts"] >= held
    nobody = deadair("backfill", "@nobody_there", cwd=tmp_path, **SECRETS)
    assert "it names: @rayat_assadim" in nobody.stderr


def test_a_part_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    run = deadair("run", "--only", "colector", cwd=tmp_path)
    assert run.returncode == 1
    assert ", ".join(PARTS) in run.stderr


def test_a_missing_secret_is_told_with_where_to_put_it(tmp_path: Path) -> None:
    run = deadair("run", cwd=tmp_path)
    assert run.returncode == 1
    assert "DEADAIR_API_ID" in run.stderr
    assert ".env" in run.stderr


def test_a_database_that_cannot_be_reached_at_the_start_is_told(tmp_path: Path) -> None:
    url = "postgresql://nobody:hunter2@127.0.0.1:1/deadair"
    run = deadair("run", cwd=tmp_path, **SECRETS, DEADAIR_STORAGE_URL=url)
    assert run.returncode == 1
    assert "cannot reach postgresql://nobody:***@127.0.0.1:1/deadair" in run.stderr
    assert "hunter2" not in run.stderr
    assert "Traceback" not in run.stderr


def test_a_wrong_config_is_told_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[alerts.silence]\nbudgte = 1\n[bot]\nowners = [-5]\n")
    run = deadair("check-config", cwd=tmp_path)
    assert run.returncode == 1
    assert "alerts.silence.budgte: no such key; did you mean 'budget'?" in run.stderr
    assert "bot.owners" in run.stderr


def test_channels_of_the_web_need_no_account_and_no_application_id(tmp_path: Path, telegram: str) -> None:
    """Nothing is set but where the preview is, and the bot's token."""
    preview, _ = telegram.split("[collector]")
    bot = telegram.split("[bot]")[1]
    channels = '[[channels]]\nhandle = "rayat_assadim"\nsource = "web"\n'
    (tmp_path / "config.toml").write_text(f"{channels}{preview}[bot]{bot}\nowners = [4711]\n")
    token = {"DEADAIR_BOT_TOKEN": SANDBOX_TOKEN}
    checked = deadair("check-config", cwd=tmp_path, **token)
    assert checked.returncode == 0, checked.stderr
    assert "from the public web preview, without an account: 1" in checked.stdout
    assert "still missing" not in checked.stdout
    running = warm.started("run", cwd=tmp_path, **token)
    try:
        wait_for(lambda: watched_until(f"sqlite:///{tmp_path / 'deadair.db'}"), bool, within=75)
        seen = status(tmp_path)
        assert seen[0]["watched_until"]
        assert seen[0]["handle"] == "rayat_assadim"
        assert seen[0]["posts"] > 0
    finally:
        running.send_signal(signal.SIGINT)
        _, log = running.communicate(timeout=10)
    assert running.returncode == 0
    stopped = deadair("health", "--json", cwd=tmp_path)
    assert json.loads(stopped.stdout)["well"] is (stopped.returncode == 0), log
    assert "Traceback" not in log
