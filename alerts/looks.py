"""A record of looks at a channel: what could be seen is what lies between two looks that meet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.instant import refuse_naive
from domain.post import How
from domain.watch import WatchSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a channel: whether it succeeded, and the lowest and highest post number in sight."""

    channel_id: int
    at: datetime
    ok: bool
    min_id: int | None = None
    max_id: int | None = None

    def __post_init__(self) -> None:
        refuse_naive(self, "at")


def spans_of(looks: Iterable[Look]) -> Iterator[WatchSpan]:
    """What could be seen, by looks in order of time.

    Between two good looks everything was seen if the later one reaches back to the newest post of the earlier
    one. A failed look ends nothing by itself: the next good one may still reach back over it.
    """
    last: dict[int, Look] = {}
    for look in looks:
        if not look.ok or look.min_id is None or look.max_id is None:
            continue
        before = last.get(look.channel_id)
        last[look.channel_id] = look
        meets = before is not None and before.max_id is not None and look.min_id <= before.max_id + 1
        yield WatchSpan(
            channel_id=look.channel_id,
            account="looks",
            from_at=before.at if before is not None and meets else look.at,
            to_at=look.at,
            how=How.POLLED,
        )
