"""Tells those who run Deadair what is wrong with it, once, and once when it is well again.

What is wrong is judged elsewhere, in the way in which everybody is told who asks: whoever wires the bot
hands that in. At least once to each: what they were told is written down after it was sent.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NoReturn, TypeAlias

import structlog
from aiogram import Bot

from bot.bell import LOST, runs_it
from bot.config import BotConfig
from bot.errors import Gone, Refused, Sent
from bot.health import Health
from bot.markup import Html, bold, joined
from bot.rounds import rounds
from bot.say import Say, say_in
from bot.sender import send_words
from bot.texts import common
from bot.texts import faults as texts
from domain.check import Check, Level
from domain.clock import Clock
from domain.subscription import Subscriber
from storage.marks import ACCOUNT
from storage.store import Store

log = structlog.get_logger(__name__)

#: What was told, by what was looked at.
_TOLD: Final = "bot.told.faults"
_EVERY: Final = timedelta(minutes=1)
#: How health begins the name of an account.
_ACCOUNT: Final = "account "
_LONGEST: Final = 600

#: How everything fares, by the archive and at an instant. Raises StoreError.
Find: TypeAlias = Callable[[Store, datetime], Awaitable[Sequence[Check]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is told, and when."""

    find: Find
    after: timedelta  #: what is wrong, or well again, for less is no news


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is wrong, or was until a moment ago."""

    since: datetime
    is_grave: bool  #: wrong, and not only soon to be
    well_since: datetime | None = None
    chats: frozenset[int] = frozenset()  #: that were told of it as it is
    #: That have heard of it in some way, and not yet of its end.
    aware: frozenset[int] = frozenset()
    is_over: bool = False  #: for so long that those are to be told

    def document(self) -> dict[str, Any]:
        return {
            "since": self.since.isoformat(),
            "is_grave": self.is_grave,
            "well_since": self.well_since.isoformat() if self.well_since else None,
            "chats": sorted(self.chats),
            "aware": sorted(self.aware),
            "is_over": self.is_over,
        }


def read(document: Mapping[str, Any]) -> Fault:
    well = document["well_since"]
    return Fault(
        since=datetime.fromisoformat(document["since"]),
        is_grave=document["is_grave"],
        well_since=datetime.fromisoformat(well) if well else None,
        chats=frozenset(document["chats"]),
        aware=frozenset(document["aware"]),
        is_over=document["is_over"],
    )


def followed(
    known: Mapping[str, Fault], checks: Sequence[Check], now: datetime, after: timedelta
) -> dict[str, Fault]:
    """Every fault by its name, as it stands by these checks. Pure.

    What ails again before it is over is the same fault; what grows from a warning to a fault is told once
    more. What nobody heard of leaves no trace when it is over.
    """
    ill = {check.of: check for check in checks if check.is_told}
    faults: dict[str, Fault] = {}
    for of, check in ill.items():
        fault, is_grave = known.get(of), check.level is Level.WRONG
        if fault is None or fault.is_over:
            # Who did not hear of the former end yet hears of neither: for them it goes on.
            aware = fault.aware if fault else frozenset()
            fault = Fault(since=now, is_grave=is_grave, chats=aware, aware=aware)
        elif is_grave and not fault.is_grave:
            fault = replace(fault, since=now, is_grave=True, chats=frozenset())
        faults[of] = replace(fault, well_since=None)
    for of, fault in known.items():
        if of in ill or not fault.aware:
            continue
        since = fault.well_since or now
        faults[of] = replace(fault, well_since=since, is_over=fault.is_over or now - since >= after)
    return faults


class FaultBell:
    """Rings for ops and owners."""

    def __init__(self, faults: Faults, config: BotConfig, bot: Bot, store: Store, clock: Clock) -> None:
        self._faults = faults
        self._config = config
        self._bot = bot
        self._store = store
        self._clock = clock
        self._archive = Health("archive", log)

    async def run(self) -> NoReturn:
        """Ring for ever."""
        await rounds(self.look, self._archive, self._clock, _EVERY)

    async def look(self) -> None:
        """Tell what has not been told yet. Raises StoreError."""
        now = self._clock.now()
        checks = await self._faults.find(self._store, now)
        async with self._store.read() as tx:
            told = await tx.marks.get(_TOLD)
            lost = {
                _ACCOUNT + name.removeprefix(ACCOUNT)
                for name, value, _ in await tx.marks.all(ACCOUNT)
                if value.get("state") in LOST
            }
            people = [p for p in await tx.subscriptions.subscribers() if runs_it(p)]
        # Of accounts that are lost the other bell tells, with who watches in their place.
        checks = [check for check in checks if check.of not in lost]
        by_name = {check.of: check for check in checks}
        known = {of: read(document) for of, document in told.items()}
        kept = {}
        for of, fault in followed(known, checks, now, self._faults.after).items():
            if fault.is_over:
                aware = fault.aware & {p.chat_id for p in people}
                fault = replace(fault, aware=aware - await self._ring(people, aware, partial(_end, of)))
            elif fault.well_since is None and now - fault.since >= self._faults.after:
                wanted = {p.chat_id for p in people} - fault.chats
                reached = await self._ring(people, wanted, partial(_words, by_name[of]))
                fault = replace(fault, chats=fault.chats | reached, aware=fault.aware | reached)
            if fault.aware or not fault.is_over:
                kept[of] = fault.document()
        if kept != told:
            async with self._store.begin() as tx:
                await tx.marks.set(_TOLD, kept, now)

    async def _ring(
        self, people: Sequence[Subscriber], wanted: Collection[int], words: Callable[[Say], Html]
    ) -> frozenset[int]:
        """Returns who need not be told again; what could not be sent now is tried at the next look."""
        done = set()
        for person in people:
            if person.chat_id not in wanted:
                continue
            said = words(say_in(person.language))
            if self._config.simulated:
                said = joined([bold(say_in(person.language)(common.SIMULATION)), said])
            if isinstance(await send_words(self._bot, person.chat_id, said), Sent | Gone | Refused):
                done.add(person.chat_id)
        return frozenset(done)


def _title(of: str, say: Say) -> Html:
    if of.startswith(_ACCOUNT):
        return say(texts.ACCOUNT, name=of.removeprefix(_ACCOUNT))
    if of in texts.TITLES:
        return say(texts.TITLES[of])
    return say(texts.OTHER, what=of)


def line_of(check: Check, say: Say) -> Html:
    """What is wrong, in one line."""
    return say(texts.LINE, title=_title(check.of, say), what=_brief(check.what))


def _words(check: Check, say: Say) -> Html:
    lines = [bold(_title(check.of, say)), say(texts.WHAT, what=_brief(check.what))]
    if check.hint:
        lines.append(say(texts.HINT, hint=_brief(check.hint)))
    return joined(lines)


def _end(of: str, say: Say) -> Html:
    return say(texts.OVER, title=_title(of, say))


def _brief(text: str) -> str:
    """What an error says may go on for pages."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
