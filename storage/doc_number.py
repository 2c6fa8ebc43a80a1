"""The number of a document: the second in which its post was posted, and the post's place in the archive."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: The low bits of a document's number hold the post's place in the archive, those above the second.
SEQ_BITS = 30
_LAST_SECOND = (1 << 33) - 1


def second_of(at: datetime) -> int:
    """Seconds since 1970, within what a document's number can hold (the year 2242)."""
    return min(max((at - _EPOCH) // timedelta(seconds=1), 0), _LAST_SECOND)


def doc_number(posted_at: datetime, seq: int) -> int:
    """The number of a post's document: rises with the time of posting, and names the post."""
    if seq >> SEQ_BITS:
        raise OverflowError(f"the index holds {1 << SEQ_BITS:,} posts at most; this is number {seq:,}")
    return second_of(posted_at) << SEQ_BITS | seq


def posted_at(doc: int) -> datetime:
    """The second in which a document's post was posted."""
    return _EPOCH + timedelta(seconds=doc >> SEQ_BITS)
