"""A second account looks at channels beside the one that watches them: do both see the same?

Nothing is joined for it. What only the witness saw is kept at once and looked for by the other; posts that
one of the two never came to see are counted, and what was seen by either stands as watched.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

import structlog

from collector.archive import Archive
from collector.channels import resolve
from collector.client import Line
from collector.config import ChannelConfig, CollectorConfig
from collector.corrected import CorrectedClock
from collector.entries import KNOWN
from collector.errors import Failed, Gone, Nobody, Trouble, Unanswered, Wait
from collector.history import PAGE, Page, by_number, newer, older
from collector.resolving import key_of
from collector.tasks import pause
from collector.translate import posts_of
from collector.watched import Watched
from domain.channel import ChannelStatus
from domain.post import How
from domain.watch import WatchSpan
from storage.accounts import Waiting, Witnessed
from storage.cursors import Cursor
from storage.store import Transaction

log = structlog.get_logger(__name__)

#: Posts that one saw and the other not are kept in mind up to so many,
_WAITING = 100
#: and so many of those that the other never saw are kept on record.
_DIFFERED = 50
#: With more pages than this to catch up on, it begins anew at the end.
_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """The account that watches, as the witness needs it."""

    #: Wait until what has come to it so far is stored.
    caught_up: Callable[[], Awaitable[None]]
    #: Have it read the channel's history now: something is there that it does not hold.
    look_again: Callable[[int], None]
    #: Have it ask whether these posts are still there.
    doubt: Callable[[int, list[int]], None]


@dataclass(slots=True, eq=False)
class Looks:
    """What one account is to look at beside others; it outlives connections."""

    wanted: Mapping[str, tuple[ChannelConfig, Watcher]] = field(default_factory=dict)
    again_at: dict[str, datetime] = field(default_factory=dict)


class Witness:
    """On one connection."""

    def __init__(
        self,
        line: Line,
        account: str,
        looks: Looks,
        archive: Archive,
        clock: CorrectedClock,
        config: CollectorConfig,
        *,
        refuse: Callable[[ChannelConfig, str], object],
    ) -> None:
        self._line = line
        self._account = account
        self._looks = looks
        self._archive = archive
        self._clock = clock
        self._config = config
        self._refuse = refuse
        self._looked: dict[int, datetime] = {}  # when it looked at a channel last, on this connection

    async def run(self) -> NoReturn:
        """Each channel in its turn, for ever."""
        while True:
            now = self._clock.now()
            for key, (config, watcher) in list(self._looks.wanted.items()):
                if self._looks.again_at.get(key, now) <= now:
                    await self._turn(key, config, watcher)
            await pause(self._clock, min(self._config.witness_every / 10, timedelta(minutes=1)))

    async def _turn(self, key: str, config: ChannelConfig, watcher: Watcher) -> None:
        span = self._config.witness_every
        try:
            if (watched := await self._reach(config)) is not None and await self.look(watched, watcher):
                span /= 3  # the two do not agree: it is soon found out why
        except Wait as wait:
            span = max(span, timedelta(seconds=wait.seconds))
        except (Gone, Nobody) as error:
            log.info("cannot be witnessed", channel=config.name, account=self._account, said=str(error))
            self._refuse(config, str(error))
        except (Failed, Unanswered) as error:
            log.info("not witnessed just now", channel=config.name, account=self._account, error=str(error))
        self._looks.again_at[key] = self._clock.now() + span
        await pause(self._clock, self._config.history_pause)

    async def _reach(self, config: ChannelConfig) -> Watched | None:
        """The channel as this account reaches it; None while it is not known, or gone. Raises Trouble."""

        async def known(tx: Transaction) -> tuple[Any, int | None]:
            number = config.id or (await tx.marks.get(KNOWN + key_of(config))).get("id")
            channel = await tx.channels.get(number) if number else None
            return channel, await tx.channels.access_hash(number, self._account) if number else None

        channel, access = await self._archive.read(known)
        if channel is None or channel.status is not ChannelStatus.OPEN:
            return None
        if access is None:
            if channel.handle is None:
                raise Nobody("the account is in no channel of that number")
            chat = await resolve(self._line, channel.handle, background=True)
            if chat.id != channel.id:
                return None
            access = int(chat.access_hash)
            await self._archive.write(lambda tx: tx.channels.save_access(channel.id, self._account, access))
        return Watched(config=config, channel=channel, access_hash=access)

    async def look(self, watched: Watched, watcher: Watcher) -> bool:
        """Once. True when the two do not agree, for all that is known yet. Raises Trouble."""

        async def standing(tx: Transaction) -> tuple[Witnessed | None, Cursor | None]:
            found = await tx.accounts.witnessed(watched.id)
            record = next((w for w in found if w.account == self._account), None)
            return record, await tx.posts.cursor(watched.id)

        record, cursor = await self._archive.read(standing)
        if cursor is None:
            return False
        asked = self._clock.raw()
        there: set[int] = set()
        if record is not None and record.waiting:
            posts, _ = await by_number(
                self._line, watched, sorted({w.post_id for w in record.waiting})[:PAGE], background=True
            )
            there = {m.id for m in posts}
        came: list[Page] = []
        try:
            whole = record is not None and await self._after(watched, record.newest_id, came)
            if not whole:
                came.append(await older(self._line, watched, 0, 1, background=True))
        except Trouble:
            await watcher.caught_up()
            # By the next look they may be deleted.
            if await self._archive.write(lambda tx: _keep(tx, came, self._clock.at(asked))):
                watcher.look_again(watched.id)
            raise
        if record is None or not whole:
            await self._begin(watched, watcher, record, came, asked)
            return False
        ids = {number for page in came for number in page.ids}
        await watcher.caught_up()
        at = self._clock.at(asked)
        # Since another connection's look it has watched nothing: what there is was read afterwards.
        has_watched = self._looked.get(watched.id) == record.checked_at

        async def deed(tx: Transaction) -> tuple[Witnessed, list[int], list[int]]:
            after, doubtful = await self._settled(tx, record, there)
            held = await tx.posts.ids(watched.id, record.newest_id + 1, 1 << 60)
            # Numbers in what was pushed or asked for after our question was sent are none of the answer's.
            unheld = sorted(ids - set(held))
            await _keep(tx, came, at)
            newest = max(ids, default=record.newest_id)
            unseen = [n for n in held if n not in ids and await _was_held(tx, watched.id, n, at)]
            fresh = [Waiting(post_id=n, at=at, by_witness=True) for n in unheld]
            fresh += [Waiting(post_id=n, at=at, by_witness=False) for n in unseen]
            after = replace(
                after,
                checked_at=at,
                newest_id=max([newest, *unseen]),
                seen=record.seen + len(ids),
                waiting=(*after.waiting, *fresh)[-_WAITING:],
            )
            await tx.accounts.save_witnessed(after)
            span = WatchSpan(
                channel_id=watched.id,
                account=self._account,
                from_at=min(record.checked_at, at),
                to_at=at,
                how=How.POLLED if has_watched else How.BACKFILLED,
            )
            await tx.watch.extend(span)
            tx.notify("watch")
            return after, doubtful, unheld

        after, doubtful, unheld = await self._archive.write(deed)
        self._looked[watched.id] = at
        if unheld:
            watcher.look_again(watched.id)
        if doubtful:
            watcher.doubt(watched.id, doubtful)
        self._tell(watched, record, after)
        return bool(after.waiting)

    async def _after(self, watched: Watched, newest: int, came: list[Page]) -> bool:
        """Everything behind `newest`, page by page into `came`; False when that is too much for now."""
        for _ in range(_PAGES):
            page = await newer(self._line, watched, newest, background=True)
            if not page.ids:
                return True
            came.append(page)
            newest = max(page.ids)
        return False

    async def _begin(
        self, watched: Watched, watcher: Watcher, record: Witnessed | None, came: list[Page], asked: datetime
    ) -> None:
        await watcher.caught_up()
        at = self._clock.at(asked)
        fresh = Witnessed(
            channel_id=watched.id,
            account=self._account,
            since=at,
            checked_at=at,
            newest_id=max(came[-1].ids, default=0),
        )
        if record is not None:
            fresh = replace(record, checked_at=at, newest_id=fresh.newest_id, waiting=())

        async def deed(tx: Transaction) -> bool:
            await tx.accounts.save_witnessed(fresh)
            return await _keep(tx, came, at)

        if await self._archive.write(deed):
            watcher.look_again(watched.id)
        self._looked[watched.id] = at

    async def _settled(
        self, tx: Transaction, record: Witnessed, there: set[int]
    ) -> tuple[Witnessed, list[int]]:
        """What has become of the posts that one of the two had not seen; and those that may be deleted."""
        cursor = await tx.posts.cursor(record.channel_id)
        deleted = {d.post_id for d in await tx.posts.deletions(record.channel_id) if d.returned_at is None}
        waiting, differed, doubtful = [], [], []
        for each in record.waiting:
            post = await tx.posts.get(record.channel_id, each.post_id)
            if post is None or each.post_id in deleted:
                continue
            if each.by_witness:
                if await tx.posts.last_seen_at(record.channel_id, each.post_id) > post.seen_at:
                    continue  # the other has come to see it
                if each.post_id not in there:
                    doubtful.append(each.post_id)
                    waiting.append(each)
                elif cursor is not None and cursor.checked_at > each.at:
                    differed.append(each)
                else:
                    waiting.append(each)  # the other sees nothing at all just now
            elif each.post_id in there:
                continue
            elif not each.doubted:
                doubtful.append(each.post_id)
                waiting.append(replace(each, doubted=True))
            else:
                differed.append(each)
        seen = sum(each.by_witness for each in differed)
        after = replace(
            record,
            waiting=tuple(waiting),
            differed=(*record.differed, *differed)[-_DIFFERED:],
            only_witness=record.only_witness + seen,
            only_watcher=record.only_watcher + len(differed) - seen,
        )
        return after, doubtful

    def _tell(self, watched: Watched, before: Witnessed, after: Witnessed) -> None:
        for n, who in (
            (after.only_witness - before.only_witness, "the witness"),
            (after.only_watcher - before.only_watcher, "the account that watches"),
        ):
            if n:
                log.warning(
                    "posts were seen by one account only",
                    channel=watched.name,
                    posts=n,
                    seen_by=who,
                    witness=self._account,
                    hint="the other may be restricted, or shut out of the channel",
                )


async def _keep(tx: Transaction, came: list[Page], at: datetime) -> bool:
    """Store what has come. True when something of it was not held."""
    messages = [message for page in came for message in page.messages]
    stored = await tx.posts.put(posts_of(messages, seen_at=at, how=How.POLLED))
    if stored.added:
        tx.notify("posts")
    return bool(stored.added)


async def _was_held(tx: Transaction, channel_id: int, post_id: int, at: datetime) -> bool:
    """Had it been stored when the question was sent? What came later was not to be seen by the answer."""
    post = await tx.posts.get(channel_id, post_id)
    return post is not None and post.seen_at < at - timedelta(seconds=1)
