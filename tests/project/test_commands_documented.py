"""What the docs name can be typed: commands with their options, config keys, variables, targets of make."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from pydantic import BaseModel

from bot.texts.faults import ACCOUNT, OVER, TITLES
from collector.errors import LoggedOut
from deadair.cli import app
from deadair.config import Config

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
#: Beside the pages: what is said where it is run.
MORE = [
    ROOT / "docker/compose.yaml",
    ROOT / "docker/compose.scale.yaml",
    *(ROOT / "docker/systemd").iterdir(),
]
COMMANDS: Any = typer.main.get_command(app)
#: What ends a command within a line.
END = re.compile(r"[#|;>&]|\s\(|`|,\s|\)")
#: Commands of `deadair` as they are written, also by a path to the program.
CALLED = re.compile(r"(?:^|[\s(`=]|/bin/)deadair(?= )(?P<words>[^\n`]*)")


def codes(page: Path) -> Iterator[str]:
    """Each line of a block, and each text in backticks."""
    text = page.read_text()
    for language, block in re.findall(r"^[ ]*```(\w*)\n(.*?)^[ ]*```", text, re.MULTILINE | re.DOTALL):
        if language in ("sh", ""):
            yield from block.splitlines()
    prose = re.sub(r"^[ ]*```.*?^[ ]*```", "", text, flags=re.MULTILINE | re.DOTALL)
    # A text in backticks may go on in the next line.
    for paragraph in re.split(r"\n\s*\n|\n(?=[|*#])", prose):
        yield from re.findall(r"`([^`]+)`", " ".join(paragraph.split()))


def calls(page: Path) -> Iterator[list[str]]:
    """The words behind each `deadair` that is a command."""
    lines = (
        codes(page) if page.suffix == ".md" else re.findall(r"^(?:#|Exec).*$", page.read_text(), re.MULTILINE)
    )
    for line in lines:
        for found in CALLED.finditer(line):
            words = END.split(found["words"])[0].split()
            if words and not words[0].startswith("main"):
                yield words


def complaint(words: list[str]) -> str:
    """What cannot be typed of it; empty: all can."""
    at, path = COMMANDS, list[str]()
    while hasattr(at, "commands") and words and re.fullmatch(r"[a-z][a-z-]*", words[0]):
        inner = at.commands.get(words[0])
        if inner is None:
            return f"there is no command {' '.join([*path, words[0]])!r}"
        at, path, words = inner, [*path, words[0]], words[1:]
    known = {name for each in at.params for name in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}
    for word in words:
        option = word.partition("=")[0].rstrip(".:")
        if re.fullmatch(r"--[a-z-]+|-[a-z]", option) and option not in known:
            return f"`deadair {' '.join(path)}` knows no {option}"
    return ""


@pytest.mark.parametrize("page", PAGES + MORE, ids=lambda page: page.name)
def test_every_command_that_is_named_can_be_typed(page: Path) -> None:
    wrong = [why for words in calls(page) if (why := complaint(words))]
    assert wrong == []


def test_commands_are_found_where_they_are_named() -> None:
    """Else the test above would hold of a page that nobody could read."""
    found = [" ".join(words) for page in PAGES for words in calls(page)]
    assert len(found) > 150
    assert {"migrate --to URL", "login main", "backup --new-key key.txt"} <= set(found)
    assert complaint(["statsu"]) == "there is no command 'statsu'"
    assert complaint(["config", "chekc"]) == "there is no command 'config chekc'"
    assert complaint(["backup", "--recipeint", "x"]) == "`deadair backup` knows no --recipeint"


def _leaves(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from _leaves(command, (*path, name))
        else:
            yield (*path, name)


def test_every_command_is_named_somewhere() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    missing = []
    for path in _leaves(COMMANDS):
        whole = f"deadair {' '.join(path)}"
        # "`deadair token`: ... `make`, `list`" names them as well.
        apart = f"deadair {path[0]}" in text and f"`{path[-1]}`" in text
        if whole not in text and not (len(path) > 1 and apart):
            missing.append(whole)
    assert missing == []


# -- keys of the config


def _model_in(annotation: object) -> type[BaseModel] | None:
    from typing import get_args

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)


def section(path: list[str]) -> type[BaseModel] | None:
    """The model of `[alerts.silence]`, of `[topics.NAME]`."""
    here: type[BaseModel] | None = Config
    for n, name in enumerate(path):
        if here is None:
            return None
        if path[0] == "topics" and n == 1:
            continue  # whatever it is called
        field = here.model_fields.get(name)
        here = _model_in(field.annotation) if field is not None else None
    return here


def named_keys(page: Path) -> Iterator[tuple[str, str]]:
    """(section, key) wherever one is named with its section; an empty key: the section alone."""
    for code in codes(page):
        for place, key in re.findall(
            r"(?<![\w\"'(])\[{1,2}([a-z_.]+|topics\.\w+)\]{1,2}(?: ([a-z_]+))?", code
        ):
            if place.split(".")[0] in Config.model_fields:
                yield place, key
        if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", code) and code.split(".")[0] in Config.model_fields:
            place, _, key = code.rpartition(".")
            if key not in ("py", "toml", "md", "txt", "db", "html", "json", "service"):
                yield place, key


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_key_that_is_named_exists(page: Path) -> None:
    wrong = []
    for place, key in named_keys(page):
        model = section(place.split("."))
        # `habit_*` stands for all that begin so.
        if model is None or not any(
            each == key or (key[-1:] in ("", "_") and each.startswith(key)) for each in model.model_fields
        ):
            wrong.append(f"[{place}] {key}")
    assert wrong == []


def test_keys_are_found_where_they_are_named() -> None:
    found = {each for page in PAGES for each in named_keys(page)}
    assert len(found) > 50
    assert {("collector", "since"), ("secrets", "key_file"), ("accounts", "channels")} <= found
    assert section(["alerts", "silnce"]) is None


def _strangers(model: type[BaseModel], given: dict[str, Any], place: str) -> Iterator[str]:
    for key, value in given.items():
        field = model.model_fields.get(key)
        if field is None:
            yield f"{place}{key}"
            continue
        inner = _model_in(field.annotation)
        for each in value if isinstance(value, list) else [value]:
            if inner is not None and isinstance(each, dict):
                if key == "topics" and model is Config:
                    for name, topic in each.items():
                        yield from _strangers(inner, topic, f"topics.{name}.")
                else:
                    yield from _strangers(inner, each, f"{place}{key}.")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_piece_of_a_config_that_is_shown_can_be_read(page: Path) -> None:
    for block in re.findall(r"^[ ]*```toml\n(.*?)^[ ]*```", page.read_text(), re.MULTILINE | re.DOTALL):
        document = tomllib.loads(block)
        if not document.keys() <= Config.model_fields.keys():
            continue  # of a lexicon, a calendar or labels
        assert list(_strangers(Config, document, "")) == []


# -- variables, targets, alarms


def test_every_variable_that_is_named_is_looked_at() -> None:
    code = "\n".join(
        path.read_text()
        for room in ("deadair", "storage", "benchmarks", "tests")
        for path in (ROOT / room).rglob("*.py")
    )
    named = {each for page in PAGES for each in re.findall(r"\bDEADAIR_[A-Z_]+\b", page.read_text())}
    assert len(named) >= 6
    assert {each for each in named if f'"{each}"' not in code} == set()


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        found[1] for page in PAGES for code in codes(page) if (found := re.match(r"make ([a-z]+)\b", code))
    }
    assert {"demo", "test", "audit"} <= named
    assert named - targets == set()


RUNNING = (ROOT / "docs/running.md").read_text()


def _first_cells(text: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)`", text, re.MULTILINE))


def test_every_alert_of_prometheus_says_what_to_do() -> None:
    rules = yaml.safe_load((ROOT / "docker/prometheus/alerts.yml").read_text())["groups"][0]["rules"]
    assert {rule["alert"] for rule in rules} == {c for c in _first_cells(RUNNING) if c.startswith("Deadair")}


def test_every_state_of_an_account_says_what_to_do() -> None:
    lost = {LoggedOut.state, *(kind.state for kind in LoggedOut.__subclasses__())}
    set_ = set()
    for path in (ROOT / "collector").glob("*.py"):
        for said in re.findall(r"health\.(?:set|write)\(\s*(?:tx, )?([^,]*)", path.read_text()):
            set_ |= set(re.findall(r"\"(\w+)\"", said))
    assert {"watching", "throttled", "unreachable"} <= set_
    assert lost | set_ <= _first_cells(RUNNING)


def test_every_check_of_health_says_what_to_do() -> None:
    """The table of docs/operating.md, "Is it at work?"."""
    checks: set[str] = set()
    for path in ("deadair/health/judge.py", "deadair/retention/room.py"):
        text = (ROOT / path).read_text()
        checks |= set(re.findall(r"Check\.(?:note|warning|wrong)\(\s*\"(\w+)\"", text))
    assert {"channels", "bot", "backup"} <= checks
    table = (ROOT / "docs/operating.md").read_text().partition("| it says | meaning | what to do |")[2]
    named = {each for line in table.splitlines()[2:] for each in re.findall(r"^\| `(\w+)", line)}
    assert checks <= named


def test_everything_wrong_that_the_bot_tells_of_says_what_to_do() -> None:
    table = RUNNING.partition("### What the bot tells ops and owners")[2]
    told = {*TITLES.values(), ACCOUNT.format(name="..."), OVER.format(title="...")}
    assert {each for each in told if f"*{each}*" not in table} == set()
