"""What posts were about, and how many there were: counted once, and never where nobody watched."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.reading import Reading
from domain.series import Bucket, SeriesKey
from domain.watch import Seen
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def reading(n: int, *topics: str, minutes: int = 0, counts: bool = True, version: int = 1) -> Reading:
    return Reading(
        channel_id=7,
        post_id=n,
        posted_at=NOON + timedelta(minutes=minutes),
        reader_version=version,
        topics=topics,
        counts=counts,
    )


async def test_readings_come_back_in_the_order_they_were_stored(store: Store) -> None:
    announced = replace(reading(2), pause="سنعود قريبا")
    given = [reading(3, "attacks", "talks"), reading(1, counts=False), announced]
    async with store.begin() as tx:
        await tx.readings.put(given)
        await tx.readings.put(given)
    async with store.read() as tx:
        read = await tx.readings.after(0, 10)
        assert [replace(r, seq=0) for r in read] == given
        assert [r.seq for r in read] == sorted(r.seq for r in read)
        assert await tx.readings.after(read[0].seq, 1) == [read[1]]
        assert await tx.readings.last_seq() == read[-1].seq


async def test_each_reader_version_has_readings_of_its_own(store: Store) -> None:
    async with store.begin() as tx:
        await tx.readings.put([reading(1, "attacks")])
        await tx.readings.put([reading(1, "talks", version=2)])
        await tx.readings.put([reading(1, "changed its mind", version=2)])
    async with store.read() as tx:
        assert [(r.reader_version, r.topics) for r in await tx.readings.after(0, 9)] == [
            (1, ("attacks",)),
            (2, ("talks",)),
        ]


async def test_history_is_read_in_the_order_of_posting_up_to_a_number(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.readings.last_seq() == 0
        await tx.readings.put([reading(n, minutes=-n) for n in range(1, 30)])
        last = await tx.readings.last_seq()
        await tx.readings.put([reading(99, minutes=5), replace(reading(5), channel_id=8)])
    async with store.read() as tx:
        since = NOON - timedelta(minutes=20)
        read = [r.post_id async for r in tx.readings.since(since, until_seq=last, batch=4)]
        assert read == list(range(20, 0, -1))
        all_of_8 = [r async for r in tx.readings.since(since, until_seq=last + 9, channel_id=8)]
        assert [r.channel_id for r in all_of_8] == [8]


async def test_a_post_counts_for_its_channel_and_each_topic_in_its_hour(store: Store) -> None:
    async with store.begin() as tx:
        await tx.tallies.add(
            [reading(1, "attacks"), reading(2, minutes=59), reading(3, "attacks", minutes=60)]
        )
        await tx.tallies.add([reading(4, "talks", minutes=10), reading(5, "talks", counts=False)])
        await tx.tallies.add([reading(6, version=2)])
    async with store.read() as tx:
        hours = {
            topic: await tx.tallies.hours(SeriesKey(7, topic), 1, NOON, NOON + 9 * HOUR)
            for topic in (None, "attacks", "talks")
        }
    assert hours == {
        None: {NOON: 3, NOON + HOUR: 1},
        "attacks": {NOON: 1, NOON + HOUR: 1},
        "talks": {NOON: 1},
    }


async def test_an_hour_that_was_not_wholly_watched_is_unknown_and_never_zero(store: Store) -> None:
    async with store.begin() as tx:
        await tx.tallies.add([reading(1), reading(2, minutes=125)])
    starts = [NOON + n * HOUR for n in range(4)]
    seen = Seen(((NOON, NOON + 2 * HOUR), (NOON + timedelta(minutes=121), NOON + 4 * HOUR)))
    async with store.read() as tx:
        buckets = await tx.tallies.buckets(SeriesKey(7), 1, starts, seen)
        assert await tx.tallies.buckets(SeriesKey(7), 1, [], seen) == []
    assert buckets == [
        Bucket(start=starts[0], observed=1),
        Bucket(start=starts[1], observed=0),
        Bucket(start=starts[2], observed=None),  # a post came, but a minute of it was not watched
        Bucket(start=starts[3], observed=0),
    ]
