"""An alert made ready for one reader: its words, its chart, and how it is to be delivered."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import structlog
from aiogram.types import InlineKeyboardMarkup

from bot.chart import draw
from bot.keyboards import watch
from bot.payload import Payload, read_payload
from bot.render import Rendered, render
from bot.say import say_in
from bot.telling import Reader
from domain.episode import Alert, Move, State
from domain.finding import Kind
from domain.subscription import Role, Subscriber

log = structlog.get_logger(__name__)
_KEPT = 32  #: charts remembered: one alert goes to many readers of one zone


class Manner(StrEnum):
    """How it reaches the chat."""

    NEW = "new"
    REPLY = "reply"  #: a message of its own, that answers the first of its episode
    EDIT = "edit"  #: the first message of its episode shows it from now on


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
    buttons: InlineKeyboardMarkup | None = None


class Letters:
    """Writes letters. Charts are drawn in a thread, one at a time: matplotlib's caches are shared."""

    def __init__(self, *, simulated: bool = False) -> None:
        self._simulated = simulated
        self._drawing = asyncio.Lock()
        self._pictures: OrderedDict[tuple[int, str, str], Picture] = OrderedDict()

    async def write(
        self, alert: Alert, document: dict[str, object], to: Subscriber, late: timedelta = timedelta()
    ) -> Letter:
        """A letter of this alert. Without a chart when there is nothing to draw or drawing fails."""
        payload = read_payload(document)
        reader = Reader(zone=ZoneInfo(to.zone), say=say_in(to.language))
        words = render(alert, payload, reader, simulated=self._simulated, late=late)
        picture = await self._picture(alert, payload, reader, to.language) if payload.has_chart else None
        buttons = None
        if payload.candidate is not None and to.role.at_least(Role.OPS):
            buttons = watch(payload.candidate, payload.after or "", reader.say)
        return Letter(words=words, picture=picture, manner=manner_of(alert), buttons=buttons)

    async def _picture(self, alert: Alert, payload: Payload, reader: Reader, language: str) -> Picture | None:
        key = (alert.id, reader.zone.key, language)
        async with self._drawing:
            if key in self._pictures:
                self._pictures.move_to_end(key)
                return self._pictures[key]
            try:
                png = await asyncio.to_thread(draw, alert, payload, reader, simulated=self._simulated)
            except Exception:
                # The words are worth more than the picture: whatever is wrong with it, they go out.
                log.exception("bot: no chart", alert=alert.id, episode=alert.episode.id)
                return None
            self._pictures[key] = Picture(png=png)
            if len(self._pictures) > _KEPT:
                self._pictures.popitem(last=False)
            return self._pictures[key]


def manner_of(alert: Alert) -> Manner:
    """Growth changes the message that is there. So does the end of blindness, which is no news of theirs.

    What has become graver, or is back, answers the first message: it is told once more, in the same place.
    What was over and is taken back is said anew: nobody looks at old messages.
    """
    match alert.move:
        case Move.GREW if alert.episode.state is State.CLOSED:
            return Manner.REPLY
        case Move.GREW:
            return Manner.EDIT
        case Move.CLOSED if alert.episode.kind is Kind.BLIND:
            return Manner.EDIT
        case Move.CLOSED | Move.ESCALATED | Move.REOPENED:
            return Manner.REPLY
        case _:
            return Manner.NEW
