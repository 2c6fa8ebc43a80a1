"""How long a claim takes to the phone, and a silence from the instant at which it is news."""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import repeat
from pathlib import Path

import numpy as np

from alerts.config import AlertsConfig
from alerts.panel import Panel
from benchmarks.pipeline.stage import Stage, staged
from benchmarks.pipeline.sustained import publish
from claims.lexicon.entries import Layer
from claims.lexicon.load import load
from domain.channel import Channel as Watched
from domain.clock import WallClock
from domain.episode import Move
from domain.finding import Kind
from domain.reading import Reading
from sandbox.channel import Channel
from storage.store import Store

_BUSY = 40  #: channels that go on: enough of them that who falls silent is not everyone
_DAYS = 21
_EVERY = timedelta(minutes=30)  #: between two posts, about
#: From now until the first silence is news; the past is being read meanwhile.
_FIRST = timedelta(seconds=90)
_APART = timedelta(seconds=6)
_BACKGROUND = 2.0  #: posts a second besides
#: A chat is told no more than twenty times a minute: what comes faster waits, and says nothing of us.
_CLAIM_EVERY = 6.0
PLAIN = "كلام عادي"
CLAIM = "بيان صادر عن المقاومة الإسلامية في العراق: استهدف مجاهدونا فجر اليوم بالطيران المسير {place}"


async def lateness(folder: Path, url: str, silent: int, claims: int) -> dict[str, Sequence[object]]:
    """By what is told, cells: how many happened, how many were told, seconds late at the median, the 95th
    percentile and at most.

    A claim is late from being published, a silence from the instant at which the engine calls it news.
    """
    async with staged(folder, url) as stage:
        _past(stage, silent)
        busy = stage.channels[:_BUSY]
        async with stage.running() as (store, _):
            ready = WallClock().now()
            last = stage.made_at + _FIRST + _APART * silent
            seconds = max((last - ready).total_seconds() + 20, claims * _CLAIM_EVERY + 10)
            telling = asyncio.create_task(_tell(stage, busy, claims))
            await publish(stage.sandbox.world, busy, _BACKGROUND, seconds, repeat(PLAIN))
            told = await telling
            await asyncio.sleep(5)
            return {
                "claim to phone": _cells(len(told), await _claims_late(stage, store, told)),
                "silence's deadline to phone": _cells(silent, await _silences_late(stage, store, ready)),
            }


def _past(stage: Stage, silent: int) -> None:
    """Channels that go on, and others whose last post was so long ago that their silence is news soon."""
    now = stage.made_at
    dice = random.Random(11)
    offsets = [_EVERY * n + _EVERY * 0.8 * dice.random() for n in range(_DAYS * 48)]
    for number in range(_BUSY):
        channel = stage.channel(number)
        for offset in offsets:
            stage.sandbox.world.post(channel, PLAIN, at=now - offsets[-1] - _EVERY + offset)
    news = _until_news(offsets)
    for number in range(silent):
        channel = stage.channel(_BUSY + number)
        last = now + _FIRST + _APART * number - news
        for offset in offsets:
            stage.sandbox.world.post(channel, PLAIN, at=last - offsets[-1] + offset)


def _until_news(offsets: Sequence[timedelta]) -> timedelta:
    """After so long without a post a channel with this past is told of, with the rules as they come."""
    start = WallClock().now() - timedelta(days=_DAYS + 7)
    panel = Panel([Watched(id=i, title=str(i), zone="UTC") for i in (1, 2)], AlertsConfig())
    for n, offset in enumerate(offsets, 1):
        at = start + offset
        for channel in (1, 2):
            panel.watched(channel, start, at)
            panel.post(Reading(channel_id=channel, post_id=n, posted_at=at, reader_version=1))
        panel.advance(at)
    last, n = start + offsets[-1], len(offsets)
    while True:
        n += 1  # the other one goes on
        at = last + timedelta(minutes=5) * (n - len(offsets))
        for channel in (1, 2):
            panel.watched(channel, start, at)
        panel.post(Reading(channel_id=2, post_id=n, posted_at=at, reader_version=1))
        for move in panel.advance(at):
            if move.move is Move.OPENED and move.episode.subject.channel_id == 1:
                return move.at - last


async def _tell(stage: Stage, channels: Sequence[Channel], claims: int) -> dict[tuple[int, int], datetime]:
    """Publish one claim after the other, each of another place; gives when each was published."""
    lexicon = load()
    places = [
        next(written for language, written in lexicon.surfaces[Layer.PLACE, code] if language == "ar")
        for code, place in lexicon.places.items()
        if place.kind in ("base", "airport", "port", "city", "town")
        and any(language == "ar" for language, _ in lexicon.surfaces[Layer.PLACE, code])
    ]
    told = {}
    for n in range(claims):
        channel = channels[n % len(channels)]
        post = stage.sandbox.world.post(channel, CLAIM.format(place=places[n % len(places)]))
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
