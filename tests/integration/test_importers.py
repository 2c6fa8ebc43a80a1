"""Files into the archive: once, resumable, and to the channel they belong to."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.importers import bring_in
from collector.importers.bring_in import FileImport, import_files
from collector.importers.identity import invented
from collector.importers.record import Bad
from collector.importers.timeline import posts_in_time_order
from domain.channel import Channel, ChannelStatus
from domain.clock import SetClock, WallClock
from domain.hush import Mute
from domain.post import How, Media, Post
from domain.subscription import Subscription
from storage.cursors import Cursor
from storage.store import Store
from tests.support.shared import needs, shared

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
CLOCK = SetClock(AT + timedelta(days=400))
DATA = shared("data")


def common(n: int, **more: Any) -> dict[str, Any]:
    at = f"{AT + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}"
    return {"channel": "falcon_news", "id": n, "date": at, "text": f"post {n}"} | more


def lines(path: Path, documents: Iterable[Any]) -> Path:
    path.write_text("".join(f"{json.dumps(d, ensure_ascii=False)}\n" for d in documents), encoding="utf-8")
    return path


async def bring(store: Store, path: Path, **options: Any) -> FileImport:
    (done,) = await import_files([path], store, CLOCK, **options)
    return done


async def test_a_second_run_adds_nothing_also_under_another_name(store: Store, tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", (common(n) for n in range(1, 51)))
    first = await bring(store, path)
    again = await bring(store, path.rename(tmp_path / "b.jsonl"))
    assert (first.added, first.records, first.done, first.before) == (50, 50, True, False)
    assert (again.added, again.records, again.done, again.before) == (0, 50, True, True)
    async with store.read() as tx:
        assert await tx.posts.count() == 50


async def test_another_file_with_the_same_posts_adds_only_what_is_new(store: Store, tmp_path: Path) -> None:
    await bring(store, lines(tmp_path / "a", (common(n) for n in range(1, 31))))
    other = await bring(store, lines(tmp_path / "b", (common(n) for n in range(21, 41))))
    assert (other.added, other.same, other.revised) == (10, 10, 0)


async def test_an_import_that_was_cut_off_goes_on_where_it_stopped(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bring_in, "_BATCH", 20)
    given: list[Any] = [common(n) for n in range(1, 101)]
    given[5] = given[70] = {"nothing": "of use"}
    path = lines(tmp_path / "a", given)

    class PowerCut(Exception):
        pass

    def cut(job: FileImport) -> None:
        if job.records == 60:
            raise PowerCut

    told: list[str] = []

    def tell(_: Path, bad: Bad) -> None:
        told.append(bad.place)

    with pytest.raises(PowerCut):
        await bring(store, path, progress=cut, bad=tell)
    async with store.read() as tx:
        assert await tx.posts.count() == 59
        assert not await tx.watch.spans(invented("falcon_news"))
    done = await bring(store, path, bad=tell)
    assert (done.records, done.added, done.bad, done.same) == (100, 98, 2, 0)
    assert told == ["line 6", "line 71"]
    async with store.read() as tx:
        assert await tx.posts.count() == 98
        spans = await tx.watch.spans(invented("falcon_news"))
    # When the posts were that could not be read is not known to have been without one.
    minutes = [
        ((s.from_at - AT) / timedelta(minutes=1), (s.to_at - AT) / timedelta(minutes=1)) for s in spans
    ]
    assert minutes == [(1, 5), (7, 70), (72, 100)]
    assert {(s.account, s.how) for s in spans} == {("import", How.IMPORTED)}


async def test_progress_is_told_in_bytes_and_records(store: Store, tmp_path: Path) -> None:
    path = lines(tmp_path / "a", (common(n) for n in range(1, 5001)))
    seen: list[tuple[int, int, bool]] = []
    await bring(store, path, progress=lambda job: seen.append((job.records, job.read, job.done)))
    assert [records for records, _, _ in seen] == [2000, 4000, 5000, 5000]
    assert [done for _, _, done in seen] == [False, False, False, True]
    assert 0 < seen[0][1] <= seen[-1][1] == path.stat().st_size


async def test_a_file_that_cannot_be_read_stops_no_other(store: Store, tmp_path: Path) -> None:
    good = lines(tmp_path / "good", [common(1)])
    html = tmp_path / "messages.html"
    html.write_text("<html>")
    jobs = await import_files([tmp_path / "none", html, tmp_path, good], store, CLOCK)
    assert [str(job.error) if job.error else "" for job in jobs] == [
        f"there is no file {tmp_path / 'none'}",
        "messages.html is HTML",
        f"{tmp_path} is a folder",
        "",
    ]
    assert [job.added for job in jobs] == [0, 0, 0, 1]


async def test_of_a_file_that_breaks_off_what_was_before_is_kept(store: Store, tmp_path: Path) -> None:
    whole = gzip.compress("".join(f"{json.dumps(common(n))}\n" for n in range(1, 400)).encode())
    path = tmp_path / "a.gz"
    path.write_bytes(whole[: len(whole) // 2])
    told: list[Bad] = []
    job = await bring(store, path, bad=lambda _, bad: told.append(bad))
    assert job.added > 50
    assert (job.bad, job.done) == (2, True)
    assert "ends in the middle" in told[-1].reason


async def test_a_new_channel_is_kept_but_nobody_watches_it_yet(store: Store, tmp_path: Path) -> None:
    await bring(store, lines(tmp_path / "a", [common(1, channel_id=-1001234, channel="Falcon News")]))
    async with store.read() as tx:
        (channel,) = await tx.channels.all()
    assert channel == Channel(
        id=1234, title="Falcon News", status=ChannelStatus.RETIRED, added_at=CLOCK.now()
    )


async def test_posts_go_to_the_channel_that_has_the_handle_already(store: Store, tmp_path: Path) -> None:
    known = Channel(id=77, title="Falcon", handle="Falcon_News", zone="Asia/Baghdad", added_at=AT)
    async with store.begin() as tx:
        await tx.channels.save(known, AT)
    job = await bring(store, lines(tmp_path / "a", [common(1)]))
    numbered = lines(tmp_path / "b", [common(2, channel_id=5555, channel=None)])
    named = await bring(store, numbered, channel="@falcon_news")
    assert (job.channels, named.channels) == ({77: "@Falcon_News"}, {77: "@Falcon_News"})
    async with store.read() as tx:
        assert await tx.channels.all() == [known]
        assert await tx.posts.ids(77, 1, 9) == [1, 2]


async def test_what_was_imported_by_name_goes_to_the_channel_once_telegram_knows_it(
    store: Store, tmp_path: Path
) -> None:
    edits = [["2024-03-01T13:00:00Z", "first"]]
    await bring(store, lines(tmp_path / "a", [common(n, x_edits=edits) for n in range(1, 9)]))
    found = Channel(id=77, title="Falcon", handle="Falcon_News", added_at=AT)
    async with store.begin() as tx:
        await tx.channels.save(found, AT)
        assert await tx.channels.adopt(77, "Falcon_News") == invented("falcon_news")
        assert await tx.channels.adopt(77, "Falcon_News") is None
    async with store.read() as tx:
        assert await tx.channels.all() == [found]
        assert await tx.posts.ids(77, 1, 99) == list(range(1, 9))
        assert len(await tx.posts.revisions(77)) == 8
        assert len(await tx.watch.spans(77)) == 1
    more = await bring(store, lines(tmp_path / "b", [common(9)]))
    assert more.channels == {77: "@Falcon_News"}


async def test_who_wanted_to_hear_of_an_imported_channel_hears_of_it_once_telegram_knows_it(
    store: Store, tmp_path: Path
) -> None:
    await bring(store, lines(tmp_path / "a", [common(1)]))
    imported = invented("falcon_news")
    async with store.begin() as tx:
        await tx.subscriptions.subscribe(Subscription(chat_id=5, channel_id=imported, made_at=AT))
        await tx.hushes.mute(Mute(chat_id=5, channel_id=imported, topic="sport", made_at=AT))
        await tx.channels.save(Channel(id=77, title="Falcon", handle="falcon_news"), AT)
        assert await tx.channels.adopt(77, "falcon_news") == imported
    async with store.read() as tx:
        assert [each.channel_id for each in await tx.subscriptions.of(5)] == [77]
        assert [each.channel_id for each in await tx.hushes.mutes(5, AT)] == [77]


async def test_a_channel_with_posts_of_its_own_adopts_nothing(store: Store, tmp_path: Path) -> None:
    await bring(store, lines(tmp_path / "a", [common(1)]))
    own = Post(channel_id=77, id=1, posted_at=AT, seen_at=AT, how=How.LIVE)
    async with store.begin() as tx:
        await tx.posts.put([own])
        assert await tx.channels.adopt(77, "falcon_news") is None
        assert await tx.posts.get(77, 1) == own


async def test_the_cursor_stays_where_telegram_was_read_to(store: Store, tmp_path: Path) -> None:
    cursor = Cursor(channel_id=77, newest_id=5, oldest_id=1, complete=True, checked_at=AT)
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=77, title="Falcon", handle="falcon_news"), AT)
        await tx.posts.move_cursor(cursor)
    await bring(store, lines(tmp_path / "a", (common(n) for n in range(1, 50))))
    async with store.read() as tx:
        assert await tx.posts.cursor(77) == cursor


async def test_a_file_changes_nothing_of_what_was_seen_live(store: Store, tmp_path: Path) -> None:
    """An export does not say which photo it was, nor knows a scraper every edit."""
    live = Post(
        channel_id=77,
        id=1,
        posted_at=AT + timedelta(minutes=1),
        seen_at=AT + timedelta(minutes=1),
        how=How.LIVE,
        text="post 1",
        media=Media(kind="photo", file_id="5"),
        views=3,
    )
    edited = replace(live, id=2, text="after", edited_at=AT + timedelta(hours=1))
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=77, title="Falcon", handle="falcon_news"), AT)
        await tx.posts.put([live, edited])
    job = await bring(store, lines(tmp_path / "a", [common(1, media_kind="photo"), common(2, text="before")]))
    assert (job.same, job.added, job.revised) == (1, 0, 1)
    async with store.begin() as tx:
        assert (await tx.posts.put([live, edited])).same == 2
        assert await tx.posts.get(77, 1) == live


async def test_what_was_imported_is_no_edit_when_it_is_seen_live(store: Store, tmp_path: Path) -> None:
    await bring(store, lines(tmp_path / "a", [common(1, channel_id=77, media_kind="photo")]))
    live = Post(
        channel_id=77,
        id=1,
        posted_at=AT + timedelta(minutes=1),
        seen_at=AT + timedelta(days=1),
        how=How.BACKFILLED,
        text="post 1",
        media=Media(kind="photo", file_id="5"),
    )
    async with store.begin() as tx:
        stored = await tx.posts.put([live])
    assert (stored.same, stored.revised) == (1, ())


async def test_edits_and_deletions_that_a_scraper_saw_are_kept(store: Store, tmp_path: Path) -> None:
    gone = ["2024-03-01T13:00:00Z", "2024-03-01T14:00:00Z"]
    edits = [["2024-03-01T13:00:00Z", "first"]]
    given = [common(1, x_edits=edits, text="second"), common(2, x_deleted_between=gone)]
    path = lines(tmp_path / "a", given)
    job = await bring(store, path)
    await bring(store, lines(tmp_path / "b", [*given, common(3)]))
    assert (job.added, job.revised) == (2, 1)
    number = invented("falcon_news")
    async with store.read() as tx:
        post = await tx.posts.get(number, 1)
        assert post is not None
        assert post.text == "first"
        assert [(r.text, r.edited_at) for r in await tx.posts.revisions(number)] == [
            ("second", AT + timedelta(hours=1))
        ]
        assert [(d.post_id, d.last_seen_at, d.first_missed_at) for d in await tx.posts.deletions(number)] == [
            (2, AT + timedelta(hours=1), AT + timedelta(hours=2))
        ]


async def test_the_stretch_of_an_outage_is_not_taken_for_watched(store: Store, tmp_path: Path) -> None:
    ids = [*range(1, 200), *range(400, 600)]
    await bring(store, lines(tmp_path / "a", (common(n) for n in ids)))
    async with store.read() as tx:
        seen = await tx.watch.seen(invented("falcon_news"))
    assert [(a - AT, b - AT) for a, b in seen.stretches] == [
        (timedelta(minutes=1), timedelta(minutes=199)),
        (timedelta(minutes=400), timedelta(minutes=599)),
    ]


@pytest.mark.parametrize("order", ["abc", "cba", "acb"])
async def test_what_lies_between_two_files_was_seen_where_their_numbers_follow_on_each_other(
    store: Store, tmp_path: Path, order: str
) -> None:
    """As of a scraper that writes a file a day; between the second and the third a post is missing."""
    days = {"a": range(1, 100), "b": range(100, 200), "c": range(201, 300)}
    for name in order:
        await bring(store, lines(tmp_path / name, (common(n) for n in days[name])))
    async with store.read() as tx:
        seen = await tx.watch.seen(invented("falcon_news"))
    assert [(a - AT, b - AT) for a, b in seen.stretches] == [
        (timedelta(minutes=1), timedelta(minutes=199)),
        (timedelta(minutes=201), timedelta(minutes=299)),
    ]


async def test_what_one_file_lacks_was_seen_where_another_has_it(store: Store, tmp_path: Path) -> None:
    number = invented("falcon_news")
    outage = range(500, 580)
    await bring(store, lines(tmp_path / "a", (common(n) for n in range(1, 1000) if n not in outage)))
    async with store.read() as tx:
        assert len((await tx.watch.seen(number)).stretches) == 2
    await bring(store, lines(tmp_path / "b", (common(n) for n in outage)))
    async with store.read() as tx:
        assert (await tx.watch.seen(number)).stretches == (
            (AT + timedelta(minutes=1), AT + timedelta(minutes=999)),
        )


async def test_listeners_hear_of_imported_posts(store: Store, tmp_path: Path) -> None:
    with store.listen("posts") as posts, store.listen("watch") as watch:
        await bring(store, lines(tmp_path / "a", (common(n) for n in range(1, 9))))
        assert await posts.woken(WallClock(), timedelta(seconds=5))
        assert await watch.woken(WallClock(), timedelta(seconds=5))


def test_posts_of_several_files_come_in_the_order_of_posting_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.importers.timeline._CHUNK", 16)
    a = lines(tmp_path / "a", (common(n) for n in range(99, 0, -3)))
    b = lines(tmp_path / "b", (common(n) for n in range(1, 101)))
    c = lines(tmp_path / "c", (common(n, channel="other_news") for n in (5, 7)))
    met: dict[int, str] = {}
    posts = list(posts_in_time_order([a, b, c], met=lambda number, origin: met.update({number: str(origin)})))
    assert len(posts) == 102
    assert [p.posted_at for p in posts] == sorted(p.posted_at for p in posts)
    assert met == {invented("falcon_news"): "@falcon_news", invented("other_news"): "@other_news"}


real = needs("data", "the real exports")


async def goes_in_as_a_whole_and_once(store: Store, path: Path, posts: int) -> None:
    (job,) = await import_files([path], store, WallClock())
    (again,) = await import_files([path], store, WallClock())
    assert (job.added, job.bad, job.error) == (posts, 0, None)
    assert (again.added, again.before) == (0, True)
    async with store.read() as tx:
        assert await tx.posts.count() == posts


@real
async def test_a_real_desktop_export_goes_in_as_a_whole_and_once(store: Store) -> None:
    path = DATA / "exports/result.naya_foriraq.desktop-layout.json.gz"
    await goes_in_as_a_whole_and_once(store, path, 2773)


@real
@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("name", "posts"), [("exports/ru_news_channels.raw-json.tar.gz", 22099), ("posts/farsna.jsonl.gz", 16180)]
)
async def test_a_real_dump_of_another_tool_goes_in_as_a_whole_and_once(
    store: Store, name: str, posts: int
) -> None:
    await goes_in_as_a_whole_and_once(store, DATA / name, posts)
