"""What posts say goes once its time is over, never what is cited; they still count."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from archive.indexer import Indexer
from claims.batch import fetch
from collector.disk import Disk
from deadair.config import parse
from deadair.retention.work import retain
from domain.chain import LinkKind
from domain.clock import WallClock
from domain.errors import DeadairError
from domain.file import FileState, PostFile
from domain.opinion import Opinion, Says
from domain.post import How, PostKey, RawCopy
from domain.series import SeriesKey
from storage.proof import prove
from storage.store import Store, Transaction
from tests.support.reading import DRONES, FOOTBALL, a_reader, readings_of, reads
from tests.support.retaining import (
    KEPT,
    NOW,
    an_episode,
    edited,
    gone,
    kept,
    pinned,
    removed,
    said,
    stored,
    understood,
)
from tests.support.searching import DAY, FALCON, HERON, HOUR, KITE, NOON, numbers

_FALCON = "@falcon_news"


async def everything(store: Store) -> str:
    """All that the archive's tables hold, as one text."""
    out = []
    async with store.read() as tx:
        for table in ("posts", "revisions", "raws", "removals", "readings", "post_files"):
            rows = await tx.connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - our own names
            out += [repr(tuple(row)) for row in rows]
    return "\n".join(out)


async def hours(tx: Transaction, key: SeriesKey, version: int = 1) -> Any:
    return await tx.tallies.hours(key, version, NOON - DAY, NOW)


async def counted(tx: Transaction, store: Store) -> tuple[Any, ...]:
    """What must be as it was: hours, readings, and which numbers are held."""
    return (
        await hours(tx, SeriesKey(FALCON)),
        await hours(tx, SeriesKey(FALCON, "sport")),
        await readings_of(store),
        await tx.posts.census(FALCON, 1, 90),
        await tx.posts.count(),
        await tx.posts.ids(FALCON, 1, 90),
    )


async def test_what_is_old_says_nothing_any_more_and_counts_as_before(store: Store) -> None:
    old, other, young = said(1, f"{FOOTBALL} alpha"), said(2, "beta beta"), said(90, f"{FOOTBALL} gamma")
    await kept(store, old, other, pinned(3), young)
    async with store.begin() as tx:
        await tx.posts.put([edited(other, "beta reworded")])
        await tx.posts.missed(FALCON, [2], NOON + 3 * DAY)
    await understood(store)
    async with store.read() as tx:
        before = await counted(tx, store)
    size = (await removed(store, dry=True))[_FALCON]
    assert (size.n, size.cited, size.others, await gone(store)) == (3, 0, {}, set())
    assert size.size > 500

    share = (await removed(store))[_FALCON]
    assert (share.n, share.size, share.cited) == (3, size.size, 0)
    assert await gone(store) == {PostKey(FALCON, n) for n in (1, 2, 3)}
    held = await everything(store)
    for words in (
        "alpha",
        "beta",
        "reworded",
        "secret1",
        "secret title",
        "raw 7 1",
    ):
        assert words not in held, words
    assert "gamma" in held
    async with store.read() as tx:
        after = await counted(tx, store)
        assert after == before
        assert sum(before[1].values()) == 2
        post = await tx.posts.get(FALCON, 1)
        assert post is not None
        assert (post.posted_at, post.seen_at, post.how) == (old.posted_at, old.seen_at, old.how)
        assert (post.views, post.forwards, post.reply_to, post.removed_at) == (101, 1, None, NOW)
        assert (post.details.replies, post.details.reactions) == (3, (("👍", 7),))
        assert (post.text, post.media, post.forward, post.author) == ("", None, None, None)
        [version] = await tx.posts.revisions(FALCON, 2)
        assert (version.number, version.text, version.edited_at) == (1, "", other.posted_at + HOUR)
        assert await tx.raws.of(FALCON, 1) == []
        assert await tx.removals.why(FALCON, 1) == "kept for 63d"
    proof = await prove(store, FALCON)
    assert (proof.broken, proof.kinds[LinkKind.REMOVAL], proof.removed) == (None, 3, 4)
    assert await removed(store) == {}


