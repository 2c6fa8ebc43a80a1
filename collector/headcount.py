"""Keeps how many members a channel has, and tells when that leaps."""

from datetime import datetime, timedelta

from collector.audience import leap
from domain.channel import Channel, ChannelChange, ChannelEvent, Headcount
from storage.store import Transaction

#: A leap is judged by so much of the past.
_PAST = timedelta(days=90)


async def counted(
    tx: Transaction, channel: Channel, members: int, at: datetime, *, every: timedelta, within: int = 0
) -> ChannelEvent | None:
    """Members were counted at `at`, as is done once in `every`. Returns the leap, if it is one; it is
    recorded.
    """
    history = list(await tx.channels.headcounts(channel.id, at - _PAST))
    apart = every * 0.8
    if history and at - history[-1].at < apart:
        return None
    count = Headcount(channel_id=channel.id, at=at, members=members, within=within)
    await tx.channels.counted(count)
    found = leap([*history, count], apart=apart)
    if found is None:
        return None
    event = ChannelEvent(
        channel_id=channel.id,
        at=at,
        change=ChannelChange.AUDIENCE_JUMPED if found.is_up else ChannelChange.AUDIENCE_FELL,
        status=channel.status,
        before=f"{found.before.members:,} members",
        after=f"{found.after.members:,} members",
        evidence=found.says(),
    )
    await tx.channels.befell(event)
    return event
