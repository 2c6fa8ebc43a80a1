"""The engine over a real archive, on SQLite and on PostgreSQL: what it tells, and whom."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.config import AlertsConfig
from alerts.desk import with_edits
from alerts.engine import Engine
from domain.candidate import Candidate
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.clock import SetClock
from domain.episode import Move, State, Transition
from domain.finding import Kind, Ruling
from domain.post import How, Post
from domain.reading import Reading
from domain.subscription import Subscription
from domain.testimony import Outside
from domain.watch import Gap, GapCause
from storage.store import Store
from tests.support.archiving import VERSION, archive, channels, walk, watched
from tests.support.beginning import DAY, OWNER, READER, RULES, STOP, WEEKS, episodes, people, told
from tests.support.rhythms import HOUR, Story, channel


async def test_a_silence_reaches_whoever_subscribed_with_what_its_chart_needs(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    store, engine, clock = begun
    await walk(store, engine, clock, STOP + DAY)
    [episode] = await episodes(store)
    assert (episode.kind, episode.state, episode.subject.channel_id) == (Kind.SILENCE, State.OPEN, 1)
    assert await told(store, episode) == [READER]
    async with store.read() as tx:
        [delivery] = await tx.outbox.deliveries(episode.id)
        alert, payload = await tx.outbox.alert(delivery.alert_id)
        assert [move for move, _ in await tx.episodes.moves(episode.id)] == [Move.OPENED]
    assert alert.episode == episode
    assert payload["channel"]["handle"] == "invented_1"
    assert payload["last_posts"][0]["posted_at"] == episode.since_at.isoformat()
    points = payload["points"]
    assert 24 * 7 - 2 <= len(points) <= 24 * 7
    assert points[-1]["observed"] == 0
    assert points[-1]["expected"] > 0
    assert sum(p["observed"] for p in points[:72]) == pytest.approx(90, rel=0.4)


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([0.1, 2.5], "It is not left alone: meanwhile one of its posts was edited, at "),
        ([1.5, 2.0, 2.5], "It is not left alone: meanwhile 3 of its posts were edited, the last at "),
        ([0.1], None),  # a correction of what was just posted
    ],
)
async def test_a_silence_says_that_old_posts_are_edited_meanwhile(
    begun: tuple[Store, Engine, SetClock], edits: list[float], said: str | None
) -> None:
    store, engine, clock = begun
    last = (await archived(store))[-1].posted_at
    for number, after in enumerate(edits, start=1):
        old = Post(
            channel_id=1, id=number, posted_at=STOP - DAY, seen_at=STOP - DAY, how=How.LIVE, text="before"
        )
        edited_at = last + after * HOUR
        async with store.begin() as tx:
            await tx.posts.put([old])
            await tx.posts.put([replace(old, text="after", edited_at=edited_at, seen_at=edited_at)])
    await walk(store, engine, clock, STOP + DAY)
    [episode] = await episodes(store)
    assert episode.kind is Kind.SILENCE
    lines = [line for line in episode.verdict.evidence if "left alone" in line]
    if said is None:
        assert lines == []
        return
    assert [line.startswith(said) for line in lines] == [True]
    assert f"{last + edits[-1] * HOUR:%H:%M}" in lines[0]


async def test_what_says_already_that_old_posts_are_edited_says_it_once(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    store, engine, clock = begun
    edited_at = (await archived(store))[-1].posted_at + 2 * HOUR
    old = Post(channel_id=1, id=1, posted_at=STOP - DAY, seen_at=STOP - DAY, how=How.LIVE, text="before")
    async with store.begin() as tx:
        await tx.posts.put([old])
        await tx.posts.put([replace(old, text="after", edited_at=edited_at, seen_at=edited_at)])
    await walk(store, engine, clock, STOP + DAY)
    [episode] = await episodes(store)
    assert len([line for line in episode.verdict.evidence if "left alone" in line]) == 1
    async with store.read() as tx:
        again = await with_edits(tx, Transition(move=Move.REMINDED, at=clock.now(), episode=episode))
    assert again.verdict.evidence == episode.verdict.evidence


async def archived(store: Store) -> list[Reading]:
    async with store.read() as tx:
        found = tx.readings.since(STOP - DAY, until_seq=10**9, channel_id=1, reader_version=VERSION)
        return [each async for each in found]


async def test_word_of_a_channel_is_asked_for_when_its_silence_is_due_and_it_is_told_once_it_comes(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    """The collector asks each channel now and then; a silence need not wait for its turn."""
    store, engine, clock = begun
    lag, asked_until = timedelta(minutes=3), list[datetime]()
    with store.listen("awaited") as notice:
        while not await episodes(store):
            clock.advance(timedelta(minutes=2))
            assert clock.now() < STOP + DAY
            await watched(store, clock.now() - lag)
            await engine.step()
            if await notice.woken(clock, timedelta(0)) and (asked := await asked_for(store)):
                asked_until.append(asked[1])
                assert clock.now() - lag < asked[1] <= clock.now()
                await watched(store, asked[1])  # the collector does as it is asked
                await engine.step()
    [episode] = await episodes(store)
    assert (episode.kind, episode.state) == (Kind.SILENCE, State.OPEN)
    # It was found, and told once it had held: at each of the two instants, word was asked for.
    assert {episode.found_at, episode.opened_at} <= set(asked_until)
    assert episode.opened_at == asked_until[-1]
    assert clock.now() - asked_until[-1] < timedelta(minutes=2)


async def asked_for(store: Store) -> dict[int, datetime]:
    async with store.read() as tx:
        return await tx.awaited.all()


async def test_the_recovery_goes_to_those_who_heard_of_the_silence(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    store, engine, clock = begun
    await walk(store, engine, clock, STOP + DAY)
    async with store.begin() as tx:  # one more comes too late to have been told of the beginning
        await tx.subscriptions.subscribe(Subscription(chat_id=OWNER, made_at=STOP))
    back = [
        Reading(
            channel_id=1,
            post_id=90_000 + i,
            posted_at=STOP + DAY + i * HOUR / 6,
            reader_version=VERSION,
            topics=(),
        )
        for i in range(6)
    ]
    await archive(store, back)
    await walk(store, engine, clock, STOP + DAY + 2 * HOUR)
    [episode] = await episodes(store)
    assert episode.state is State.CLOSED
    assert await told(store, episode) == [READER, READER]


async def test_our_own_blindness_goes_to_those_who_can_mend_it_and_hides_the_rest(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    store, engine, clock = begun
    async with store.begin() as tx:
        await tx.watch.add_gap(Gap(channel_id=1, account="a", from_at=STOP, to_at=None, cause=GapCause.LINK))
    for _ in range(40):
        clock.advance(HOUR / 2)
        await engine.step()
    [episode] = await episodes(store)
    assert (episode.kind, episode.verdict.cause.value) == (Kind.BLIND, "link_down")
    assert episode.since_at == STOP
    assert await told(store, episode) == [OWNER]

    # The line is mended and the history read: now it is known that the channel was silent all the while.
    await watched(store, clock.now())
    await engine.step()
    blind, silence = await episodes(store)
    assert blind.state is State.CLOSED
    assert "has been read since" in blind.ended
    assert (silence.kind, silence.state) == (Kind.SILENCE, State.OPEN)
    assert await told(store, silence) == [READER]


async def test_a_ban_is_told_once_even_if_it_came_while_the_engine_was_away(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    store, _, clock = begun
    async with store.begin() as tx:
        await tx.channels.befell(
            ChannelEvent(
                channel_id=1,
                at=STOP + HOUR / 4,
                change=ChannelChange.GONE,
                status=ChannelStatus.BANNED,
                evidence="CHANNEL_PRIVATE",
            )
        )
    engine = Engine(store, clock, RULES)
    await walk(store, engine, clock, STOP + DAY, numbers=())
    [episode] = await episodes(store)
    assert (episode.kind, episode.since_at, episode.opened_at) == (Kind.CHANNEL, STOP, STOP + HOUR / 4)
    assert await told(store, episode) == [READER]
    async with store.read() as tx:
        [delivery] = await tx.outbox.deliveries(episode.id)
        _, payload = await tx.outbox.alert(delivery.alert_id)
    assert (payload["change"], payload["status"]) == ("gone", "banned")


async def test_a_group_is_told_as_one(store: Store) -> None:
    await people(store)
    await channels(store, *(channel(n, "net") for n in (1, 2, 3, 4)))
    for number in (1, 2, 3, 4):
        await archive(store, Story(number, seed=3).posts(WEEKS + 13 * HOUR, 30).readings)
    await watched(store, STOP, numbers=(1, 2, 3, 4))
    clock = SetClock(STOP)
    engine = Engine(store, clock, RULES)
    await walk(store, engine, clock, STOP + DAY, numbers=(1, 2, 3, 4))
    [episode] = await episodes(store)
    assert episode.subject.group == "net"
    assert episode.members == (1, 2, 3, 4)
    assert set(await told(store, episode)) == {READER}
    async with store.read() as tx:
        _, payload = await tx.outbox.alert((await tx.outbox.deliveries(episode.id))[0].alert_id)
    assert {m["id"] for m in payload["members"]} <= {1, 2, 3, 4}
    assert payload["title"] == "net"


async def test_a_silence_is_put_to_the_outside_and_its_answer_weighed(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    store, engine, clock = begun
    while True:
        clock.advance(HOUR / 6)
        await watched(store, clock.now())
        await engine.step()
        async with store.read() as tx:
            waiting = await tx.testimonies.waiting()
        if waiting:
            break
    [question] = waiting
    async with store.begin() as tx:
        await tx.testimonies.answer(question.seq, Outside.NO_MORE, clock.now(), posts=(), detail="")
    await walk(store, engine, clock, clock.now() + HOUR)
    [silence] = await episodes(store)
    assert (silence.kind, silence.since_at) == (Kind.SILENCE, question.since_at)
    assert "The public preview, asked at" in silence.verdict.evidence[-1]
    async with store.read() as tx:
        assert await tx.testimonies.waiting() == []


@pytest.mark.parametrize(
    "apart", [timedelta(milliseconds=1), timedelta(microseconds=5), timedelta(0)], ids=str
)
async def test_two_things_that_befall_a_channel_at_once_are_told_each_in_its_own_words(
    begun: tuple[Store, Engine, SetClock], apart: timedelta
) -> None:
    store, engine, clock = begun
    clock.advance(HOUR / 60)
    async with store.begin() as tx:
        made, _ = await tx.candidates.put(
            Candidate(id=0, channel_id=1, handle="falcon_reserve", found_at=clock.now())
        )
        for n, (change, after) in enumerate(
            ((ChannelChange.PURGED, "40 posts"), (ChannelChange.CANDIDATE, "@falcon_reserve"))
        ):
            at = clock.now() + n * apart - timedelta(seconds=1)
            await tx.channels.befell(
                ChannelEvent(channel_id=1, at=at, change=change, status=ChannelStatus.OPEN, after=after)
            )
    await watched(store, clock.now())
    await engine.step()
    async with store.read() as tx:
        said = [
            (await tx.outbox.alert(d.alert_id))[1]
            for episode in sorted(await tx.episodes.newest(), key=lambda e: e.id)
            for d in await tx.outbox.deliveries(episode.id)
            if d.chat_id == READER
        ]
    assert [(d["change"], d["after"], d.get("candidate")) for d in said] == [
        ("purged", "40 posts", None),
        ("candidate", "@falcon_reserve", made.id),
    ]


async def test_a_silence_that_goes_on_is_told_once_more_to_the_same_people_even_over_a_restart(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    store, _, clock = begun
    engine = Engine(store, clock, AlertsConfig())
    await walk(store, engine, clock, STOP + 8 * HOUR)
    [silence] = await episodes(store)
    assert silence.escalated_at is None
    engine = Engine(store, clock, AlertsConfig())
    await walk(store, engine, clock, STOP + 3 * DAY)
    [silence] = await episodes(store)
    assert silence.state is State.OPEN
    assert silence.escalated_at is not None
    async with store.read() as tx:
        moves = [move for move, _ in await tx.episodes.moves(silence.id)]
    assert moves == [Move.OPENED, Move.ESCALATED]
    assert await told(store, silence) == [READER, READER]


async def test_that_our_blindness_has_spread_rings_though_both_are_found_at_once(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    store, _, clock = begun
    others = range(2, 10)
    await channels(store, *map(channel, others))
    await watched(store, STOP, numbers=others)
    engine = Engine(store, clock, RULES)
    await engine.step()
    await watched(store, STOP + HOUR / 2, numbers=others)
    clock.advance(2 * HOUR)
    await engine.step()
    [blind] = await episodes(store)
    async with store.read() as tx:
        moves = [move for move, _ in await tx.episodes.moves(blind.id)]
    assert (blind.kind, moves, len(blind.members)) == (Kind.BLIND, [Move.OPENED, Move.ESCALATED], 9)
    assert await told(store, blind) == [OWNER, OWNER]


async def test_what_is_found_graver_at_once_when_we_see_again_is_told_in_one_message(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    store, _, clock = begun
    engine = Engine(store, clock, AlertsConfig())
    await engine.step()
    clock.advance(2 * DAY)
    await watched(store, clock.now())
    await engine.step()
    [silence] = await episodes(store)
    assert silence.escalated_at is not None
    assert await told(store, silence) == [READER]


async def test_a_silence_that_is_over_is_withdrawn_to_whoever_heard_of_it_when_its_posts_are_read(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    store, engine, clock = begun
    await walk(store, engine, clock, STOP + DAY)
    back = Story(1, start=STOP + DAY).posts(DAY, 30).readings
    await archive(store, [replace(r, post_id=10_000 + r.post_id, seq=0) for r in back])
    await walk(store, engine, clock, STOP + 2 * DAY)
    [episode] = await episodes(store)
    assert (episode.state, episode.verdict.ruling) == (State.CLOSED, Ruling.BLIND)  # by its numbers

    again = Engine(store, clock, AlertsConfig())  # another run knows of it from the archive
    await again.step()
    [same] = await episodes(store)
    assert same == episode


async def test_posts_read_after_a_silence_was_over_withdraw_it_also_after_a_restart(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    store, engine, clock = begun
    async with store.read() as tx:
        last = (await tx.posts.newest(1, 1))[0].id
    await walk(store, engine, clock, STOP + DAY)
    back = Story(1, start=STOP + DAY).posts(DAY, 30).readings
    await archive(store, [replace(r, post_id=last + r.post_id, seq=0) for r in back])
    await walk(store, engine, clock, STOP + 2 * DAY)
    [episode] = await episodes(store)
    assert (episode.state, episode.verdict.ruling) == (State.CLOSED, Ruling.CONFIRMED)

    again = Engine(store, clock, AlertsConfig())
    await again.step()
    late = Story(1, start=STOP + HOUR).posts(22 * HOUR, 30).readings
    await archive(store, [replace(r, post_id=90_000 + r.post_id, seq=0) for r in late])
    await walk(store, again, clock, STOP + 2 * DAY + HOUR)
    [revised] = await episodes(store)
    assert (revised.state, revised.verdict.ruling) == (State.CLOSED, Ruling.BLIND)
    assert "have been read since" in revised.ended
    async with store.read() as tx:
        assert [move for move, _ in await tx.episodes.moves(revised.id)][-1] is Move.GREW
        deliveries = await tx.outbox.deliveries(revised.id)
    assert [d.chat_id for d in deliveries] == [READER] * 3


async def test_a_budget_that_is_set_while_the_engine_runs_counts_at_once_and_decides_nothing_twice(
    store: Store,
) -> None:
    await people(store)
    story = Story().posts(WEEKS + 13 * HOUR, 20).quiet(3 * DAY)
    await channels(store, channel())
    await archive(store, story.readings)
    await watched(store, STOP + 5 * HOUR)
    clock = SetClock(STOP + 5 * HOUR)
    engine = Engine(store, clock, RULES)
    await engine.step()
    before = engine.panel
    assert before is not None
    track = before.track(1)
    assert track is not None
    assert track.rules.silence.budget == RULES.silence.budget

    async with store.begin() as tx:
        await tx.changes.set_budget("channel:1", 4.0)
        tx.notify("budgets")
    await engine.step()
    after = engine.panel
    assert after is not None
    assert after is not before
    track = after.track(1)
    assert track is not None
    assert track.rules.silence.budget == 4.0
    await engine.step()
    assert engine.panel is after  # built anew once, and not at every step

    await walk(store, engine, clock, STOP + 60 * HOUR)
    async with store.begin() as tx:
        told = [e for e in await tx.episodes.newest() if e.opened_at is not None]
        await tx.changes.set_budget("channel:1", None)
    assert [e.kind for e in told] == [Kind.SILENCE]
    await engine.step()
    await walk(store, engine, clock, STOP + 64 * HOUR)
    async with store.read() as tx:
        again = [e.id for e in await tx.episodes.newest() if e.opened_at is not None]
    assert again == [e.id for e in told]  # what was told goes on; it is not told as another