async def test_what_is_gone_is_found_by_where_and_when_and_by_nothing_that_it_said(
    store: Store,
) -> None:
    await kept(store, said(1, "alpha beta"), said(90, "alpha gamma"))
    async with store.begin() as tx:
        await tx.posts.put([edited(said(1), "alpha delta")])
    await understood(store)
    assert await numbers(store, "alpha") == [90, 1]
    await removed(store)

    async def asked() -> list[list[int]]:
        return [
            await numbers(store, "alpha"),
            await numbers(store, "delta"),
            await numbers(store, "beta"),
            await numbers(store, "secret1"),
            await numbers(store, forwarded_from=("*",)),
            await numbers(store, media=("document",)),
            await numbers(store, channels=("falcon_news",)),
            await numbers(store, until=NOON + 2 * DAY),
            await numbers(store, edited=True),
        ]

    found = [[90], [], [], [], [90], [90], [90, 1], [1], [1]]
    assert await asked() == found
    async with store.begin() as tx:  # as another way from texts to words would have it
        await tx.index.keep(replace(await tx.index.progress(), fingerprint="another"))
    await Indexer(store, WallClock()).catch_up()
    assert await asked() == found


async def test_what_is_cited_stays(store: Store) -> None:
    posts = [said(n) for n in (1, 9, 11, 14, 20, 30, 31, 40)]
    claim = replace(said(5), text=DRONES)
    await kept(store, *posts, claim, said(2, channel=HERON), said(12, channel=HERON), said(3, channel=KITE))
    async with store.begin() as tx:
        await tx.episodes.save(an_episode(FALCON, since=NOON + 11 * DAY, closed=NOON + 15 * DAY))
        never = an_episode(FALCON, since=NOON + 20 * DAY, closed=NOON + 21 * DAY, told=False)
        await tx.episodes.save(never)
        judged = await tx.episodes.save(
            an_episode(FALCON, since=NOON + 31 * DAY, closed=NOON + 31 * DAY, told=False)
        )
        await tx.opinions.add(Opinion(episode_id=judged.id, at=NOW, says=Says.CONFIRMED))
        of_all = an_episode(None, since=NOON + 12 * DAY, closed=NOON + 13 * DAY, members=(FALCON, HERON))
        await tx.episodes.save(of_all)
        number = await tx.exported.begin([PostKey(FALCON, 40), PostKey(KITE, 3)], NOW)
        await tx.exported.end(number, "a" * 64)
    share = (await removed(store))[_FALCON]
    assert (share.n, share.cited) == (2, 7)
    assert await gone(store) == {PostKey(FALCON, 1), PostKey(FALCON, 20), PostKey(HERON, 2)}


async def test_an_album_stays_whole_where_one_part_of_it_is_cited(store: Store) -> None:
    claim = replace(said(1, DRONES), album_id=1)
    quoted = replace(said(4), album_id=4)
    uncited = [replace(said(n), album_id=6) for n in (6, 7)]
    parts = [replace(said(n, ""), album_id=album) for n, album in ((2, 1), (3, 1), (5, 4))]
    await kept(store, claim, quoted, *uncited, *parts, replace(said(8, "", HERON), album_id=1))
    async with store.begin() as tx:
        number = await tx.exported.begin([PostKey(FALCON, 4)], NOW)
        await tx.exported.end(number, "a" * 64)
    assert (await removed(store))[_FALCON].cited == 5
    assert await gone(store) == {PostKey(FALCON, 6), PostKey(FALCON, 7), PostKey(HERON, 8)}


