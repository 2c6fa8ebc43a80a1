"""Making a change of what ops may change, with its row in the record; and taking one back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.access import SHORT
from bot.markup import Html, foreign
from bot.record import note, set_access
from bot.say import Say
from bot.texts import running
from domain.change import Change, What
from domain.subscription import Role, Subscriber
from domain.wanted import Want, WantState, Watching
from storage.store import Transaction

#: Whose these are to settle.
OWNERS = frozenset({What.ACCESS, What.INVITE})


@dataclass(frozen=True, slots=True)
class Undone:
    """It is as it was."""

    by: Change


@dataclass(frozen=True, slots=True)
class Kept:
    """It stays as it is, and why."""

    template: str
    values: Mapping[str, object]

    def words(self, say: Say) -> Html:
        return say(self.template, **self.values)


async def set_budget(
    tx: Transaction,
    subject: str,
    budget: float | None,
    by: Subscriber,
    at: datetime,
    undoes: int | None = None,
) -> Change | None:
    """None as budget: as config.toml says. Returns None where it is so already."""
    before = (await tx.changes.budgets()).get(subject)
    if before == budget:
        return None
    await tx.changes.set_budget(subject, budget)
    tx.notify("budgets")
    old, new = (None if b is None else {"budget": b} for b in (before, budget))
    return await note(tx, by, at, What.BUDGET, subject, old=old, new=new, undoes=undoes)


async def set_want(
    tx: Transaction, want: Want, by: Subscriber, before: Watching | None, undoes: int | None = None
) -> Change:
    """Have a channel watched, paused or retired. `before`: what it was; None: not known here at all."""
    await tx.changes.put_want(want)
    tx.notify("wants")
    old = None if before is None else {**_place(want), "wanted": before.value}
    new = {**_place(want), "wanted": want.wanted.value}
    return await note(tx, by, want.asked_at, What.WATCH, want.key, old=old, new=new, undoes=undoes)


async def undo(tx: Transaction, number: int, by: Subscriber, at: datetime, zone: str) -> Undone | Kept:
    """Take a change back, unless what it changed has been changed once more since."""
    change = await tx.changes.get(number)
    if change is None or not change.can_be_undone:
        return Kept(running.UNDO_NO_SUCH, {})
    if change.what in OWNERS and not by.role.at_least(Role.OWNER):
        return Kept(running.UNDO_NOT_YOURS, {})
    if await tx.changes.undone_by(number) is not None:
        return Kept(running.UNDO_ALREADY, {"id": number})
    last = await tx.changes.last_of(change.what, change.subject)
    if last is not None and last.id != change.id:
        return Kept(running.UNDO_CHANGED_SINCE, {"name": foreign(last.name, 40), "id": last.id})
    made: Change | Kept | None
    match change.what:
        case What.BUDGET:
            budget = None if change.old is None else float(change.old["budget"])
            made = await set_budget(tx, change.subject, budget, by, at, number)
        case What.WATCH:
            made = await _undo_watch(tx, change, by, at)
        case What.INVITE:
            made = await _undo_invite(tx, change, by, at)
        case _:
            made = await _undo_access(tx, change, by, at, zone)
    return Undone(made) if isinstance(made, Change) else made or Kept(running.UNDO_ALREADY, {"id": number})


async def _undo_watch(tx: Transaction, change: Change, by: Subscriber, at: datetime) -> Change | Kept:
    """What was not known before is retired: its posts are kept, and nobody looks."""
    known = await tx.changes.want(change.subject)
    if known is None:
        return Kept(running.UNDO_NO_SUCH, {})
    wanted = Watching.RETIRED if change.old is None else Watching(change.old["wanted"])
    want = replace(
        known, wanted=wanted, asked_at=at, asked_by=f"{by.name} ({by.chat_id})", state=WantState.ASKED, why=""
    )
    return await set_want(tx, want, by, known.wanted, change.id)


async def _undo_invite(tx: Transaction, change: Change, by: Subscriber, at: datetime) -> Change | Kept:
    """A link that was made is closed, one that was closed opens again; used or expired it stays so."""
    found = await tx.access.invite(change.subject)
    opens = change.old is not None and bool(change.old.get("open"))
    over = Kept(running.UNDO_IMPOSSIBLE, {"why": running.UNDO_INVITE_OVER})
    if found is None or found.used_at is not None or found.expires_at <= at:
        return over
    if not await tx.access.revoke_invite(found.code_hash, None if opens else at):
        return over
    subject, role = found.code_hash[:SHORT], {"role": found.role.value}
    old, new = role | {"open": not opens}, role | {"open": opens}
    return await note(tx, by, at, What.INVITE, subject, old=old, new=new, undoes=change.id)


async def _undo_access(
    tx: Transaction, change: Change, by: Subscriber, at: datetime, zone: str
) -> Change | Kept:
    number = int(change.subject)
    roles = {(side or {}).get("role") for side in (change.old, change.new)}
    if Role.OWNER.value in roles or number == by.chat_id:
        return Kept(running.UNDO_IMPOSSIBLE, {"why": running.UNDO_OWNER})
    await set_access(tx, number, change.old, by, at, zone)
    return await note(tx, by, at, What.ACCESS, number, old=change.new, new=change.old, undoes=change.id)


def _place(want: Want) -> dict[str, Any]:
    return {"name": f"@{want.handle}" if want.handle else want.key}
