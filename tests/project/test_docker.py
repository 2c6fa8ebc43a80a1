"""What is shipped for running in containers fits what the program has."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from deadair.health.metrics import exposition
from deadair.health.vitals import Account, Vitals
from deadair.wiring import PARTS
from domain.channel import Channel
from domain.check import Check
from tests.support.alerting import NOON

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
OURS = ("deadair", "collector", "reader", "indexer", "alerts", "bot", "web", "jobs", "health")


def composed(name: str) -> dict[str, Any]:
    found = yaml.safe_load((DOCKER / name).read_text())
    assert isinstance(found, dict)
    return found


def metrics() -> set[str]:
    """Every name that /metrics may answer."""
    vitals = Vitals(
        at=NOON,
        channels=(Channel(id=7, title="Falcon"),),
        posts=1,
        last_seen_at=NOON,
        watched_until={7: NOON},
        accounts={"main": Account(state="watching", at=NOON)},
        watched_by={"main": {7: NOON}},
        decided_until=NOON,
        open_episodes={"silence": 1},
        undelivered_since=NOON,
        polled_at=NOON,
        backed_up_at=NOON,
        backups_asked_at=NOON,
        free=1,
        size=1,
    )
    text = exposition(vitals, [Check.well("bot", "it is")]).decode()
    return set(re.findall(r"^(deadair_\w+)[ {]", text, re.MULTILINE))


@pytest.mark.parametrize(
    "path", ["prometheus/alerts.yml", "prometheus/alerts.test.yml", "grafana/dashboards/deadair.json"]
)
def test_rules_and_dashboard_ask_for_metrics_there_are(path: str) -> None:
    text = (DOCKER / path).read_text()
    (yaml.safe_load if path.endswith(".yml") else json.loads)(text)
    asked = set(re.findall(r"\bdeadair_\w+", text))
    assert asked
    assert asked <= metrics()


def test_every_metric_is_shown_or_ruled_by() -> None:
    texts = "".join(
        (DOCKER / p).read_text() for p in ("prometheus/alerts.yml", "grafana/dashboards/deadair.json")
    )
    assert {name for name in metrics() if name not in texts} == set()


def test_the_parts_apart_are_all_the_parts_there_are() -> None:
    services = composed("compose.scale.yaml")["services"]
    started = {
        service["command"][-1] for service in services.values() if service.get("command", [""])[0] == "run"
    }
    assert started == set(PARTS)


#: The published schema of compose files, as of October 2021; later ones add to it.
SCHEMA = ROOT / "tests" / "data" / "compose" / "compose-spec.json"


@pytest.mark.parametrize("name", ["compose.yaml", "compose.scale.yaml"])
def test_a_compose_file_is_what_the_published_schema_allows(name: str) -> None:
    schema = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))
    assert [error.message for error in schema.iter_errors(composed(name))] == []
    wrong = composed(name)
    next(iter(wrong["services"].values()))["restrat"] = "always"
    assert any("restrat" in error.message for error in schema.iter_errors(wrong))


@pytest.mark.parametrize("name", ["compose.yaml", "compose.scale.yaml"])
def test_our_containers_may_do_nothing_but_their_work(name: str) -> None:
    ours = {n: s for n, s in composed(name)["services"].items() if n in OURS}
    assert ours
    for service in ours.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service
        assert "ports" not in service
        assert (DOCKER / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("name", ["compose.yaml", "compose.scale.yaml"])
def test_no_secret_stands_in_a_compose_file(name: str) -> None:
    for service in composed(name)["services"].values():
        for key, value in service.get("environment", {}).items():
            if "PASSWORD" in key or "TOKEN" in key:
                assert key.endswith(("_FILE", "__FILE")), value


def test_the_image_holds_every_room_and_runs_as_nobody_special() -> None:
    text = (DOCKER / "Dockerfile").read_text()
    packages = re.search(r"^packages = \[(.*)\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert packages
    ignored = (ROOT / ".dockerignore").read_text().split()
    for room in re.findall(r'"(\w+)"', packages[1]):
        assert f"COPY {room}/ {room}/" in text
        assert f"!{room}" in ignored
    for lines in (re.findall(r"^COPY .*$", text, re.MULTILINE), [w for w in ignored if w.startswith("!")]):
        assert sorted(set(lines)) == sorted(lines)
    assert re.search(r"^USER deadair$", text, re.MULTILINE)
    assert "PYTHONSAFEPATH=1" in text
    assert "--require-hashes" in text


def units() -> dict[str, list[str]]:
    """The lines of each unit that counts."""
    return {
        path.name: [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
        for path in (DOCKER / "systemd").iterdir()
    }


def test_the_units_of_systemd_are_of_one_piece_and_name_every_part() -> None:
    found = units()
    assert found.keys() == {"deadair.service", "deadair@.service", "deadair.target"}
    whole, part = found["deadair.service"], found["deadair@.service"]
    assert set(part) - set(whole) == {
        "Description=Deadair, its part %i",
        "PartOf=deadair.target",
        "ExecStart=/opt/deadair/bin/deadair run --only %i",
        "WantedBy=deadair.target",
    }
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "LimitCORE=0"} <= set(
        part
    )
    for unit in (whole, part):  # an archive that is away for a night is waited for
        assert {"Restart=on-failure", "StartLimitIntervalSec=0", "RestartSec=15"} <= set(unit)
        assert not [line for line in unit if line.startswith("StartLimitBurst")]
    named = re.search(r"deadair@\{(.*)\}\.service", (DOCKER / "systemd/deadair.target").read_text())
    assert named
    assert tuple(named[1].split(",")) == PARTS


def test_every_rule_of_an_alert_is_tried() -> None:
    rules = yaml.safe_load((DOCKER / "prometheus/alerts.yml").read_text())["groups"][0]["rules"]
    tests = yaml.safe_load((DOCKER / "prometheus/alerts.test.yml").read_text())["tests"]
    tried: dict[str, set[bool]] = {}
    for each in tests:
        for trial in each["alert_rule_test"]:
            tried.setdefault(trial["alertname"], set()).add(bool(trial["exp_alerts"]))
    assert tried == {rule["alert"]: {True, False} for rule in rules}


def test_the_dashboard_is_whole() -> None:
    board = json.loads((DOCKER / "grafana/dashboards/deadair.json").read_text())
    source = yaml.safe_load((DOCKER / "grafana/provisioning/datasources/prometheus.yaml").read_text())
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["targets"]
            assert panel["datasource"]["uid"] == source["datasources"][0]["uid"]


def test_the_image_says_what_it_stands_on() -> None:
    text = (DOCKER / "Dockerfile").read_text()
    assert "-r locks/sbom.txt" in text
    assert "-o /venv/sbom.cdx.json" in text
