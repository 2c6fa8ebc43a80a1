"""What people say of episodes reaches a running engine, and one that starts anew."""

from datetime import datetime, timedelta

from alerts.config import AlertsConfig
from alerts.engine import Engine
from domain.clock import SetClock
from domain.episode import Episode, State
from domain.opinion import Opinion, Says
from domain.post import How, Post
from domain.reading import Reading
from domain.watch import WatchSpan
from storage.store import Store
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel

DAY = timedelta(days=1)
STOP = MONDAY + WEEKS + 13 * HOUR


async def live(
    store: Store, engine: Engine, clock: SetClock, readings: list[Reading], until: datetime
) -> None:
    """The collector and the reader go on to `until`, and the engine looks."""
    fresh = [r for r in readings if clock.now() < r.posted_at <= until or clock.now() == MONDAY]
    fresh = [r for r in fresh if r.posted_at <= until]
    async with store.begin() as tx:
        await tx.posts.put(
            Post(
                channel_id=1,
                id=r.post_id,
                posted_at=r.posted_at,
                seen_at=r.posted_at,
                how=How.LIVE,
                text="words",
            )
            for r in fresh
        )
        await tx.readings.put(fresh)
        await tx.marks.set("reader.1", {"seq": await tx.posts.last_seq()}, until)
        await tx.watch.extend(WatchSpan(channel_id=1, account="a", from_at=MONDAY, to_at=until, how=How.LIVE))
    clock.advance(until - clock.now())
    await engine.step()


async def say(store: Store, episode: Episode, says: Says, at: datetime) -> None:
    async with store.begin() as tx:
        await tx.opinions.add(Opinion(episode_id=episode.id, at=at, says=says, by="Noor"))
        tx.notify("opinions")


def longest(engine: Engine) -> float:
    """The longest pause of the channel that is no news, in posts expected."""
    assert engine.panel is not None
    track = engine.panel.track(1)
    assert track is not None
    return track.rhythm.tail.at(1e-4)


async def test_a_false_alarm_is_learned_by_the_running_engine_as_by_one_that_starts_anew(
    store: Store,
) -> None:
    story = Story(1).posts(STOP - MONDAY, 30).quiet(36 * HOUR).posts(3 * DAY, 30)
    async with store.begin() as tx:
        await tx.channels.save(channel(1), MONDAY)
        await tx.readings.go_live(1, MONDAY)
    clock = SetClock(MONDAY)
    engine = Engine(store, clock, AlertsConfig())
    for until in (STOP, STOP + DAY, story.end):
        await live(store, engine, clock, story.readings, until)
    async with store.read() as tx:
        [episode] = await tx.episodes.newest()
    assert episode.state is State.CLOSED
    before = longest(engine)
    await say(store, episode, Says.WRONG, story.end)
    await engine.step()
    wrong = longest(engine)
    assert wrong > before
    again = Engine(store, clock, AlertsConfig())
    await again.step()
    assert longest(again) == wrong
    await say(store, episode, Says.CONFIRMED, story.end)
    await engine.step()
    assert longest(engine) < wrong
    async with store.read() as tx:
        assert [e.id for e in await tx.episodes.newest()] == [episode.id]


async def test_of_an_episode_that_lasts_it_counts_from_its_end_on(store: Store) -> None:
    story = Story(1).posts(STOP - MONDAY, 30).quiet(36 * HOUR).posts(3 * DAY, 30)
    async with store.begin() as tx:
        await tx.channels.save(channel(1), MONDAY)
        await tx.readings.go_live(1, MONDAY)
    clock = SetClock(MONDAY)
    engine = Engine(store, clock, AlertsConfig())
    for until in (STOP, STOP + DAY):
        await live(store, engine, clock, story.readings, until)
    async with store.read() as tx:
        [episode] = await tx.episodes.newest()
    assert episode.state is State.OPEN
    await say(store, episode, Says.CONFIRMED, clock.now())
    await live(store, engine, clock, story.readings, STOP + DAY + HOUR)
    assert engine.panel is not None
    track = engine.panel.track(1)
    assert track is not None
    assert not track.schooling.series(None).left_out
    for until in (story.end - HOUR, story.end):
        await live(store, engine, clock, story.readings, until)
    track = engine.panel.track(1)
    assert track is not None
    assert track.schooling.series(None).left_out
