"""`deadair status` of an archive: how far the search index is behind, and who does what."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from archive.indexer import Indexer
from domain.channel import Channel
from domain.clock import WallClock
from domain.episode import State, Subject
from domain.post import How
from domain.watch import Gap, GapCause, WatchSpan
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.alerting import an_episode
from tests.support.reading import a_post, store_posts
from tests.support.warm import deadair

FALCON = Channel(id=7, title="Falcon", handle="falcon_news_of_the_river")


def test_it_tells_how_far_the_search_index_is_behind(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    at = WallClock().now()

    async def fill(*, index: bool) -> None:
        async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'deadair.db'}")) as store:
            if index:
                await Indexer(store, WallClock()).catch_up()
            else:
                await store_posts(store, a_post(1, "one", at=at), a_post(2, "two", at=at))

    asyncio.run(fill(index=False))
    plain = deadair("status", cwd=tmp_path)
    assert "search index: 2 posts and edits are not searchable yet, the first since" in plain.stdout
    told = json.loads(deadair("status", "--json", cwd=tmp_path).stdout)["search_index"]
    assert told["behind"] == 2
    assert told["since"] is not None
    asyncio.run(fill(index=True))
    told = json.loads(deadair("status", "--json", cwd=tmp_path).stdout)["search_index"]
    assert told == {"behind": 0, "since": None}


async def test_status_says_who_does_what_and_who_stands_by(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    lasts = timedelta(minutes=5)
    async with store.begin() as tx:
        await tx.leases.take("reader", "one/12/abcdef01", lasts)
        await tx.leases.take("indexer", "one/12/abcdef01", timedelta(0))
        await tx.leases.stand_by("reader", "two/7/abcdef02", lasts)
        await tx.leases.stand_by("reader", "three/8/abcdef03", timedelta(0))
    plain = deadair("status", cwd=tmp_path, DEADAIR_STORAGE_URL=store_url)
    assert plain.returncode == 0, plain.stderr
    lines = plain.stdout.splitlines()
    reader = next(line for line in lines if line.startswith("reader: "))
    assert reader.startswith("reader: done by one (process 12) for ")
    assert reader.endswith("; two (process 7) stands by")
    assert any(line.startswith("indexer: done by nobody for ") for line in lines)
    told = json.loads(deadair("status", "--json", cwd=tmp_path, DEADAIR_STORAGE_URL=store_url).stdout)
    found = {each["name"]: each for each in told["leases"]}
    assert found["reader"]["holder"] == "one/12/abcdef01"
    assert found["reader"]["standbys"] == ["two/7/abcdef02"]
    assert found["indexer"]["holder"] is None


@pytest.fixture
def ahead(tmp_path: Path) -> Path:
    """A folder with the archive of a clock that is years ahead of ours, watched for its last two days."""
    (tmp_path / "config.toml").write_text("")
    last = WallClock().now() + timedelta(days=1500)

    async def fill() -> None:
        async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'deadair.db'}")) as store:
            older = (a_post(n, "a drone", at=last - timedelta(days=9 - n)) for n in range(1, 9))
            async with store.begin() as tx:
                await tx.channels.save(FALCON, WallClock().now())
            await store_posts(store, *older, a_post(9, "a drone", at=last))
            async with store.begin() as tx:
                await tx.watch.extend(
                    WatchSpan(
                        channel_id=FALCON.id,
                        account="main",
                        from_at=last - timedelta(days=3),
                        to_at=last,
                        how=How.POLLED,
                    )
                )
                await tx.marks.set("bot.polling", {}, last)
            await Indexer(store, WallClock()).catch_up()

    asyncio.run(fill())
    return tmp_path


def test_an_archive_ahead_of_our_clock_is_counted_and_searched_as_of_its_own_now(ahead: Path) -> None:
    counts = deadair("count", "drone", "--since", "36h", "--json", cwd=ahead)
    told = json.loads(counts.stdout)
    assert "of a clock ahead of ours" in counts.stderr
    assert (told["total"], told["watched"]) == (2, 1.0)
    found = deadair("search", "drone", "--since", "36h", "--json", cwd=ahead)
    assert "of a clock ahead of ours" in found.stderr
    assert [hit["post_id"] for hit in json.loads(found.stdout)["hits"]] == [9, 8]


def test_an_archive_ahead_of_our_clock_is_exported_with_what_was_watched(ahead: Path) -> None:
    made = deadair("export", "drone", "--since", "2d", "-o", "out", cwd=ahead)
    assert made.returncode == 0, made.stderr
    assert "of a clock ahead of ours" in made.stderr
    manifest = json.loads((ahead / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert [each["watched"] for each in manifest["coverage"]] == [1.0]
    assert "byte for byte" in deadair("export", "--again", "out", "-o", "again", cwd=ahead).stdout


def test_a_sign_of_life_ahead_of_our_clock_moves_nothing_where_posts_are_of_now(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    now = WallClock().now()

    async def fill() -> None:
        async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'deadair.db'}")) as store:
            async with store.begin() as tx:
                await tx.channels.save(FALCON, WallClock().now())
            await store_posts(store, a_post(1, "a drone", at=now - timedelta(hours=1)))
            async with store.begin() as tx:
                await tx.marks.set("bot.polling", {}, now + timedelta(days=30))

    asyncio.run(fill())
    counts = deadair("count", "--since", "2d", "--json", cwd=tmp_path)
    assert json.loads(counts.stdout)["until"] < (now + timedelta(hours=1)).isoformat()
    assert "ahead of ours" not in counts.stderr


def test_a_narrow_terminal_is_told_whole_names_and_below_them_what_goes_on(ahead: Path) -> None:
    gap = Gap(
        channel_id=FALCON.id,
        account="main",
        from_at=WallClock().now() + timedelta(days=1400),
        to_at=None,
        cause=GapCause.OUR_STOP,
    )

    async def cut() -> None:
        url = f"sqlite:///{ahead / 'deadair.db'}"
        async with open_store(StorageConfig(url=url)) as store, store.begin() as tx:
            await tx.watch.add_gap(gap)

    asyncio.run(cut())
    narrow = " ".join(deadair("status", cwd=ahead, COLUMNS="70").stdout.split())
    assert "…" not in narrow
    assert "@falcon_news_of_the_river: blind since" in narrow
    assert "(the collector was not running)" in narrow


def test_a_title_is_shown_as_it_is_and_steers_no_terminal(tmp_path: Path) -> None:
    """A channel without a handle goes by its title, and that is somebody else's words."""
    (tmp_path / "config.toml").write_text("")
    now = WallClock().now()
    channels = [Channel(id=7, title="Heron [/b] [red]news"), Channel(id=8, title="Kite\x1b[2J")]
    silent = an_episode(
        id=0,
        subject=Subject(channel_id=7, claimant="kh"),
        state=State.OPEN,
        since_at=now - timedelta(hours=5),
    )

    async def fill() -> None:
        url = f"sqlite:///{tmp_path / 'deadair.db'}"
        async with open_store(StorageConfig(url=url)) as store, store.begin() as tx:
            for channel in channels:
                await tx.channels.save(channel, now)
            await tx.episodes.save(silent)

    asyncio.run(fill())
    for columns in ("70", "160"):
        shown = deadair("status", cwd=tmp_path, COLUMNS=columns)
        words = " ".join(shown.stdout.split())
        assert "Heron [/b] [red]news" in words
        assert "Kite\ufffd[2J" in words
        assert "\x1b" not in words
        assert "silence of kh since 5 h" in words
    listed = deadair("episode", cwd=tmp_path).stdout
    assert "Heron [/b] [red]news on kh" in " ".join(listed.split())
    (told,) = [
        c["episodes"] for c in json.loads(deadair("status", "--json", cwd=tmp_path).stdout)["channels"]
    ][:1]
    assert [(e["topic"], e["claimant"]) for e in told] == [(None, "kh")]