async def test_an_export_holds_its_posts_for_as_long_as_the_config_says(store: Store) -> None:
    await kept(store, *(said(n) for n in range(1, 6)))
    async with store.begin() as tx:
        old = await tx.exported.begin([PostKey(FALCON, n) for n in (1, 2)], NOW - 30 * DAY)
        await tx.exported.end(old, "a" * 64)
        broken = await tx.exported.begin([PostKey(FALCON, 3)], NOW - 2 * DAY)
        under_way = await tx.exported.begin([PostKey(FALCON, 4)], NOW - HOUR)
    assert broken < under_way
    assert (await removed(store, dry=True))[_FALCON].n == 2  # 3 and 5: the export of 3 never came to its end
    short = parse("[retention]\nposts = '63d'\nexports = '4w'\n")
    await removed(store, short)
    assert await gone(store) == {PostKey(FALCON, n) for n in (1, 2, 3, 5)}
    async with store.begin() as tx:
        await tx.exported.forget(under_way)
    await removed(store, short)
    assert await gone(store) == {PostKey(FALCON, n) for n in (1, 2, 3, 4, 5)}


async def test_the_record_of_an_export_goes_when_its_time_is_over(store: Store) -> None:
    await kept(store, *(said(n) for n in range(1, 6)))

    async def records() -> set[int]:
        async with store.read() as tx:
            found = await tx.connection.execute(text("SELECT id FROM exports"))
            rows = await tx.connection.execute(text("SELECT export_id FROM exported"))
            ids = set(found.scalars())
            assert set(rows.scalars()) == ids
            return ids

    async with store.begin() as tx:
        made = [await tx.exported.begin([PostKey(FALCON, 1)], NOW - age * DAY) for age in (30, 27)]
        for number, identity in zip(made, "ab", strict=True):
            assert await tx.exported.end(number, identity * 64)
        broken = await tx.exported.begin([PostKey(FALCON, 3)], NOW - 2 * DAY)
        under_way = await tx.exported.begin([PostKey(FALCON, 4)], NOW - HOUR)
    held = await retain(store, KEPT, Disk(Path("none")), NOW, dry_run=True)
    assert (held.exports, await records()) == (1, {*made, broken, under_way})
    held = await retain(store, KEPT, Disk(Path("none")), NOW, dry_run=False)  # but for what broke off
    assert (held.exports, await records()) == (1, {*made, under_way})
    assert PostKey(FALCON, 1) not in await gone(store)
    short = parse("[retention]\nposts = '63d'\nexports = '4w'\n")
    held = await retain(store, short, Disk(Path("none")), NOW, dry_run=False)
    assert (held.exports, await records()) == (1, {made[1], under_way})
    assert PostKey(FALCON, 1) not in await gone(store)  # the younger one quotes it too
    async with store.begin() as tx:  # it comes to its end after all, a day too late
        assert not await tx.exported.end(broken, "a" * 64)
        assert await tx.exported.end(under_way, "b" * 64)
    assert await records() == {under_way}


async def test_nothing_goes_where_nothing_is_said_and_a_channel_has_its_own_time(store: Store) -> None:
    await kept(store, said(1), said(1, channel=HERON), said(60, channel=HERON))
    assert await removed(store, parse("")) == {}
    own = parse(
        "[retention]\nposts = '63d'\n"
        "[[channels]]\nhandle = 'falcon_news'\nkeep_posts = '0s'\n"
        "[[channels]]\nhandle = 'heron'\nkeep_posts = '80d'\n"
    )
    await removed(store, own)
    assert await gone(store) == {PostKey(HERON, 1)}
    with pytest.raises(DeadairError, match="3d is too short"):
        parse("[retention]\nposts = '3d'\n")
    with pytest.raises(DeadairError, match="keep_posts"):
        parse("[[channels]]\nhandle = 'heron'\nkeep_posts = '27d'\n")


async def test_what_was_found_late_has_its_time_from_then_on(store: Store) -> None:
    late = replace(said(1), seen_at=NOON + 90 * DAY, how=How.BACKFILLED)
    await kept(store, late)
    assert await removed(store) == {}


