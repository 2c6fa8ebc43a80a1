"""Health over HTTP, the heartbeat, and what is read from the archive for them."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, web
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from alerts.mark import Mark
from archive.indexer import Indexer
from deadair.health.config import HealthConfig
from deadair.health.examine import Measure
from deadair.health.metrics import exposition
from deadair.health.vitals import read_vitals
from deadair.health.watch import HealthError, HealthWatch
from domain.channel import Channel
from domain.clock import WallClock
from domain.post import How, Post
from domain.watch import Gap, GapCause, WatchSpan
from storage.held import Held
from storage.store import Store
from tests.support.alerting import an_alert
from tests.support.listening import free_port

NOW = WallClock().now()
MINUTE = timedelta(minutes=1)


async def working(store: Store, now: datetime) -> None:
    """An archive in which every part has just done its work."""
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=7, title="Falcon", handle="falcon"), now)
        await tx.posts.put(
            Post(channel_id=7, id=n, text="t", posted_at=now, seen_at=now, how=How.LIVE) for n in (1, 2)
        )
        await tx.watch.extend(
            WatchSpan(channel_id=7, account="main", from_at=now - MINUTE, to_at=now, how=How.LIVE)
        )
        await tx.marks.set("collector.account.main", {"state": "watching", "detail": ""}, now)
        await tx.readings.go_live(1, now)
        await tx.marks.set("reader.1", {"seq": await tx.posts.last_seq()}, now)
        await tx.marks.set("alerts", Mark(version=1, since=now, until=now).document(), now)
        await tx.marks.set("bot.polling", {}, now)
    await Indexer(store, WallClock()).catch_up()


@contextlib.asynccontextmanager
async def watching(store: Store, **config: Any) -> AsyncIterator[HealthWatch]:
    parts = ("collector", "reader", "indexer", "alerts", "bot")
    watch = HealthWatch(Measure(limits=HealthConfig(**config), parts=parts), store, WallClock())
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def get(port: int, path: str) -> tuple[int, str]:
    async with ClientSession() as session:
        for _ in range(200):
            try:
                async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                    return answer.status, await answer.text()
            except OSError:
                await asyncio.sleep(0.02)
    raise AssertionError("nobody answers")


async def test_what_is_read_is_what_the_parts_left_behind(store: Store) -> None:
    held = Held()
    empty = await read_vitals(store, NOW, held)
    assert (empty.posts, empty.decided_until, empty.unread, empty.polled_at) == (0, None, 0, None)

    await working(store, NOW)
    vitals = await read_vitals(store, NOW + MINUTE, held)
    assert (vitals.posts, vitals.last_seen_at, vitals.unread, vitals.unread_since) == (2, NOW, 0, None)
    assert (vitals.watched_until, vitals.decided_until) == ({7: NOW}, NOW)
    assert vitals.accounts["main"].state == "watching"
    assert (vitals.size is None, vitals.free is None) == (store.is_postgres, store.is_postgres)

    later = NOW + MINUTE
    async with store.begin() as tx:
        await tx.posts.put([Post(channel_id=7, id=3, text="t", posted_at=NOW, seen_at=later, how=How.LIVE)])
        await tx.watch.add_gap(
            Gap(channel_id=7, account="main", from_at=NOW, to_at=None, cause=GapCause.LINK)
        )
        alert = an_alert(at=NOW)
        episode = await tx.episodes.save(replace(alert.episode, id=0))
        await tx.outbox.add(replace(alert, episode=episode), {}, [1, 2])
    vitals = await read_vitals(store, later)
    assert (vitals.unindexed, vitals.unindexed_since) == (1, later)
    async with store.begin() as tx:  # an edit of a post that is searchable
        await tx.posts.put(
            [
                Post(
                    channel_id=7,
                    id=1,
                    text="another t",
                    posted_at=NOW,
                    seen_at=NOW + 2 * MINUTE,
                    edited_at=NOW + MINUTE,
                    how=How.LIVE,
                )
            ]
        )
    assert (await read_vitals(store, later)).unindexed == 2
    await Indexer(store, WallClock()).catch_up()
    vitals = await read_vitals(store, later)
    assert (vitals.unindexed, vitals.unindexed_since) == (0, None)
    assert (vitals.unread, vitals.unread_since, vitals.blind) == (1, later, {7})
    assert (vitals.undelivered, vitals.undelivered_since) == (2, NOW)
    assert vitals.open_episodes == {"silence": 1}


async def test_posts_are_counted_once_and_then_only_what_has_come_since(store: Store) -> None:
    asked: list[tuple[str, object]] = []

    def note(_conn: object, _cursor: object, statement: str, bound: object, *_: object) -> None:
        if "count(*)" in statement and "FROM posts" in statement:
            asked.append((statement, bound))

    await working(store, NOW)
    held = Held()
    with listening(store, note):
        assert (await read_vitals(store, NOW, held)).posts == 2
        asked.clear()
        assert (await read_vitals(store, NOW, held)).posts == 2
        new = [Post(channel_id=7, id=n, text="t", posted_at=NOW, seen_at=NOW, how=How.LIVE) for n in (1, 5)]
        async with store.begin() as tx:
            await tx.posts.put(new)  # the first of them is known already
            last = await tx.posts.last_seq()
        assert (await read_vitals(store, NOW, held)).posts == 3
        assert asked, "or it is not seen here what is asked"
        for statement, bound in asked:
            (since, *_) = bound.values() if isinstance(bound, dict) else bound  # type: ignore[misc, attr-defined]
            assert "seq > " in statement
            assert last - 3 < since <= last
        asked.clear()
        assert (await read_vitals(store, NOW)).posts is None
    text = exposition(await read_vitals(store, NOW), []).decode()
    assert "deadair_posts " not in text


@contextlib.contextmanager
def listening(store: Store, note: Callable[..., None]) -> Iterator[None]:
    """Every statement that is read with goes by."""
    engine = store._reader.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_health_is_answered_over_http_and_turns_when_something_stands_still(store: Store) -> None:
    port, now = free_port(), WallClock().now()
    await working(store, now)
    async with watching(store, listen=f"127.0.0.1:{port}"):
        status, text = await get(port, "/healthz")
        assert (status, json.loads(text)["well"]) == (200, True), text
        assert (await get(port, "/readyz"))[0] == 200
        status, text = await get(port, "/metrics")
        families = {f.name: f.samples for f in text_string_to_metric_families(text)}
        assert (status, families["deadair_up"][0].value, families["deadair_posts"][0].value) == (200, 1, 2)
        assert (await get(port, "/"))[0] == 404

        async with store.begin() as tx:
            await tx.marks.set("bot.polling", {}, now - timedelta(hours=1))
        for _ in range(100):  # an answer is kept for two seconds
            status, text = await get(port, "/healthz")
            if status == 503:
                break
            await asyncio.sleep(0.1)
        wrong = [check for check in json.loads(text)["checks"] if check["level"] == "wrong"]
        assert [check["of"] for check in wrong] == ["bot"]
        assert wrong[0]["hint"]
        assert (await get(port, "/readyz"))[0] == 200  # it is up all the same


async def test_a_place_that_is_taken_says_so(store: Store) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        watch = HealthWatch(Measure(limits=HealthConfig(listen=listen), parts=()), store, WallClock())
        with pytest.raises(HealthError, match="cannot answer at"):
            await watch.run()


async def test_the_heart_beats_while_all_is_well_and_stops_when_not(store: Store) -> None:
    beats: list[float] = []

    async def beat(_request: web.Request) -> web.Response:
        beats.append(asyncio.get_running_loop().time())
        return web.Response()

    app = web.Application()
    app.router.add_get("/ping/secret", beat)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        await working(store, WallClock().now())
        config = HealthConfig(heartbeat_url=f"http://127.0.0.1:{port}/ping/secret")
        config = config.model_copy(update={"heartbeat_every": timedelta(seconds=0.05)})
        watch = HealthWatch(Measure(limits=config, parts=("bot",)), store, WallClock())
        task = asyncio.create_task(watch.run())
        await until(lambda: len(beats) >= 3)
        async with store.begin() as tx:
            await tx.marks.set("bot.polling", {}, WallClock().now() - timedelta(hours=1))
        await until(lambda: beats[-1] < asyncio.get_running_loop().time() - 0.5)
        async with store.begin() as tx:
            await tx.marks.set("bot.polling", {}, WallClock().now())
        n = len(beats)
        await until(lambda: len(beats) > n)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    finally:
        await runner.cleanup()


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1500):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to it")
