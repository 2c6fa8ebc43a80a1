"""The commands that look back, as people run them, over an archive of an invented channel."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.engine import Engine
from deadair.config import load
from deadair.history import read_topics
from domain.channel import Channel
from domain.clock import SetClock
from domain.finding import Kind
from domain.post import How, Post
from domain.watch import WatchSpan
from storage.config import StorageConfig
from storage.store import open_store
from tests.support.rhythms import Story
from tests.support.warm import deadair

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
WEEKS = timedelta(weeks=4)
#: A Monday; posts of a file cannot be of the future.
BEGIN = datetime(2024, 3, 4, tzinfo=UTC)
NUMBER = 1001
WORDS = ("the weather is fine", "a rocket was launched")
STOP = BEGIN + WEEKS + 21 * DAY + 12 * HOUR
CONFIG = """\
# Written by hand, and dear to its owner.
[[channels]]
handle = "falcon_wire"    # the one that matters
zone = "Asia/Baghdad"

[topics.strikes]          # what is claimed
words = ["rocket"]

[alerts]
topics = []
"""


def told() -> list[Post]:
    """Seven weeks, a silence of two days, and a day of the rhythm again; three of ten tell of rockets."""
    story = Story(seed=11, start=BEGIN).posts(STOP - BEGIN, 40, topics={"strikes": 0.3}).quiet(2 * DAY)
    story.posts(DAY, 40, topics={"strikes": 0.3})
    return [
        Post(
            channel_id=NUMBER,
            id=reading.post_id,
            posted_at=reading.posted_at,
            seen_at=reading.posted_at,
            how=How.LIVE,
            text=("a rocket was launched" if reading.topics else "the weather is fine")
            + f" {reading.post_id}",
        )
        for reading in story.readings
    ]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config, the posts as a file, and an archive in which the engine has judged them."""
    folder = tmp_path_factory.mktemp("hindsight")
    (folder / "config.toml").write_text(CONFIG)
    with (folder / "posts.jsonl").open("w") as file:
        for post in told():
            row = {"channel": "falcon_wire", "id": post.id, "date": post.posted_at.isoformat()}
            file.write(json.dumps({**row, "text": post.text}) + "\n")
    asyncio.run(_lived(folder))
    return folder


async def _lived(folder: Path) -> None:
    """The archive as a run leaves it: posts, readings, the record of the watch, the episode."""
    config = load(folder / "config.toml").config
    channel = Channel(id=NUMBER, title="Falcon Wire", handle="falcon_wire", zone="Asia/Baghdad")
    async with open_store(StorageConfig(url=f"sqlite:///{folder / 'deadair.db'}")) as store:
        async with store.begin() as tx:
            await tx.channels.save(channel, BEGIN)
            await tx.readings.go_live(1, BEGIN)
        clock = SetClock(BEGIN)
        engine = Engine(store, clock, config.alerts, topics={*config.topics})
        posts, since = told(), BEGIN
        for until in (STOP, STOP + 2 * DAY, STOP + 3 * DAY):
            fresh = [post for post in posts if since < post.posted_at <= until]
            async with store.begin() as tx:
                await tx.posts.put(fresh)
                await tx.readings.put(read_topics(config, fresh))
                await tx.marks.set("reader.1", {"seq": await tx.posts.last_seq()}, until)
                await tx.watch.extend(
                    WatchSpan(channel_id=NUMBER, account="a", from_at=BEGIN, to_at=until, how=How.LIVE)
                )
            clock.advance(until - clock.now())
            await engine.step()
            since = until
        async with store.read() as tx:
            found = await tx.episodes.newest()
            assert [e.kind for e in found] == [Kind.SILENCE]


def said(home: Path, *arguments: str | Path, code: int = 0, **more: str) -> str:
    done = deadair(*arguments, cwd=home, **more)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_an_episode_is_shown_hour_by_hour_with_reason_evidence_and_deadline(home: Path) -> None:
    shown = said(home, "episode", "1", COLUMNS="80")
    assert "silence of @falcon_wire" in shown
    assert "We watched @falcon_wire without a break" in shown
    assert "Asia/Baghdad" in shown
    assert "← last post before" in shown
    assert "← told" in shown or "news, told" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
    [found] = [json.loads(line) for line in said(home, "episode", "1", "--json").splitlines()]
    silent = [h for h in found["hours"] if found["since"] < h["start"] < found["opened_at"]]
    assert silent
    assert {h["observed"] for h in silent} == {0}
    assert sum(h["expected"] for h in silent) > 3
    assert "episode 7" in said(home, "episode", "7", code=1)


