"""The main job, from a Telegram channel to a phone, on embedded parts."""

from pathlib import Path

import pytest

from tests.support import console
from tests.support.warm import deadair


@pytest.mark.timeout(300)
def test_the_demo_ends_with_exactly_the_alerts_of_its_scenario(tmp_path: Path) -> None:
    run = console.deadair("demo", "--speed", "6", "--keep", cwd=tmp_path, within=280)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
    assert "SIMULATION" in run.stdout.splitlines()[0]
    assert "all of it and nothing besides" in run.stdout
    told = [line for line in run.stdout.splitlines() if "message to the subscriber" in line]
    assert len(told) == 4, told
    assert all(" UTC" in line for line in told), told  # beside texts that tell the time of the reader's zone
    for words in ("Deadair cannot see", "Banned", "Silent on attacks", "Silent together"):
        assert words in run.stdout
    charts = sorted((tmp_path / "demo-output").glob("*.png"))
    assert charts
    assert all(chart.read_bytes().startswith(b"\x89PNG") for chart in charts)

    config = next(line for line in run.stdout.splitlines() if "The archive is kept" in line).split()[-1]
    replayed = deadair("replay", "--config", config, "--channel", "rayat_assadim", cwd=tmp_path)
    assert "rayat_assadim on attacks" in replayed.stdout
    status = deadair("status", "--config", config, cwd=tmp_path)
    assert "banned" in status.stdout
    assert "all is said as of" in status.stdout
    assert " of 14 days" not in status.stdout


@pytest.mark.timeout(300)
def test_a_network_that_goes_on_as_ever_raises_no_alert(tmp_path: Path) -> None:
    run = deadair("demo", "--scenario", "quiet", "--speed", "8", cwd=tmp_path, within=280)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
    assert "message to the subscriber" not in run.stdout
    assert not (tmp_path / "demo-output").exists()
