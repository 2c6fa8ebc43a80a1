"""From files to a citation, as a researcher does it: import, search, count, show, export, verify."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from tests.support.warm import deadair

POSTS = [
    {
        "channel": "falcon_news",
        "id": 1,
        "date": "2026-03-01T10:00:00+00:00",
        "text": "سقطت الطائرة هنا",
        "views": 10,
    },
    {
        "channel": "falcon_news",
        "id": 2,
        "date": "2026-03-02T10:00:00+00:00",
        "text": "\x1b[2J=cmd drone",
        "views": 20,
    },
    {"channel": "heron", "id": 1, "date": "2026-03-02T11:00:00+00:00", "text": "nothing of it", "views": 30},
]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the posts and an archive of them, to be copied."""
    folder = tmp_path_factory.mktemp("imported")
    (folder / "posts.jsonl").write_text("\n".join(json.dumps(each) for each in POSTS))
    done = deadair("import", "posts.jsonl", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(tmp_path: Path, imported: Path) -> Path:
    return shutil.copytree(imported, tmp_path, dirs_exist_ok=True)


def test_what_is_in_files_is_found_counted_and_shown(folder: Path) -> None:
    found = deadair("search", "طائرة", cwd=folder)
    assert "@falcon_news/1" in found.stdout
    assert "[الطائرة]" in found.stdout
    assert "not searchable" not in found.stderr
    document = json.loads(deadair("search", "drone", "--json", cwd=folder).stdout)
    assert [hit["post_id"] for hit in document["hits"]] == [2]
    rows = list(csv.DictReader(io.StringIO(deadair("search", "--csv", cwd=folder).stdout)))
    assert [row["post_id"] for row in rows] == ["1", "2", "1"]
    plain = deadair("search", "drone", cwd=folder).stdout
    assert "\x1b" not in plain

    counts = json.loads(deadair("count", "--by", "channel", "--json", cwd=folder).stdout)
    assert {row["channel"]: row["found"] for row in counts["rows"]} == {"@falcon_news": 2, "@heron": 1}
    assert (
        "watched"
        in deadair("count", "drone", "--since", "2026-03-01", "--until", "2026-03-03", cwd=folder).stdout
    )

    shown = deadair("show", "@falcon_news/1", "--zone", "Asia/Baghdad", cwd=folder)
    assert "2026-03-01 13:00 (Asia/Baghdad)" in shown.stdout
    assert json.loads(deadair("show", "falcon_news/1", "--json", cwd=folder).stdout)["versions"][0]["stands"]


def test_what_is_found_is_exported_verified_and_cited(folder: Path) -> None:
    made = deadair("export", "طائرة OR drone", "-o", "out", "--format", "csv", cwd=folder)
    assert made.returncode == 0, made.stderr
    assert "SHA-256" in made.stdout
    assert deadair("verify", "out", cwd=folder).returncode == 0
    again = deadair("export", "--again", "out", "-o", "again", cwd=folder)
    assert (again.returncode, "byte for byte" in again.stdout) == (0, True), again.stderr
    told = (folder / "again" / "manifest.json").read_text(encoding="utf-8")
    (folder / "again" / "manifest.json").write_text(
        told.replace("reader version none", "reader version 3"), "utf-8"
    )
    other = deadair("verify", "again", cwd=folder)
    assert (other.returncode, "its citation is not what its own facts give" in other.stdout) == (1, True), (
        told
    )
    assert json.loads(deadair("verify", "again", "--json", cwd=folder).stdout)["contradicted"] == ["citation"]
    text = (folder / "out" / "posts.csv").read_text(encoding="utf-8")
    (folder / "out" / "posts.csv").write_text(text.replace("drone", "dronE"), encoding="utf-8")
    broken = deadair("verify", "out/posts.csv", cwd=folder)
    assert (broken.returncode, "posts.csv: BROKEN" in broken.stdout) == (1, True)
    assert deadair("index", cwd=folder).stdout == "all is searchable\n"


@pytest.mark.parametrize(
    ("arguments", "says", "does"),
    [
        (("search", "(drone"), "this bracket is never closed", "put )"),
        (("search", "topic:x"), "is no word of a post", "--topic x"),
        (("search", "--channel", "falcon_new"), "no channel 'falcon_new'", "@falcon_news"),
        (("search", "--since", "yesterday"), "'yesterday' is no time", "7d"),
        (("search", "--zone", "Mars/Olympus"), "no time zone", "Asia/Baghdad"),
        (("search", "--topic", "attacks"), "no post of this archive has been read", "reread"),
        (("search", "--views", "many"), "is no number", "1000-5000"),
        (("search", "--after", "x1"), "is no place", "the page before"),
        (("show", "falcon_news/77"), "no post 77", "never seen"),
        (("export", "-o", "posts.jsonl"), "something at posts.jsonl", "empty or not there"),
        (("export", "--table", "secrets"), "no table 'secrets'", "posts"),
        (("verify", "nowhere/manifest.json"), "cannot read", "manifest.json"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    folder: Path, arguments: tuple[str, ...], says: str, does: str
) -> None:
    done = deadair(*arguments, cwd=folder)
    assert done.returncode == 1
    assert says in done.stderr
    assert does in done.stderr
    assert "Traceback" not in done.stderr