async def test_what_telegram_gives_again_is_not_taken_in_again(store: Store) -> None:
    post, one_more = said(1, "alpha"), said(3, "beta")
    await kept(store, post, one_more)
    async with store.begin() as tx:
        await tx.posts.missed(FALCON, [1], NOON + 2 * DAY)
    await removed(store)
    async with store.begin() as tx:
        again = await tx.posts.put(
            [
                replace(post, seen_at=NOW, how=How.BACKFILLED),
                replace(edited(post, "alpha edited"), edited_at=NOW, seen_at=NOW),
                replace(one_more, seen_at=NOW, copy=RawCopy(8, b"another copy of it")),
                replace(one_more, how=How.IMPORTED, text="as a file has it"),
            ]
        )
        assert (again.added, again.revised, again.same) == ((), (), 4)
    assert await gone(store) == {post.key, one_more.key}
    held = await everything(store)
    assert [words for words in ("alpha", "another copy", "as a file") if words in held] == []
    async with store.read() as tx:
        assert await tx.posts.revisions(FALCON, 1) == []
        assert await tx.raws.of(FALCON, 3) == []
        assert await tx.posts.last_seen_at(FALCON, 3) == NOW
        [deletion] = await tx.posts.deletions(FALCON)
        assert deletion.returned_at == NOW  # of the channel, not of what it says
        assert await tx.posts.ids(FALCON, 1, 3) == [1, 3]
        assert (await tx.posts.census(FALCON, 1, 3)).unknown == 1
    await understood(store)
    assert await numbers(store, "alpha") == []
    assert (await prove(store, FALCON)).broken is None


async def test_a_later_reader_version_takes_over_what_was_read_of_what_is_gone(store: Store) -> None:
    album = [replace(said(n, FOOTBALL if n == 5 else ""), album_id=77) for n in (5, 6)]
    await kept(store, said(1), said(2, "nothing of interest"), *album, pinned(7), said(90))
    async with store.begin() as tx:
        await tx.posts.put([edited(said(2), "still nothing")])
    await understood(store)
    await removed(store)
    assert len(await gone(store)) == 5
    old = await readings_of(store)
    async with store.read() as tx:
        all_posts, sport = await hours(tx, SeriesKey(FALCON)), await hours(tx, SeriesKey(FALCON, "sport"))
        assert sum(sport.values()) == 3
    # The third knows a topic that the first and the second did not.
    for version, topics in ((2, None), (3, {"sport": ["مباراة"], "match": ["الزوراء"]})):
        await understood(store, reader=a_reader(store, version=version, read=reads(topics), batch=2))
        async with store.read() as tx:
            assert await tx.readings.live_version() == version
            assert await hours(tx, SeriesKey(FALCON), version) == all_posts
            assert await hours(tx, SeriesKey(FALCON, "sport"), version) == sport
    new = await readings_of(store, 3)
    for before, after in zip(old[:-1], new[:-1], strict=True):
        assert (before.read_by, after.read_by) == (None, 1)  # that it only took it over is known
        assert replace(after, seq=0, reader_version=0, read_by=None) == replace(
            before, seq=0, reader_version=0
        )
    assert new[-1].topics[:2] == ("sport", "match")
    async with store.read() as tx:
        assert await tx.claims.counts(3, 10**9) == {}


async def test_a_claim_is_kept_with_its_post_through_every_reader_version(store: Store) -> None:
    await kept(store, replace(said(1), text=DRONES), said(2))
    await removed(store)
    await understood(store, reader=a_reader(store, version=2))
    await removed(store)
    async with store.read() as tx:
        [(found, words)] = await tx.claims.latest(2)
        assert (found.post_id, words) == (1, DRONES)
    assert await gone(store) == {PostKey(FALCON, 2)}


async def test_what_a_reader_holds_in_its_hands_while_it_is_removed_does_not_come_back(store: Store) -> None:
    await kept(store, said(1), said(2, "nothing of interest"))
    reader = a_reader(store, version=2, read=reads({"nothing": ["nothing"]}))
    await reader.begin()
    async with store.read() as tx:
        batch = await fetch(tx, 2, 100)
        await reader._look_at_channels(tx)
    assert [post.removed_at for _, post in batch.posts] == [None, None]
    await removed(store)
    assert not await reader._read(batch)
    await understood(store, reader=reader)
    assert [reading.topics for reading in await readings_of(store, 2)] == [("sport", "sports"), ()]


