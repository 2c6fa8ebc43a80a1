"""What the engine has learned is kept in the archive; a start goes on from there, and never rests on it."""

import asyncio
import contextlib
import os
import pickle
import zlib
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import delete, select, update

from alerts.budgets import Budgets
from alerts.config import AlertsConfig, SilenceRule
from alerts.engine import Engine
from alerts.hours import instant
from alerts.intake import HISTORY, OUT_OF_ORDER, UNREAD
from alerts.keeping import EVERY, OLDEST
from alerts.plain import packed, unpacked
from alerts.strand import strand_of
from domain.clock import SetClock
from domain.episode import Episode, State
from domain.finding import Kind
from domain.opinion import Opinion, Says
from domain.reading import Reading
from domain.use import LEAVES, Use
from storage.learned import HEAD
from storage.learned_tables import Learned
from storage.marks import DECIDED
from storage.store import Store
from storage.whole import kept_tables
from tests.support.archiving import VERSION, archive, channels, watched
from tests.support.rhythms import HOUR, MONDAY, Story, channel
from tests.support.stores import Fill

DAY = timedelta(days=1)
WEEKS = timedelta(weeks=4)
STOP = MONDAY + WEEKS + 13 * HOUR
MINUTE = timedelta(minutes=1)
RULES = AlertsConfig(silence=SilenceRule(escalate_after=timedelta(0)))
NUMBERS = (1, 2, 3)
ANEW = "alerts: what was put away as learned does not fit"
UNUSABLE = "alerts: what was put away as learned cannot be used; all is learned anew"


@cache
def story(number: int) -> Story:
    """The first falls silent at `STOP`, the others go on."""
    made = Story(number, seed=8).posts(WEEKS + 13 * HOUR, 30, topics={"attacks": 0.3})
    return made if number == 1 else made.posts(2 * DAY, 30, topics={"attacks": 0.3})


@cache
def all_posts() -> list[Reading]:
    return sorted((r for n in NUMBERS for r in story(n).readings), key=lambda r: (r.posted_at, r.channel_id))


def posts(start: datetime, end: datetime) -> list[Reading]:
    """All that is posted after `start`, up to `end`, in order, numbered by the archive."""
    return [r for r in all_posts() if start < r.posted_at <= end]


