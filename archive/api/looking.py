"""The channels that a request names."""

from collections.abc import Iterable

from archive.resolve import named
from archive.web.problem import Problem
from domain.channel import Channel
from storage.store import Transaction


async def channel_named(tx: Transaction, name: str) -> Channel:
    """By @handle, number or title. Raises Problem 404."""
    found = named(name, await tx.channels.all())
    if found is None:
        raise Problem(
            404,
            "no-such-channel",
            f"the archive has no channel {name!r}",
            hint="GET /api/v1/channels lists them",
        )
    return found


async def channels_named(
    tx: Transaction, names: Iterable[str], groups: Iterable[str]
) -> list[Channel] | None:
    """Those that are named, and all of these groups; None: nothing was named. Raises Problem 404."""
    names, groups = list(names), list(groups)
    if not names and not groups:
        return None
    everywhere = await tx.channels.all()
    out: dict[int, Channel] = {}
    for name in names:
        found = named(name, everywhere)
        if found is None:
            raise Problem(404, "no-such-channel", f"the archive has no channel {name!r}")
        out[found.id] = found
    for group in groups:
        members = [c for c in everywhere if (c.group or "").casefold() == group.casefold()]
        if not members:
            raise Problem(404, "no-such-group", f"the archive has no group {group!r}")
        out |= {c.id: c for c in members}
    return sorted(out.values(), key=lambda c: c.id)