async def test_what_is_not_read_or_not_indexed_waits(store: Store) -> None:
    await stored(store, said(1))
    assert (await removed(store))[_FALCON].others == {"waiting": 1}
    reader = a_reader(store)
    await reader.take_over()
    await reader.catch_up()
    assert (await removed(store))[_FALCON].others == {"waiting": 1}
    await understood(store, reader=reader)
    async with store.begin() as tx:
        await tx.posts.put([edited(said(1), "an edit")])
    assert (await removed(store))[_FALCON].others == {"waiting": 1}
    async with store.begin() as tx:
        await tx.index.keep(replace(await tx.index.progress(), fingerprint="another"))
    assert (await removed(store))[_FALCON].others == {"waiting": 1}
    await understood(store, reader=reader)
    assert (await removed(store))[_FALCON].n == 1


async def test_when_something_is_stored_meanwhile_it_is_read_anew(store: Store) -> None:
    await kept(store, said(1))
    async with store.read() as tx:
        page = await tx.removals.page(FALCON, NOW - 63 * DAY, None, 10)
    async with store.begin() as tx:
        await tx.posts.put([edited(said(1), "an edit that nobody has seen yet")])
    async with store.begin() as tx:
        assert await tx.removals.remove(FALCON, page.head, page.posts, NOW, "kept for 63d") is None
    assert await gone(store) == set()


async def test_the_files_of_what_is_gone_go_with_it(store: Store, tmp_path: Path) -> None:
    await kept(store, said(1), said(2))
    disk = Disk(tmp_path)
    digest = "ab" * 32
    async with store.begin() as tx:
        for n, state in ((1, FileState.KEPT), (2, FileState.WAITING)):
            file = PostFile(
                channel_id=FALCON, post_id=n, version=0, file_id=f"{FALCON}-{n}", kind="document", size=4,
                state=FileState.WAITING, at=NOON, again_at=NOON,
            )  # fmt: skip
            await tx.files.add([file])
            if state is FileState.KEPT:
                await tx.files.settle(replace(file, state=state, sha256=digest))
    disk.path(digest).parent.mkdir(parents=True)
    disk.path(digest).write_bytes(b"1234")
    await removed(store, folder=tmp_path)
    async with store.read() as tx:
        files = await tx.files.of(FALCON)
        assert [(f.state, f.why) for f in files] == [(FileState.EXPIRED, "kept for 63d")] * 2
        assert await tx.files.next([FALCON], NOW) is None
    assert (await retain(store, KEPT, disk, NOW + 2 * HOUR, dry_run=False)).freed == 4
    assert (await prove(store, FALCON)).broken is None


async def test_many_go_in_small_batches_and_others_write_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deadair.retention.posts._PAGE", 17)
    monkeypatch.setattr("deadair.retention.posts._BATCH", 5)
    posts = [said(n, at=NOON + n * HOUR) for n in range(1, 41)]
    await kept(store, *posts, replace(said(50), text=DRONES, posted_at=NOON, seen_at=NOON))
    async with store.begin() as tx:
        await tx.episodes.save(an_episode(FALCON, since=NOON + 60 * HOUR, closed=NOON + 61 * HOUR))

    async def go_on_posting() -> None:
        for n in range(100, 112):
            await stored(store, said(n))
            await asyncio.sleep(0.01)

    share, _ = await asyncio.gather(removed(store), go_on_posting())
    assert (share[_FALCON].n, share[_FALCON].cited) == (11, 30)
    assert await gone(store) == {PostKey(FALCON, n) for n in range(1, 12)}
    proof = await prove(store, FALCON)
    assert (proof.broken, proof.kinds["post"], proof.kinds["removal"]) == (None, 53, 11)
