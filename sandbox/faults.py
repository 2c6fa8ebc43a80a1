"""Faults on demand: what goes wrong, where, and how often."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class Deed(StrEnum):
    """What a fault does to a call."""

    ERROR = "error"  #: answers with (code, message)
    DELAY = "delay"  #: answers after `seconds` of real time
    SWALLOW = "swallow"  #: never does it, never answers
    DROP_BEFORE = "drop_before"  #: cuts the connection instead
    DROP_AFTER = "drop_after"  #: does it, then cuts the connection: the answer is lost after the deed
    LOSE_ANSWER = "lose_answer"  #: does it, and never answers
    GARBLE = "garble"  #: answers with something no client of today's layer knows
    TWICE = "twice"  #: the first row of a page of history comes twice, and pushes the last one off it
    HOLLOW = "hollow"  #: a page of history holds only the places of its posts, as if they were deleted


class Upset(StrEnum):
    """What a fault does to a pushed update."""

    WITHHOLD = "withhold"
    DUPLICATE = "duplicate"
    REORDER = "reorder"  #: comes after the next one
    GARBLE = "garble"  #: comes as something no client of today's layer knows


class LinkState(StrEnum):
    """How the line is."""

    OPEN = "open"
    REFUSED = "refused"  #: the port is closed
    RESET = "reset"  #: takes a connection and resets it at once
    CUT = "cut"  #: takes a connection and resets it at the first bytes, as a middlebox does
    BLACK_HOLE = "black_hole"  #: takes everything, answers nothing


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault of calls. `method` may hold * and ?; None means any, as `times` it means until cleared."""

    deed: Deed
    method: str = "*"
    channel: int | None = None
    account: int | None = None
    times: int | None = 1
    when: Callable[[Any], bool] | None = None  #: of the request
    code: int = 500
    message: str = "RPC_CALL_FAIL"
    seconds: float = 0.0
    done: int = 0  #: how often it has struck

    def strikes(self, method: str, channel: int | None, account: int | None, request: Any) -> bool:
        return (
            fnmatchcase(method, self.method)
            and self.channel in (None, channel)
            and self.account in (None, account)
            and (self.when is None or self.when(request))
        )


@dataclass(slots=True, kw_only=True)
class UpdateFault:
    """One fault of pushed updates, of one channel or any, for one account or any."""

    upset: Upset
    channel: int | None = None
    account: int | None = None
    times: int | None = 1
    done: int = 0

    def strikes(self, channel: int, account: int) -> bool:
        return self.channel in (None, channel) and self.account in (None, account)


@dataclass(slots=True, kw_only=True)
class Throttle:
    """Until then, on the world's clock, these calls are answered with how long there is still to wait."""

    until: datetime
    method: str = "*"
    channel: int | None = None
    account: int | None = None
    struck_at: datetime | None = None  #: when it first refused a call

    def strikes(self, method: str, channel: int | None, account: int | None) -> bool:
        return (
            fnmatchcase(method, self.method)
            and self.channel in (None, channel)
            and self.account in (None, account)
        )


@dataclass(slots=True)
class Faults:
    """The faults that wait to strike, in the order in which they were ordered."""

    calls: list[Fault] = field(default_factory=list)
    updates: list[UpdateFault] = field(default_factory=list)
    throttles: list[Throttle] = field(default_factory=list)

    def error(self, method: str, code: int, message: str, **more: Any) -> Fault:
        return self._add(Fault(deed=Deed.ERROR, method=method, code=code, message=message, **more))

    def flood(self, method: str, seconds: int, **more: Any) -> Fault:
        """Telegram asks to wait so many seconds before this method is called again."""
        return self.error(method, 420, f"FLOOD_WAIT_{seconds}", **more)

    def throttle(self, method: str, until: datetime, **more: Any) -> Throttle:
        """As a real flood wait: until then every such call is refused, and told how long is left."""
        throttle = Throttle(until=until, method=method, **more)
        self.throttles.append(throttle)
        return throttle

    def delay(self, method: str, seconds: float, **more: Any) -> Fault:
        return self._add(Fault(deed=Deed.DELAY, method=method, seconds=seconds, **more))

    def swallow(self, method: str, **more: Any) -> Fault:
        return self._add(Fault(deed=Deed.SWALLOW, method=method, **more))

    def drop(self, method: str, *, after: bool = False, **more: Any) -> Fault:
        return self._add(Fault(deed=Deed.DROP_AFTER if after else Deed.DROP_BEFORE, method=method, **more))

    def lose_answer(self, method: str, **more: Any) -> Fault:
        return self._add(Fault(deed=Deed.LOSE_ANSWER, method=method, **more))

    def garble(self, method: str, **more: Any) -> Fault:
        """Answer with an unknown constructor inside, where the answer can hold one."""
        return self._add(Fault(deed=Deed.GARBLE, method=method, **more))

    def spoil(self, deed: Deed, **more: Any) -> Fault:
        """Serve pages of history that are not as they should be: TWICE or HOLLOW."""
        return self._add(Fault(deed=deed, method="messages.getHistory", **more))

    def upset(self, upset: Upset, **more: Any) -> UpdateFault:
        fault = UpdateFault(upset=upset, **more)
        self.updates.append(fault)
        return fault

    def clear(self) -> None:
        self.calls.clear()
        self.updates.clear()
        self.throttles.clear()

    def wait_left(self, method: str, channel: int | None, account: int | None, now: datetime) -> int:
        """How many seconds this call has to wait still; 0 when it may pass."""
        self.throttles = [t for t in self.throttles if t.until > now]
        striking = [t for t in self.throttles if t.strikes(method, channel, account)]
        for throttle in striking:
            throttle.struck_at = throttle.struck_at or now
        return math.ceil(max(((t.until - now).total_seconds() for t in striking), default=0.0))

    def next(self, method: str, channel: int | None, account: int | None, request: Any) -> Fault | None:
        """The first fault that strikes this call; it is used up once."""
        for fault in self.calls:
            if fault.strikes(method, channel, account, request):
                fault.done += 1
                if fault.times is not None and fault.done >= fault.times:
                    self.calls.remove(fault)
                return fault
        return None

    def next_update(self, channel: int, account: int) -> Upset | None:
        """What happens to this update on its way to this account."""
        for fault in self.updates:
            if fault.strikes(channel, account):
                fault.done += 1
                if fault.times is not None and fault.done >= fault.times:
                    self.updates.remove(fault)
                return fault.upset
        return None

    def _add(self, fault: Fault) -> Fault:
        self.calls.append(fault)
        return fault
