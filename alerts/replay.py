"""The same panel over stored posts, in event time: no network, no database, no clock."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.config import AlertsConfig
from alerts.panel import Panel
from domain.channel import Channel, ChannelStatus
from domain.episode import Transition
from domain.finding import Kind
from domain.post import How
from domain.reading import Reading
from domain.watch import WatchSpan

_STEP = timedelta(days=1)


def replay(
    channels: Iterable[Channel],
    readings: Iterable[Reading],
    rules: AlertsConfig,
    *,
    spans: Iterable[WatchSpan] | None = None,
    is_own: bool = True,
    panel: Panel | None = None,
    topics: Collection[str] | None = None,
    names: Mapping[str, str] | None = None,
) -> Iterator[Transition]:
    """Every step of every episode, in order, to the end of the record: what is open then stays open.

    `spans` says when one could see; without it, a channel counts as watched from its first post to its last.
    Where they are no record of our own watch (`is_own`), that they end is no blindness that is told.
    `topics` and `names` are as for a panel. Pass an empty `panel` of your own to look into it afterwards.
    """
    posts = sorted(readings, key=lambda r: (r.posted_at, r.channel_id, r.post_id))
    if not posts:
        return
    watched = sorted(
        whole(posts) if spans is None else spans, key=lambda s: (s.from_at, s.to_at, s.channel_id)
    )
    # Whatever has become of a channel since: in its record it was there.
    panel = panel or Panel(
        [replace(c, status=ChannelStatus.OPEN) for c in channels], rules, topics=topics, names=names
    )
    start = min([posts[0].posted_at, *(s.from_at for s in watched[:1])])
    end = max(posts[-1].posted_at, max((s.to_at for s in watched), default=start))
    n_posts = n_spans = 0
    going: list[WatchSpan] = []
    is_own = is_own and spans is not None
    # With its own record, each end of a span is met as it would have been live: not knowing when it goes on.
    for now in _instants(start, end, watched if is_own else [], rules.blind.after):
        while n_spans < len(watched) and watched[n_spans].from_at <= now:
            going.append(watched[n_spans])
            n_spans += 1
        for span in going:
            panel.watched(span.channel_id, span.from_at, min(span.to_at, now))
        going = [span for span in going if span.to_at > now]
        while n_posts < len(posts) and posts[n_posts].posted_at <= now:
            panel.post(posts[n_posts])
            n_posts += 1
        decided = panel.advance(now)
        # Without a record of the watch, that a file ends is no blindness of ours.
        yield from (t for t in decided if is_own or t.episode.kind is not Kind.BLIND)


def whole(posts: Sequence[Reading]) -> list[WatchSpan]:
    """Each channel as watched from its first post to its last."""
    ends: dict[int, tuple[datetime, datetime]] = {}
    for post in posts:
        first, _ = ends.get(post.channel_id, (post.posted_at, post.posted_at))
        ends[post.channel_id] = (first, post.posted_at)
    return [
        WatchSpan(channel_id=number, account="files", from_at=first, to_at=last, how=How.IMPORTED)
        for number, (first, last) in ends.items()
    ]


def _instants(
    start: datetime, end: datetime, spans: Sequence[WatchSpan], blind_after: timedelta
) -> Iterator[datetime]:
    """When to look: once a day, and when a span that has ended would have begun to be missed."""
    ends = sorted({span.to_at + blind_after for span in spans})
    n, now = 0, start
    while now < end:
        step = min(now + _STEP, end)
        while n < len(ends) and ends[n] <= now:
            n += 1
        now = min(step, ends[n]) if n < len(ends) else step
        yield now
    if start == end:
        yield end
