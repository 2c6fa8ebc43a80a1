"""Leases: who does what may be done by one process only, and until when."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.instant import refuse_naive

#: Nobody: a lease that was given back.
NOBODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One piece of work, and who does it until when.

    The token grows each time the lease is taken: whoever writes under an older one has been replaced.
    """

    name: str
    holder: str  #: the process, by a name that no other one has or had; NOBODY: given back
    token: int
    until: datetime
    since: datetime  #: when the holder took it

    def __post_init__(self) -> None:
        refuse_naive(self, "until", "since")

    def is_held(self, now: datetime) -> bool:
        return self.holder != NOBODY and now < self.until


class Reason(StrEnum):
    """Why a lease was given to who asked for it, or was not."""

    NEW = "new"  #: nobody ever had it
    FREE = "given back"
    LAPSED = "lapsed"
    ORPHANED = "its holder has died"
    OWN = "taken anew"  #: the same process had it
    HELD = "held"  #: not given: somebody else has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What becomes of asking for a lease."""

    reason: Reason
    lease: Lease  #: as it stands from now on

    @property
    def is_given(self) -> bool:
        return self.reason is not Reason.HELD


def take(
    standing: Lease | None,
    name: str,
    who: str,
    lasts: timedelta,
    now: datetime,
    *,
    is_dead: bool = False,
) -> Answer:
    """Ask for a lease as it stands; None: there was none yet. `is_dead`: its holder is known to be dead.

    Every take raises the token, one by the same process as well: what it began under the former one is over.
    """
    token = 1 if standing is None else standing.token + 1
    lease = Lease(name=name, holder=who, token=token, until=now + lasts, since=now)
    if standing is None:
        return Answer(reason=Reason.NEW, lease=lease)
    if standing.holder == NOBODY:
        return Answer(reason=Reason.FREE, lease=lease)
    if standing.holder == who:
        return Answer(reason=Reason.OWN, lease=lease)
    if not standing.is_held(now):
        return Answer(reason=Reason.LAPSED, lease=lease)
    if is_dead:
        return Answer(reason=Reason.ORPHANED, lease=lease)
    return Answer(reason=Reason.HELD, lease=standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby:
    """A process that waits for a lease somebody else has, and was last heard of in time."""

    name: str
    holder: str
    until: datetime  #: until then it counts as waiting

    def __post_init__(self) -> None:
        refuse_naive(self, "until")


def to_hand_over(me: str, leases: Iterable[Lease], standbys: Iterable[Standby], now: datetime) -> str | None:
    """Of leases that are alike, one that this process is to give up so that all have their share.

    None: nobody who stands by for one of them has less than its share. Whoever has two fewer has.
    """
    held = {lease.name: lease for lease in leases if lease.is_held(now)}
    shares = Counter(lease.holder for lease in held.values())
    waiting = [s for s in standbys if s.name in held and held[s.name].holder == me and s.holder != me]
    poorest = min(waiting, key=lambda s: (shares[s.holder], s.holder, s.name), default=None)
    return poorest.name if poorest is not None and shares[me] - shares[poorest.holder] >= 2 else None
