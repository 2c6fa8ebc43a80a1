"""Health, as the bot says it to ops; and that none of what they do is for analysts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from alerts.mark import Mark
from bot.faults import Faults
from bot.texts import door
from deadair.health.config import HealthConfig
from deadair.health.judge import judge
from deadair.health.vitals import read_vitals
from domain.channel import Channel
from domain.check import Check
from domain.clock import WallClock
from domain.post import How
from domain.subscription import Role
from domain.watch import WatchSpan
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import let_in, put_out
from tests.support.tapping import DAY, FALCON, olga, said, watch


async def test_health_says_first_what_is_wrong_and_of_every_part_how_it_is(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    now = WallClock().now()
    await watch(store, FALCON, Channel(id=1002, title="River", handle="river_news"))
    async with store.begin() as tx:
        await tx.watch.extend(
            WatchSpan(channel_id=1001, account="main", from_at=now - DAY, to_at=now, how=How.LIVE)
        )
        watching = {"state": "watching", "since": now.isoformat(), "detail": ""}
        await tx.marks.set("collector.account.main", watching, now)
        banned = {"state": "banned", "since": now.isoformat(), "detail": "USER_DEACTIVATED_BAN"}
        await tx.marks.set("collector.account.spare", banned, now)
        await tx.marks.set("alerts", Mark(version=1, since=now - DAY, until=now).document(), now)
        await tx.marks.set("reader.life", {"version": 1}, now - timedelta(hours=2))
        await tx.marks.set("process.life", {}, now)
    await run_bot()
    await said(server, person, "/health")
    await server.until(lambda: server.world.queue.pending == 0)
    (words,) = await said(server, person, "/health")
    first, *lines = words.splitlines()
    assert first.startswith("Health at ")
    assert [line[0] for line in lines] == sorted((line[0] for line in lines), key="✗!✓".index)
    banned_line = next(line for line in lines if "account spare" in line)
    assert banned_line.startswith("✗ account spare: banned")
    assert banned_line.endswith("USER_DEACTIVATED_BAN")
    assert any(line.startswith("✗ reader: alive 2 h") for line in lines)
    assert "! watch: 1 of 2 channels are seen up to now" in lines
    assert "! watch: not seen of late: River" in lines
    assert any(line.startswith("✓ account main: watching") for line in lines)
    assert any(line.startswith("✓ alerts: decided up to") for line in lines)
    assert any(line.startswith("✓ bot: what people say was last fetched") for line in lines)
    assert "✓ outbox: nothing is on its way" in lines


async def test_health_tells_how_far_an_engine_is_that_learns(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person, now = await olga(server, store), WallClock().now()
    async with store.begin() as tx:
        long_ago = Mark(version=1, since=now - DAY, until=now - DAY).document()
        await tx.marks.set("alerts", long_ago, now - DAY)
        await tx.marks.set("engine.learning", {"part": 0.25, "left": 200.0}, now)
    await run_bot()
    (words,) = await said(server, person, "/health")
    telling = "! alerts: learning what is usual of the channels, 25% done, about 3 min 20 s left"
    assert telling in words.splitlines()


async def test_health_tells_of_alerts_that_do_not_get_out(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person, cem = await olga(server, store), server.person("Cem", started=True)
    await let_in(store, cem.id)
    await put_out(store, cem.id, payload={}, at=WallClock().now() - timedelta(minutes=30))
    server.faults.refuse(500, "Internal Server Error", "sendMessage", chat=cem.id, times=None)
    await run_bot()
    await server.until(lambda: any(c.method == "sendMessage" and c.chat == str(cem.id) for c in server.calls))
    (words,) = await said(server, person, "/health")
    assert "✗ outbox: 1 on their way, the oldest for 30 min" in words


async def test_health_tells_of_a_damaged_archive(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    person, now = await olga(server, store), WallClock().now()
    async with store.begin() as tx:
        await tx.marks.set("process.whole", {"at": now.isoformat(), "damage": "row 7 missing"}, now - DAY)
    await run_bot()
    (words,) = await said(server, person, "/health")
    assert "✗ the archive is damaged, found 1 d ago; restore a backup" in words.splitlines()


@pytest.mark.parametrize(
    ("made", "asked", "sign", "words"),
    [
        (47, 100, "✓", "last backup 1 d 23 h ago"),
        (49, 100, "✗", "last backup 2 d 1 h ago"),
        (None, 23, "!", "no backup was made yet, asked for 23 h ago"),
        (None, 25, "✗", "no backup was made yet, asked for 1 d 1 h ago"),
    ],
)
async def test_a_backup_is_judged_as_by_the_command(
    run_bot: Serve,
    server: BotApiServer,
    store: Store,
    made: int | None,
    asked: int,
    sign: str,
    words: str,
) -> None:
    """Hours since the last was made, and since they are asked for once a day."""
    person, now = await olga(server, store), WallClock().now()
    async with store.begin() as tx:
        since = now - timedelta(hours=asked)
        await tx.marks.set("process.backups_asked", {"every_hours": 24, "since": since.isoformat()}, since)
        if made is not None:
            at = now - timedelta(hours=made)
            await tx.marks.set("process.backup", {"at": at.isoformat()}, at)
    vitals = await read_vitals(store, now)
    (check,) = judge(vitals, HealthConfig(), (), backup_every=DAY)
    await run_bot()
    (answer,) = await said(server, person, "/health")
    assert f"{sign} {words}" in answer.splitlines()
    assert {"✓": "well", "!": "note", "✗": "wrong"}[sign] == check.level.value


async def test_none_of_it_is_for_analysts(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    person = await olga(server, store, Role.ANALYST)
    await run_bot()
    answers = await said(server, person, "/channels", "/thresholds", "/health", "/audit")
    assert answers == [door.NOT_ALLOWED.format(role="ops", mine="analyst")] * 4


async def test_health_tells_of_whatever_ops_are_told_of_unasked(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    async def find(_store: Store, _now: datetime) -> Sequence[Check]:
        return [
            Check.wrong("jobs", "retention fails for 3 h: no room"),
            Check.warning("room", "only 1.2 GB are left"),
            Check.note("config", "counts from the next start on"),
            Check.wrong("reader", "12 posts are unread"),
            Check.well("indexer", "every post is searchable"),
        ]

    person = await olga(server, store)
    await run_bot(faults=Faults(find=find, after=timedelta(hours=1)))
    (words,) = await said(server, person, "/health")
    lines = words.splitlines()
    assert "✗ Work that is done by the clock fails: retention fails for 3 h: no room" in lines
    assert "! Room is running out: only 1.2 GB are left" in lines
    assert "refused" not in words
    assert "12 posts" not in words, "the line of the reader stands there already"
