"""Tells of posts that were deleted in bulk, with the claims that went with them; by whatever way they were
missed.
"""

import contextlib
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import structlog

from collector.archive import AWAY
from collector.purge import Purge, purges
from collector.tasks import pause
from domain.channel import Channel, ChannelChange, ChannelEvent
from domain.clock import Clock
from domain.post import Deletion, PostKey
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: Marks that say up to when the deletions of a channel have been judged.
PURGED = "purged."
#: When purges were first looked for: what went before is no news.
_BEGAN = "purged.began"
#: What is usual is learned from so much of the past.
_PAST = timedelta(days=30)
_NAMED = 3
#: Nothing has been judged yet; and no post was ever missed.
_NEVER, _NONE = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)


class Purging:
    """The loop over all channels. It asks nothing of Telegram."""

    def __init__(self, store: Store, clock: Clock, settled: timedelta) -> None:
        """`settled`: for so long must no deletion follow before the number of them is told."""
        self._store = store
        self._clock = clock
        self._settled = settled
        self._judged = _NEVER  #: every post missed until then has been judged

    async def run(self) -> None:
        while True:
            # While the archive is away there is nothing to judge, and whoever keeps posts for it tells so.
            with contextlib.suppress(*AWAY):
                async with self._store.begin() as tx:
                    judged = await self._look(tx)
                self._judged = judged
            await pause(self._clock, self._settled / 2)

    async def _look(self, tx: Transaction) -> datetime:
        """Returns until when every deletion has been judged."""
        now = self._clock.now()
        last = await tx.posts.last_missed_at() or _NONE
        if last == self._judged:
            return last
        by_channel: dict[int, list[Deletion]] = defaultdict(list)
        for each in await tx.posts.deleted_since(now - _PAST):
            by_channel[each.channel_id].append(each)
        marks = {name: value for name, value, _ in await tx.marks.all(PURGED)}
        if _BEGAN not in marks:
            marks[_BEGAN] = {"at": now.isoformat()}
            await tx.marks.set(_BEGAN, marks[_BEGAN], now)
        began = datetime.fromisoformat(marks[_BEGAN]["at"])
        for channel_id, deletions in by_channel.items():
            mark = marks.get(f"{PURGED}{channel_id}")
            after = datetime.fromisoformat(mark["until"]) if mark else began
            if deletions[-1].first_missed_at <= after:
                continue
            found, until = purges(deletions, after=after, now=now, settled=self._settled)
            channel = await tx.channels.get(channel_id) if found else None
            for purge in found:
                if channel is not None:
                    await self._tell(tx, channel, purge, now)
            if until > after:
                await tx.marks.set(f"{PURGED}{channel_id}", {"until": until.isoformat()}, now)
        # Until nothing has followed for long enough, the last ones are still to be judged.
        return last if now - last > self._settled else _NEVER

    async def _tell(self, tx: Transaction, channel: Channel, purge: Purge, now: datetime) -> None:
        event = ChannelEvent(
            channel_id=channel.id,
            at=now,
            change=ChannelChange.PURGED,
            status=channel.status,
            after=f"{len(purge.ids)} posts",
            evidence="\n".join([await _posts(tx, channel, purge), await _claims(tx, channel, purge)]),
        )
        await tx.channels.befell(event)
        tx.notify("channels")
        log.warning("posts were deleted in bulk", channel=channel.name, posts=len(purge.ids))


async def _posts(tx: Transaction, channel: Channel, purge: Purge) -> str:
    first = await tx.posts.get(channel.id, purge.ids[0])
    last = await tx.posts.get(channel.id, purge.ids[-1])
    days = f", posted from {first.posted_at:%d %b %Y} to {last.posted_at:%d %b %Y}" if first and last else ""
    usual = f"usually it deletes {purge.usual:.1f} a day" if purge.usual else "it had deleted none before"
    return (
        f"Numbers {purge.ids[0]} to {purge.ids[-1]}{days}, found missing by {purge.last_at:%d %b %H:%M} UTC; "
        f"{usual}. We keep what they said."
    )


async def _claims(tx: Transaction, channel: Channel, purge: Purge) -> str:
    version = await tx.readings.live_version()
    keys = [PostKey(channel.id, number) for number in purge.ids]
    found = await tx.claims.of_posts(keys, version) if version else {}
    stood = [c for claims in found.values() for c in claims if c.superseded_at is None]
    if not stood:
        return "No claim that we had read went with them."
    whose = Counter(c.claim.claimant or "nobody named" for c in stood)
    named = ", ".join(f"{n} by {who}" for who, n in whose.most_common(_NAMED))
    more = "" if len(whose) <= _NAMED else f", and by {len(whose) - _NAMED} more"
    which = ", ".join(str(key.post_id) for key in sorted(found)[:_NAMED])
    return f"Claims that went with them: {len(stood)} ({named}{more}), as in post {which}."
