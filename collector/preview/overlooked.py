"""Messages of the preview that cannot be read: when they were posted is a gap, and no time without a post."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from collector.preview.page import Feed
from collector.watched import Watched
from domain.watch import Gap, GapCause, Missing
from storage.store import Transaction


def fresh(pages: Iterable[Feed], newest_id: int) -> Sequence[int]:
    """Those after number `newest_id`, and those of which not even the number can be read."""
    return sorted({number for page in pages for number in page.unread if not 0 < number <= newest_id})


def before(page: Feed, number: int) -> Feed:
    """What of a page is older than that post."""
    return replace(
        page,
        posts=tuple(post for post in page.posts if post.id < number),
        unread=tuple(each for each in page.unread if each < number),
    )


def said(numbers: Sequence[int]) -> str:
    """What was missed, for people."""
    known = [str(number) for number in numbers if number]
    which = f" ({', '.join(known[:10])})" if known else ""
    n = len(numbers)
    return f"{n} {'message' if n == 1 else 'messages'} of the public preview could not be read{which}"


async def overlooked(tx: Transaction, account: str, watched: Watched, page: Feed, until: datetime) -> None:
    """Of a page of history: somewhere between its neighbours each was posted. `until`: what follows on the
    page was posted then.
    """
    for number, a, b in _between(page, until):
        gap = Gap(
            channel_id=watched.id,
            account=account,
            from_at=a,
            to_at=b,
            cause=GapCause.UNKNOWN,
            missing=Missing.POSTS,
            detail=said([number]),
        )
        await tx.watch.add_gap(gap)


def _between(page: Feed, until: datetime) -> Iterator[tuple[int, datetime, datetime]]:
    for number in page.unread:
        older = [post.posted_at for post in page.posts if post.id < number or not number]
        newer = [post.posted_at for post in page.posts if number and post.id > number]
        since = min(older, default=None) if not number else max(older, default=None)
        # The oldest of a page is shown on the next one as well, where it has a neighbour.
        if since is not None:
            yield number, since, min(newer, default=until)
