"""Channels that post, and their posts as Telegram's own bytes bring them to the collector."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from telethon.extensions import BinaryReader

from benchmarks.pipeline.texts import texts
from benchmarks.search.generate import Writer
from collector.translate import post_of
from domain.clock import SetClock
from domain.post import Entity, Forward, How, Media, Post
from sandbox.mtproto.render import Renderer
from sandbox.post import Post as Published
from sandbox.world import World

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
EDITED = 0.02  #: of the posts
PICTURES = 0.4
LINKS = 0.5
FORWARDS = 0.1
#: The labelled posts of the tests are of 110 bytes in the mean, those of public channels of five times that:
#: so many go on with words of the invented vocabulary, by which the index grows as with real ones.
LONG = 0.8
_ENDLESS = 10**7


class Channels:
    """So many of them, each posting so often a day in the mean, at any time of the day alike."""

    def __init__(self, n: int, a_day: float) -> None:
        self.clock = SetClock(BEGAN)
        self.world = World(self.clock)
        self.made = [self.world.add_channel(f"Channel {i}", f"channel_{i:05}") for i in range(n)]
        self._renderer = Renderer(self.world)
        self._dice = random.Random(20_411)
        self._words, self._more = texts(), iter(Writer(_ENDLESS))
        self._apart = timedelta(days=1) / (n * a_day)

    def posts(self, n: int) -> Iterator[Post]:
        """The next so many, in order of time, and edits of some of them some minutes later."""
        for _ in range(n):
            self.clock.advance(self._apart * self._dice.expovariate(1))
            published = self.world.post(
                self._dice.choice(self.made),
                self._text(),
                media=self._picture() if self._dice.random() < PICTURES else None,
                entities=[Entity(kind="bold", offset=0, length=12)] * (self._dice.random() < LINKS),
                forward=self._forward() if self._dice.random() < FORWARDS else None,
                views=self._dice.randrange(1, 300),
                log=False,
            )
            yield self._heard(published, edited=False)
            if self._dice.random() < EDITED:
                changed = f"{published.text} ({self._dice.randrange(1000)})"
                yield self._heard(
                    self.world.edit(published.channel_id, published.id, changed, push=False), edited=True
                )

    def _text(self) -> str:
        words = next(self._words)
        if self._dice.random() < LONG:
            words += f"\n{next(self._more)[2]}"
        return words[:4096]

    def _heard(self, published: Published, *, edited: bool) -> Post:
        message = BinaryReader(self._renderer.post(published).data).tgread_object()
        post = post_of(message, seen_at=self.clock.now(), how=How.LIVE, known=edited)
        assert post is not None
        return post

    def _picture(self) -> Media:
        number = self._dice.randrange(10**18)
        return Media(kind="photo", size=180_000, width=1280, height=720, file_id=str(number))

    def _forward(self) -> Forward:
        source = self._dice.choice(self.made)
        return Forward(channel_id=source.id, post_id=self._dice.randrange(1, 5000))
