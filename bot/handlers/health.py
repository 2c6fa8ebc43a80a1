"""/health: whether every part is at its work, and what is wrong where one is not."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.access import Visitor
from bot.ailing import Finding, Level, examine
from bot.desk import Desk
from bot.faults import line_of
from bot.markup import bold, joined, split
from bot.middlewares import for_role
from bot.say import Say
from bot.saying import say_at
from bot.texts import running
from domain.check import Check
from domain.check import Level as Judged
from domain.subscription import Role

_TEMPLATES = {
    Level.WELL: running.HEALTH_WELL,
    Level.NOTE: running.HEALTH_NOTE,
    Level.WRONG: running.HEALTH_WRONG,
}


#: What is judged elsewhere and found in none of the marks that are read here.
_BESIDE = frozenset({"indexer", "jobs", "config", "room"})


def _finding(check: Check, say: Say) -> Finding:
    level = Level.WRONG if check.level is Judged.WRONG else Level.NOTE
    return Finding(level, line_of(check, say))


async def health(message: Message, visitor: Visitor, desk: Desk) -> None:
    """What is wrong comes first."""
    say, now = visitor.say, desk.clock.now()
    async with desk.store.read() as tx:
        found: list[Finding] = await examine(tx, now, say)
    if desk.faults is not None:
        checks = await desk.faults.find(desk.store, now)
        found += [_finding(check, say) for check in checks if check.is_told and check.of in _BESIDE]
    found.sort(key=lambda each: each.level, reverse=True)
    lines = [bold(say(running.HEALTH, at=say_at(now, visitor.zone, say)))]
    lines += [say(_TEMPLATES[each.level], what=each.words) for each in found]
    for piece in split(desk.labelled(joined(lines), say)):
        await message.answer(piece)


def make_router() -> Router:
    router = Router(name="health")
    router.message.register(health, Command("health"), flags=for_role(Role.OPS))
    return router
