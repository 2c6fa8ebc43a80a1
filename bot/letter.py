"""An alert made ready for one reader: its words, its chart, and how it is to be delivered."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import structlog
from aiogram.types import InlineKeyboardMarkup

from alerts.hushing import is_end
from bot.alert_keys import alert_keys
from bot.bare import bare
from bot.drawing import draw
from bot.keyboards import watch
from bot.markup import Html
from bot.payload import Payload, read_payload
from bot.render import Rendered, render
from bot.ringing import ring
from bot.say import say_in
from bot.telling import Reader
from domain.acknowledgement import Acknowledgement
from domain.episode import Alert, Move
from domain.finding import Kind
from domain.subscription import Role, Subscriber

log = structlog.get_logger(__name__)
_KEPT = 32  #: charts remembered: one alert goes to many readers of one zone


class Manner(StrEnum):
    """How it reaches the chat."""

    NEW = "new"
    CHANGE = "change"  #: the message of its episode shows it from now on; no phone rings for that
    RING = "ring"  #: the same, and a short message that answers it rings


@dataclass(slots=True, kw_only=True)
class Picture:
    """A chart: the bytes, and Telegram's number for it once it has been uploaded."""

    png: bytes
    file_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What one chat gets."""

    words: Rendered
    picture: Picture | None
    manner: Manner
    bell: Html | None = None  #: of one that rings: what the short message says
    buttons: InlineKeyboardMarkup | None = None
    thread_id: int | None = None  #: the topic of a forum that it goes to


class Letters:
    """Writes letters. Charts are drawn in a thread, one at a time: matplotlib's caches are shared."""

    def __init__(self, *, simulated: bool = False, pages: str = "") -> None:
        """`pages`: where the archive's pages are; empty: nowhere."""
        self.simulated = simulated
        self._pages = pages
        self._drawing = asyncio.Lock()
        self._pictures: OrderedDict[tuple[int, str, str], Picture] = OrderedDict()

    async def write(
        self,
        alert: Alert,
        document: dict[str, object],
        to: Subscriber,
        late: timedelta = timedelta(),
        *,
        answer: Acknowledgement | None = None,
        rings: bool = True,
    ) -> Letter:
        """A letter of this alert. Without a chart when there is nothing to draw or drawing fails, and in the
        fewest words where writing it out fails.

        `answer` is what the chat said to it last; `rings` False: nothing but a change of what is there.
        """
        manner = manner_of(alert)
        if manner is Manner.RING and not rings:
            manner = Manner.CHANGE
        try:
            return await self._written(alert, document, to, late, answer, manner)
        except Exception:
            # Whoever is to hear of it must hear of it, whatever is wrong with its words.
            log.exception("bot: an alert could not be written out", alert=alert.id, episode=alert.episode.id)
            words = bare(alert, document.get("title"), simulated=self.simulated)
            bell = words.text if manner is Manner.RING else Html("")
            return Letter(words=words, picture=None, manner=manner, bell=bell, thread_id=to.thread_id)

    async def _written(
        self,
        alert: Alert,
        document: dict[str, object],
        to: Subscriber,
        late: timedelta,
        answer: Acknowledgement | None,
        manner: Manner,
    ) -> Letter:
        payload = read_payload(document)
        reader = Reader(zone=ZoneInfo(to.zone), say=say_in(to.language))
        words = render(alert, payload, reader, simulated=self.simulated, late=late, pages=self._pages)
        picture = await self._picture(alert, payload, reader, to.language) if payload.has_chart else None
        return Letter(
            words=words,
            picture=picture,
            manner=manner,
            bell=ring(alert, payload, reader, simulated=self.simulated)
            if manner is Manner.RING
            else Html(""),
            buttons=alert_buttons(alert, payload, to, answer),
            thread_id=to.thread_id,
        )

    async def picture(self, alert: Alert, document: dict[str, object], to: Subscriber) -> Picture | None:
        """The chart alone. None: there is nothing to draw, or drawing fails."""
        payload = read_payload(document)
        reader = Reader(zone=ZoneInfo(to.zone), say=say_in(to.language))
        return await self._picture(alert, payload, reader, to.language) if payload.has_chart else None

    async def _picture(self, alert: Alert, payload: Payload, reader: Reader, language: str) -> Picture | None:
        key = (alert.id, reader.zone.key, language)
        async with self._drawing:
            if key in self._pictures:
                self._pictures.move_to_end(key)
                return self._pictures[key]
            try:
                png = await asyncio.to_thread(draw, alert, payload, reader, simulated=self.simulated)
            except Exception:
                # The words are worth more than the picture: whatever is wrong with it, they go out.
                log.exception("bot: no chart", alert=alert.id, episode=alert.episode.id)
                return None
            picture = Picture(png=png)
            if alert.id:  # what is shown at a chat's own wish has no number that would tell it from others
                self._pictures[key] = picture
            if len(self._pictures) > _KEPT:
                self._pictures.popitem(last=False)
            return picture


def alert_buttons(
    alert: Alert, payload: Payload, to: Subscriber, answer: Acknowledgement | None
) -> InlineKeyboardMarkup | None:
    """What this reader can do about it."""
    if alert.episode.kind is Kind.TEST:
        return None
    say = say_in(to.language)
    more = None
    if payload.candidate is not None and to.role.at_least(Role.OPS):
        more = watch(payload.candidate, payload.after or "", say)
    return alert_keys(alert.episode, answer, say, more)


def manner_of(alert: Alert) -> Manner:
    """Growth changes the message that is there. So does the end of blindness, which is no news of theirs.

    What has become graver, is back, or is taken back, changes it too, and rings besides: an edit rings no
    phone, and nobody looks at old messages.
    """
    if alert.move is Move.GREW:
        return Manner.RING if is_end(alert) else Manner.CHANGE
    match alert.move:
        case Move.CLOSED if alert.episode.kind is Kind.BLIND:
            return Manner.CHANGE
        case Move.CLOSED | Move.ESCALATED | Move.REOPENED | Move.REMINDED:
            return Manner.RING
        case _:
            return Manner.NEW
