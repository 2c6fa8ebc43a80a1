"""Tells those who run Deadair when an account is lost, who watches its channels, and when it is back.

At least once to each of them: what they were told is written down after it was sent.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NoReturn

import structlog
from aiogram import Bot

from bot.config import BotConfig
from bot.errors import Gone, Refused, Sent, Unreachable, Wait
from bot.health import Health
from bot.markup import Html, bold, joined
from bot.rounds import rounds
from bot.say import Say, say_in
from bot.sender import send_words
from bot.texts import common, operators
from domain.clock import Clock
from domain.subscription import Role, Subscriber
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: How the collector says how its accounts fare,
_ACCOUNTS = "collector.account."
#: and what was told of them: each with its state, and the chats that know.
_TOLD = "bot.told.accounts"
#: In these states an account watches no more until somebody does something.
LOST = frozenset({"banned", "logged_out", "duplicated", "not_logged_in", "locked", "unusable"})
_WATCHES = frozenset({"watching", "throttled"})
_WELL = "well"
#: In so long its channels have been given to others, and what is over by then is no news.
_SETTLES = timedelta(seconds=10)
#: One without a line is told of once others have its channels, or after so long while others have a line.
#: When none has, that is an alert of its own, to everybody.
_UNREACHABLE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """How an account fares now, where that is news."""

    name: str
    state: str
    why: str = ""
    hint: str = ""
    with_others: Mapping[str, int] = field(default_factory=dict)  #: how many of its channels others watch
    by_nobody: int = 0

    def words(self, say: Say) -> Html:
        if self.state == _WELL:
            return say(operators.ACCOUNT_BACK, name=self.name)
        lines = [bold(say(operators.ACCOUNT_LOST, name=self.name)), say(operators.ACCOUNT_WHY, why=self.why)]
        if self.hint:
            lines.append(say(operators.ACCOUNT_HINT, hint=self.hint))
        for other, n in sorted(self.with_others.items()):
            lines.append(say(operators.ACCOUNT_MOVED, n=n, name=other))
        if self.by_nobody:
            lines.append(say(operators.ACCOUNT_UNSEEN, n=self.by_nobody))
        return joined(lines)


#: Up to which note ops were told.
_NOTED = "bot.told.notes"
_MOST_NOTES = 20  #: named in one message


class Bell:
    """Rings for ops and owners."""

    def __init__(self, config: BotConfig, bot: Bot, store: Store, clock: Clock) -> None:
        self._config = config
        self._bot = bot
        self._store = store
        self._clock = clock
        self._archive = Health("archive", log)

    async def run(self) -> NoReturn:
        """Ring for ever."""
        await rounds(self.look, self._archive, self._clock, self._config.poll)

    async def look(self) -> None:
        """Tell what has not been told yet. Raises StoreError."""
        await self._tell_notes()
        async with self._store.read() as tx:
            told = await tx.marks.get(_TOLD)
            news = await self._news(tx, told)
            people = [p for p in await tx.subscriptions.subscribers() if runs_it(p)]
        for each in news:
            before = told.get(each.name, {})
            is_new = before.get("state") != each.state
            # Of its return hears who heard of its loss.
            wanted = before.get("wanted", []) if not is_new else before.get("chats", [])
            if each.state != _WELL:
                wanted = [p.chat_id for p in people]
            done = [] if is_new else list(before.get("chats", []))
            await self._ring(each, people, wanted, done)
            told[each.name] = {"state": each.state, "chats": sorted(done), "wanted": sorted(wanted)}
            if told[each.name] != before:
                async with self._store.begin() as tx:
                    await tx.marks.set(_TOLD, told, self._clock.now())

    async def _tell_notes(self) -> None:
        """Which chats are out of reach, in one message however many they are."""
        async with self._store.read() as tx:
            since = int((await tx.marks.get(_NOTED)).get("seq", 0))
            notes = await tx.notes.after(since)
            people = [p for p in await tx.subscriptions.subscribers() if runs_it(p)]
        if not notes:
            return
        for person in people:
            say = say_in(person.language)
            lines = [bold(say(operators.OUT_OF_REACH, n=len(notes)))]
            lines += [
                say(operators.OUT_OF_REACH_ONE, about=note.about, why=note.why)
                for note in notes[:_MOST_NOTES]
            ]
            if len(notes) > _MOST_NOTES:
                lines.append(say(common.AND_MORE, n=len(notes) - _MOST_NOTES))
            if self._config.simulated:
                lines.insert(0, bold(say(common.SIMULATION)))
            if isinstance(await send_words(self._bot, person.chat_id, joined(lines)), Unreachable | Wait):
                return  # told at the next look: to whoever was reached already, twice
        async with self._store.begin() as tx:
            await tx.marks.set(_NOTED, {"seq": notes[-1].seq}, self._clock.now())

    async def _ring(
        self, news: News, people: Sequence[Subscriber], wanted: Sequence[int], done: list[int]
    ) -> None:
        for person in people:
            if person.chat_id not in wanted or person.chat_id in done:
                continue
            say = say_in(person.language)
            words = news.words(say)
            if self._config.simulated:
                words = joined([bold(say(common.SIMULATION)), words])
            # What could not be sent now is tried again at the next look.
            if isinstance(await send_words(self._bot, person.chat_id, words), Sent | Gone | Refused):
                done.append(person.chat_id)

    async def _news(self, tx: Transaction, told: Mapping[str, Any]) -> list[News]:
        out = []
        now = self._clock.now()
        assigned = (await tx.accounts.assignments()).values()
        accounts = await tx.marks.all(_ACCOUNTS)
        some_watch = any(value.get("state") in _WATCHES for _, value, _ in accounts)
        for mark, value, _ in accounts:
            name, state = mark.removeprefix(_ACCOUNTS), str(value.get("state", ""))
            if not value.get("since"):
                continue
            lasts = now - datetime.fromisoformat(value["since"])
            with_others = Counter(
                a.watcher for a in assigned if a.home == name and a.watcher not in (None, name)
            )
            is_lost = state in LOST or (
                state == "unreachable" and (bool(with_others) or (some_watch and lasts >= _UNREACHABLE))
            )
            if is_lost and lasts >= _SETTLES:
                out.append(
                    News(
                        name=name,
                        state=state,
                        why=str(value.get("detail", "")),
                        hint=str(value.get("hint", "")),
                        with_others={str(other): n for other, n in with_others.items()},
                        by_nobody=sum(a.home == name and a.watcher is None for a in assigned),
                    )
                )
            elif state in _WATCHES and name in told:
                out.append(News(name=name, state=_WELL))
        return out


def runs_it(person: Subscriber) -> bool:
    """Is it one of those who are told how Deadair itself fares?"""
    return person.ended_at is None and person.role.at_least(Role.OPS)