class Life:
    """An archive that goes on, and the engines that one after the other look at it."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, SetClock(STOP)
        self.until = STOP

    async def come(self, until: datetime) -> None:
        """The hours pass: posts are collected and read, the watch goes on."""
        await archive(self.store, posts(self.until, until))
        await watched(self.store, until, numbers=NUMBERS)
        self.until = self.clock.at = until

    def engine(self, rules: AlertsConfig = RULES, **options: Any) -> Engine:
        return Engine(self.store, self.clock, rules, **options)

    async def kept(self, engine: Engine) -> int:
        """Let it put away what it has learned. Returns the generation."""
        while True:
            await engine.step()
            async with self.store.read() as tx:
                generation = await tx.learned.newest()
                if generation is not None and await tx.learned.next() == generation + 1:
                    return generation

    async def alter(self, part: int, content: bytes | None) -> None:
        """Somebody, or a fault, changes what is kept; None: it is gone."""
        async with self.store.begin() as tx:
            of = await tx.learned.newest()
            here = (Learned.generation == of, Learned.part == part)
            change = delete(Learned) if content is None else update(Learned).values(content=content)
            await tx.connection.execute(change.where(*here))

    async def content(self, part: int) -> bytes:
        async with self.store.read() as tx:
            content = await tx.learned.part(await tx.learned.newest() or 0, part)
        assert content is not None
        return content

    async def begins(self, rules: AlertsConfig = RULES, **options: Any) -> tuple[Engine, dict[str, Any]]:
        """Another engine, and what it said of its start."""
        engine = self.engine(rules, **options)
        with structlog.testing.capture_logs() as said:
            await engine.step()
        [ready] = [line for line in said if line["event"] == "alerts: ready"]
        return engine, {**ready, "said": {line["event"] for line in said}}

    async def silences(self) -> list[Episode]:
        """Of whole channels."""
        async with self.store.read() as tx:
            found = [e for e in await tx.episodes.newest() if e.kind is Kind.SILENCE]
        return [e for e in found if strand_of(e.subject) is None]


async def until_stop(store: Store) -> None:
    """Weeks of three channels, up to where the first falls silent."""
    await channels(store, *(channel(n) for n in NUMBERS))
    await archive(store, posts(MONDAY - DAY, STOP))
    await watched(store, STOP, numbers=NUMBERS)


async def until_kept(store: Store) -> None:
    """The same, and an engine has looked at it, put away what it had learned, and been killed."""
    await until_stop(store)
    life = Life(store)
    await life.kept(life.engine())


@pytest.fixture
def filled_by(request: pytest.FixtureRequest) -> Fill:
    return until_kept if "kept" in request.fixturenames else until_stop


@pytest.fixture
def life(store: Store) -> Life:
    return Life(store)


@pytest.fixture
def kept() -> None:
    """The life begins with what an engine has kept that is no more."""


def knows(engine: Engine, number: int) -> tuple[float, ...]:
    """By what is decided of a channel."""
    assert engine.panel is not None
    track = engine.panel.track(number)
    assert track is not None
    rhythm = track.rhythm
    shares = [n for _, s in sorted(track.shares.items()) for n in (s.share, s.most, s.since_count)]
    count = track.pulse.count
    return (rhythm.last, rhythm.overdue_at, rhythm.level, rhythm.most, rhythm.scan.next, count, *shares)


@pytest.mark.usefixtures("kept")
async def test_a_start_goes_on_from_what_was_kept_and_learns_only_what_came_since(life: Life) -> None:
    await life.come(STOP + EVERY - MINUTE)
    await life.engine().step()  # it takes them in, and is killed
    engine, ready = await life.begins()
    assert len(posts(STOP, life.until)) > 0
    assert (ready["taken_up"], ready["posts"]) == (3, len(posts(STOP, life.until)))
    async with life.store.begin() as tx:
        await tx.learned.forget(2**40)
    anew, ready = await life.begins()
    assert "taken_up" not in ready
    assert ready["posts"] == len(posts(MONDAY - DAY, life.until))
    for number in NUMBERS:
        assert knows(engine, number) == pytest.approx(knows(anew, number), rel=1e-9)


async def test_killed_at_any_step_it_tells_a_silence_once_and_at_its_time(life: Life) -> None:
    """Between two keepings, too: each engine is killed after a step, and every third had kept something."""
    for n in range(24):
        engine = life.engine()
        if n % 3:
            await engine.step()
        else:
            await life.kept(engine)
        await life.come(life.clock.now() + 50 * MINUTE)
    engine, ready = await life.begins()
    assert ready["taken_up"] == 3
    [episode] = await life.silences()
    assert (episode.state, episode.subject.channel_id) == (State.OPEN, 1)
    assert episode.since_at == story(1).readings[-1].posted_at
    assert engine.panel is not None
    track = engine.panel.track(1)
    assert track is not None
    assert episode.opened_at == instant(track.rhythm.overdue_at + RULES.silence.hold / HOUR)


@pytest.mark.usefixtures("kept")
async def test_a_clean_stop_keeps_all_that_was_taken_in(life: Life) -> None:
    await life.come(STOP + 10 * MINUTE)
    engine = life.engine()
    running = asyncio.create_task(engine.run())
    taken = posts(MONDAY - DAY, STOP + 10 * MINUTE)
    assert posts(STOP, STOP + 10 * MINUTE)
    async with asyncio.timeout(60):
        # Stopped in the midst of a step, it keeps nothing.
        while (place := await place_of(life)) < len(taken) or not engine._is_whole:  # noqa: ASYNC110 - it is another's work that is awaited
            await asyncio.sleep(0.01)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert unpacked(await life.content(HEAD))["seq"] == place
    _, ready = await life.begins()
    assert (ready["taken_up"], ready["posts"]) == (3, 0)


async def place_of(life: Life) -> int:
    async with life.store.read() as tx:
        return int((await tx.marks.get(DECIDED)).get("seq", 0))


async def test_it_is_kept_every_half_hour_and_only_the_newest_stays(life: Life) -> None:
    engine = life.engine()
    first = await life.kept(engine)
    await life.come(STOP + EVERY - MINUTE)
    await engine.step()
    assert await life.kept(engine) == first
    await life.come(STOP + EVERY)
    while (newest := await life.kept(engine)) == first:
        pass
    await engine.step()
    async with life.store.read() as tx:
        found = await tx.connection.execute(select(Learned.generation).distinct())
        assert found.scalars().all() == [newest]
    assert unpacked(await life.content(HEAD))["seq"] == len(posts(MONDAY - DAY, STOP + EVERY))


async def test_a_keeping_that_was_not_finished_does_not_count(life: Life) -> None:
    before = await life.kept(life.engine())
    async with life.store.begin() as tx:
        generation = await tx.learned.next()
        await tx.learned.put(generation, HEAD + 1, b"half")
    async with life.store.read() as tx:
        assert await tx.learned.newest() == before
    engine, ready = await life.begins()
    assert ready["taken_up"] == 3
    await life.come(STOP + EVERY)
    assert await life.kept(engine) > generation


OTHERS: list[tuple[AlertsConfig, dict[str, Any]]] = [
    (RULES.model_copy(update={"silence": SilenceRule(budget=0.5)}), {}),
    (RULES, {"topics": ["weather"]}),
    (RULES, {"budgets": Budgets(topics={"attacks": 0.1})}),
]


@pytest.mark.parametrize(("rules", "options"), OTHERS, ids=["rules", "topics", "budget of a topic"])
@pytest.mark.usefixtures("kept")
async def test_by_other_rules_all_is_learned_anew(
    life: Life, rules: AlertsConfig, options: dict[str, Any]
) -> None:
    _, ready = await life.begins(rules, **options)
    assert "taken_up" not in ready
    assert ready["posts"] == len(posts(MONDAY - DAY, STOP))
    assert ANEW in ready["said"]


@pytest.mark.usefixtures("kept")
async def test_by_other_code_all_is_learned_anew(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an upgrade."""
    monkeypatch.setattr("alerts.learned.code", lambda: "of another release")
    _, ready = await life.begins()
    assert "taken_up" not in ready
    assert ANEW in ready["said"]


