"""What the processes that share the accounts tell each other, through the archive: orders of the one that
leads, and a report on each account from where it is at work.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from collector.config import ChannelConfig
from storage.accounts import Assignment
from storage.store import Transaction

#: The marks that hold them.
_ORDERS: Final = "fleet.orders"
_REPORT: Final = "fleet.account."
_LEASE: Final = "collector:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What is to be watched; who is to do it stands in the assignments."""

    channels: Mapping[str, ChannelConfig] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: accounts that cannot read it
    waiting: frozenset[str] = frozenset()  #: nobody is to take these yet: another must let go first


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How an account fares in the process that has it."""

    holder: str = ""
    has_said: bool = False
    is_lost: bool = False
    down_since: datetime | None = None
    own: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()  #: the channels it watches
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """An account as seen from another process. `free_for`: for so long nobody has had it; None: never."""

    holder: str = ""
    is_held: bool = False
    free_for: timedelta | None = None
    report: Report = field(default_factory=Report)


async def orders(tx: Transaction) -> tuple[Mapping[str, Assignment], Orders]:
    """Those that stand, with who is to watch what."""
    value = await tx.marks.get(_ORDERS)
    channels = {key: ChannelConfig.model_validate(each) for key, each in value.get("channels", {}).items()}
    refused = {key: tuple(names) for key, names in value.get("refused", {}).items()}
    waiting = frozenset(value.get("waiting", ()))
    return await tx.accounts.assignments(), Orders(channels=channels, refused=refused, waiting=waiting)


async def put_orders(tx: Transaction, ordered: Orders, now: datetime) -> None:
    channels = {
        key: each.model_dump(mode="json", exclude_defaults=True) for key, each in ordered.channels.items()
    }
    value = {
        "channels": channels,
        "refused": {key: list(names) for key, names in ordered.refused.items()},
        "waiting": sorted(ordered.waiting),
    }
    await tx.marks.set(_ORDERS, value, now)
    tx.notify("fleet")


async def put_report(tx: Transaction, name: str, report: Report, now: datetime) -> None:
    value = {
        "holder": report.holder,
        "has_said": report.has_said,
        "is_lost": report.is_lost,
        "down_since": None if report.down_since is None else report.down_since.isoformat(),
        "own": sorted(report.own),
        "keys": sorted(report.keys),
        "refused": {key: list(names) for key, names in report.refused.items()},
    }
    await tx.marks.set(_REPORT + name, value, now)
    tx.notify("fleet")


async def far(tx: Transaction, names: Collection[str]) -> Mapping[str, Far]:
    """These accounts, as their leases and the reports of who has them say."""
    leases = {lease.name.removeprefix(_LEASE): lease for lease in await tx.leases.all()}
    now = await tx.leases.now()
    found = {}
    for name in names:
        lease = leases.get(name)
        if lease is None:
            found[name] = Far()
        elif not lease.is_held(now):
            found[name] = Far(holder=lease.holder, free_for=now - lease.until)
        else:
            report = _report(await tx.marks.get(_REPORT + name))
            # One of a former holder says nothing of this one.
            known = report if report.holder == lease.holder else Report(holder=lease.holder)
            found[name] = Far(holder=lease.holder, is_held=True, report=known)
    return found


def _report(value: Mapping[str, Any]) -> Report:
    if not value:
        return Report()
    return Report(
        holder=value["holder"],
        has_said=value["has_said"],
        is_lost=value["is_lost"],
        down_since=datetime.fromisoformat(value["down_since"]) if value["down_since"] else None,
        own=frozenset(value["own"]),
        keys=frozenset(value["keys"]),
        refused={key: tuple(names) for key, names in value["refused"].items()},
    )
