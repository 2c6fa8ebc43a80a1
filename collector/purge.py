"""Posts deleted in bulk, told from those that any channel takes back now and then. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.post import Deletion

#: Fewer posts than this are no purge.
LEAST = 10
#: Nor less than so many times what the channel deletes on a usual day.
_TIMES = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """One stretch of deletions that is over."""

    first_at: datetime  #: when the first was found missing
    last_at: datetime
    ids: tuple[int, ...]
    usual: float  #: how many the channel deletes on a usual day


def purges(
    deletions: Sequence[Deletion], *, after: datetime, now: datetime, settled: timedelta
) -> tuple[list[Purge], datetime]:
    """The purges among the deletions of one channel, in the order in which they were found missing; and up
    to when everything has been decided.

    Deletions belong together that come within `settled` of each other, and are looked at once nothing has
    followed for so long: the whole number is news, and not its beginning. What was found before `after` says
    what is usual.
    """
    bursts: list[list[Deletion]] = []
    for each in deletions:
        if bursts and each.first_missed_at - bursts[-1][-1].first_missed_at <= settled:
            bursts[-1].append(each)
        else:
            bursts.append([each])
    found: list[Purge] = []
    until, before = after, 0
    since = deletions[0].first_missed_at if deletions else now
    for burst in bursts:
        first, last = burst[0].first_missed_at, burst[-1].first_missed_at
        if now - last <= settled:
            break
        days = max((first - since) / timedelta(days=1), 1.0)
        usual = before / days
        if first > after and len(burst) >= max(LEAST, _TIMES * usual):
            ids = tuple(sorted(d.post_id for d in burst))
            found.append(Purge(first_at=first, last_at=last, ids=ids, usual=usual))
        else:
            before += len(burst)
        until = max(until, last)
    return found, until
