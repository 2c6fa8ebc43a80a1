"""The house stands as its plan says."""

import ast
import re
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
ROOMS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))


def test_every_room_is_shipped_typed_and_held_by_the_contracts() -> None:
    assert sorted(PACKAGES) == ROOMS
    assert sorted(PROJECT["tool"]["mypy"]["packages"]) == ROOMS
    assert sorted(PROJECT["tool"]["importlinter"]["root_packages"]) == ROOMS
    assert [room for room in ROOMS if not (ROOT / room / "py.typed").is_file()] == []
    assert set(ROOMS) <= set(PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"])


@pytest.mark.parametrize("package", sorted(p.parent for r in ROOMS for p in (ROOT / r).rglob("__init__.py")))
def test_a_package_opens_with_one_line_and_imports_nothing(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text())
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


def test_no_room_hides_a_module_of_python_or_of_a_dependency() -> None:
    assert set(ROOMS) & sys.stdlib_module_names == set()
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_no_file_of_ours_is_longer_than_a_noun_or_a_verb_needs() -> None:
    long = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "migrations/versions" not in path.as_posix() and len(path.read_text().splitlines()) > 400
    ]
    assert long == []


@pytest.mark.parametrize("lock", sorted((ROOT / "locks").glob("*.txt")), ids=lambda path: path.name)
def test_a_lock_holds_hashes_and_names_no_host(lock: Path) -> None:
    text = lock.read_text()
    pins = re.findall(r"^[a-z0-9_.-]+==\S+.*\\$", text, re.MULTILINE)
    assert pins
    assert len(pins) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text
    assert "index" not in text


def test_the_locks_agree_with_each_other() -> None:
    def pins(name: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for package, version in re.findall(
            r"^([a-z0-9_.-]+)==(\S+)", (ROOT / "locks" / name).read_text(), re.MULTILINE
        ):
            found.setdefault(package, set()).add(version)
        return found

    test, run, build = pins("test.txt"), pins("run.txt"), pins("build.txt")
    assert {name: versions for name, versions in run.items() if test.get(name) != versions} == {}
    assert {name for name in build if name in test and test[name] != build[name]} == set()


@pytest.mark.parametrize("lock", ["build.txt", "run.txt"])
def test_what_runs_is_the_same_with_every_python(lock: str) -> None:
    """Else an archive is reckoned with by one numpy here and by another there, and checked with neither."""
    pins = re.findall(r"^([a-z0-9_.-]+)==", (ROOT / "locks" / lock).read_text(), re.MULTILINE)
    assert sorted(set(pins)) == sorted(pins)


def test_an_sdist_ships_no_session_database_or_secret(tmp_path: Path) -> None:
    """Files that must never leave this machine are laid where they would lie, and are not in the archive."""
    copy = tmp_path / "project"
    copy.mkdir()
    for name in (*PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"], "pyproject.toml"):
        source = ROOT / name
        if source.is_dir():
            (copy / name).mkdir()
            (copy / name / "__init__.py").write_text('"""A room."""\n')
        elif source.is_file():
            (copy / name).write_bytes(source.read_bytes())
    secrets = ["main.session", "deadair.db", "deadair.db-wal", ".env", "x.sqlite3", "main.session-journal"]
    for name in secrets:
        (copy / name).write_text("secret")
        (copy / "collector" / name).write_text("secret")
    (copy / "sessions").mkdir()
    (copy / "sessions" / "main.session").write_text("secret")
    built = next(iter(SdistBuilder(str(copy)).build(directory=str(tmp_path), versions=["standard"])))
    with tarfile.open(built) as archive:
        names = [Path(name).name for name in archive.getnames()]
    assert "pyproject.toml" in names
    assert set(names) & set(secrets) == set()


def test_the_image_is_built_from_every_room_and_from_nothing_secret() -> None:
    image = (ROOT / "docker" / "Dockerfile").read_text()
    let_in = (ROOT / ".dockerignore").read_text().splitlines()
    assert [room for room in ROOMS if f"COPY {room}/ {room}/" not in image] == []
    assert [room for room in ROOMS if f"!{room}" not in let_in] == []
    assert let_in[1] == "*"
    assert "PYTHONSAFEPATH=1" in image
    assert "USER deadair" in image
