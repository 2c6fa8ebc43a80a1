"""Going through the archive for what has outlived its time."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from collector.config import ChannelConfig
from collector.disk import Disk
from deadair.config import Config
from deadair.retention.posts import Rule, Stays, due_posts, remove_posts
from deadair.settings import is_of
from domain.channel import Channel
from domain.errors import DeadairError
from domain.instant import write_span
from storage.retention import Cited, Old
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

POSTS, FILES, COUNTERS = "posts", "files", "counters"
#: Between the end of a file's time and that of its bytes: whoever was about to keep the same one has done so.
GRACE = timedelta(hours=1)
#: So many records of exports are removed in one transaction.
_EXPORTS = 100
#: The mark that says until when all that expired has lost its bytes. What expired so long before is looked
#: for once more all the same: a folder may have been away.
_SPENT = "retention.spent"
_LOOKS_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What is due of one kind in one channel."""

    channel: Channel
    kind: str
    keeps: timedelta
    n: int  #: posts, files, or samples
    size: int  #: bytes; 0 where nobody knows
    cited: int  #: as many are as old and stay, because something cites them
    #: As many posts are as old and stay for another reason.
    others: Mapping[Stays, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was removed, or would be."""

    shares: Sequence[Share]
    freed: int  #: bytes on disk
    exports: int = 0  #: records of exports that hold nothing any more


def spans(config: Config, channel: Channel) -> Mapping[str, timedelta]:
    """How long what of this channel stays; a kind that stays for ever is not named."""
    own = next((c for c in config.channels if is_of(c.handle, c.id, channel)), None)
    given = {
        POSTS: _own(own, "keep_posts", config.retention.posts),
        FILES: _own(own, "keep_files", config.retention.files),
        COUNTERS: _own(own, "keep_counters", config.retention.counters),
    }
    return {kind: span for kind, span in given.items() if span}


def _own(own: ChannelConfig | None, key: str, general: timedelta) -> timedelta:
    said = None if own is None else getattr(own, key)
    return general if said is None else said


async def retain(store: Store, config: Config, disk: Disk, now: datetime, *, dry_run: bool) -> Outcome:
    """Remove what has outlived its time, channel by channel, or only say what that would be.

    Raises StoreError, and DeadairError for what cannot be removed from the disk. Killed at any moment it has
    removed less, and goes on with the next run.
    """
    async with store.read() as tx:
        channels = await tx.channels.all()
        by_kind = [spans(config, c).keys() - {POSTS} for c in channels]
        cited = await tx.retention.cited() if any(by_kind) else Cited()
    shares: list[Share] = []
    for channel in channels:
        kinds = spans(config, channel)
        if POSTS in kinds and (share := await _posts(store, config, channel, kinds[POSTS], now, dry_run)):
            shares.append(share)
        if not kinds.keys() - {POSTS}:
            continue
        if dry_run:
            async with store.read() as tx:
                shares += [share async for share in _channel(tx, channel, kinds, cited, now, dry_run=True)]
        else:
            async with store.begin() as tx:
                shares += [share async for share in _channel(tx, channel, kinds, cited, now, dry_run=False)]
    exports = await _exports(store, config, now, dry_run=dry_run)
    freed = 0 if dry_run else await _free(store, disk, now)
    return Outcome(shares=shares, freed=freed, exports=exports)


async def _free(store: Store, disk: Disk, now: datetime) -> int:
    """Remove the bytes of what has expired, however long ago the last run was. Returns how many."""
    freed = 0
    async with store.read() as tx:
        done = (await tx.marks.get(_SPENT)).get("until")
        since = datetime.fromisoformat(done) - _LOOKS_BACK if done else None
        spent = await tx.retention.spent(since, now - GRACE)
    stuck: DeadairError | None = None
    for digest in spent:
        try:
            freed += await asyncio.to_thread(disk.remove, digest)
        except OSError as error:
            stuck = stuck or DeadairError(
                f"a file whose time is over cannot be removed: {disk.path(digest)} ({error.strerror})",
                hint="check who owns the folder of [collector.files]; the next run tries again",
            )
    if stuck is not None:
        raise stuck
    async with store.begin() as tx:
        await tx.marks.set(_SPENT, {"until": (now - GRACE).isoformat()}, now)
    return freed


async def _exports(store: Store, config: Config, now: datetime, *, dry_run: bool) -> int:
    """After the posts: by then nothing stays for these records."""
    keeps = config.retention.exports
    since = now - keeps if keeps else None
    async with store.read() as tx:
        over = await tx.exported.over(since, now)
    for start in range(0, 0 if dry_run else len(over), _EXPORTS):
        async with store.begin() as tx:
            for number in over[start : start + _EXPORTS]:
                await tx.exported.forget(number)
    return len(over)


async def _posts(
    store: Store, config: Config, channel: Channel, keeps: timedelta, now: datetime, dry_run: bool
) -> Share | None:
    """None: nothing is so old."""
    rule = Rule(channel_id=channel.id, keeps=keeps, exports=config.retention.exports)
    tally = await (due_posts if dry_run else remove_posts)(store, rule, now)
    if not tally.posts and not tally.stay:
        return None
    return Share(
        channel=channel,
        kind=POSTS,
        keeps=keeps,
        n=tally.posts,
        size=tally.size,
        cited=tally.stay[Stays.CITED],
        others={why: n for why, n in tally.stay.items() if why is not Stays.CITED},
    )


async def _channel(
    tx: Transaction,
    channel: Channel,
    kinds: Mapping[str, timedelta],
    cited: Cited,
    now: datetime,
    *,
    dry_run: bool,
) -> AsyncIterator[Share]:
    for kind, keeps in kinds.items():
        if kind == POSTS:
            continue
        before = now - keeps
        reads = tx.retention.old_files if kind == FILES else tx.retention.old_counters
        old = await reads(channel.id, before)
        due = [each for each in old if not cited.holds(channel.id, each.post_id, each.posted_at)]
        if due and not dry_run:
            if kind == FILES:
                await tx.retention.expire_files(due, now, f"kept for {write_span(keeps)}")
            else:
                await tx.retention.drop_counters(channel.id, [each.post_id for each in due], before)
        if old:
            yield Share(
                channel=channel,
                kind=kind,
                keeps=keeps,
                n=sum(each.n for each in due),
                size=sum(_sizes(due)),
                cited=sum(each.n for each in old) - sum(each.n for each in due),
            )


def _sizes(due: Sequence[Old]) -> Iterator[int]:
    """Each file once, however many posts show it."""
    return iter({each.sha256: each.size for each in due}.values())
