"""A history that was imported first, and then is watched: one channel, each post once."""

import json
from pathlib import Path
from typing import Any

from collector.importers.bring_in import import_files
from collector.importers.identity import invented
from domain.channel import ChannelStatus
from domain.clock import WallClock
from sandbox.channel import Channel
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually
from tests.support.telegram import Telegram


def scraped(folder: Path, channel: Channel, n: int) -> Path:
    """A file with the first posts of a channel, as somebody has collected them by its name."""
    path = folder / "scraped.jsonl"
    records = (
        {"channel": channel.handle, "id": post.id, "date": int(post.posted_at.timestamp()), "text": post.text}
        for post in list(channel.posts.values())[:n]
    )
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


async def test_posts_imported_by_name_and_posts_collected_are_of_one_channel(
    telegram: Telegram, store: Store, tmp_path: Path
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=20)
    (job,) = await import_files([scraped(tmp_path, channel, 12)], store, WallClock())
    assert (job.added, job.bad) == (12, 0)
    assert list(job.channels) == [invented("falcon_news")]

    async def complete(tx: Any) -> bool:
        cursor = await tx.posts.cursor(channel.id)
        return cursor is not None and cursor.complete

    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, complete, task=task)
    async with store.read() as tx:
        (kept,) = await tx.channels.all()
        assert (kept.id, kept.status) == (channel.id, ChannelStatus.OPEN)
        assert await tx.posts.count() == 20
        assert await tx.posts.revisions(channel.id) == []
    assert await differences(telegram, store, channel) == []


async def test_what_was_imported_is_no_part_of_the_history_that_is_to_be_read(
    telegram: Telegram, store: Store, tmp_path: Path
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=400)
    await import_files([scraped(tmp_path, channel, 90)], store, WallClock())

    async def complete(tx: Any) -> Any:
        cursor = await tx.posts.cursor(channel.id)
        return cursor if cursor is not None and cursor.complete else None

    pages = {"history_limit": 250, "history_pause": "0.01s"}
    async with collecting(telegram, store, [channel], **pages) as task:
        cursor = await eventually(store, complete, task=task)
    assert cursor.oldest_id == 101
    async with store.read() as tx:
        assert await tx.posts.count(channel.id) == 90 + 300
