"""Which process does what, and which stand by for it: for `deadair status`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.instant import say_span
from domain.lease import Lease
from storage.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Holders:
    """As of `now` of the database."""

    now: datetime
    leases: Sequence[Lease]
    standbys: dict[str, list[str]]  #: by lease

    @property
    def words(self) -> list[str]:
        """A line for each piece of work, in words."""
        return [f"{lease.name}: {self._who(lease)}" for lease in self.leases]

    @property
    def document(self) -> list[dict[str, Any]]:
        return [
            {
                "name": lease.name,
                "holder": lease.holder if lease.is_held(self.now) else None,
                "since": lease.since.isoformat(),
                "until": lease.until.isoformat(),
                "token": lease.token,
                "standbys": self.standbys.get(lease.name, []),
            }
            for lease in self.leases
        ]

    def _who(self, lease: Lease) -> str:
        waiting = [_place(holder) for holder in self.standbys.get(lease.name, [])]
        beside = f"; {', '.join(waiting)} stands by" if len(waiting) == 1 else ""
        if len(waiting) > 1:
            beside = f"; {', '.join(waiting)} stand by"
        if not lease.is_held(self.now):
            return f"done by nobody for {say_span(self.now - lease.until)}{beside}"
        return f"done by {_place(lease.holder)} for {say_span(self.now - lease.since)}{beside}"


async def holders(tx: Transaction) -> Holders:
    """Read them in one picture."""
    standbys: dict[str, list[str]] = {}
    for standby in await tx.leases.standbys():
        standbys.setdefault(standby.name, []).append(standby.holder)
    return Holders(now=await tx.leases.now(), leases=await tx.leases.all(), standbys=standbys)


def _place(holder: str) -> str:
    """The holder as a person looks for it."""
    host, _, process = holder.rpartition("/")[0].rpartition("/")
    return f"{host} (process {process})" if host else holder
