"""Looks at the counters of posts some time after they were posted: views, forwards, replies, reactions.

Which posts are due is kept in the archive, so that a restart loses none. A look that comes late is recorded
with the time at which it was taken; one that could not be taken leaves nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from collector.archive import Archive
from collector.channels import Channels
from collector.client import Line
from collector.config import CollectorConfig
from collector.errors import Failed, Gone, Unanswered, Wait
from collector.history import PAGE, by_number
from collector.tasks import pause
from collector.translate import posts_of
from collector.watched import Roster, Watched
from domain.clock import Clock
from domain.counters import Sample, last_due, next_due
from domain.post import Post
from storage.store import Transaction

log = structlog.get_logger(__name__)

#: The mark that says up to which stored post it has been decided whether it is followed.
FOLLOWED = "counters.followed"
_PORTION = 5_000
#: What could not be looked at for so long is given up.
_HOPELESS = timedelta(days=30)
#: A post for which the last look has been due for longer is not taken up.
_GRACE = timedelta(days=1)
#: A post that Telegram neither shows nor calls gone is asked for again after this.
_AGAIN = timedelta(minutes=10)


class Counting:
    """The loop of one connection."""

    def __init__(
        self,
        line: Line,
        roster: Roster,
        archive: Archive,
        channels: Channels,
        clock: Clock,
        config: CollectorConfig,
    ) -> None:
        self._line = line
        self._roster = roster
        self._archive = archive
        self._channels = channels
        self._clock = clock
        self._config = config
        self._targets: Sequence[timedelta] = config.counters_at
        self._again_at: dict[int, datetime] = {}  # channels that could not be looked at, and hold up no other

    async def run(self) -> None:
        """Look at what is due, a page of one channel at a time, for ever."""
        while self._targets:
            await self._follow()
            ripe = await self._ripe()
            if ripe is None:
                await pause(self._clock, await self._nap())
                continue
            watched, posts = ripe
            try:
                await self.look(watched, posts)
            except Wait as wait:
                self._again_at[watched.id] = self._clock.now() + timedelta(seconds=wait.seconds)
            except (Failed, Unanswered) as error:
                log.warning("counters could not be read", channel=watched.name, error=str(error))
                self._again_at[watched.id] = self._clock.now() + self._config.reconcile_every
            except Gone as gone:
                await self._channels.gone(self._line, watched, gone)
            await pause(self._clock, self._config.counters_pause)

    async def _nap(self) -> timedelta:
        """How long nothing needs to be looked at when nothing is ripe."""
        ids = [w.id for w in self._ready()]
        soonest = await self._archive.read(lambda tx: tx.counters.soonest(ids))
        most = min(self._config.reconcile_every, min(self._targets) / 4)
        if soonest is None:
            return most
        left = soonest + self._config.counters_slack - self._clock.now()
        return min(most, max(left, timedelta(seconds=1)))

    async def _follow(self) -> None:
        """Decide of every post that was stored since the last time when it is due first."""
        while True:

            async def deed(tx: Transaction) -> int:
                mark = await tx.marks.get(FOLLOWED)
                posts = await tx.counters.stored_after(mark.get("seq", 0), _PORTION)
                if not posts:
                    return 0
                now = self._clock.now()
                # Counted from the first sight: what has become due since is looked at now, and dated so.
                recent = now - self._targets[-1] - _GRACE
                await tx.counters.follow(
                    (each.key, each.posted_at, due)
                    for each in posts
                    if each.is_counted
                    and each.posted_at > recent
                    and (due := next_due(each.posted_at, self._targets, each.seen_at)) is not None
                )
                await tx.counters.give_up(now - _HOPELESS)
                await tx.marks.set(FOLLOWED, {"seq": posts[-1].seq}, now)
                return len(posts)

            if not await self._archive.read(self._is_behind) or await self._archive.write(deed) < _PORTION:
                return

    async def _is_behind(self, tx: Transaction) -> bool:
        mark = await tx.marks.get(FOLLOWED)
        return bool(await tx.counters.stored_after(mark.get("seq", 0), 1))

    def _ready(self) -> list[Watched]:
        now = self._clock.now()
        return [w for w in self._roster.open if self._again_at.get(w.id, now) <= now]

    async def _ripe(self) -> tuple[Watched, Sequence[tuple[int, datetime]]] | None:
        now, wanted = self._clock.now(), [w.id for w in self._ready() if w.proof is not None]
        found = await self._archive.read(
            lambda tx: tx.counters.ripe(wanted, now, self._config.counters_slack, PAGE)
        )
        if found is None:
            return None
        watched = self._roster.get(found[0])
        return None if watched is None else (watched, found[1])

    async def look(self, watched: Watched, posts: Sequence[tuple[int, datetime]]) -> None:
        """Read the counters of these posts, each given with when it was posted. Raises Trouble.

        The posts come with them: what was edited or deleted unseen is found on the way.
        """
        asked = self._clock.now()
        ids = [post_id for post_id, _ in posts]
        there, empty = await by_number(self._line, watched, ids, background=True)
        at = self._clock.now()
        seen = posts_of(there, seen_at=at, how=watched.how, known=True)
        dates = dict(posts)
        samples = [self._sample(post, at) for post in seen if post.id in dates]
        due: dict[int, datetime | None] = dict.fromkeys(ids, at + _AGAIN)
        due |= {s.post_id: next_due(dates[s.post_id], self._targets, at) for s in samples}
        due |= dict.fromkeys(empty)

        async def deed(tx: Transaction) -> None:
            stored = await tx.posts.put(seen)
            missed = await tx.posts.missed(watched.id, empty, asked)
            await tx.counters.add(samples)
            await tx.counters.put_off(watched.id, due)
            if stored.revised or missed:
                tx.notify("posts")

        await self._archive.write(deed)

    def _sample(self, post: Post, at: datetime) -> Sample:
        return Sample(
            channel_id=post.channel_id,
            post_id=post.id,
            at=at,
            due=last_due(post.posted_at, self._targets, at),
            views=post.views,
            forwards=post.forwards,
            replies=post.details.replies,
            reactions=post.details.reactions,
        )