@pytest.mark.usefixtures("kept")
async def test_by_another_reader_version_all_is_learned_anew(life: Life) -> None:
    again = [replace(r, reader_version=VERSION + 1, topics=("weather",)) for r in posts(MONDAY - DAY, STOP)]
    async with life.store.begin() as tx:
        await tx.readings.put(again)
        await tx.readings.go_live(VERSION + 1, STOP)
    engine, ready = await life.begins()
    assert "taken_up" not in ready
    assert engine.panel is not None
    track = engine.panel.track(2)
    assert track is not None
    assert [strand.name for strand in track.shares] == ["weather"]


async def test_a_channel_with_another_budget_or_another_word_on_its_past_is_learned_anew_alone(
    life: Life,
) -> None:
    for _ in range(20):
        await life.come(life.clock.now() + HOUR)
        await life.engine().step()
    [episode] = await life.silences()
    assert episode.subject.channel_id == 1
    back = Reading(channel_id=1, post_id=90_000, posted_at=life.until, reader_version=VERSION)
    await archive(
        life.store, [replace(back, post_id=90_000 + n, posted_at=life.until + n * MINUTE) for n in range(6)]
    )
    await life.come(life.until + HOUR)
    engine = life.engine()
    await life.kept(engine)
    async with life.store.begin() as tx:
        await tx.opinions.add(Opinion(episode_id=episode.id, at=life.until, says=Says.CONFIRMED))
    _, ready = await life.begins(budgets=Budgets(channels={"3": 0.2}))
    assert ready["taken_up"] == 1
    alone = [r for r in posts(life.until - HISTORY, life.until) if r.channel_id != 2]
    assert ready["posts"] == len(alone) + 6


@pytest.mark.usefixtures("kept")
async def test_a_channel_whose_history_came_out_of_order_since_is_learned_anew(life: Life) -> None:
    old = [
        Reading(
            channel_id=2, post_id=80_000 + n, posted_at=MONDAY + 7 * DAY + n * MINUTE, reader_version=VERSION
        )
        for n in range(OUT_OF_ORDER)
    ]
    await archive(life.store, old)
    await life.engine().step()  # it takes them in, and is killed before it has learned them in their place
    engine, ready = await life.begins()
    assert ready["taken_up"] == 2
    assert engine.panel is not None
    track = engine.panel.track(2)
    assert track is not None
    assert (
        track.pulse.count == len([r for r in posts(MONDAY - DAY, STOP) if r.channel_id == 2]) + OUT_OF_ORDER
    )


