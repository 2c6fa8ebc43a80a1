"""Which number a reading gets in an archive."""

from collections.abc import Sequence
from datetime import UTC, datetime

from claims.lexicon.load import load
from claims.topics import WordTopics
from claims.version import Reads, settle_version
from domain.channel import Channel
from storage.store import Store

NOON = datetime(2024, 3, 4, 12, tzinfo=UTC)


def reads(*words: str, **channels: Sequence[str | None]) -> Reads:
    topics = WordTopics({"attacks": words}) if words else WordTopics({})
    return Reads(lexicon=load(), topics=topics, channels=channels)


async def settled(store: Store, *each: Reads) -> list[int]:
    return [await settle_version(store, one, NOON) for one in each]


async def test_what_was_used_before_gets_its_number_back(store: Store):
    assert await settled(store, reads("قصف"), reads("قصف", "غارة"), reads("قصف"), reads()) == [1, 2, 1, 3]


async def test_a_channel_that_means_something_else_now_is_read_again(store: Store):
    plain, lebanon = reads(south=("UTC", None)), reads(south=("UTC", "hezbollah"))
    beirut = reads(south=("Asia/Beirut", "hezbollah"))
    assert await settled(store, plain, lebanon, beirut, lebanon, plain) == [1, 2, 3, 2, 1]


async def test_a_channel_that_is_new_to_the_config_needs_no_reading_again(store: Store):
    assert await settled(store, reads(), reads(south=("UTC", "hezbollah"))) == [1, 1]
    changed = reads(south=("UTC", "hezbollah"), east=("Asia/Baghdad", "iri"))
    assert await settled(store, changed, reads(east=("Asia/Baghdad", "iri"))) == [1, 1]
    assert await settled(store, reads(south=("UTC", "iri"))) == [2], "what it meant is not forgotten"


async def test_a_channel_imported_before_the_config_named_it_is_read_again_when_need_be(
    store: Store,
):
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=7, title="South News", handle="South_News"), NOON)
    assert await settled(store, reads(), reads(south_news=("UTC", None))) == [1, 1]
    other = reads(south_news=("UTC", "hezbollah"))
    assert await settled(store, other) == [2]


async def test_what_an_older_program_left_is_understood(store: Store):
    async with store.begin() as tx:
        await tx.marks.set("reader.versions", {"fingerprints": ["of another program"]}, NOON)
    assert await settled(store, reads(), reads(south=("UTC", "iri")), reads()) == [2, 2, 2]
