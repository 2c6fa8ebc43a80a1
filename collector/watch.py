"""Watch spans and gaps: says when we could see, and never more than was proved."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from collector.watched import Watched
from domain.post import How
from domain.watch import Gap, GapCause, Missing, WatchSpan
from storage.posts import Cursor
from storage.store import Transaction


async def proved(
    tx: Transaction,
    account: str,
    watched: Watched,
    cursor: Cursor,
    at: datetime,
    how: How | None = None,
) -> Cursor:
    """A request sent at `at` has shown that everything up to `cursor.newest_id` is stored, and nothing is
    beyond.

    Without a break since the last proof the span in between was watched, in the channel's own way unless
    `how` says another. After one, its posts have been read
    from the history: it counts as backfilled, and the gap remains on record for the edits and deletions it
    may hide. Returns the cursor as it is now stored. The caller takes over `watched.proof` once this is
    committed.
    """
    if at < cursor.checked_at:  # a late answer proves nothing new
        return cursor
    since = watched.proof
    if since is not None:
        span = WatchSpan(
            channel_id=watched.id, account=account, from_at=min(since, at), to_at=at, how=how or watched.how
        )
        await tx.watch.extend(span)
    else:
        await _mended(tx, account, watched, cursor.checked_at, at)
    moved = replace(cursor, checked_at=at)
    await tx.posts.move_cursor(moved)
    tx.notify("watch")
    return moved


async def all_proved(
    tx: Transaction, account: str, channels: Iterable[tuple[Watched, Cursor]], at: datetime
) -> None:
    """The same of many channels that one request has shown to be as they were."""
    spans, moved = [], []
    for watched, cursor in channels:
        if watched.proof is None or at < cursor.checked_at:
            await proved(tx, account, watched, cursor, at)
            continue
        start = min(watched.proof, at)
        spans.append(
            WatchSpan(channel_id=watched.id, account=account, from_at=start, to_at=at, how=watched.how)
        )
        moved.append(replace(cursor, checked_at=at))
    if spans:
        await tx.watch.extend_many(spans)
        await tx.posts.move_cursor(*moved)
        tx.notify("watch")


async def followed(
    tx: Transaction, account: str, steps: Iterable[tuple[Watched | None, Cursor, datetime]]
) -> None:
    """Posts are stored that follow on what was there without a hole in their numbers, up to the cursor given;
    the newest was posted at the instant beside it.

    Numbers rise with time: what was posted before it has a lower one, and is stored. So without a break since
    the last proof all of that time was watched, and whoever reads the post finds it said. After a break
    nothing is said: what was edited or deleted in it is looked for first.
    """
    spans, moved = [], []
    for watched, cursor, at in steps:
        if watched is None or watched.proof is None or not watched.is_open or at <= cursor.checked_at:
            moved.append(cursor)
            continue
        start = min(watched.proof, cursor.checked_at)
        spans.append(
            WatchSpan(channel_id=watched.id, account=account, from_at=start, to_at=at, how=watched.how)
        )
        moved.append(replace(cursor, checked_at=at))
    if moved:
        await tx.posts.move_cursor(*moved)
    if spans:
        await tx.watch.extend_many(spans)
        tx.notify("watch")


async def begun(tx: Transaction, account: str, watched: Watched, at: datetime) -> None:
    """The first look at a channel: from here on it is watched."""
    await tx.watch.extend(
        WatchSpan(channel_id=watched.id, account=account, from_at=at, to_at=at, how=watched.how)
    )
    tx.notify("watch")


async def _mended(tx: Transaction, account: str, watched: Watched, since: datetime, at: datetime) -> None:
    await _began(tx, account, watched, since)
    for gap in await tx.watch.gaps(watched.id, since):
        if gap.to_at is None:
            await tx.watch.close_gaps(watched.id, gap.account, max(at, gap.from_at), Missing.EDITS)
    for start, how in ((since, How.BACKFILLED), (at, watched.how)):
        await tx.watch.extend(
            WatchSpan(channel_id=watched.id, account=account, from_at=start, to_at=at, how=how)
        )


async def _began(tx: Transaction, account: str, watched: Watched, since: datetime) -> None:
    """The gap that ends now is on record, be it another account's: it may not have been possible to write it
    when it began."""
    if not any(gap.to_at is None for gap in await tx.watch.gaps(watched.id, since)):
        await lost(tx, account, [watched], watched.cause)


async def lost(
    tx: Transaction, account: str, channels: Iterable[Watched], cause: GapCause, detail: str = ""
) -> None:
    """From the last proof on, nothing is known of these channels; one that was never watched is left out."""
    for watched in channels:
        cursor = await tx.posts.cursor(watched.id)
        if cursor is None:
            continue
        await tx.watch.open_gap(
            Gap(
                channel_id=watched.id,
                account=account,
                from_at=cursor.checked_at,
                to_at=None,
                cause=cause,
                detail=detail,
            )
        )
        tx.notify("watch")


async def not_pushed(
    tx: Transaction, account: str, watched: Watched, since: datetime, until: datetime, posts: int
) -> None:
    """Posts of that stretch were read, but not pushed: what was edited or deleted in it may be lost. Without
    posts: Telegram told nothing of it."""
    said = "1 post was not pushed" if posts == 1 else f"{posts} posts were not pushed"
    if not posts:
        said = "Telegram told only that too much had happened"
    gap = Gap(
        channel_id=watched.id,
        account=account,
        from_at=since,
        to_at=until,
        cause=GapCause.UNKNOWN,
        missing=Missing.EDITS,
        detail=said,
    )
    await tx.watch.add_gap(gap)
    tx.notify("watch")


async def skipped(tx: Transaction, account: str, watched: Watched, cursor: Cursor, until: datetime) -> Cursor:
    """A stretch that began at the last proof cannot be read any more: its posts are lost to us up to
    `until`.
    """
    await _began(tx, account, watched, cursor.checked_at)
    for gap in await tx.watch.gaps(watched.id, cursor.checked_at):
        if gap.to_at is None:
            await tx.watch.close_gaps(watched.id, gap.account, until, Missing.POSTS)
    moved = replace(cursor, checked_at=until)
    await tx.posts.move_cursor(moved)
    await lost(tx, account, [watched], watched.cause)
    return moved


async def read_back(tx: Transaction, account: str, watched: Watched, since: datetime) -> None:
    """The history has been read back to `since`: from there to the first look, every post there still is."""
    spans = await tx.watch.spans(watched.id)
    until = min((s.from_at for s in spans if s.how in (How.LIVE, How.POLLED)), default=None)
    if until is not None and since < until:
        await tx.watch.extend(
            WatchSpan(channel_id=watched.id, account=account, from_at=since, to_at=until, how=How.BACKFILLED)
        )
        tx.notify("watch")
