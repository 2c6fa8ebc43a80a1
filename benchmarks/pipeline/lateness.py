"""How long a claim takes to the phone, and a silence from the instant at which it is news."""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import repeat
from pathlib import Path

import numpy as np

from alerts.config import AlertsConfig
from alerts.hours import instant
from alerts.panel import Panel
from benchmarks.pipeline.stage import Stage, staged
from benchmarks.pipeline.sustained import publish
from domain.channel import Channel as Watched
from domain.clock import WallClock
from domain.finding import Kind
from domain.reading import Reading
from sandbox.channel import Channel
from storage.store import Store
from tests.support.claiming import claims_of_acts

_BUSY = 40  #: channels that go on: enough of them that who falls silent is not everyone
_DAYS = 21
_EVERY = timedelta(minutes=30)  #: between two posts, about
_APART = timedelta(seconds=6)
_SECOND = timedelta(seconds=1)  #: Telegram knows no shorter
_ABOUT = timedelta(minutes=2)  #: by so much may a silence be news earlier than one like it
_BACKGROUND = 2.0  #: posts a second besides
#: A chat is told no more than twenty times a minute: what comes faster waits, and says nothing of us.
_CLAIM_EVERY = 6.0
PLAIN = "كلام عادي"


async def lateness(
    folder: Path, url: str, silent: int, claims: int, reading: float
) -> dict[str, Sequence[object]]:
    """By what is told, cells: how many happened, how many were told, seconds late at the median, the 95th
    percentile and at most. The first silence is news after `reading` seconds, in which the past is read.

    A claim is late from being published, a silence from the instant at which the engine calls it news.
    """
    words = claims_of_acts()
    async with staged(folder, url) as stage:
        first = stage.made_at + timedelta(seconds=reading)
        last = _past(stage, silent, first)
        busy = stage.channels[:_BUSY]
        async with stage.running() as (store, _):
            ready = WallClock().now()
            if ready >= first:
                raise RuntimeError(f"the past was not read within {reading:g} s: give it more")
            seconds = max((last - ready).total_seconds() + 20, claims * _CLAIM_EVERY + 10)
            telling = asyncio.create_task(_tell(stage, busy, words, claims))
            await publish(stage.sandbox.world, busy, _BACKGROUND, seconds, repeat(PLAIN))
            told = await telling
            await asyncio.sleep(5)
            return {
                "claim to phone": _cells(len(told), await _claims_late(stage, store, told)),
                "silence's deadline to phone": _cells(silent, await _silences_late(stage, store, ready)),
            }


def _past(stage: Stage, silent: int, first: datetime) -> datetime:
    """Channels that go on, and others whose last post was so long ago that their silence is news from
    `first` on. Gives when the last of them is.
    """
    now = stage.made_at
    dice = random.Random(11)
    offsets = [(_EVERY * n + _EVERY * 0.8 * dice.random()) // _SECOND * _SECOND for n in range(_DAYS * 48)]
    for number in range(_BUSY):
        _post(stage, number, [now - offsets[-1] - _EVERY + offset for offset in offsets])
    falling = _falling_silent(first, offsets, silent)
    for number, (_, times) in enumerate(falling, _BUSY):
        _post(stage, number, times)
    return falling[-1][0] if falling else now


def _post(stage: Stage, number: int, times: Sequence[datetime]) -> None:
    channel = stage.channel(number)
    for at in times:
        stage.sandbox.world.post(channel, PLAIN, at=at)


def _falling_silent(
    first: datetime, offsets: Sequence[timedelta], n: int
) -> list[tuple[datetime, list[datetime]]]:
    """When the silences of so many channels are news, from `first` on one by one, and when those post.

    How long a silence lasts until it is news differs by minutes with the second of its last post, and there
    is no inverse of that: of many such pasts those are taken whose silences are news at the right time.
    """

    def past(last: datetime) -> list[datetime]:
        return [last - offsets[-1] + offset for offset in offsets]

    learned = _Learned(past(first), n=5)
    began = first
    for _ in range(3):  # that depends on the hour as well
        began = first - (learned.told_at(past(began)) - began)
    began -= _ABOUT
    found = sorted(
        (learned.told_at(times), times)
        for times in (past(began + 2 * k * _SECOND) for k in range(4 * n + 120))
    )
    chosen: list[tuple[datetime, list[datetime]]] = []
    for at, times in found:
        if at >= (chosen[-1][0] + _APART if chosen else first):
            chosen.append((at, times))
    if len(chosen) < n:
        raise RuntimeError(f"only {len(chosen)} silences could be made to be news one by one")
    return chosen[:n]


class _Learned:
    """What the engine has learned of some channels that go on, by the rules as they come: while a channel is
    new, it is judged by what is common to the others.
    """

    def __init__(self, times: Sequence[datetime], n: int) -> None:
        channels = [Watched(id=id_, title=str(id_), zone="UTC") for id_ in range(n + 1)]
        self._panel = Panel(channels, AlertsConfig(), decide_from=times[-1])
        for id_ in range(1, n + 1):
            self._learn(id_, times)

    def told_at(self, times: Sequence[datetime]) -> datetime:
        """When the silence of one more is told that posted at these times."""
        self._learn(0, times)
        track = self._panel.track(0)
        assert track is not None
        return instant(track.rhythm.overdue_at) + AlertsConfig().silence.hold

    def _learn(self, id_: int, times: Sequence[datetime]) -> None:
        self._panel.watched(id_, times[0], times[-1])
        readings = (
            Reading(channel_id=id_, post_id=n, posted_at=at, reader_version=1)
            for n, at in enumerate(times, 1)
        )
        self._panel.relearn(id_, readings)


async def _tell(
    stage: Stage, channels: Sequence[Channel], words: Sequence[str], claims: int
) -> dict[tuple[int, int], datetime]:
    """Publish one claim after the other, each of another act; gives when each was published."""
    told = {}
    for n in range(claims):
        channel = channels[n % len(channels)]
        post = stage.sandbox.world.post(channel, words[n % len(words)])
        told[channel.id, post.id] = WallClock().now()
        await asyncio.sleep(_CLAIM_EVERY)
    return told


async def _claims_late(stage: Stage, store: Store, told: dict[tuple[int, int], datetime]) -> list[float]:
    late = []
    async with store.read() as tx:
        version = await tx.readings.live_version() or 0
        claims = {key: await tx.claims.of_post(*key, version) for key in told}
        acts = {key: c.incident_id for key, found in claims.items() for c in found if c.incident_id}
        episodes = await tx.episodes.of_incidents(acts.values())
        for key, at in told.items():
            if (episode := episodes.get(acts.get(key, 0))) is not None:
                message = await tx.outbox.message_of(episode.id, stage.subscriber.id)
                if message in stage.arrived:
                    late.append((stage.arrived[message] - at).total_seconds())
    return late


async def _silences_late(stage: Stage, store: Store, ready: datetime) -> list[float]:
    """Of those that became news while everything was at work."""
    late = []
    async with store.read() as tx:
        for episode in await tx.episodes.newest(5000):
            message = await tx.outbox.message_of(episode.id, stage.subscriber.id)
            at = episode.opened_at
            if episode.kind is Kind.SILENCE and at is not None and at > ready and message in stage.arrived:
                late.append((stage.arrived[message] - at).total_seconds())
    return late


def _cells(happened: int, late: Sequence[float]) -> Sequence[object]:
    if not late:
        return happened, 0, "-", "-", "-"
    of = np.array(late)
    return (
        happened,
        len(late),
        f"{np.median(of):.2f}",
        f"{np.quantile(of, 0.95):.2f}",
        f"{of.max():.2f}",
    )
