"""How often a subscription would have spoken: counted over what was told of late, as far as we watched."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.mark import read_mark
from alerts.routing import wants
from domain.channel import Channel, ChannelStatus
from domain.episode import Episode
from domain.finding import Kind
from domain.subscription import Subscription
from domain.watch import Seen, WatchSpan
from storage.store import Transaction

BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What it would have said in `BACK`. `watched` is the mean over the channels it is about."""

    kinds: Mapping[Kind, int]
    watched: timedelta
    n_channels: int

    @property
    def n(self) -> int:
        return sum(self.kinds.values())

    @property
    def is_whole(self) -> bool:
        """Was all of the time watched? An hour of it may be missing."""
        return self.watched >= BACK - timedelta(hours=1)


async def preview(
    tx: Transaction, subscription: Subscription, channels: Sequence[Channel], now: datetime
) -> Preview:
    """From the archive. What is not judged yet, or was not watched, nobody would have been told of."""
    start = now - BACK
    mark = await read_mark(tx)
    return count(
        subscription,
        await tx.episodes.told_since(start),
        channels,
        await tx.watch.since(start),
        start=start,
        judged_from=now if mark is None else max(start, mark.since),
        now=now,
    )


def count(
    subscription: Subscription,
    told: Iterable[Episode],
    channels: Sequence[Channel],
    spans: Iterable[WatchSpan],
    *,
    start: datetime,
    judged_from: datetime,
    now: datetime,
) -> Preview:
    """Pure. Each stretch of an episode counts once, of whatever it was told to others too."""
    groups = {c.id: c.group for c in channels}
    stretches = {
        (episode.id, episode.times): episode.kind
        for episode in told
        if episode.kind is not Kind.BLIND and wants(subscription, episode, groups)
    }
    meant = {c.id for c in channels if _is_about(subscription, c)}
    by_channel: dict[int, list[WatchSpan]] = {number: [] for number in meant}
    for span in spans:
        if span.channel_id in meant:
            by_channel[span.channel_id].append(span)
    seen = timedelta()
    for each in by_channel.values():
        holes = Seen.merged(each).holes(judged_from, now)
        seen += (now - judged_from) - sum((b - a for a, b in holes), timedelta())
    return Preview(
        kinds=dict(Counter(stretches.values())),
        watched=seen / len(meant) if meant else timedelta(),
        n_channels=len(meant),
    )


def _is_about(subscription: Subscription, channel: Channel) -> bool:
    if subscription.channel_id is not None:
        return subscription.channel_id == channel.id
    if channel.status.is_unwatched or channel.status is ChannelStatus.UNRESOLVED:
        return False
    return subscription.group is None or subscription.group == channel.group
