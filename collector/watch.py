"""Watch spans and gaps: says when we could see, and never more than was proved."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.numbered import LONG, pieces, unseen
from collector.watched import Watched
from domain.post import How
from domain.watch import Gap, GapCause, Missing, Seen, WatchSpan
from storage.cursors import Cursor
from storage.store import Transaction

#: So many numbers before a break tell how many were to be expected in it.
_BEFORE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A request sent at `at` has shown that everything up to `cursor.newest_id` is stored, and nothing is
    beyond. By `answered_at` all answers had come that it rests on."""

    watched: Watched
    cursor: Cursor
    at: datetime
    answered_at: datetime
    how: How | None = None  #: in which way it was watched since the last proof; None: in the channel's own


async def proved(tx: Transaction, account: str, *proofs: Proof) -> None:
    """Without a break since the last proof the span in between was watched. After one, its posts have been
    read from the history: it counts as backfilled, and the gap remains on record for the edits and deletions
    it may hide. Those may have been made until the history had come, so the gap ends then. The caller takes
    over `watched.proof` once this is committed.
    """
    # A late answer proves nothing new.
    new = [proof for proof in proofs if proof.at >= proof.cursor.checked_at]
    if not new:
        return
    await _mended(tx, account, [proof for proof in new if proof.watched.proof is None])
    spans = [
        span
        for proof in new
        if (since := proof.watched.proof) is not None
        for span in _seen(account, proof.watched, min(since, proof.at), proof.at, proof.how)
    ]
    await tx.watch.extend_many(spans)
    await tx.posts.move_cursor(*(replace(proof.cursor, checked_at=proof.at) for proof in new))
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
    spans: list[WatchSpan] = []
    moved: list[Cursor] = []
    for watched, cursor, at in steps:
        if watched is None or watched.proof is None or not watched.is_open or at <= cursor.checked_at:
            moved.append(cursor)
            continue
        spans += _seen(account, watched, min(watched.proof, cursor.checked_at), at)
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


async def _mended(tx: Transaction, account: str, proofs: Sequence[Proof]) -> None:
    """These channels had a break, and have none any more."""
    if not proofs:
        return
    # It may not have been possible to write the gap when it began.
    await _began(tx, account, [(proof.watched, proof.cursor) for proof in proofs])
    until = {proof.watched.id: proof.answered_at for proof in proofs}
    open_ = await tx.watch.open_gaps(until)
    ended = [replace(gap, to_at=max(until[gap.channel_id], gap.from_at)) for gap in open_]
    await tx.watch.end_gaps(ended, Missing.EDITS)
    spans: list[WatchSpan] = []
    for proof in proofs:
        since = proof.cursor.checked_at
        known: Sequence[tuple[datetime, datetime]] = [(since, proof.at)]
        if proof.at - since >= LONG:
            known = await _but_deleted(tx, account, proof.watched.id, since, proof.at, before=_BEFORE)
        spans += [
            WatchSpan(channel_id=proof.watched.id, account=account, from_at=a, to_at=b, how=How.BACKFILLED)
            for a, b in known
        ]
    await tx.watch.extend_many(spans)


def _seen(
    account: str, watched: Watched, since: datetime, until: datetime, how: How | None = None
) -> Iterator[WatchSpan]:
    """Without a break. What was posted just after one, before the answer came that ended it, was only read:
    its edits and deletions may have gone unheard.
    """
    heard = max(since, min(until, watched.heard_since or since))
    for from_at, to_at, way in ((since, heard, How.BACKFILLED), (heard, until, how or watched.how_since)):
        if from_at < to_at:
            yield WatchSpan(channel_id=watched.id, account=account, from_at=from_at, to_at=to_at, how=way)


async def _began(tx: Transaction, account: str, channels: Sequence[tuple[Watched, Cursor]]) -> None:
    """The gaps that end now are on record, be they another account's."""
    open_ = {gap.channel_id for gap in await tx.watch.open_gaps(watched.id for watched, _ in channels)}
    unwritten = [(watched, cursor) for watched, cursor in channels if watched.id not in open_]
    await tx.watch.begin_gaps([_gap(account, w, cursor, w.cause) for w, cursor in unwritten])


