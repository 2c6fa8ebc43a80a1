"""Asks for pages of the preview, politely: within a budget, by robots.txt, never for what has not changed,
slower and slower when it is refused.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.robotparser import RobotFileParser

import aiohttp
import structlog

from collector.corrected import CorrectedClock
from collector.errors import Failed, Unanswered, Unreachable, Wait, said
from collector.pacing import Pace
from collector.preview.config import PAGES, PreviewConfig
from collector.preview.page import Card, Feed, read_card, read_feed
from domain.post import How

log = structlog.get_logger(__name__)

#: A page is some hundred kB.
_LARGEST = 8 << 20
_ROBOTS_EVERY = timedelta(days=1)
_ROBOTS_AGAIN = timedelta(minutes=10)
#: The pauses after refusals without a word of how long: doubled each time.
_PAUSE_MIN, _PAUSE_MAX = 30.0, 3600.0
_MOVED = (301, 302, 303, 307, 308)
_TOLD = ("ETag", "Last-Modified", "Retry-After")
#: So many addresses are remembered with what they said of their copy.
_KEPT = 2000


class Same:
    """The page is as it was when it was asked for last."""


@dataclass(frozen=True, slots=True)
class Closed:
    """There are no posts to be seen under this handle; the card says who has it."""

    card: Card


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    text: str
    location: str


class Door:
    """The one way to the preview, for all who read it. Raises Trouble: Wait, Failed, Unanswered,
    Unreachable.
    """

    def __init__(self, config: PreviewConfig, clock: CorrectedClock, *, within: float) -> None:
        self._config = config
        self._clock = clock
        self._within = within
        self._pace = Pace(clock, [config.pages])
        self._session: aiohttp.ClientSession | None = None
        self._tags: dict[str, dict[str, str]] = {}
        self._unkept: dict[str, dict[str, str]] = {}
        self._robots: RobotFileParser | None = None
        self._robots_until: datetime | None = None
        self._refusals = 0
        self._last_at: datetime | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Door"]:
        """Ready to ask for as long as the block lasts."""
        timeout = aiohttp.ClientTimeout(total=self._within)
        headers = {"User-Agent": self._config.agent, "Accept": "text/html", "Accept-Language": "en"}
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            self._session = session
            try:
                yield self
            finally:
                self._session = None

    async def feed(
        self,
        handle: str,
        *,
        how: How,
        before: int | None = None,
        afresh: bool = False,
        background: bool = False,
    ) -> Feed | Same | Closed:
        """A page of a channel's posts: the newest, or those `before` a number. `afresh`: whether or not it
        has changed.
        """
        path = f"/s/{handle}" + (f"?before={before}" if before is not None else "")
        answer = await self._page(path, conditional=before is None and not afresh, background=background)
        if answer is None:
            return Same()
        if answer.status in _MOVED:
            return Closed(await self.card(handle))
        feed = read_feed(answer.text, seen_at=self._clock.now(), how=how)
        if feed is None:
            self._unkept.pop(path, None)
            if (card := read_card(answer.text)) is not None:
                return Closed(card)
            raise Failed(f"what {self._config.base}{path} shows is no preview that we can read")
        if feed.unread and not feed.posts:
            raise Failed(
                f"none of the {len(feed.unread)} messages on {self._config.base}{path} could be read: "
                "its markup may have changed"
            )
        return feed

    async def card(self, handle: str) -> Card:
        """Who goes by this handle."""
        answer = await self._page(f"/{handle}", conditional=False)
        card = read_card(answer.text) if answer is not None and answer.status == 200 else None
        if card is None:
            raise Failed(f"what {self._config.base}/{handle} shows is no page that we can read")
        return card

    async def _page(self, path: str, *, conditional: bool, background: bool = False) -> _Answer | None:
        """None: it is as it was."""
        if not await self._allowed(path):
            bare = path.partition("?")[0]
            raise Failed(f"robots.txt of {self._config.base} does not want us to read {bare}")
        await self._in_turn(background)
        tags = self._tags.get(path, {}) if conditional else {}
        answer, headers = await self._get(path, tags)
        if answer.status == 304 and tags:
            self._refusals = 0
            return None
        if answer.status in (429, 503) or answer.status >= 500:
            raise self._refused(answer.status, headers.get("Retry-After", ""))
        if answer.status not in (200, *_MOVED):
            raise Failed(f"{self._config.base}{path} answers with {answer.status}")
        self._refusals = 0
        if conditional:
            self._note(path, headers)
        return answer

    async def _in_turn(self, background: bool) -> None:
        await self._pace.turn(PAGES, background=background)
        delay = self._robots.crawl_delay(self._config.agent) if self._robots is not None else None
        if delay and self._last_at is not None:
            until = self._last_at + timedelta(seconds=float(delay))
            await self._clock.sleep(max(timedelta(0), until - self._clock.now()))
        self._last_at = self._clock.now()

    def _note(self, path: str, headers: dict[str, str]) -> None:
        pairs = (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since"))
        self._tags.pop(path, None)
        self._unkept[path] = {ask: headers[told] for told, ask in pairs if told in headers}

    def keep(self, handle: str) -> None:
        """What was read of its newest page is stored: from now on it is asked for only if it has changed."""
        path = f"/s/{handle}"
        if tags := self._unkept.pop(path, None):
            self._tags[path] = tags
            if len(self._tags) > _KEPT:
                self._tags.pop(next(iter(self._tags)))

    def _refused(self, status: int, retry_after: str) -> Wait:
        self._refusals += 1
        seconds = min(_PAUSE_MAX, _PAUSE_MIN * 2 ** (self._refusals - 1))
        if retry_after.isdecimal():
            seconds = max(1.0, float(retry_after))
        elif (until := _dated(retry_after)) is not None:
            seconds = max(1.0, (until - self._clock.now()).total_seconds())
        wait = Wait(seconds, f"page of the preview ({status})")
        self._pace.told(wait, PAGES, None)
        return wait

    async def _allowed(self, path: str) -> bool:
        now = self._clock.now()
        if self._robots is None or self._robots_until is None or now >= self._robots_until:
            answer, _ = await self._get("/robots.txt", {})
            robots = RobotFileParser()
            again = _ROBOTS_EVERY
            # RFC 9309: none there, everything may be read; none to be had just now, nothing.
            if answer.status == 200:
                robots.parse(answer.text.splitlines())
            elif 400 <= answer.status < 500:
                robots.parse(["User-agent: *", "Allow: /"])
            else:
                robots.parse(["User-agent: *", "Disallow: /"])
                again = _ROBOTS_AGAIN
                log.warning("robots.txt of the preview cannot be had", status=answer.status)
            self._robots, self._robots_until = robots, now + again
        return self._robots.can_fetch(self._config.agent, path)

    async def _get(self, path: str, tags: dict[str, str]) -> tuple[_Answer, dict[str, str]]:
        assert self._session is not None  # noqa: S101 - nobody asks outside of `open`
        sent = self._clock.raw()
        try:
            url = self._config.base + path
            async with self._session.get(url, headers=tags, allow_redirects=False) as answer:
                body = await answer.content.read(_LARGEST)
                while more := await answer.content.read(_LARGEST):
                    body += more
                    if len(body) > _LARGEST:
                        raise Failed(f"the page {path} is too large")
        except TimeoutError as error:
            raise Unanswered(f"no answer to {self._config.base}{path} within {self._within:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{self._config.base}: {said(error)}") from error
        headers = {name: answer.headers[name] for name in _TOLD if name in answer.headers}
        if (told := _dated(answer.headers.get("Date", ""))) is not None:
            self._clock.learn(told, sent)
        text = body.decode("utf-8", "replace")
        return _Answer(answer.status, text, answer.headers.get("Location", "")), headers


def _dated(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
