"""Retention as those who run Deadair do it: said beforehand, done, shown, proved."""

import asyncio
import json
from pathlib import Path

import pytest

from storage.config import StorageConfig
from storage.store import open_store
from tests.support.reading import DRONES
from tests.support.retaining import kept, said
from tests.support.searching import NOON
from tests.support.warm import deadair

CONFIG = """
[retention]
posts = "9w"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    async def fill() -> None:
        async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'deadair.db'}")) as store:
            await kept(store, said(1, "alpha"), said(2, "beta"), said(3, DRONES))

    asyncio.run(fill())
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


def ran(folder: Path, *words: str) -> str:
    done = deadair(*words, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_it_is_said_beforehand_and_done(folder: Path) -> None:
    ran(folder, "export", "beta", "-o", "out")
    due = ran(folder, "retention")
    assert "@falcon_news: 1 posts, " in due
    assert "older than 63d; 2 as old stay, for an alert, an opinion, a claim or an export" in due
    assert "Nothing was removed" in due

    document = json.loads(ran(folder, "retention", "--now", "--json"))
    [channel] = document["channels"]
    assert (channel["kind"], channel["due"], channel["cited"], channel["not_yet"]) == ("posts", 1, 2, {})
    assert channel["bytes"] > 100
    assert "nothing has outlived its time" in ran(folder, "retention")
    once_more = deadair("export", "--again", "out", "-o", "again", cwd=folder)
    assert "no longer the same: activity.ndjson" in once_more.stderr  # what is quoted is as it was


def test_it_is_shown_counted_and_proved(folder: Path) -> None:
    ran(folder, "retention", "--now")
    shown = ran(folder, "show", "@falcon_news/1")
    assert "removed  what it said, " in shown
    assert "by [retention] (kept for 63d); it still counts" in shown
    assert "(removed)" in shown
    assert "alpha" not in shown
    nothing = ran(folder, "search", "alpha")
    assert "nothing was found" in nothing
    assert "what some posts of that time said was removed by [retention]" in nothing
    counted = ran(folder, "count", "alpha", "--since", f"{NOON:%Y-%m-%d}", "--until", "2026-03-04")
    assert "2 removed" in counted or "1 removed" in counted
    assert "what 2 more posts of that time said was removed" in counted
    raw = deadair("raw", "@falcon_news/1", cwd=folder)
    assert raw.returncode != 0
    assert "was removed on" in raw.stderr
    assert "3 posts, 2 removals, 2 of them without their record, which was removed" in ran(folder, "verify")


def test_a_time_that_is_too_short_is_refused(folder: Path) -> None:
    (folder / "config.toml").write_text('[retention]\nposts = "2d"\n')
    refused = deadair("config", "check", cwd=folder)
    assert refused.returncode != 0
    assert "retention.posts" in refused.stdout + refused.stderr
    assert "write 9w or more" in refused.stdout + refused.stderr
