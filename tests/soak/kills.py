"""A collector under load is killed at random moments, again and again."""

import asyncio
import random
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from domain.post import How
from domain.watch import Seen
from sandbox.channel import Channel
from sandbox.mtproto.log import Logged
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.soak.given import Given
from tests.soak.truth import gaps, outside, unexplained, union, without_moments
from tests.support.collector_process import CollectorProcess
from tests.support.telegram import Telegram, until

#: Real seconds that a process lives: some are killed while they start, most once they have asked for posts.
_SHORTEST, _LONGEST_LIFE = 0.3, 3.0
_KILLED_AT_START = 0.3
#: So long may it take on a busy machine until a process has asked for posts.
_LONGEST_START = 60.0
_SECOND = timedelta(seconds=1)
#: So late at most does the sandbox notice a kill.
_NOTICED_WITHIN = timedelta(milliseconds=200)
_PROOFS = ("messages.getPeerDialogs", "messages.getHistory")


async def kill_again_and_again(
    telegram: Telegram,
    store: Store,
    url: str,
    folder: Path,
    *,
    kills: int,
    seed: int,
    say: Callable[[str], None] = print,
) -> None:
    """Nothing may be lost or doubled, no span may reach over a kill, every death is a gap. Raises
    AssertionError with the seed."""
    # Everything it does is decided by the seed; only what the machine is just doing is not.
    dice = random.Random(seed)
    telegram.log.entries = deque(maxlen=2_000_000)
    given = Given(telegram.server.render)
    channels = [telegram.channel(f"Channel {n}", f"channel_{n:03}", posts=20) for n in range(5)]
    # The line never fails here: an answer that takes long on a busy machine is no broken one.
    process = CollectorProcess(
        telegram, folder, url, channels, recheck_posts=1000, reconcile_every="0.3s", answer_within=20.0
    )
    now = telegram.world.clock.now
    publishing = asyncio.create_task(_publish(telegram, channels, random.Random(seed + 1)))
    deaths: list[datetime] = []
    try:
        for n in range(kills):
            process.start()
            at_start, life = dice.random() < _KILLED_AT_START, dice.uniform(_SHORTEST, _LONGEST_LIFE)
            if not at_start:
                await _until_it_asks(telegram)
            await asyncio.sleep(life)
            await asyncio.to_thread(process.kill)
            deaths.append(now())
            if (n + 1) % 10 == 0:
                say(f"kills: seed {seed}, {n + 1} of {kills}, {sum(c.top_id for c in channels)} posts")
        process.start()
        await _until_it_asks(telegram)
        await asyncio.sleep(_LONGEST_LIFE)
        publishing.cancel()
        await _until_whole(telegram, url, channels, given, deaths, f"seed {seed}, log {process.log}")
        assert await asyncio.to_thread(process.stop) == 0
    finally:
        publishing.cancel()
        if process.process is not None and process.process.poll() is None:
            process.kill()
    asked = [e for e in telegram.log.entries if e.method in _PROOFS and e.outcome == "ok"]
    for channel in channels:
        await _check_time(store, channel, deaths, asked, f"seed {seed}, {channel.title}")


async def _until_it_asks(telegram: Telegram) -> None:
    began = telegram.world.clock.now()

    def has_asked() -> bool:
        latest = islice(reversed(telegram.log.entries), 200)
        return any(e.at > began and e.method in _PROOFS for e in latest)

    await until(has_asked, _LONGEST_START)


async def _publish(telegram: Telegram, channels: list[Channel], dice: random.Random) -> None:
    """Some hundred posts a second in bursts, with edits, deletions and pushes that get lost. Nothing is
    deleted sooner than it would be polled."""
    n, now = 0, telegram.world.clock.now
    while True:
        channel = dice.choice(channels)
        for _ in range(dice.choice((1, 1, 2, 10))):
            n += 1
            telegram.world.post(channel, f"post {n}", push=dice.random() > 0.02)
        if dice.random() < 0.2:
            telegram.world.edit(channel, dice.choice(channel.ids[-50:]), f"edited {n}")
        if dice.random() < 0.1:
            chosen = channel.posts[dice.choice(channel.ids[-50:])]
            if now() - chosen.posted_at > _SECOND:
                telegram.world.delete(channel, chosen.id)
        await asyncio.sleep(dice.uniform(0, 0.05))


