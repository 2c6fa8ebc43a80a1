"""Faults on demand: what goes wrong between a bot and Telegram, by method, chat and number of times."""

from dataclasses import dataclass
from enum import StrEnum

from sandbox.botapi.call import Call


class Harm(StrEnum):
    """What befalls a call."""

    REFUSE = "refuse"  #: answered with an error of the given code
    FLOOD = "flood"  #: 429 with retry_after
    HTML = "html"  #: 502 with a page of the web server in front, which is no JSON
    DROP = "drop"  #: the line is cut before anything was done
    LOSE = "lose"  #: the deed is done, then the line is cut: the answer is lost
    DELAY = "delay"  #: the deed is done late


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault that is to come. `times` None: until it is cleared."""

    harm: Harm
    method: str = "*"
    chat: str = ""  #: only calls to this chat; empty for every chat
    times: int | None = 1
    skip: int = 0  #: calls that pass unharmed first
    code: int = 500
    description: str = "Internal Server Error"
    seconds: float = 0.0  #: of a delay, or to wait after a flood
    body: str = ""  #: of an HTML answer
    hits: int = 0

    def meets(self, call: Call) -> bool:
        """Whether it strikes this call. Counts."""
        if self.method not in ("*", call.method) or (self.chat and self.chat != call.chat):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.hits += 1
        return True

    @property
    def spent(self) -> bool:
        return self.times is not None and self.hits >= self.times


BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    "<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)


class Faults:
    """The faults that wait for their calls. Of several, delays add up and the first other strikes."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        self.waiting.clear()

    def strike(self, call: Call) -> tuple[float, Fault | None]:
        """Seconds to wait, and what then befalls the call."""
        delay, found = 0.0, None
        for fault in list(self.waiting):
            if found is not None and fault.harm is not Harm.DELAY:
                continue
            if not fault.meets(call):
                continue
            if fault.harm is Harm.DELAY:
                delay += fault.seconds
            else:
                found = fault
            if fault.spent:
                self.waiting.remove(fault)
        return delay, found

    def flood(self, seconds: int, method: str = "*", *, chat: int | str = "", times: int | None = 1) -> Fault:
        """429 with `retry_after`."""
        return self.add(Fault(harm=Harm.FLOOD, method=method, chat=str(chat), times=times, seconds=seconds))

    def refuse(
        self, code: int, description: str, method: str = "*", *, chat: int | str = "", times: int | None = 1
    ) -> Fault:
        """An error answer as JSON: 401 "Unauthorized", 409 "Conflict: ...", 500 "Internal Server Error"."""
        fault = Fault(
            harm=Harm.REFUSE, method=method, chat=str(chat), times=times, code=code, description=description
        )
        return self.add(fault)

    def bad_gateway(
        self, method: str = "*", *, chat: int | str = "", times: int | None = 1, body: str = BAD_GATEWAY
    ) -> Fault:
        """502 with a body of HTML."""
        return self.add(
            Fault(harm=Harm.HTML, method=method, chat=str(chat), times=times, code=502, body=body)
        )

    def drop(self, method: str = "*", *, chat: int | str = "", times: int | None = 1) -> Fault:
        """The line is cut before the deed."""
        return self.add(Fault(harm=Harm.DROP, method=method, chat=str(chat), times=times))

    def lose_answer(self, method: str = "*", *, chat: int | str = "", times: int | None = 1) -> Fault:
        """The line is cut after the deed."""
        return self.add(Fault(harm=Harm.LOSE, method=method, chat=str(chat), times=times))

    def delay(
        self, seconds: float, method: str = "*", *, chat: int | str = "", times: int | None = 1
    ) -> Fault:
        """The deed is done after so many real seconds."""
        return self.add(Fault(harm=Harm.DELAY, method=method, chat=str(chat), times=times, seconds=seconds))
