"""Strangers' wishes to be let in: taken, limited, decided."""

from dataclasses import replace
from datetime import timedelta
from enum import Enum, auto

from bot.access import BY_CONFIG, Door
from bot.record import access_of, note, set_access
from domain.change import What
from domain.request import Request, RequestState
from domain.subscription import Role, Subscriber

#: So many may wait at once, and so many ask in an hour: nobody shall bury an owner in requests.
_MOST_WAITING, _MOST_AN_HOUR = 100, 20
_HOUR = timedelta(hours=1)
_LONGEST_NAME = 120


class Asked(Enum):
    """What comes of asking."""

    PASSED_ON = auto()
    ALREADY = auto()
    TOO_MANY = auto()
    IS_IN = auto()


async def ask(door: Door, user_id: int, name: str, handle: str | None) -> Asked:
    """A stranger asks. Who was refused may ask again after `ask_again`."""
    now = door.clock.now()
    async with door.store.begin() as tx:
        if await tx.subscriptions.subscriber(user_id) is not None:
            return Asked.IS_IN
        before = await tx.access.request(user_id)
        if before is not None:
            is_waiting = before.state is RequestState.WAITING
            decided = before.decided_at or before.asked_at
            was_refused = before.state is RequestState.REFUSED and now - decided < door.config.ask_again
            if is_waiting or was_refused:
                return Asked.ALREADY
        waiting = len(await tx.access.waiting_requests())
        if waiting >= _MOST_WAITING or await tx.access.asked_since(now - _HOUR) >= _MOST_AN_HOUR:
            return Asked.TOO_MANY
        request = Request(user_id=user_id, name=name[:_LONGEST_NAME], handle=handle, asked_at=now)
        await tx.access.put_request(request)
        who = Subscriber(
            chat_id=user_id, name=request.name, role=Role.GUEST, let_in_at=now, let_in_by=BY_CONFIG
        )
        await note(tx, who, now, What.REQUEST, user_id, old=None, new={"state": "waiting"})
        tx.notify("requests")
    return Asked.PASSED_ON


async def decide(door: Door, user_id: int, role: Role | None, by: Subscriber) -> tuple[Request | None, bool]:
    """Let in as `role`, or refuse (None). Returns the request as it stands, and whether this decided it."""
    now = door.clock.now()
    async with door.store.begin() as tx:
        request = await tx.access.request(user_id)
        if request is None or request.state is not RequestState.WAITING:
            return request, False
        state = RequestState.REFUSED if role is None else RequestState.APPROVED
        request = replace(request, state=state, decided_at=now, decided_by=by.chat_id)
        await tx.access.put_request(request)
        await note(tx, by, now, What.REQUEST, user_id, old={"state": "waiting"}, new={"state": state.value})
        if role is not None:
            old = access_of(await tx.subscriptions.subscriber(user_id))
            new = {"role": role.value, "name": request.name}
            if old is None:
                await set_access(tx, user_id, new, by, now, door.config.zone)
                await note(tx, by, now, What.ACCESS, user_id, old=old, new=new)
    return request, True
