"""The record of when one could see: looks of a scraper at a channel, as JSON lines.

t, state ("ok": the channel could be read), n (posts seen), min_id, max_id.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from collector.importers.errors import UnknownFormat, Unusable
from collector.importers.lines import json_lines
from collector.importers.record import Bad
from collector.importers.stream import Source, in_utf8
from collector.importers.values import count, instant, shown
from domain.post import How
from domain.watch import Look, WatchSpan


def read_looks(path: Path) -> Iterator[Look | Bad]:
    """The looks of a file, packed or not, in its order.

    Raises Unreadable, and UnknownFormat at the end of a file that held none.
    """
    n = 0
    source = Source(path)
    with closing(source):
        for _, stream in source.members():
            for each in json_lines(in_utf8(stream)):
                if isinstance(each, Bad):
                    yield each
                    continue
                place, document = each
                try:
                    state = document.get("state")
                    if not isinstance(state, str):
                        raise Unusable(f"it has no state: {shown(document)}")
                    look = Look(
                        at=instant(document.get("t"), None, "t"),
                        ok=state == "ok",
                        state=state,
                        n=count(document.get("n")) or 0,
                        oldest_id=count(document.get("min_id")),
                        newest_id=count(document.get("max_id")),
                    )
                except Unusable as reason:
                    yield Bad(place=place, reason=str(reason))
                    continue
                n += 1
                yield look
        if source.broken:
            yield Bad(place="the end of the file", reason=source.broken)
    if not n:
        raise UnknownFormat(
            f"{path} holds no record of looks",
            hint='each line is one: {"t": "2026-05-11T14:31:04Z", "state": "ok", ...}',
        )


def spans_of_looks(
    looks: Iterable[Look], channel_id: int, posted_at: Callable[[int], datetime | None]
) -> list[WatchSpan]:
    """What was seen by these looks: each shows a page of posts, and pages that meet leave no hole.

    `posted_at` tells when the post of an id was posted, as far as known: from its oldest post on a page
    shows everything.
    """
    spans: list[WatchSpan] = []
    before: Look | None = None
    for look in sorted((each for each in looks if each.ok), key=lambda each: each.at):
        joins = (
            before is not None
            and before.newest_id is not None
            and look.oldest_id is not None
            and look.oldest_id <= before.newest_id + 1
        )
        start = posted_at(look.oldest_id) if look.oldest_id is not None else None
        if joins and spans:
            start = spans[-1].from_at
            spans.pop()
        start = min(start or look.at, look.at)
        spans.append(
            WatchSpan(channel_id=channel_id, account="looks", from_at=start, to_at=look.at, how=How.POLLED)
        )
        before = look
    return spans
