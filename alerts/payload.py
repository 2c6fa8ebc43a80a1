"""What goes with an alert: its chart and its links, as plain data for whoever draws and writes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from alerts.hours import instant
from alerts.panel import Panel
from alerts.series import chart_series, sum_series
from alerts.strand import strand_of
from alerts.tracks import Track
from domain.channel import ChannelEvent
from domain.episode import Episode
from domain.finding import Kind
from domain.post import Post
from domain.series import Expected

SHOWN = timedelta(days=7)
#: However long it lasted, a chart shows at most so much, and always so much before it began.
MOST, BEFORE = timedelta(days=21), timedelta(days=3)
EXCERPT = 300


def payload(
    panel: Panel,
    episode: Episode,
    at: datetime,
    *,
    newest: Mapping[int, Post],
    last_posts: Sequence[Post] = (),
    event: ChannelEvent | None = None,
    candidate: int | None = None,
) -> dict[str, Any]:
    """The data of an alert about `episode` said at `at`; `newest` has the newest post of each channel.

    `candidate` is the number of one that may be taken into the watch.
    """
    subject = episode.subject
    strand = strand_of(subject)
    end = max(at, episode.closed_at or at)
    start = max(min(end - SHOWN, episode.since_at - BEFORE), end - MOST)
    out: dict[str, Any] = {
        "title": "Deadair",
        "zone": "UTC",
        "topic": subject.topic,
        "claimant": None if strand is None or subject.claimant is None else panel.name(strand),
        "start": start.isoformat(),
        "end": end.isoformat(),
    }
    members = [track for number in episode.members if (track := panel.track(number)) is not None]
    points: list[Expected] = []
    if subject.channel_id is not None and (track := panel.track(subject.channel_id)) is not None:
        out |= {"title": track.channel.title, "zone": track.channel.zone, "channel": _channel(track, newest)}
        points = chart_series(track, strand, start, end)
    elif members:
        out["title"] = (
            subject.group or subject.country or ("Deadair" if episode.kind is Kind.BLIND else "all channels")
        )
        out["zone"] = members[0].channel.zone
        out["members"] = [_channel(track, newest) for track in members]
        points = sum_series(members, start, end, strand)
    out["points"] = [
        {
            "start": p.start.isoformat(),
            "observed": p.observed,
            "expected": p.expected,
            "lower": p.lower,
            "upper": p.upper,
        }
        for p in points
    ]
    out["last_posts"] = [
        {"id": post.id, "posted_at": post.posted_at.isoformat(), "text": post.text[:EXCERPT]}
        for post in last_posts
    ]
    if event is not None:
        out |= {
            "change": event.change.value,
            "status": event.status.value,
            "before": event.before,
            "after": event.after,
        }
    if candidate is not None:
        out["candidate"] = candidate
    return out


def _channel(track: Track, newest: Mapping[int, Post]) -> dict[str, Any]:
    post = newest.get(track.channel.id)
    last = track.rhythm.last
    last_at = post.posted_at if post else (instant(last) if last > float("-inf") else None)
    return {
        "id": track.channel.id,
        "title": track.channel.title,
        "handle": track.channel.handle,
        "last_post_at": last_at.isoformat() if last_at else None,
        "last_post_id": post.id if post else None,
    }
