"""Thresholds that ops set in the bot, weighed on the past before they count."""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import numpy as np
import pytest

from bot.texts import running
from domain.change import What
from domain.channel import Channel
from domain.clock import WallClock
from domain.post import How
from domain.reading import Reading
from domain.watch import WatchSpan
from sandbox.botapi.messages import Message
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.tapping import DAY, FALCON, bare, labels, olga, said, tap, watch


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(180):  # the machine may be busy
        while not await true():  # noqa: ASYNC110 - edits set no event that one could wait for here
            await asyncio.sleep(0.02)


async def a_past(store: Store, *, days: int = 120, per_day: float = 30.0) -> None:
    """A channel with its days, read and watched, and a silence of three days in it."""
    rng = np.random.default_rng(7)
    now = WallClock().now()
    start = now - days * DAY
    readings = []
    at, post_id = start, 0
    while at < now:
        hour = at.hour + at.minute / 60
        rate = per_day / 24 * (1 + 0.8 * math.sin((hour - 6) / 24 * 2 * math.pi))
        at += timedelta(hours=float(rng.exponential(1 / max(rate, 0.05))))
        if at >= now or now - 20 * DAY < at < now - 17 * DAY:
            continue
        post_id += 1
        topics = ("attacks",) if rng.random() < 0.4 else ()
        readings.append(
            Reading(channel_id=1001, post_id=post_id, posted_at=at, reader_version=1, topics=topics)
        )
    async with store.begin() as tx:
        await tx.readings.go_live(1, now)
        await tx.readings.put(readings)
        await tx.watch.extend(
            WatchSpan(channel_id=1001, account="main", from_at=start, to_at=now, how=How.LIVE)
        )


async def reckoned(message: Message) -> None:
    await eventually(lambda: _is_reckoned(message))


async def _is_reckoned(message: Message) -> bool:
    return "Reckoning" not in message.text and bool(message.edits)


async def test_thresholds_are_weighed_on_the_past_before_one_is_kept_and_counts_at_once(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON)
    await a_past(store)
    await run_bot(topics=("attacks",))
    await said(server, person, "/thresholds")
    message = await tap(server, person, "Falcon Front")
    await reckoned(message)
    words = bare(message.text)
    assert "False alarms a month that are accepted now: 0.25." in words
    assert "of the last 90 days" in words
    for budget in ("0.05", "0.1", "0.25", "0.5", "1", "2", "4"):
        assert f"\n• {budget}: would have told " in words, words
    assert "\n• 8: of no use: it would fire almost daily" in words  # 24 a month, all kinds together
    assert "✓ 0.25" in labels(message)
    assert "attacks" in labels(message)
    async with store.read() as tx:
        assert await tx.changes.budgets() == {}

    await tap(server, person, "1")
    await reckoned(message)
    words = bare(message.text)
    assert words.startswith("Falcon Front: with 1 false alarms a month accepted")
    assert "To be expected by it: 3 false alarms a month, all kinds together." in words
    assert "By the replay: " in words
    assert re.search(r"silence, lasted [34] d", words), words  # until the rhythm was back
    assert labels(message) == ["Keep 1", "« Back"]
    await tap(server, person, "Keep 1")
    assert bare(message.text) == "Kept: Falcon Front, 1 false alarms a month. It counts from now on."
    async with store.read() as tx:
        assert await tx.changes.budgets() == {"channel:1001": 1.0}
        (change,) = await tx.changes.newest(5)
    assert (change.what, change.subject, change.old, change.new, change.by) == (
        What.BUDGET, "channel:1001", None, {"budget": 1.0}, person.id,
    )  # fmt: skip

    person.say("/thresholds @falcon_front topic:attacks")
    shown = (await server.received(person.id, 2))[-1]
    await reckoned(shown)
    assert bare(shown.text).startswith("attacks in Falcon Front")
    assert running.TOPIC_EVERYWHERE in shown.text
    assert "The channel itself" in labels(shown)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/thresholds @falcon_frnt", "I watch no channel or group called @falcon_frnt. Did you mean"),
        ("/thresholds France 24", "Reckoning what each threshold of France 24 would"),
        ("/thresholds France 24 99", "99 is no threshold"),
        ("/thresholds @falcon_front 99", "99 is no threshold: it is above 0 and at most 30"),
        ("/thresholds @falcon_front topic:floods", "No topic or claimant is called topic:floods."),
    ],
)
async def test_a_threshold_that_cannot_be_is_answered_with_what_is_wrong(
    line: str, answer: str, run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON, Channel(id=1024, title="France 24", handle="france24"))
    await run_bot(topics=("attacks",))
    (got,) = await said(server, person, line)
    assert got.startswith(answer)


async def test_what_would_be_of_no_use_is_not_kept_whatever_is_pressed(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON)
    await a_past(store)
    await run_bot()
    person.say("/thresholds @falcon_front 25")
    (message,) = await server.received(person.id)
    await reckoned(message)
    # Whether it did so already in the past that there is depends on that.
    assert re.search(r"It cannot be kept: it (fires|would fire) almost daily: \d+ ", bare(message.text))
    assert labels(message) == ["« Back"]
    async with store.read() as tx:
        assert await tx.changes.budgets() == {}


async def test_without_a_past_that_was_read_nothing_is_weighed(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON)
    await run_bot()
    person.say("/thresholds @falcon_front")
    (message,) = await server.received(person.id)
    await reckoned(message)
    assert bare(message.text).startswith("Nothing of Falcon Front has been read yet")
