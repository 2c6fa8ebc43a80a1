"""`deadair read`, `match`, `lexicon` and `explain` as a person runs them."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import console
from tests.support.console import DEADAIR, environment
from tests.support.shared import needs, shared
from tests.support.warm import deadair

CLAIMS = shared("claims")
CLAIM = "كتائب حزب الله: استهدفنا قاعدة حرير بطائرة مسيرة"
OWN = '[[actor]]\nid = "river_hawks"\nside = "axis"\nar = ["صقور الرافد"]\n'


def post(id_: object, text: str = CLAIM, **more: object) -> dict[str, object]:
    return {"id": id_, "posted": "2024-01-28T21:05:00+03:00", "text": text, **more}


def lines(*rows: object) -> str:
    return "".join(
        (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows
    )


def found(run: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.stdout.splitlines()]


def own_lexicon(folder: Path, *texts: str) -> Path:
    """A config in a folder of its own whose lexicon files stand beside it."""
    folder.mkdir()
    names = [f"own{n}.toml" for n in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "config.toml").write_text(f"[claims]\nlexicon = {json.dumps(names)}\n")
    return folder / "config.toml"


def test_posts_of_a_file_are_read_in_order(tmp_path: Path) -> None:
    extra = {"forwarded_from": "some_channel", "channel": 77, "views": 5}
    (tmp_path / "posts.jsonl").write_text(
        lines(post("b"), "", post(1, "مباراة اليوم", lang="ar"), post("a", "🚀", **extra)), encoding="utf-8"
    )
    run = deadair("read", "posts.jsonl", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    rows = found(run)
    assert [row["id"] for row in rows] == ["b", 1, "a"]
    assert [row["is_claim"] for row in rows] == [True, False, False]
    (claim,) = rows[0]["claims"]
    said = [claim[k] for k in ("kind", "claimant", "location", "country", "weapon", "date")]
    assert said == ["responsibility", "kh", "harir", "IQ", ["drone"], "2024-01-28"]
    span = claim["spans"]["claimant"]
    assert CLAIM[span["start"] : span["end"]] == span["text"]


@pytest.mark.parametrize("arguments", [["read"], ["match", "-"]])
def test_a_pipe_is_read_and_no_line_at_all_is_no_mistake(tmp_path: Path, arguments: list[str]) -> None:
    full = deadair(*arguments, cwd=tmp_path, said=lines(post(1)))
    assert (full.returncode, [row["id"] for row in found(full)]) == (0, [1])
    empty = deadair(*arguments, cwd=tmp_path)
    assert (empty.returncode, empty.stdout, empty.stderr) == (0, "", "")


BAD = [
    (b"{", "is not JSON"),
    (b"[" * 100_000, "nested too deeply"),
    (b"7", "is no JSON object"),
    (b'{"posted": "2024-01-28T21:05:00Z"}', "id is None"),
    (b'{"id": 3, "text": "x"}', "posted of post 3 is None"),
    (b'{"id": 3, "posted": "2024-01-28T21:05:00"}', "no time zone"),
    (b'{"id": 3, "posted": "0001-01-01T00:00:00Z"}', "in the year 1"),
    (b'{"id": 3, "posted": "2024-01-28T21:05:00Z", "text": 5}', "text of post 3 is int"),
    ('{"id": 3, "text": "قصف"}'.encode("cp1256"), "is not UTF-8: byte 20 is 0xde"),
    (b'"' + b"x" * 5_000_000 + b'"', "is longer than 4,194,304 bytes"),
]


@pytest.mark.parametrize("command", ["read", "match"])
def test_every_bad_line_is_told_with_its_number_and_the_rest_goes_on(tmp_path: Path, command: str) -> None:
    good = [json.dumps(post(n)).encode() for n in range(len(BAD) + 1)]
    mixed = [good[0]]
    for n, (bad, _) in enumerate(BAD, 1):
        mixed += [bad, good[n]]
    (tmp_path / "posts.jsonl").write_bytes(b"\n".join(mixed))
    run = deadair(command, "posts.jsonl", cwd=tmp_path)
    assert run.returncode == 1
    assert [row["id"] for row in found(run)] == list(range(len(BAD) + 1))
    *told, last = run.stderr.splitlines()
    assert len(told) == len(BAD)
    for n, (line, (_, what)) in enumerate(zip(told, BAD, strict=True)):
        assert line.startswith(f"line {2 * n + 2}: ")
        assert what in line
    assert last == f"{len(BAD)} lines left out, {len(BAD) + 1} posts read"


def test_each_post_is_answered_before_the_next_one_is_there(tmp_path: Path) -> None:
    with subprocess.Popen(
        [DEADAIR, "read"], cwd=tmp_path, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for n in range(3):
            running.stdin.write(lines(post(n)).encode())
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["id"] == n
        running.stdin.close()
        assert running.wait(timeout=20) == 0


MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_what_was_read_before_takes_no_memory(tmp_path: Path) -> None:
    def kilobytes(n: int) -> int:
        (tmp_path / "posts.jsonl").write_text(
            "".join(lines(post(i, forwarded_from="x" * 500_000)) for i in range(n)), encoding="utf-8"
        )
        run = subprocess.run(
            [sys.executable, "-c", MEASURED, str(DEADAIR), "read", "posts.jsonl"],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return int(run.stdout)

    assert kilobytes(42) < kilobytes(2) + 12_000


def test_letters_that_utf_8_does_not_know_and_a_poor_locale_stop_nothing(tmp_path: Path) -> None:
    said = lines('{"id": "\\ud800", "posted": "2024-01-28T21:05:00Z", "text": "\\ud800"}', post(2))
    run = console.deadair(
        "read", cwd=tmp_path, said=said, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert [row["id"] for row in found(run)] == ["\ud800", 2]


def test_who_reads_only_the_first_rows_gets_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(lines(*(post(n) for n in range(400))), encoding="utf-8")
    with subprocess.Popen(
        [DEADAIR, "read", "posts.jsonl"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert json.loads(running.stdout.readline())["id"] == 0
        running.stdout.close()
        assert running.stderr.read() == b""


@pytest.mark.parametrize("command", ["read", "match"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, command: str) -> None:
    for path, why in (("nope.jsonl", "No such file"), (".", "Is a directory")):
        run = deadair(command, path, cwd=tmp_path)
        assert (run.returncode, run.stdout) == (1, "")
        assert f"deadair: cannot read {path}: {why}" in run.stderr
        assert "what to do:" in run.stderr


def test_posts_of_one_act_get_one_cluster_and_others_their_own(tmp_path: Path) -> None:
    said = lines(
        post("ar"),
        post("en", "Kataib Hezbollah says its drones targeted Harir base"),
        post(1, "مباراة اليوم"),
        post(2, "الطقس غدا"),
        post("week", posted="2024-02-04T21:05:00+03:00"),
        post("ar", "مباراة اليوم"),
    )
    run = deadair("match", cwd=tmp_path, said=said)
    assert run.returncode == 1
    assert run.stderr.startswith("line 6: id 'ar' is that of line 1 too")
    rows = found(run)
    assert [row["id"] for row in rows] == ["ar", "en", 1, 2, "week"]
    cluster = [row["cluster"] for row in rows]
    assert cluster[0] == cluster[1]
    assert len(set(cluster)) == 4


@needs("claims", "the labelled posts and the scorer")
@pytest.mark.parametrize(
    ("command", "mode", "name", "floors"),
    [
        ("read", "posts", "posts", ["is_claim.f1=0.9", "kind.f1=0.8", "full_claim.rate=0.62"]),
        ("match", "dups", "duplicates", ["pairwise.f1=0.88", "pairwise.p=0.92"]),
    ],
)
def test_the_scorer_takes_what_is_written(
    tmp_path: Path, command: str, mode: str, name: str, floors: list[str]
) -> None:
    run = deadair(command, CLAIMS / f"dev/{name}.inputs.jsonl", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    (tmp_path / "read.jsonl").write_text(run.stdout, encoding="utf-8")
    gold = CLAIMS / f"dev/{name}.jsonl"
    scored = subprocess.run(
        [sys.executable, CLAIMS / "score.py", mode, gold, "read.jsonl", "--min", *floors],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert scored.returncode == 0, scored.stdout + scored.stderr


def test_ones_own_lexicon_is_read_with_wherever_the_command_is_called(tmp_path: Path) -> None:
    config = own_lexicon(tmp_path / "etc", OWN)
    said = lines(post(1, "صقور الرافد: استهدفنا قاعدة حرير"))
    (without,) = found(deadair("read", cwd=tmp_path, said=said))
    (given,) = found(deadair("read", "--config", config, cwd=tmp_path, said=said))
    claimants = [[claim["claimant"] for claim in row["claims"]] for row in (without, given)]
    assert claimants == [["unknown_group"], ["river_hawks"]]
    checked = deadair("lexicon", "check", "--config", config, cwd=tmp_path)
    assert checked.returncode == 0
    assert f"laid over it: {config.parent / 'own0.toml'}" in checked.stdout
    assert "place" in checked.stdout
    assert "the lexicon is sound" in checked.stdout
    proved = deadair("check-config", "--config", config, cwd=tmp_path)
    assert proved.returncode == 0
    assert "lexicon: the shipped one, and over it" in proved.stdout


@pytest.mark.parametrize("command", [["lexicon", "check"], ["check-config"], ["read"]])
def test_a_faulty_lexicon_is_told_by_file_entry_and_mistake(tmp_path: Path, command: list[str]) -> None:
    faulty = '[[place]]\nid = "camp"\nkind = "base"\ncountry = "Iraq"\n'
    config = own_lexicon(tmp_path / "etc", "[[actor]]\nid = 'x'\nside = 'friend'\n", OWN, faulty)
    run = deadair(*command, "--config", config, cwd=tmp_path)
    assert run.returncode == 1
    assert "own0.toml, actor 'x': side is 'friend'" in run.stderr
    assert "own2.toml, place 'camp': country is 'Iraq'" in run.stderr
    assert "own1.toml" not in run.stderr
    assert run.stdout == ""


def test_a_lexicon_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[claims]\nlexicon = ["gone.toml"]\n')
    run = deadair("check-config", cwd=tmp_path)
    assert run.returncode == 1
    assert "gone.toml: cannot be read" in run.stderr


def test_an_entry_of_the_lexicon_is_shown_with_its_surfaces(tmp_path: Path) -> None:
    shown = deadair("lexicon", "show", "kh", cwd=tmp_path)
    assert shown.returncode == 0
    assert "كتائب حزب الله" in shown.stdout
    assert "Kataib Hezbollah" in shown.stdout
    every = deadair("lexicon", "show", cwd=tmp_path)
    assert {"actor:", "place:", "kh", "harir"} <= set(every.stdout.split())
    wrong = deadair("lexicon", "show", "hari", cwd=tmp_path)
    assert wrong.returncode == 1
    assert "Near it: " in wrong.stderr
    assert "harir" in wrong.stderr


def test_a_post_is_explained_rule_by_rule(tmp_path: Path) -> None:
    run = deadair("explain", CLAIM + "\x1b[31m أمس", "--posted", "2024-02-01", cwd=tmp_path)
    assert run.returncode == 0
    assert "claimant      kh   “كتائب حزب الله”  [" in run.stdout
    assert "2024-01-31 (relative)   “أمس”  [date:relative]" in run.stdout
    assert "   | ^^^^^^^^^^^^^^  ^^^^^^^^" in run.stdout
    assert "\x1b" not in run.stdout
    piped = deadair("explain", "-", cwd=tmp_path, said=f"مباراة اليوم\n{CLAIM}\n")
    assert f"   | {CLAIM}\n" in piped.stdout


def test_on_a_terminal_the_evidence_is_underlined_and_a_post_cannot_steer_it(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [DEADAIR, "explain", CLAIM + "\x1b[31m"],
        cwd=tmp_path,
        env={**environment(), "TERM": "xterm"},
        stdout=theirs,
    ) as running:
        os.close(theirs)
        said = b""
        try:
            while more := os.read(ours, 65536):
                said += more
        except OSError:  # how Linux tells that the other side is closed
            pass
        assert running.wait(timeout=20) == 0
    os.close(ours)
    shown = said.decode()
    assert "\x1b[4mكتائب حزب الله\x1b[24m: \x1b[4mاستهدفنا\x1b[24m" in shown
    assert "\x1b[31m" not in shown
    assert "^" not in shown


BARE = "المقاومة الإسلامية: استهدفنا تجمعاً لجنود العدو بالصواريخ"


def test_whom_a_channel_means_by_the_resistance_is_known_from_the_config(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[[channels]]\nhandle = "south_news"\nresistance = "hezbollah"\n')
    channels = ["@South_News", "https://t.me/s/south_news", "other_news", None]
    said = lines(*(post(n, BARE, **({"channel": c} if c else {})) for n, c in enumerate(channels)))
    run = deadair("read", "--resistance", "iri", cwd=tmp_path, said=said)
    assert (run.returncode, run.stderr) == (0, "")
    assert [row["claims"][0]["claimant"] for row in found(run)] == ["hezbollah", "hezbollah", "iri", "iri"]
    (unsaid,) = found(deadair("read", cwd=tmp_path, said=lines(post(1, BARE))))
    assert unsaid["claims"][0]["claimant"] == "unknown_group"
    matched = found(deadair("match", "--resistance", "iri", cwd=tmp_path, said=said))
    assert [row["cluster"] for row in matched] == [1, 1, 2, 2]
    wrong = deadair("match", "--resistance", "hizbalah", cwd=tmp_path, said=said)
    assert wrong.returncode == 1
    assert "--resistance hizbalah: no axis actor of the lexicon" in wrong.stderr
    assert "hezbollah" in wrong.stderr


def test_what_the_config_names_and_the_lexicon_does_not_know_is_told(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[[channels]]\nhandle = "south_news"\nresistance = "hizbalah"\n[topics.war]\nany_of = ["conflikt"]\n'
    )
    for command in ("check-config", "read"):
        run = deadair(command, cwd=tmp_path)
        assert run.returncode == 1
        assert "channels: @south_news: resistance is 'hizbalah', which is no axis actor" in run.stderr
        assert "[topics.war] any_of: 'conflikt' is no topic of the lexicon; they are: conflict," in run.stderr
    config.write_text(
        '[claims]\nlexicon = ["own.toml"]\n[[channels]]\nhandle = "south_news"\nresistance = "river_hawks"\n'
        '[topics.war]\nwords = ["قصف"]\nany_of = ["conflict", "threats"]\n'
    )
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    run = deadair("check-config", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "topic war: 1 words and phrases; any of conflict, threats" in run.stdout