@pytest.mark.usefixtures("kept")
async def test_a_channel_that_is_new_is_learned_alone(life: Life) -> None:
    await channels(life.store, channel(9))
    _, ready = await life.begins()
    assert (ready["channels"], ready["taken_up"], ready["posts"]) == (4, 3, 0)


@pytest.mark.usefixtures("kept")
async def test_what_is_too_old_is_left(life: Life) -> None:
    life.clock.advance(OLDEST + MINUTE)
    _, ready = await life.begins()
    assert "taken_up" not in ready
    assert ANEW in ready["said"]


@pytest.mark.usefixtures("kept")
async def test_what_knows_more_than_the_archive_is_left(life: Life) -> None:
    """As when an older copy of the database was put in its place."""
    head = unpacked(await life.content(HEAD))
    await life.alter(HEAD, packed({**head, "seq": head["seq"] + 1}))
    _, ready = await life.begins()
    assert "taken_up" not in ready
    assert ANEW in ready["said"]


class Malicious:
    """Run when it is unpickled, if anything is."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.file}",)


async def test_bytes_that_name_what_is_to_be_run_run_nothing_and_all_is_learned_anew(
    life: Life, tmp_path: Path
) -> None:
    file = tmp_path / "it ran".replace(" ", "_")
    attack = pickle.dumps(Malicious(file))
    await life.kept(life.engine())
    content = zlib.compress(attack)
    await life.alter(HEAD + 1, sha256(content).digest() + content)
    engine, ready = await life.begins()
    assert not file.exists()
    assert "taken_up" not in ready
    assert UNUSABLE in ready["said"]
    await life.come(STOP + EVERY)
    await life.kept(engine)
    await life.alter(HEAD, content)
    _, ready = await life.begins()
    assert not file.exists()
    assert "taken_up" not in ready
    pickle.loads(attack)  # noqa: S301 - so it would have run
    assert file.exists()


@pytest.mark.parametrize("fault", ["flipped", "cut", "gone", "empty", "of another kind"])
@pytest.mark.usefixtures("kept")
async def test_damage_is_noticed_and_all_is_learned_anew(life: Life, fault: str) -> None:
    content = await life.content(HEAD + 1)
    other = packed({"channels": {1: ("a", "b")}, "common": None})
    damaged = {
        "flipped": content[:500] + bytes([content[500] ^ 1]) + content[501:],
        "cut": content[:-100],
        "gone": None,
        "empty": b"",
        "of another kind": sha256(other).digest() + other,
    }[fault]
    await life.alter(HEAD + 1, damaged)
    engine, ready = await life.begins()
    assert "taken_up" not in ready
    assert UNUSABLE in ready["said"]
    assert ready["posts"] == len(posts(MONDAY - DAY, STOP))
    assert engine.panel is not None


def test_it_is_no_part_of_backups_and_moves() -> None:
    assert Learned.__table__ not in kept_tables()


@pytest.mark.usefixtures("kept")
async def test_while_posts_wait_to_be_read_what_was_watched_is_known_from_what_was_kept(life: Life) -> None:
    """After a long stop the reader catches up first: nothing is learned anew because of that."""
    more = [
        replace(r, post_id=r.post_id + 200_000, posted_at=STOP + timedelta(seconds=n))
        for n, r in enumerate(posts(MONDAY - DAY, STOP)[: UNREAD + 1])
    ]
    await archive(life.store, more, read=False)
    life.clock.at = STOP + HOUR
    engine, ready = await life.begins()
    assert ready["taken_up"] == 3
    await archive(life.store, more)
    await watched(life.store, STOP + HOUR, numbers=NUMBERS)
    await engine.step()
    assert engine.panel is not None
    assert engine.panel.taught_blind == frozenset()


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_on_a_disk_that_is_nearly_full_it_decides_and_puts_nothing_away(life: Life) -> None:
    life.store.room = lambda _folder: LEAVES[Use.LEARNED] - 1
    engine = life.engine()
    for _ in range(3):
        await engine.step()
    async with life.store.read() as tx:
        assert await tx.learned.newest() is None
        assert await tx.marks.get(DECIDED)
    life.store.room = lambda _folder: LEAVES[Use.LEARNED]
    assert await life.kept(engine) > 0
