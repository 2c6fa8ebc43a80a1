"""Whether a backup was missed: the one rule of all who speak of it."""

from datetime import datetime, timedelta

#: A backup that is by so much of its interval late was not made.
_LATE = 2
#: The first is begun within minutes; of a large archive it takes hours. Nobody has to wait a month to hear
#: that it fails.
_FIRST = timedelta(days=1)


def is_missed(every: timedelta, now: datetime, *, made: datetime | None, asked: datetime | None) -> bool:
    """Of those asked for `every` so often since `asked`; None: whoever makes them was never asked."""
    if made is not None:
        return now - made > _LATE * every
    return asked is None or now - asked > min(_LATE * every, _FIRST)
