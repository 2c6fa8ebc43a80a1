"""The reader over a real archive: posts as they come, once, with what they are about."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from claims.reader import Reader
from claims.version import settle_version
from domain.channel import Channel
from domain.clock import SetClock
from domain.post import PostKind
from domain.series import SeriesKey
from storage.store import Store
from tests.support.reading import (
    DRONES,
    FOOTBALL,
    HARIR,
    MINUTE,
    NOON,
    TANKER,
    a_post,
    a_reader,
    claims_of,
    readings_of,
    reads,
    store_posts,
)

HOUR = timedelta(hours=1)


async def count(store: Store, series: SeriesKey, version: int = 1) -> int:
    async with store.read() as tx:
        return sum((await tx.tallies.hours(series, version, NOON, NOON + HOUR)).values())


async def test_every_post_is_read_once_and_tallied_by_channel_topic_and_claimant(store: Store) -> None:
    posts = [a_post(1, DRONES), a_post(2, FOOTBALL), a_post(3), a_post(4, f"قصف\n{TANKER}"), a_post(5, HARIR)]
    await store_posts(store, *posts)
    assert await a_reader(store, batch=2).catch_up() == 5
    assert await a_reader(store).catch_up() == 0
    assert [(r.topics, r.claimants, r.language) for r in await readings_of(store)] == [
        (("conflict_us", "conflict"), ("kh",), "ar"),
        (("sport", "sports"), (), "ar"),
        ((), (), None),
        (("attacks", "conflict_redsea", "conflict"), ("houthis",), "en"),
        (("conflict_us", "conflict"), ("kh",), "ar"),
    ]
    assert await count(store, SeriesKey(7)) == 5
    for topic, n in {"attacks": 1, "sport": 1, "conflict": 3, "conflict_us": 2, "weather": 0}.items():
        assert await count(store, SeriesKey(7, topic)) == n
    for claimant, n in {"kh": 2, "houthis": 1, "iri": 0}.items():
        assert await count(store, SeriesKey(7, claimant=claimant)) == n


async def test_a_topic_of_ones_own_takes_the_place_of_the_lexicons(store: Store) -> None:
    await store_posts(store, a_post(1, FOOTBALL), a_post(2, DRONES))
    await a_reader(store, read=reads({"sports": ["الزوراء"], "conflict": ["حرب"]})).catch_up()
    assert [r.topics for r in await readings_of(store)] == [("sports",), ("conflict_us",)]


async def test_a_claim_is_kept_with_its_values_and_the_words_that_show_them(store: Store) -> None:
    await store_posts(store, a_post(1, DRONES))
    await a_reader(store).catch_up()
    (kept,) = await claims_of(store)
    claim = kept.claim
    assert (kept.number, kept.version, kept.revision, kept.standing) == (1, 1, 0, True)
    assert kept.posted_at == kept.from_at == NOON + MINUTE
    assert (claim.kind, claim.claimant, claim.location, claim.weapons) == (
        "responsibility",
        "kh",
        "ain_al_asad",
        ("drone",),
    )
    shown = {s.field: DRONES[s.start : s.end] for s in claim.evidence}
    assert shown["claimant"] == "كتائب حزب الله"
    assert "عين الأسد" in shown["location"]


async def test_every_value_of_a_claim_comes_back_from_the_archive(store: Store) -> None:
    text = (
        "The Islamic Resistance in Iraq claims rocket attack on Harir base on March 1, killing 2 soldiers\n"
        "كتائب حزب الله تهدد باستهداف القواعد الأمريكية\nنفذنا 76 عملية خلال أسبوع"
    )
    await store_posts(store, a_post(1, text), a_post(2, DRONES), a_post(3, TANKER))
    reader = a_reader(store)
    await reader.catch_up()
    kept = await claims_of(store)
    posts = a_post(1, text), a_post(2, DRONES), a_post(3, TANKER)
    read = [each.claims for each in reader._interpreter.read_all(posts, {})]
    assert [c.claim for c in kept] == [claim for claims in read for claim in claims]
    assert len(kept) >= 4


async def test_a_channel_is_read_as_it_means_it(store: Store) -> None:
    bare = "المقاومة الإسلامية تستهدف موقعا للعدو بالصواريخ"
    channels = {"cedar_news": ("Asia/Beirut", "hezbollah"), "8": ("UTC", "iri")}
    async with store.begin() as tx:
        for n, handle in ((7, "Cedar_News"), (8, "palm_news"), (9, None)):
            await tx.channels.save(Channel(id=n, title="A channel", handle=handle), NOON)
        # Renamed since; the config knows it by its former name.
        await tx.channels.save(Channel(id=7, title="A channel", handle="cedar_front"), NOON)
    late = NOON + 11 * HOUR
    await store_posts(store, *(a_post(n, bare, channel=n, at=late) for n in (7, 8, 9)))
    await a_reader(store, read=reads(**channels)).catch_up()
    assert [(c.claim.claimant, str(c.claim.date)) for c in await claims_of(store)] == [
        ("hezbollah", "2026-03-02"),
        ("iri", "2026-03-01"),
        ("unknown_group", "2026-03-01"),
    ]


async def test_an_album_counts_once_and_a_service_post_not_at_all(store: Store) -> None:
    service = a_post(3, DRONES, kind=PostKind.SERVICE)
    await store_posts(store, a_post(1, album=5), a_post(2, DRONES, album=5), service)
    await a_reader(store).catch_up()
    await store_posts(store, a_post(4, album=5), a_post(5, album=6))
    await a_reader(store).catch_up()
    read = await readings_of(store)
    assert [r.counts for r in read] == [True, False, False, False, True]
    about = (("conflict_us", "conflict"), ("kh",))
    assert [(r.topics, r.claimants) for r in read] == [about, about, ((), ()), about, ((), ())]
    assert [c.post_id for c in await claims_of(store)] == [2]
    assert await count(store, SeriesKey(7, claimant="kh")) == 1


async def test_what_a_later_part_of_an_album_says_is_counted_with_the_first(store: Store) -> None:
    reader = a_reader(store)
    await store_posts(store, a_post(1, FOOTBALL, album=5), a_post(2, album=5))
    await reader.catch_up()
    await store_posts(store, a_post(3, DRONES, album=5))
    await reader.catch_up()
    await store_posts(store, a_post(4, album=5))
    await reader.catch_up()
    assert [set(r.topics) for r in await readings_of(store)] == [
        {"sport", "sports", "conflict_us", "conflict"}
    ] * 4
    assert await count(store, SeriesKey(7)) == 1
    assert await count(store, SeriesKey(7, "sports")) == 1
    assert await count(store, SeriesKey(7, "conflict")) == 1
    assert await count(store, SeriesKey(7, claimant="kh")) == 1


async def test_an_album_is_not_cut_by_the_end_of_a_batch(store: Store) -> None:
    await store_posts(store, a_post(1), a_post(2, album=5), a_post(3, "قصف", album=5), a_post(4))
    await a_reader(store, batch=2).catch_up()
    assert [(r.post_id, r.topics, r.counts) for r in await readings_of(store)] == [
        (1, (), True),
        (2, ("attacks",), True),
        (3, ("attacks",), False),
        (4, (), True),
    ]


async def test_two_readers_at_once_count_nothing_twice(store: Store) -> None:
    await store_posts(store, *(a_post(n, DRONES if n % 4 == 0 else "قصف") for n in range(1, 41)))
    await asyncio.gather(a_reader(store, batch=7).catch_up(), a_reader(store, batch=5).catch_up())
    assert await count(store, SeriesKey(7)) == 40
    assert await count(store, SeriesKey(7, "attacks")) == 30
    assert len({(c.post_id, c.number) for c in await claims_of(store)}) == len(await claims_of(store)) == 10


async def test_other_word_lists_are_another_version_that_reads_everything_again(store: Store) -> None:
    few, more = (reads({"attacks": words}) for words in (["قصف"], ["قصف", "غارة"]))
    assert [await settle_version(store, each, NOON) for each in (few, more, few)] == [1, 2, 1]
    await store_posts(store, a_post(1, "غارة"))
    await a_reader(store, version=1, read=few).catch_up()
    await a_reader(store, version=2, read=more).catch_up()
    assert [r.topics for r in await readings_of(store, 1)] == [()]
    assert [r.topics for r in await readings_of(store, 2)] == [("attacks",)]


class Patient(SetClock):
    """Its sleeper wakes when told to, and never by itself."""

    def __init__(self) -> None:
        super().__init__(NOON)
        self.poll = asyncio.Event()

    async def sleep(self, span: timedelta) -> None:
        await self.poll.wait()
        self.poll.clear()


@pytest.mark.parametrize("woken_by", ["notice", "poll"])
async def test_a_running_reader_reads_posts_as_they_come(store: Store, woken_by: str) -> None:
    clock = Patient()
    running = Reader(store, reads(), version=1, clock=clock)
    with store.listen("readings") as heard:
        task = asyncio.create_task(running.run())
        async with asyncio.timeout(20):
            await heard.woken(Patient(), HOUR)  # it is live
            for n, text in enumerate(["قصف", DRONES], 1):
                async with store.begin() as tx:
                    await tx.posts.put([a_post(n, text)])
                    if woken_by == "notice":
                        tx.notify("posts")
                if woken_by == "poll":
                    clock.poll.set()
                while len(await readings_of(store)) < n:  # a notice may be heard twice
                    await heard.woken(Patient(), HOUR)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [r.topics for r in await readings_of(store)] == [("attacks",), ("conflict_us", "conflict")]
    async with store.read() as tx:
        assert await tx.readings.live_version() == 1


async def test_reading_much_leaves_the_event_loop_free(store: Store) -> None:
    await store_posts(store, *(a_post(n, f"{DRONES} {n}") for n in range(1, 1501)))
    reader, turns = a_reader(store, batch=1500), 0
    reading = asyncio.create_task(reader.catch_up())
    while not reading.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert await reading == 1500
    assert turns > 20
    assert replace((await readings_of(store))[0], seq=0).claimants == ("kh",)
