"""Signs of when a post was posted, for PostgreSQL: its index of words knows no order, and without them a page
of the newest would be found by reading every post that has the word, or every post of the time.
"""

from storage.doc_number import SEQ_BITS

#: Stretches of time, as powers of two of a second: a day and a half, twelve days, three months.
_STRETCHES = (17, 20, 23)
#: So many signs at most stand for a time; more cost the index more than they spare.
_MOST = 10


def whens(doc: int) -> list[str]:
    """The signs of a document."""
    return [_sign(stretch, doc >> SEQ_BITS >> stretch) for stretch in _STRETCHES]


def whens_within(first: int, last: int) -> list[str]:
    """Signs one of which every document from `first` to `last` has; none: the time is too long for that."""
    for stretch in _STRETCHES:
        begin, end = (doc >> SEQ_BITS >> stretch for doc in (first, last))
        if end - begin < _MOST:
            return [_sign(stretch, n) for n in range(begin, end + 1)]
    return []


def _sign(stretch: int, n: int) -> str:
    return f"=t{stretch}.{n}"