async def _until_whole(
    telegram: Telegram,
    url: str,
    channels: list[Channel],
    given: Given,
    deaths: list[datetime],
    what: str,
) -> None:
    found: list[str] = []
    unproved = list(channels)
    # Nothing is published any more: what is whole once stays so.
    posts = sum(c.top_id for c in channels)

    async def compared(channel: Channel) -> list[str]:
        async with open_store(StorageConfig(url=url)) as own:
            return await unexplained(telegram, own, channel, [(given, await _lost(own, channel, deaths))])

    try:
        async with asyncio.timeout(60 + posts / 200):
            while unproved:
                # In a loop of its own: the sandbox, which is in this one, must be able to answer.
                found = await asyncio.to_thread(asyncio.run, compared(unproved[0]))
                if not found:
                    unproved.pop(0)
                else:
                    await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"{what}: {len(found)} differences: {found[:5]}") from None


async def _lost(store: Store, channel: Channel, deaths: list[datetime]) -> Seen:
    """When what was given out may have been lost with a process: it was killed before it had proved anything
    again, and the gap says so; or it was dead already."""
    async with store.read() as tx:
        found = await tx.watch.gaps(channel.id)
        looked = [s.from_at for s in await tx.watch.spans(channel.id) if s.how in (How.LIVE, How.POLLED)]
    dead = [(at, at + _NOTICED_WITHIN) for at in deaths]
    # Before the first look nothing is watched, and there is no gap.
    if looked and (early := [at for at in deaths if at < min(looked)]):
        dead.append((deaths[0] - timedelta(days=1), early[-1]))
    for gap in found:
        last = bisect_right(deaths, gap.to_at or deaths[-1]) - 1
        if last >= 0 and deaths[last] >= gap.from_at:
            dead.append((gap.from_at, deaths[last]))
    return union(dead)


async def _check_time(
    store: Store, channel: Channel, deaths: list[datetime], asked: list[Logged], what: str
) -> None:
    proofs = sorted(e.at for e in asked)
    async with store.read() as tx:
        spans = [s for s in await tx.watch.spans(channel.id) if s.how in (How.LIVE, How.POLLED)]
        held = {post.id: post.posted_at async for post in tx.posts.of(channel.id)}
        count = await tx.posts.count(channel.id)
    assert count == len(held), f"{what}: a post is there twice"
    dated = set(held.values())
    for span in spans:
        over = [at for at in deaths if span.from_at < at < span.to_at]
        assert not over, f"{what}: {span} reaches over a kill at {over[0]}"
        for end in (span.from_at, span.to_at):
            near = min(abs(at - end) for at in proofs)
            # A post that followed without a hole says that the time until it was watched.
            shown = near <= _SECOND or (end == span.to_at and end in dated)
            assert shown, f"{what}: {end} of {span} is no moment of which Telegram was asked or has told"
    # Dead until Telegram is next asked of the channel's posts: all of that must be on record.
    last = proofs[-1]
    dead = union((at, next((p for p in proofs if p > at), last)) for at in deaths)
    recorded = await gaps(store, channel.id, last)
    begun = min((s.from_at for s in spans), default=last)
    missing = [(a, b) for a, b in outside(dead, recorded) if b > begun]
    assert not without_moments(missing, timedelta(milliseconds=50)), f"{what}: no gap for {missing}"
    # And until all that was posted meanwhile has been read, nothing beyond is known to be there.
    stood = [(n, each.first.posted_at, each.deleted_at) for n, each in channel.record().items()]
    behind = union((at, _caught_up(channel, stood, asked, at) or last) for at in deaths)
    beyond = without_moments(outside(recorded, union([*dead.stretches, *behind.stretches])), 2 * _SECOND)
    assert not beyond, f"{what}: a gap where it watched: {beyond}"


Stood = list[tuple[int, datetime, datetime | None]]  # the posts in order, each from when until when


def _caught_up(channel: Channel, stood: Stood, asked: list[Logged], death: datetime) -> datetime | None:
    """When, after a death, Telegram was first asked for what follows on a post, and nothing did."""
    for entry in asked[bisect_right(asked, death, key=lambda e: e.at) :]:
        if entry.channel != channel.id or entry.request.add_offset >= 0:
            continue
        than = entry.request.offset_id - 1
        later = stood[bisect_right(stood, than, key=lambda each: each[0]) :]
        if not any(at <= entry.at and (gone is None or gone > entry.at) for _, at, gone in later):
            return entry.at
    return None