def test_its_picture_is_a_png(home: Path, tmp_path: Path) -> None:
    picture = tmp_path / "episode.png"
    assert str(picture) in said(home, "episode", "1", "--png", picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    refused = said(home, "episode", "1", "--png", tmp_path / "nowhere" / "x.png", code=1)
    assert "cannot write" in refused


def test_replay_explains_its_own_episodes(home: Path) -> None:
    file = home / "posts.jsonl"
    listed = said(home, "replay", file, "--zone", "Asia/Baghdad")
    assert "times in Asia/Baghdad" in listed
    rows = [json.loads(line) for line in said(home, "replay", file, "--json").splitlines()]
    late = (STOP - DAY).isoformat()
    silence = next(r for r in rows if r["kind"] == "silence" and r["topic"] is None and r["since"] > late)
    shown = said(home, "replay", file, "--explain", str(silence["episode"]))
    assert "hour by hour" in shown
    assert "there is no episode 99" in said(home, "replay", file, "--explain", "99", code=1)
    assert "is no time zone" in said(home, "replay", file, "--zone", "Mars/Olympus", code=1)
    assert "say which" in said(home, "replay", file, "--png", "x.png", code=1)


def rows(home: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (home / "posts.jsonl").read_text().splitlines()]


def replayed(home: Path, path: Path, lines: list[str]) -> list[str]:
    """The kinds of the episodes that would have been told."""
    path.write_text("".join(f"{line}\n" for line in lines))
    out = said(home, "replay", path, "--json")
    return [json.loads(line)["kind"] for line in out.splitlines() if line.startswith("{")]


def test_where_numbers_were_passed_over_a_file_says_nothing_of_the_time_between(
    home: Path, tmp_path: Path
) -> None:
    posts = rows(home)
    after = next(n for n, row in enumerate(posts) if str(row["date"]) > STOP.isoformat())
    missed = [*posts[:after], *({**row, "id": int(str(row["id"])) + 100} for row in posts[after:])]
    assert replayed(home, tmp_path / "whole.jsonl", [json.dumps(row) for row in posts]) == ["silence"]
    assert replayed(home, tmp_path / "missed.jsonl", [json.dumps(row) for row in missed]) == []


def test_where_a_record_is_bad_a_file_says_nothing_of_the_time_between(home: Path, tmp_path: Path) -> None:
    posts = rows(home)
    after = next(n for n, row in enumerate(posts) if str(row["date"]) > STOP.isoformat())
    lines = [json.dumps(row) for row in posts]
    lines[after:after] = ['{"id": "torn"']
    assert replayed(home, tmp_path / "torn.jsonl", lines) == []


def test_posts_that_were_picked_out_are_judged_as_if_there_were_no_others(home: Path, tmp_path: Path) -> None:
    picked = [{**row, "id": 50 * int(str(row["id"]))} for row in rows(home)]
    path = tmp_path / "picked.jsonl"
    assert replayed(home, path, [json.dumps(row) for row in picked]) == ["silence"]
    assert "do not follow on each other" in said(home, "replay", path)


def test_known_episodes_are_held_against_what_is_told(home: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.toml"
    labels.write_text(
        f'[[episode]]\nchannel = "@falcon_wire"\nkind = "silence"\n'
        f'from = "{STOP.isoformat()}"\nto = "{(STOP + 2 * DAY).isoformat()}"\n'
        f'[[episode]]\nkind = "silence"\ntopic = "strikes"\n'
        f'from = "{(STOP - 9 * DAY).isoformat()}"\nto = "{(STOP - 6 * DAY).isoformat()}"\n'
    )
    table = said(home, "evaluate", home / "posts.jsonl", "--labels", labels)
    assert "found after" in table
    assert "missed" in table
    found = json.loads(said(home, "evaluate", "--channel", "falcon_wire", "--labels", labels, "--json"))
    by = {(k["kind"], k["of"]): k for k in found["kinds"]}
    assert by["silence", "channel"]["found"] == 1
    assert 0 < by["silence", "channel"]["delay_hours"] < 24
    assert by["silence", "topic"]["missed"] == 1
    assert found["channel_months"] > 1


def test_labels_without_a_zone_are_shown_as_they_were_written_and_the_zone_is_said(
    home: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.jsonl"
    span = {"from": f"{STOP:%Y-%m-%dT%H:%M}", "to": f"{STOP + 2 * DAY:%Y-%m-%dT%H:%M}"}
    labels.write_text(json.dumps({"channel": "@falcon_wire", **span}))
    for zone in ("Asia/Kolkata", "America/New_York"):
        shown = said(home, "evaluate", home / "posts.jsonl", "--labels", labels, "--zone", zone)
        assert f"silence of @falcon_wire, {STOP:%Y-%m-%d %H:%M} - {STOP + 2 * DAY:%m-%d %H:%M}\n" in shown
        assert f"times, and labels that name no zone, are in {zone};" in shown


def test_labels_that_are_wrong_are_all_named_at_once(home: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    labels.write_text(
        '{"channel": "nobody", "kind": "silence", "from": "2024-01-01", "to": "2024-01-02"}\n'
        '{"kind": "lull", "from": "2024-01-01", "to": "2024-01-02"}\n'
        '{"kind": "drop", "from": "2024-01-03", "to": "2024-01-02"}\n'
    )
    refused = said(home, "evaluate", home / "posts.jsonl", "--labels", labels, code=1)
    assert "3 mistakes" in refused
    assert "line 1: no channel 'nobody'" in refused
    assert "line 2: 'lull' is no kind" in refused
    assert "line 3: an episode ends after it begins" in refused


def test_tune_tells_what_a_budget_means_and_changes_nothing(home: Path) -> None:
    before = (home / "config.toml").read_text()
    shown = said(home, "tune", "falcon_wire", "--budget", "0.5", COLUMNS="80")
    assert "by the budget" in shown
    assert "beginning at this hour is told after" in shown
    assert "From 2024-" in shown
    assert "it would have raised (told at, Asia/Baghdad):" in shown
    topic = said(home, "tune", "falcon_wire", "--topic", "strikes")
    assert re.search(r"posts on \d+ days in eight weeks, the first ever \d+ d( \d+ h)? ago;", topic)
    assert "Nothing was changed. To save it: deadair tune falcon_wire --budget 0.5 --save" in shown
    assert "strikes" in shown
    found = json.loads(said(home, "tune", "falcon_wire", "--budget", "0.5", "--json"))
    assert len(found["silence_told_after_hours"]) == 24
    assert found["refused"] is None
    assert found["episodes"][-1]["told_as"] == 1
    lines = said(home, "tune")
    assert "@falcon_wire" in lines
    assert "Nothing was changed" in lines
    assert (home / "config.toml").read_text() == before


def test_a_setting_of_no_use_is_refused_with_its_numbers_and_what_to_set_instead(home: Path) -> None:
    refused = said(home, "tune", "falcon_wire", "--budget", "25", "--save", code=1)
    assert "almost daily" in refused
    assert "--budget" in refused.split("what to do:")[1]
    (home / "floods.toml").write_text(f'{CONFIG}\n[topics.floods]\nwords = ["flood"]\n')
    floods = ("--topic", "floods", "--budget", "1", "--save", "--config", "floods.toml")
    refused = said(home, "tune", "falcon_wire", *floods, code=1)
    assert "can never fire" in refused
    assert "20 posts on 7 days" in refused
    assert "budget" not in (home / "config.toml").read_text()
    assert "nothing to save" in said(home, "tune", "falcon_wire", "--save", code=1)
    assert "no channel 'nobody'" in said(home, "tune", "nobody", code=1)
    strange = said(home, "tune", "falcon_wire", "--topic", "strike", code=1)
    assert "@falcon_wire has no topic 'strike'" in strange
    assert "strikes" in strange.split("what to do:")[1]
    assert "has no claimant 'kh'" in said(home, "tune", "falcon_wire", "--claimant", "kh", code=1)


def test_a_saved_budget_is_used_and_the_config_keeps_its_comments_and_its_former_self(
    home: Path, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    text = CONFIG + f'[storage]\nurl = "sqlite:///{home / "deadair.db"}"\n'
    config.write_text(text)
    config.chmod(0o640)
    slow = said(tmp_path, "tune", "falcon_wire", "--json")
    saved = said(tmp_path, "tune", "falcon_wire", "--budget", "4", "--save")
    assert "saved in config.toml" in saved
    said(tmp_path, "tune", "falcon_wire", "--topic", "strikes", "--budget", "2", "--save")
    after = config.read_text()
    assert after.startswith("# Written by hand, and dear to its owner.\n")
    assert 'handle = "falcon_wire"    # the one that matters' in after
    assert "[topics.strikes]          # what is claimed" in after
    assert config.stat().st_mode & 0o777 == 0o640
    kept = sorted(tmp_path.glob("config.toml.*.bak"))
    assert len(kept) == 2
    assert kept[0].read_text() == text
    assert said(tmp_path, "check-config")
    quick = json.loads(said(tmp_path, "tune", "falcon_wire", "--json"))
    assert quick["budgets"]["silence"] == 4
    waits = [h["middle"] for h in quick["silence_told_after_hours"]]
    assert all(
        a < b["middle"] for a, b in zip(waits, json.loads(slow)["silence_told_after_hours"], strict=True)
    )


def test_a_persons_word_is_kept_shown_and_counted(home: Path) -> None:
    before = json.loads(said(home, "tune", "falcon_wire", "--json"))
    assert before["episodes"][-1]["says"] is None
    said(home, "verdict", "1", "unknown", "--by", "Noor")
    told = said(home, "verdict", "1", "confirmed", "--by", "Noor", "--note", "they said so a week later")
    assert "no part of the channel's rhythm" in told
    assert "before that it was unknown by Noor" in told
    shown = said(home, "episode", "1")
    assert "confirmed by Noor" in shown
    assert "they said so a week later" in shown
    assert "confirmed" in said(home, "episode")
    after = json.loads(said(home, "tune", "falcon_wire", "--json"))
    assert after["episodes"][-1]["says"] == "confirmed"
    assert after["episodes"][-1]["counts"] is False
    rate = "replayed"
    assert after["false_alarms_per_month"][rate] < before["false_alarms_per_month"][rate]
    assert "there is no episode 9" in said(home, "verdict", "9", "wrong", code=1)
