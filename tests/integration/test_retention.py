"""What has outlived its time is removed, and never what an alert or an opinion is about."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from collector.disk import Disk
from deadair.config import Config, JobsConfig, parse
from deadair.jobs import Backups, Keeping, scheduler
from deadair.retention.work import COUNTERS, FILES, Outcome, retain
from domain.clock import WallClock
from domain.counters import Sample
from domain.episode import Episode, State, Subject
from domain.errors import DeadairError
from domain.file import FileState, PostFile
from domain.finding import Kind, Verdict
from domain.opinion import Opinion, Says
from storage.backup.config import BackupConfig
from storage.proof import prove
from storage.store import Store
from tests.support.searching import CHANNELS, DAY, FALCON, HERON, HOUR, KITE, NOON, claim, post

NOW = NOON + 100 * DAY
KEPT = parse("[retention]\nfiles = '30d'\ncounters = '30d'\n")


def name_of(body: bytes) -> str:
    return sha256(body).hexdigest()


async def fill(
    store: Store, disk: Disk, bodies: Mapping[tuple[int, int], bytes], *, album: tuple[int, ...] = ()
) -> None:
    """Posts, one a day from NOON on, each with a file and two looks at its counters; those of these numbers
    are parts of one album."""
    async with store.begin() as tx:
        for channel in CHANNELS:
            await tx.channels.save(channel, NOON - DAY)
        posts = [post(n, "a post", channel, at=NOON + n * DAY) for channel, n in bodies]
        await tx.posts.put([replace(p, album_id=77) if p.id in album else p for p in posts])
        for (channel, n), body in bodies.items():
            at = NOON + n * DAY
            wanted = PostFile(
                channel_id=channel,
                post_id=n,
                version=0,
                file_id=f"{channel}-{n}",
                kind="photo",
                size=len(body),
                state=FileState.WAITING,
                at=at,
                again_at=at,
            )
            await tx.files.add([wanted])
            await tx.files.settle(replace(wanted, state=FileState.KEPT, sha256=name_of(body)))
            path = disk.path(name_of(body))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            await tx.counters.add(
                [
                    Sample(channel_id=channel, post_id=n, at=at + k * HOUR, due=k * HOUR, views=k)
                    for k in (1, 6)
                ]
            )


async def run(
    store: Store, disk: Disk, config: Config = KEPT, *, late: int = 0, dry: bool = False
) -> Outcome:
    return await retain(store, config, disk, NOW + late * HOUR, dry_run=dry)


def told(outcome: Outcome) -> dict[tuple[str, str], tuple[int, int]]:
    return {(s.channel.name, s.kind): (s.n, s.cited) for s in outcome.shares}


def there(disk: Disk, *bodies: bytes) -> list[bool]:
    return [disk.path(name_of(body)).exists() for body in bodies]


def episode(channel: int, *, since: int, closed: int, opened: int | None) -> Episode:
    return Episode(
        id=0,
        kind=Kind.SILENCE,
        subject=Subject(channel_id=channel),
        state=State.CLOSED,
        since_at=NOON + since * DAY,
        found_at=NOON + since * DAY + HOUR,
        opened_at=None if opened is None else NOON + opened * DAY,
        closed_at=NOON + closed * DAY,
        verdict=Verdict.confirmed(),
    )


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "files")


async def test_what_is_old_goes_what_is_young_stays_and_a_dry_run_changes_nothing(
    store: Store, disk: Disk
) -> None:
    await fill(store, disk, {(FALCON, 1): b"one", (FALCON, 90): b"ninety", (HERON, 2): b"two!"})
    dry = await run(store, disk, dry=True)
    assert told(dry) == {
        ("@falcon_news", FILES): (1, 0),
        ("@falcon_news", COUNTERS): (2, 0),
        ("@heron", FILES): (1, 0),
        ("@heron", COUNTERS): (2, 0),
    }
    assert {s.size for s in dry.shares if s.kind == FILES} == {3, 4}
    async with store.read() as tx:
        assert {f.state for f in await tx.files.of(FALCON)} == {FileState.KEPT}
        assert len(await tx.counters.of(FALCON, 1)) == 2

    assert told(await run(store, disk)) == told(dry)
    assert there(disk, b"one", b"two!") == [True, True], (
        "whoever was about to keep the same one is waited for"
    )
    late = await run(store, disk, late=2)
    assert late.freed == 7
    assert there(disk, b"one", b"two!", b"ninety") == [False, False, True]
    async with store.read() as tx:
        [one, ninety] = await tx.files.of(FALCON)
        assert (one.state, one.why, one.sha256) == (FileState.EXPIRED, "kept for 30d", name_of(b"one"))
        assert ninety.state is FileState.KEPT
        assert await tx.counters.of(FALCON, 1) == []
        assert len(await tx.counters.of(FALCON, 90)) == 2
        assert await tx.posts.get(FALCON, 1) is not None
    assert (await prove(store, FALCON)).broken is None
    again = await run(store, disk, late=4)
    assert (told(again), again.freed) == ({}, 0)


async def test_nothing_goes_where_nothing_is_said_and_a_channel_has_its_own_time(
    store: Store, disk: Disk
) -> None:
    await fill(store, disk, {(FALCON, 1): b"one", (HERON, 2): b"two"})
    assert told(await run(store, disk, Config())) == {}
    own = parse(
        "[retention]\nfiles = '30d'\n"
        "[[channels]]\nhandle = 'falcon_news'\nkeep_files = '0s'\nkeep_counters = '90d'\n"
    )
    assert told(await run(store, disk, own)) == {
        ("@falcon_news", COUNTERS): (2, 0),
        ("@heron", FILES): (1, 0),
    }


async def test_what_an_alert_or_an_opinion_is_about_stays(store: Store, disk: Disk) -> None:
    bodies = {(FALCON, n): b"%d" % n for n in (1, 9, 11, 12, 20, 40, 41)}
    await fill(store, disk, bodies)
    async with store.begin() as tx:
        await tx.episodes.save(episode(FALCON, since=11, closed=15, opened=12))  # told
        await tx.episodes.save(episode(FALCON, since=20, closed=21, opened=None))  # never told
        judged = await tx.episodes.save(episode(FALCON, since=41, closed=42, opened=None))
        await tx.opinions.add(Opinion(episode_id=judged.id, at=NOW, says=Says.WRONG))
        await tx.episodes.save(episode(HERON, since=0, closed=99, opened=1))  # another's
    outcome = await run(store, disk)
    assert told(outcome)["@falcon_news", FILES] == (2, 5)
    await run(store, disk, late=2)
    assert there(disk, *bodies.values()) == [False, True, True, True, False, True, True]
    async with store.read() as tx:
        kept = {n for _, n in bodies if len(await tx.counters.of(FALCON, n)) == 2}
    assert kept == {9, 11, 12, 40, 41}


async def test_every_post_that_tells_of_an_act_that_was_told_stays(store: Store, disk: Disk) -> None:
    await fill(store, disk, {(FALCON, 1): b"one", (FALCON, 5): b"five", (HERON, 2): b"two"})
    claims = [
        replace(claim(n, "kh", "erbil", "drone", channel), incident_id=77)
        for channel, n in ((FALCON, 1), (HERON, 2))
    ]
    async with store.begin() as tx:
        await tx.claims.put(claims)
        await tx.episodes.save(
            replace(episode(KITE, since=1, closed=1, opened=1), kind=Kind.CLAIM, incident_id=77)
        )
    outcome = await run(store, disk)
    assert told(outcome)["@falcon_news", FILES] == (1, 1)
    assert told(outcome)["@heron", FILES] == (0, 1)


async def test_what_the_other_parts_of_an_album_show_stays_with_the_act_that_one_part_tells_of(
    store: Store, disk: Disk
) -> None:
    bodies = {(FALCON, n): b"%d" % n for n in (1, 2, 3)}
    await fill(store, disk, bodies | {(HERON, 2): b"another"}, album=(1, 2))
    async with store.begin() as tx:
        await tx.claims.put([replace(claim(1, "kh", "erbil", "drone", FALCON), incident_id=77)])
        await tx.episodes.save(
            replace(episode(KITE, since=1, closed=1, opened=1), kind=Kind.CLAIM, incident_id=77)
        )
    outcome = await run(store, disk)
    assert told(outcome)["@falcon_news", FILES] == (1, 2)
    assert told(outcome)["@falcon_news", COUNTERS] == (2, 4)
    assert told(outcome)["@heron", FILES] == (1, 0)
    await run(store, disk, late=2)
    assert there(disk, *bodies.values()) == [True, True, False]


async def test_ten_years_of_alerts_are_held_against_ten_years_of_posts_in_no_time(store: Store) -> None:
    """Meanwhile nobody else writes, and PostgreSQL ends a transaction in which nothing is done."""
    async with store.begin() as tx:
        for day in range(0, 3600, 4):
            await tx.episodes.save(episode(FALCON, since=day, closed=day, opened=day))
        cited = await tx.retention.cited()
    began = time.process_time()
    held = sum(cited.holds(FALCON, n, NOON + n * DAY / 40) for n in range(144_000))
    assert time.process_time() - began < 2
    # Of each four days the last two, and the instant in which the episode ends; after the last one nothing.
    assert held == 899 * 81 + 1


async def test_bytes_that_another_post_shows_too_stay(store: Store, disk: Disk) -> None:
    await fill(store, disk, {(FALCON, 1): b"same", (HERON, 90): b"same"})
    await run(store, disk)
    assert (await run(store, disk, late=2)).freed == 0
    assert there(disk, b"same") == [True]


async def test_bytes_go_with_the_next_run_however_late_that_comes(store: Store, disk: Disk) -> None:
    await fill(store, disk, {(FALCON, 1): b"one", (HERON, 95): b"ninety-five"})
    await run(store, disk)
    assert (await run(store, disk, late=40 * 24)).freed == 3  # what it expires itself it leaves for the next
    assert there(disk, b"one", b"ninety-five") == [False, True]
    assert (await run(store, disk, late=80 * 24)).freed == len(b"ninety-five")
    assert (await run(store, disk, late=81 * 24)).freed == 0


async def test_a_file_that_cannot_be_removed_is_said_and_holds_up_no_other(store: Store, disk: Disk) -> None:
    await fill(store, disk, {(FALCON, 1): b"one", (HERON, 2): b"two"})
    stuck = disk.path(min(name_of(b"one"), name_of(b"two")))  # it comes first
    other = next(body for body in (b"one", b"two") if disk.path(name_of(body)) != stuck)
    stuck.unlink()
    stuck.mkdir()
    await run(store, disk)
    with pytest.raises(DeadairError, match="cannot be removed") as caught:
        await run(store, disk, late=2)
    assert str(stuck) in caught.value.what
    assert there(disk, other) == [False]
    stuck.rmdir()
    stuck.write_bytes(b"back")
    assert (await run(store, disk, late=3)).freed == 4


async def test_it_is_done_by_the_clock_and_said(store: Store, disk: Disk, tmp_path: Path) -> None:
    await fill(store, disk, {(FALCON, 1): b"one"})
    clock = WallClock()  # by which NOON is long ago
    backups = Backups(BackupConfig(), tmp_path / "backups")
    async with scheduler(JobsConfig(), backups, store, clock, Keeping(KEPT, disk)) as works:
        works.modify_job("retention", next_run_time=clock.now())
        for _ in range(400):
            async with store.read() as tx:
                mark = await tx.marks.get("process.retention")
            if mark:
                break
            await asyncio.sleep(0.05)
    assert (mark[FILES], mark[COUNTERS]) == (1, 2)
    async with scheduler(JobsConfig(), backups, store, clock, Keeping(KEPT, disk)) as works:
        due = works.get_job("retention").next_run_time
    assert due - clock.now() > timedelta(hours=23)
