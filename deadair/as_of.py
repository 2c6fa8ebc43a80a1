"""As of when an archive is looked at: now, but of an archive that is ahead of our clock its own now."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.store import Transaction

#: By so much may the clocks of two machines differ.
AHEAD = timedelta(minutes=5)


async def as_of(tx: "Transaction", ours: datetime) -> datetime:
    """Our time. Of an archive whose newest post lies beyond it, as that of a simulation, the time of its last
    sign of life: there our time would come before all that it holds.
    """
    marks = max((at for _, _, at in await tx.marks.all()), default=ours)
    if marks - ours <= AHEAD:
        return ours
    for channel in await tx.channels.all():
        newest = await tx.posts.newest(channel.id, 1)
        if newest and newest[0].posted_at - ours > AHEAD:
            return marks
    return ours


def told_as_of(now: datetime, ours: datetime) -> str:
    """What is said where that is not our time; else empty."""
    if now - ours <= AHEAD:
        return ""
    at = f"{now:%d %b %Y %H:%M} UTC"
    return f"This archive is of a clock ahead of ours, as in a simulation: all is said as of {at}."
