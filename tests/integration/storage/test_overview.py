"""Many channels, and claims of attacks, side by side: the same on both engines."""

from dataclasses import replace
from datetime import timedelta

from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.claim import ArchivedClaim, Claim, ClaimKind
from domain.episode import Episode, State, Subject
from domain.finding import Kind, Verdict
from domain.opinion import Opinion, Says
from domain.reading import Reading
from domain.watch import GapCause
from storage.store import Store
from tests.support.searching import CHANNELS, DAY, FALCON, HERON, HOUR, KITE, NOON, claim, fill, post, put

EVERY = (FALCON, HERON, KITE)


def reading(n: int, channel: int, hour: int, *topics: str) -> Reading:
    return Reading(
        channel_id=channel, post_id=n, posted_at=NOON + hour * HOUR, reader_version=1, topics=topics
    )


async def test_hours_are_those_of_whole_channels_and_of_one_reader_version(store: Store) -> None:
    async with store.begin() as tx:
        for channel in CHANNELS:
            await tx.channels.save(channel, NOON)
        await tx.tallies.add(
            [
                reading(1, FALCON, 0, "drones"),
                reading(2, FALCON, 0),
                reading(3, FALCON, 2),
                reading(4, HERON, 1),
            ]
        )
        await tx.tallies.add([replace(reading(5, HERON, 1), reader_version=2)])
    async with store.read() as tx:
        found = await tx.overview.hours(EVERY, 1, NOON, NOON + 2 * HOUR)
        strands = await tx.overview.strands(FALCON, 1, NOON, NOON + DAY)
    assert found == {FALCON: {NOON: 2}, HERON: {NOON + HOUR: 1}}
    assert strands == {("drones", ""): {NOON: 1}}


async def test_what_was_watched_and_what_is_not_by_channel(store: Store) -> None:
    await fill(store)
    async with store.read() as tx:
        spans = await tx.overview.spans(EVERY, NOON + 2 * HOUR)
        gaps = await tx.overview.gaps(EVERY)
        last = await tx.overview.last_posts()
    assert set(spans) == {FALCON, HERON}
    assert gaps == {}
    assert last[KITE] == NOON + timedelta(minutes=6)
    async with store.begin() as tx:
        [known] = await tx.watch.gaps(KITE)
        for hours, cause in ((3, GapCause.FLOOD), (2, GapCause.LINK)):
            await tx.watch.add_gap(
                replace(known, account=f"a{hours}", from_at=NOON + hours * HOUR, to_at=None, cause=cause)
            )
    async with store.read() as tx:
        assert (await tx.overview.gaps(EVERY))[KITE].cause is GapCause.LINK


async def test_events_episodes_and_the_words_that_stand(store: Store) -> None:
    await put(store, post(1, "one"), index=False)
    async with store.begin() as tx:
        for status in (ChannelStatus.PRIVATE, ChannelStatus.OPEN):
            change = ChannelChange.GONE if status is ChannelStatus.PRIVATE else ChannelChange.BACK
            await tx.channels.befell(
                ChannelEvent(channel_id=FALCON, at=NOON, change=change, status=status, evidence="x")
            )
        kept = [
            await tx.episodes.save(
                Episode(
                    id=0,
                    kind=kind,
                    subject=Subject(channel_id=channel),
                    state=state,
                    since_at=NOON,
                    found_at=NOON,
                    verdict=Verdict.confirmed(),
                )
            )
            for kind, channel, state in (
                (Kind.SILENCE, FALCON, State.OPEN),
                (Kind.DROP, HERON, State.CLOSED),
                (Kind.SILENCE, HERON, State.CLOSED),
            )
        ]
        for says in (Says.WRONG, Says.CONFIRMED):
            await tx.opinions.add(Opinion(episode_id=kept[1].id, at=NOON, says=says))
    first, second, third = (episode.id for episode in kept)
    async with store.read() as tx:
        events = await tx.overview.events(FALCON)
        by_kind = await tx.overview.episodes(10, kind="silence")
        closed = await tx.overview.episodes(1, state="closed", before=third)
        of_falcon = await tx.overview.episodes(10, channel_id=FALCON)
        words = await tx.overview.opinions([first, second, third])
    assert [event.change for event in events] == [ChannelChange.BACK, ChannelChange.GONE]
    assert [episode.id for episode in by_kind] == [third, first]
    assert [episode.id for episode in closed] == [second]
    assert [episode.id for episode in of_falcon] == [first]
    assert {number: word.says for number, word in words.items()} == {second: Says.CONFIRMED}


async def test_only_what_is_still_said_is_told_of(store: Store) -> None:
    await put(store, post(1, "one"), post(2, "two"), post(3, "three"), post(4, "four"), index=False)
    async with store.begin() as tx:
        acts = await tx.claims.open_incidents([(NOON, NOON)] * 4, 1)
        claims: list[ArchivedClaim] = [
            replace(claim(n, "kh", "harir", "drone"), incident_id=act) for n, act in enumerate(acts, 1)
        ]
        claims[1] = replace(claims[1], superseded_at=NOON + HOUR)
        claims[3] = replace(claims[3], claim=replace(claims[3].claim, kind=ClaimKind.THREAT))
        total = Claim(kind=ClaimKind.TALLY, claimant="kh", n_operations=31)
        await tx.claims.put([*claims, replace(claims[0], number=2, incident_id=None, claim=total)])
        await tx.posts.missed(FALCON, [3], NOON + HOUR)
    async with store.read() as tx:
        told = await tx.tracker.told(1, NOON, NOON + DAY)
        totals = await tx.tracker.totals(1, NOON)
        other = await tx.tracker.told(2, NOON, NOON + DAY)
    assert [(t.incident_id, t.post_id, t.location, t.weapons) for t in told] == [
        (acts[0], 1, "harir", ("drone",))
    ]
    assert [(t.claimant, t.n_operations) for t in totals] == [("kh", 31)]
    assert list(other) == []
