"""What is well and what ails, read from the marks that every part leaves in the archive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from alerts.learning import learnt
from alerts.mark import read_mark
from bot.markup import Html, foreign, joined
from bot.say import Say
from bot.saying import say_span
from bot.texts import running
from domain.channel import ChannelStatus
from domain.wanted import WantState
from storage.backup.missed import is_missed
from storage.marks import BACKUPS_ASKED, DECIDED, POLLED
from storage.store import Transaction

#: A part that has shown no sign of life for so long is taken for dead.
STALE: Final = timedelta(minutes=5)
#: A channel that was not seen for so long is behind, and an alert due for so long is late.
BEHIND, LATE = timedelta(minutes=20), timedelta(minutes=5)
_ACCOUNTS, _LIFE, _BACKUP, _READER = "collector.account.", "process.life", "process.backup", "reader.life"
_WATCHES = frozenset({"watching", "throttled"})
_WHOLE = "process.whole"
_NAMED = 10


class Level(IntEnum):
    """From well to wrong."""

    WELL = 0
    NOTE = 1
    WRONG = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One line."""

    level: Level
    words: Html


async def examine(tx: Transaction, now: datetime, say: Say) -> list[Finding]:
    """Everything that a person who runs it should know of."""
    marks = {name: (value, at) for name, value, at in await tx.marks.all()}
    return [
        *_accounts(marks, now, say),
        *await _watch(tx, now, say),
        _alive(marks, _READER, running.HEALTH_READER, running.HEALTH_NO_READER, now, say),
        await _engine(tx, marks, now, say),
        # Before the first answer was written down there is nothing to say of it: this is the first.
        *([_alive(marks, POLLED, running.HEALTH_BOT, "", now, say)] if POLLED in marks else []),
        _alive(marks, _LIFE, running.HEALTH_JOBS, running.HEALTH_NO_JOBS, now, say),
        *_damage(marks, now, say),
        *_backup(marks, now, say),
        *await _outbox(tx, now, say),
        *await _waiting(tx, say),
    ]


Marks = Mapping[str, tuple[Mapping[str, Any], datetime]]


def _accounts(marks: Marks, now: datetime, say: Say) -> list[Finding]:
    found = []
    for name, (value, at) in sorted(marks.items()):
        if not name.startswith(_ACCOUNTS):
            continue
        state, why = str(value.get("state", "?")), str(value.get("detail") or "")
        is_well = state in _WATCHES and now - at < STALE
        level = Level.WELL if is_well and state == "watching" else Level.NOTE if is_well else Level.WRONG
        values = {
            "name": foreign(name.removeprefix(_ACCOUNTS), 40),
            "state": foreign(state, 40),
            "ago": _ago(at, now, say),
        }
        if why:
            words = say(running.HEALTH_ACCOUNT_WHY, why=foreign(why, 150), **values)
        else:
            words = say(running.HEALTH_ACCOUNT, **values)
        found.append(Finding(level, words))
    return found or [Finding(Level.WRONG, say(running.HEALTH_NO_ACCOUNT))]


async def _watch(tx: Transaction, now: datetime, say: Say) -> list[Finding]:
    watched = [c for c in await tx.channels.all() if c.status is ChannelStatus.OPEN]
    until = await tx.watch.until()
    behind = [c for c in watched if c.id not in until or now - until[c.id] > BEHIND]
    n = len(watched) - len(behind)
    level = Level.WELL if not behind else Level.NOTE if n else Level.WRONG
    found = [Finding(level, say(running.HEALTH_SEEN, n=n, all=len(watched)))]
    if behind:
        names = [foreign(c.title or c.name, 40) for c in behind[:_NAMED]]
        more = Html(" …") if len(behind) > _NAMED else Html("")
        found.append(Finding(level, say(running.HEALTH_BEHIND, names=joined(names, ", ") + more)))
    return found


async def _engine(tx: Transaction, marks: Marks, now: datetime, say: Say) -> Finding:
    if (learning := await learnt(tx)) is not None:
        values = {"part": f"{learning.part:.0%}", "left": say_span(learning.left, say)}
        return Finding(Level.NOTE, say(running.HEALTH_LEARNING, **values))
    mark = await read_mark(tx)
    if mark is None or DECIDED not in marks:
        return Finding(Level.WRONG, say(running.HEALTH_NO_ENGINE))
    level = Level.WELL if now - marks[DECIDED][1] < STALE else Level.WRONG
    return Finding(level, say(running.HEALTH_ENGINE, ago=_ago(mark.until, now, say)))


async def _outbox(tx: Transaction, now: datetime, say: Say) -> list[Finding]:
    n, oldest = await tx.outbox.under_way()
    if not n or oldest is None:
        found = [Finding(Level.WELL, say(running.HEALTH_OUTBOX_EMPTY))]
    else:
        level = Level.WRONG if now - oldest > LATE else Level.WELL
        found = [Finding(level, say(running.HEALTH_OUTBOX, n=n, ago=_ago(oldest, now, say)))]
    if held := await tx.outbox.held():
        found.append(Finding(Level.WELL, say(running.HEALTH_HELD, n=held)))
    return found


async def _waiting(tx: Transaction, say: Say) -> list[Finding]:
    found = []
    if requests := await tx.access.waiting_requests():
        found.append(Finding(Level.NOTE, say(running.HEALTH_REQUESTS, n=len(requests))))
    for want in await tx.changes.wants():
        if want.state is WantState.FAILED:
            name = foreign(f"@{want.handle}" if want.handle else want.key, 40)
            found.append(
                Finding(Level.NOTE, say(running.HEALTH_WANTS, name=name, why=foreign(want.why, 150)))
            )
    return found


def _alive(marks: Marks, name: str, template: str, without: str, now: datetime, say: Say) -> Finding:
    if name not in marks:
        return Finding(Level.WRONG, say(without))
    level = Level.WELL if now - marks[name][1] < STALE else Level.WRONG
    return Finding(level, say(template, ago=_ago(marks[name][1], now, say)))


def _damage(marks: Marks, now: datetime, say: Say) -> list[Finding]:
    found, at = marks.get(_WHOLE, ({}, now))
    if not found.get("damage"):
        return []
    return [Finding(Level.WRONG, say(running.HEALTH_DAMAGED, ago=_ago(at, now, say)))]


def _backup(marks: Marks, now: datetime, say: Say) -> list[Finding]:
    made = marks[_BACKUP][1] if _BACKUP in marks else None
    level = Level.WELL if made else Level.NOTE
    since = now
    if BACKUPS_ASKED in marks:
        asked, _ = marks[BACKUPS_ASKED]
        since, every = datetime.fromisoformat(asked["since"]), timedelta(hours=asked["every_hours"])
        if is_missed(every, now, made=made, asked=since):
            level = Level.WRONG
    elif made is None:
        return []
    template = running.HEALTH_BACKUP if made else running.HEALTH_NO_BACKUP
    return [Finding(level, say(template, ago=_ago(made or since, now, say)))]


def _ago(at: datetime, now: datetime, say: Say) -> str:
    return say_span(max(now - at, timedelta()), say)
