"""Faults on demand: what goes wrong, where, and how often."""

from collections.abc import Callable
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Faults:
    """The faults that wait to strike, in the order in which they were ordered."""

    calls: list[Fault] = field(default_factory=list)
    updates: list[UpdateFault] = field(default_factory=list)

    def error(self, method: str, code: int, message: str, **more: Any) -> Fault:
        return self._add(Fault(deed=Deed.ERROR, method=method, code=code, message=message, **more))

    def flood(self, method: str, seconds: int, **more: Any) -> Fault:
        """Telegram asks to wait so many seconds before this method is called again."""
        return self.error(method, 420, f"FLOOD_WAIT_{seconds}", **more)

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

    def upset(self, upset: Upset, **more: Any) -> UpdateFault:
        fault = UpdateFault(upset=upset, **more)
        self.updates.append(fault)
        return fault

    def clear(self) -> None:
        self.calls.clear()
        self.updates.clear()

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
