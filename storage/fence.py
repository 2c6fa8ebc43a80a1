"""The fence: what holds back whoever writes under a lease that another process has."""

import asyncio
import time

from domain.lease import Lease
from storage.errors import LeaseLost
from storage.leases import LeaseRepository


class Fence:
    """A lease as its holder knows it: whether it still stands, and until when that is sure without asking."""

    def __init__(self, lease: Lease, sure_until: float) -> None:
        """`sure_until` by `ticks()`."""
        self.lease = lease
        self.sure_until = sure_until
        self.lost = asyncio.Event()
        self.hand_over = asyncio.Event()  #: another is to have it, as soon as the work has ended
        self.why = ""

    def lose(self, why: str) -> None:
        """It is over; said once, whoever notices first."""
        if not self.lost.is_set():
            self.why = why
            self.lost.set()

    async def prove(self, leases: LeaseRepository) -> None:
        """Raises LeaseLost when it does not stand any more."""
        if not self.lost.is_set() and not await leases.stands(self.lease):
            self.lose("another process has taken it")
        if self.lost.is_set():
            raise LeaseLost(
                f"the lease {self.lease.name} is lost: {self.why}; nothing was written",
                hint="Deadair stands by and goes on when it is free; nothing need be done",
            )


def ticks() -> float:
    """Seconds that go on while the process is paused, and the machine asleep."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)