async def lost(
    tx: Transaction, account: str, channels: Iterable[Watched], cause: GapCause, detail: str = ""
) -> None:
    """From the last proof on, nothing is known of these channels; one that was never watched is left out."""
    of = {watched.id: watched for watched in channels}
    cursors = await tx.posts.cursors(of)
    await tx.watch.begin_gaps([_gap(account, of[c], cursors[c], cause, detail) for c in of if c in cursors])
    if cursors:
        tx.notify("watch")


def _gap(account: str, watched: Watched, cursor: Cursor, cause: GapCause, detail: str = "") -> Gap:
    return Gap(
        channel_id=watched.id,
        account=account,
        from_at=cursor.checked_at,
        to_at=None,
        cause=cause,
        detail=detail,
    )


async def not_pushed(
    tx: Transaction,
    account: str,
    watched: Watched,
    since: datetime,
    until: datetime,
    posts: int,
    why: str = "",
) -> None:
    """Posts of that stretch were read, but not pushed: what was edited or deleted in it may be lost. Without
    posts: Telegram did not tell all of it, and `why`."""
    said = why or ("1 post was not pushed" if posts == 1 else f"{posts} posts were not pushed")
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
    await _began(tx, account, [(watched, cursor)])
    open_ = await tx.watch.open_gaps([watched.id])
    await tx.watch.end_gaps([replace(gap, to_at=max(until, gap.from_at)) for gap in open_], Missing.POSTS)
    moved = replace(cursor, checked_at=until)
    await tx.posts.move_cursor(moved)
    await lost(tx, account, [watched], watched.cause)
    return moved


async def read_back(tx: Transaction, account: str, watched: Watched, since: datetime) -> None:
    """The history has been read back to `since`: what is from there to the first look is known."""
    spans = await tx.watch.spans(watched.id)
    until = min((s.from_at for s in spans if s.how in (How.LIVE, How.POLLED)), default=None)
    if until is not None and since < until:
        await read_between(tx, account, watched, since, until)


async def read_between(
    tx: Transaction, account: str, watched: Watched, since: datetime, until: datetime
) -> None:
    """The history has been read from `since` to `until`: every post there still is, but for what this account
    has on record as a gap, as it could not be understood, and for the pauses in which so much was deleted
    before it was read that nobody can call them one.
    """
    for a, b in await _but_deleted(tx, account, watched.id, since, until):
        await tx.watch.extend(
            WatchSpan(channel_id=watched.id, account=account, from_at=a, to_at=b, how=How.BACKFILLED)
        )
    tx.notify("watch")


async def _but_deleted(
    tx: Transaction, account: str, channel_id: int, since: datetime, until: datetime, *, before: int = 0
) -> Sequence[tuple[datetime, datetime]]:
    """What is known of a stretch whose history has been read. What is not is put on record. How many numbers
    are to be expected is told by so many `before` it as well.
    """
    gaps = [g for g in await tx.watch.gaps(channel_id) if g.account == account]
    unread = [(g.from_at, g.to_at) for g in gaps if g.missing is Missing.POSTS and g.to_at]
    low, high = await tx.posts.id_range(channel_id, since, until)
    if low is None or high is None:
        return Seen.merged(unread).holes(since, until)
    held = pieces([each async for each in tx.posts.numbers(channel_id, max(1, low - before), high)])
    for last, first in unseen(held):
        a, b = max(last.last_at, since), min(first.first_at, until)
        if a < b and (a, b) not in unread:
            unread.append((a, b))
            await tx.watch.add_gap(
                Gap(
                    channel_id=channel_id,
                    account=account,
                    from_at=a,
                    to_at=b,
                    cause=GapCause.UNKNOWN,
                    detail=_gone(last.high + 1, first.low - 1),
                )
            )
    return Seen.merged(unread).holes(since, until)


def _gone(first: int, last: int) -> str:
    if first == last:
        return f"post {first} was deleted before it could be read"
    return f"posts {first} to {last} were deleted before they could be read"
