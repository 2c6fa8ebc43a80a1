"""When another reader version begins to count, the engine tells nothing because of that and loses nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, takewhile

import pytest

from alerts.config import AlertsConfig
from alerts.engine import Engine
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.clock import SetClock
from domain.episode import Episode, Move, State
from domain.finding import Kind
from domain.post import How, Post
from domain.reading import Reading
from domain.subscription import Role, Subscriber, Subscription
from domain.watch import WatchSpan
from storage.store import Store
from tests.support.rhythms import HOUR, MONDAY, Story, channel

DAY = timedelta(days=1)
MONTH = timedelta(weeks=5)
STOP = MONDAY + MONTH
CHAT = 20
TALK = {"conflict": 0.3, "weather": 0.1}

#: What another reader version makes of a post.
Otherwise = Callable[[Reading], Reading]


class Play:
    """An archive that fills up by a story, read under one version after the other, and an engine on it."""

    def __init__(self, store: Store, story: Story, *, killed: bool = False) -> None:
        self.store = store
        self.story = sorted(story.readings, key=lambda r: r.posted_at)
        self.clock = SetClock(STOP)
        self.version = 1
        self.killed = killed  #: whether the engine's process ends when another version begins to count
        self.otherwise: Otherwise = lambda reading: reading
        self.is_reading_again = False  #: then nobody reads for the version that counts
        self._n = self._n_read = self._place = 0
        self.engine = self._engine()

    def _engine(self) -> Engine:
        return Engine(self.store, self.clock, AlertsConfig(), topics=("conflict",))

    async def begin(self) -> "Play":
        async with self.store.begin() as tx:
            await tx.channels.save(channel(1), MONDAY)
            await tx.subscriptions.let_in(
                Subscriber(chat_id=CHAT, name="r", role=Role.GUEST, let_in_at=MONDAY, let_in_by="test")
            )
            await tx.subscriptions.subscribe(Subscription(chat_id=CHAT, channel_id=1, made_at=MONDAY))
            await tx.readings.go_live(1, MONDAY)
        await self._come_in()
        await self.engine.step()
        return self

    async def until(self, at: datetime, step: timedelta = HOUR / 4) -> None:
        while self.clock.now() < at:
            self.clock.advance(min(step, at - self.clock.now()))
            await self._come_in()
            await self.engine.step()

    async def until_held(self) -> None:
        """Up to where a silence was found and is not told yet."""
        while not (self.engine.panel and self.engine.panel.held):
            assert self.clock.now() < STOP + 6 * DAY
            await self.until(self.clock.now() + HOUR / 6)

    async def change(self, otherwise: Otherwise = lambda reading: reading) -> None:
        """All that is there is read again, and the new version counts; the engine has not looked yet."""
        self.version += 1
        self.otherwise, self.is_reading_again, self._n_read = otherwise, False, 0
        await self._read(self.clock.now())
        async with self.store.begin() as tx:
            await tx.readings.go_live(self.version, self.clock.now())
        if self.killed:
            self.engine = self._engine()

    async def _come_in(self) -> None:
        now = self.clock.now()
        fresh = list(takewhile(lambda r: r.posted_at <= now, islice(self.story, self._n, None)))
        self._n += len(fresh)
        async with self.store.begin() as tx:
            await tx.posts.put(_post(r) for r in fresh)
            await tx.watch.extend(
                WatchSpan(channel_id=1, account="a", from_at=MONDAY, to_at=now, how=How.LIVE)
            )
            if self.is_reading_again:  # the other version makes its way
                await tx.marks.set(f"reader.{self.version + 1}", {"seq": 1}, now)
        if not self.is_reading_again:
            await self._read(now)

    async def _read(self, now: datetime) -> None:
        readings = [self.otherwise(r) for r in self.story[self._n_read : self._n]]
        if not readings:
            return
        async with self.store.begin() as tx:
            await tx.readings.put(replace(r, reader_version=self.version) for r in readings)
            if new := await tx.posts.after(self._place, 1_000_000):
                self._place = new[-1][0]
            await tx.marks.set(f"reader.{self.version}", {"seq": self._place}, now)
        self._n_read = self._n

    async def episodes(self) -> list[Episode]:
        async with self.store.read() as tx:
            return sorted(await tx.episodes.newest(), key=lambda e: e.id)

    async def moves(self, episode: Episode) -> Sequence[Move]:
        async with self.store.read() as tx:
            assert {d.chat_id for d in await tx.outbox.deliveries(episode.id)} == {CHAT}
            return [move for move, _ in await tx.episodes.moves(episode.id)]


def _post(reading: Reading) -> Post:
    return Post(
        channel_id=1,
        id=reading.post_id,
        posted_at=reading.posted_at,
        seen_at=reading.posted_at,
        how=How.LIVE,
        text=f"invented post {reading.post_id}",
    )


def no_conflict_since(at: datetime) -> Otherwise:
    def read(reading: Reading) -> Reading:
        topics = () if reading.posted_at > at else reading.topics
        return replace(reading, topics=tuple(t for t in topics if t == "conflict"))

    return read


@pytest.mark.parametrize("killed", [False, True], ids=["running", "killed"])
async def test_a_topic_that_the_new_reader_no_longer_finds_raises_nothing_then(
    store: Store, killed: bool
) -> None:
    """It found none for days: had it counted, it would have told of a silence long ago."""
    story = Story().posts(MONTH + DAY, 40, topics=TALK).posts(6 * DAY, 40, topics={"weather": 0.1})
    play = await Play(store, story, killed=killed).begin()
    await play.until(STOP + 6 * HOUR, HOUR)
    await play.change(no_conflict_since(STOP - 3 * DAY))
    await play.until(STOP + 10 * HOUR)
    play.engine = Engine(store, play.clock, AlertsConfig(), topics=("conflict",))  # and after a restart
    await play.until(STOP + 14 * HOUR)
    assert await play.episodes() == []
    await play.until(STOP + 7 * DAY, 6 * HOUR)
    [episode] = await play.episodes()  # but it may fall silent from then on
    assert episode.subject.topic == "conflict"


@pytest.mark.parametrize("killed", [False, True], ids=["running", "killed"])
async def test_an_open_silence_stays_open_and_ends_once(store: Store, killed: bool) -> None:
    story = Story().posts(MONTH, 40, topics=TALK).posts(3 * DAY, 40, topics={"weather": 0.1})
    story.posts(2 * DAY, 40, topics=TALK)
    play = await Play(store, story, killed=killed).begin()
    await play.until(STOP + 2 * DAY, 3 * HOUR)
    [episode] = await play.episodes()
    assert (episode.state, episode.subject.topic) == (State.OPEN, "conflict")
    await play.change()
    await play.until(STOP + 2 * DAY + 12 * HOUR, HOUR)
    assert await play.episodes() == [episode]
    await play.until(STOP + 5 * DAY, 3 * HOUR)
    [ended] = await play.episodes()
    assert ended.state is State.CLOSED
    assert await play.moves(ended) == [Move.OPENED, Move.CLOSED]


@pytest.mark.parametrize("killed", [False, True], ids=["running", "killed"])
async def test_a_silence_that_is_being_held_is_told_once_it_has_held(store: Store, killed: bool) -> None:
    story = Story().posts(MONTH, 40, topics=TALK).posts(6 * DAY, 40, topics={"weather": 0.1})
    play = await Play(store, story, killed=killed).begin()
    await play.until_held()
    found_at = play.clock.now()
    assert await play.episodes() == []
    await play.change()
    await play.until(found_at + 2 * HOUR, HOUR / 4)
    await play.until(found_at + DAY, 3 * HOUR)
    [episode] = await play.episodes()
    assert episode.opened_at is not None
    assert abs(episode.opened_at - found_at) <= HOUR / 2
    assert await play.moves(episode) == [Move.OPENED]


@pytest.mark.parametrize("killed", [False, True], ids=["running", "killed"])
async def test_a_silence_under_way_is_told_when_it_would_have_been(store: Store, killed: bool) -> None:
    story = Story().posts(MONTH, 40, topics=TALK).posts(6 * DAY, 40, topics={"weather": 0.1})
    play = await Play(store, story, killed=killed).begin()
    await play.until(STOP + 4 * HOUR)
    await play.change()
    await play.until(STOP + 6 * DAY, 3 * HOUR)
    [episode] = await play.episodes()
    last = [r for r in story.readings if "conflict" in r.topics][-1]
    assert episode.since_at == last.posted_at
    assert episode.found_at < STOP + 2 * DAY


async def test_while_the_archive_is_read_again_nothing_is_decided_and_then_nothing_is_lost(
    store: Store,
) -> None:
    """For half a day nobody reads for the version that counts; meanwhile the silent topic comes back."""
    story = Story().posts(MONTH, 40, topics=TALK).posts(2 * DAY, 40, topics={"weather": 0.1})
    story.posts(2 * DAY, 40, topics=TALK)
    play = await Play(store, story).begin()
    await play.until(STOP + 2 * DAY - HOUR, 3 * HOUR)
    [silent] = await play.episodes()
    assert silent.state is State.OPEN
    play.is_reading_again = True
    await play.until(play.clock.now() + 12 * HOUR, HOUR)
    assert [e.kind for e in await play.episodes()] == [Kind.SILENCE]
    await play.change()
    await play.until(play.clock.now() + HOUR)
    [episode] = await play.episodes()
    assert episode.state is State.CLOSED
    assert episode.id == silent.id


async def test_the_mark_of_the_first_release_is_gone_on_from(store: Store) -> None:
    """It had one mark for each reader version, and no word of which version counts."""
    story = Story().posts(MONTH, 40, topics=TALK).posts(2 * DAY, 40, topics={"weather": 0.1})
    play = await Play(store, story).begin()
    await play.until(STOP + 4 * HOUR)
    async with store.begin() as tx:
        mark = await tx.marks.get("alerts")
        former = {"seq": mark["seq"], "event_seq": 0, "from": mark["since"], "n_stored": 0}
        await tx.marks.remove("alerts")
        await tx.marks.set("alerts.1", former, play.clock.now())
        await tx.channels.befell(
            ChannelEvent(
                channel_id=1,
                at=play.clock.now() + HOUR / 8,
                change=ChannelChange.RENAMED,
                status=ChannelStatus.OPEN,
                before="Channel 1",
                after="Channel One",
            )
        )
    play.killed = True
    await play.change()
    await play.until(STOP + DAY, HOUR)
    renamed, silent = await play.episodes()
    assert renamed.kind is Kind.CHANNEL
    assert silent.subject.topic == "conflict"
    last = [r for r in story.readings if "conflict" in r.topics][-1]
    assert silent.since_at == last.posted_at
