"""How things stand: what is quiet, what is watched and until when, what we cannot see and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.markup import Html, bold, foreign, joined, link, paragraphs
from bot.naming import Names
from bot.say import Say
from bot.saying import say_at, say_at_briefly, say_country, say_sentence, say_span
from bot.texts import asking, common
from domain.channel import Channel, ChannelStatus
from domain.episode import Episode, State
from domain.finding import Kind
from domain.watch import Gap, Seen, WatchSpan
from storage.store import Store

_MOST = 20  #: lines under one heading
_BEHIND = timedelta(minutes=20)
#: What was watched until longer ago than this is not watched now.
_LATELY = timedelta(hours=2)
#: Of a watch without a gap that is younger than this is said so, channel by channel.
_FRESH = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A picture of one instant, from the archive alone."""

    now: datetime
    channels: Sequence[Channel]
    episodes: Sequence[Episode]  #: open ones
    seen_until: Mapping[int, datetime]
    seen_since: Mapping[int, datetime] = field(default_factory=dict)  #: without a gap up to then
    gaps: Sequence[Gap] = ()  #: those that last


async def read_standing(store: Store, now: datetime) -> Standing:
    """As the archive knows it at `now`."""
    async with store.read() as tx:
        spans: dict[int, list[WatchSpan]] = defaultdict(list)
        for span in await tx.watch.since(now - _LATELY):
            spans[span.channel_id].append(span)
        return Standing(
            now=now,
            channels=await tx.channels.all(),
            episodes=[e for e in await tx.episodes.unfinished() if e.state is State.OPEN],
            seen_until=await tx.watch.until(),
            seen_since={i: Seen.merged(them).stretches[-1][0] for i, them in spans.items()},
            gaps=await tx.watch.open_gaps(),
        )


def say_standing(standing: Standing, zone: ZoneInfo, say: Say, names: Names | None = None) -> Html:
    """In words, for one reader."""
    return paragraphs(
        [
            [bold(say(asking.STATUS_AT, at=say_at(standing.now, zone, say)))],
            _quiet(standing, zone, say, names or Names()),
            _blind(standing, zone, say),
            _watched(standing, zone, say),
        ]
    )


def _quiet(standing: Standing, zone: ZoneInfo, say: Say, names: Names) -> list[Html]:
    quiet = [e for e in standing.episodes if e.kind is not Kind.BLIND]
    lines = [say_episode(e, standing, zone, say, names) for e in quiet]
    return [bold(say(asking.QUIET_NOW)), *(_bulleted(lines, say) or [say(asking.ALL_AS_USUAL)])]


def say_episode(episode: Episode, standing: Standing, zone: ZoneInfo, say: Say, names: Names) -> Html:
    """One that is open, on a line."""
    values = {
        "who": _who(episode, standing, say),
        "span": say_span(standing.now - episode.begun_at, say),
        "since": say_at_briefly(episode.begun_at, zone, standing.now, say),
    }
    if episode.kind is not Kind.SILENCE:
        return say(asking.STATUS_OTHER, kind=say(common.KINDS[episode.kind.value]), **values)
    if episode.subject.topic:
        return say(asking.STATUS_SILENT_TOPIC, topic=foreign(episode.subject.topic, 60), **values)
    if claimant := episode.subject.claimant:
        name = foreign(names.of("actor", claimant, say), 60)
        return say(asking.STATUS_SILENT_CLAIMANT, claimant=name, **values)
    return say(asking.STATUS_SILENT, **values)


def _who(episode: Episode, standing: Standing, say: Say) -> Html:
    if episode.subject.channel_id is not None:
        known = {c.id: c for c in standing.channels}.get(episode.subject.channel_id)
        return _name(known) if known else say(common.NO_LONGER_THERE, id=episode.subject.channel_id)
    if episode.subject.group:
        return say(common.GROUP_NAMED, group=foreign(episode.subject.group, 60))
    if episode.subject.country:
        return say(common.COUNTRY_NAMED, country=say_country(episode.subject.country, say))
    return say(common.EVERYTHING)


def _blind(standing: Standing, zone: ZoneInfo, say: Say) -> list[Html]:
    lines = []
    for episode in standing.episodes:
        if episode.kind is Kind.BLIND:
            since = say_at_briefly(episode.since_at, zone, standing.now, say)
            cause = say(common.CAUSES[episode.verdict.cause.value])
            if episode.subject.channel_id is not None:
                who = _who(episode, standing, say)
                lines.append(say(asking.NOT_READABLE, who=who, status=cause))
            else:
                lines.append(say(asking.BLIND_SINCE, since=since, cause=cause))
            lines += [say_sentence(e, zone, say, 200) for e in episode.verdict.evidence[:2]]
    hidden = {i for e in standing.episodes if e.kind is Kind.BLIND for i in e.members}
    known = {c.id: c for c in standing.channels if c.status is ChannelStatus.OPEN}
    for gap in standing.gaps:
        if gap.channel_id in known and gap.channel_id not in hidden:
            hidden.add(gap.channel_id)
            since = say_at_briefly(gap.from_at, zone, standing.now, say)
            cause = say(asking.GAPS[gap.cause.value])
            lines.append(say(asking.GAP_OF, who=_name(known[gap.channel_id]), since=since, cause=cause))
    for channel in standing.channels:
        if channel.status is not ChannelStatus.OPEN and not channel.status.is_unwatched:
            status = say(common.STATUSES[channel.status.value])
            lines.append(say(asking.NOT_READABLE, who=_name(channel), status=status))
    return [bold(say(asking.BLIND_NOW)), *_bulleted(lines, say)] if lines else []


def _watched(standing: Standing, zone: ZoneInfo, say: Say) -> list[Html]:
    watched = [c for c in standing.channels if c.status is ChannelStatus.OPEN]
    seen = {c.id: at for c in watched if (at := standing.seen_until.get(c.id)) is not None}
    newest = max(seen.values(), default=None)
    if newest is None:
        return [bold(say(asking.WATCHED)), say(asking.WATCHED_NONE)]
    current = {i: at for i, at in seen.items() if newest - at <= _BEHIND}
    until = say_at_briefly(min(current.values()), zone, standing.now, say)
    lines = []
    for channel in watched:
        if channel.id not in seen:
            lines.append(say(asking.NEVER_SEEN, who=_name(channel)))
        elif channel.id not in current:
            behind = say_at_briefly(seen[channel.id], zone, standing.now, say)
            lines.append(say(asking.BEHIND, who=_name(channel), at=behind))
    summary = say(asking.WATCHED_UNTIL, n=len(current), all=len(watched), at=until)
    return [bold(say(asking.WATCHED)), summary, *_since(standing, current, zone, say), *_bulleted(lines, say)]


def _since(standing: Standing, current: Mapping[int, datetime], zone: ZoneInfo, say: Say) -> list[Html]:
    """Since when without a gap; those of which it is not a day are named."""
    starts = {i: standing.seen_since[i] for i in current if i in standing.seen_since}
    if not starts:
        return []
    fresh = {i: at for i, at in starts.items() if standing.now - at < _FRESH}
    if len(fresh) == len(starts):
        return [say(asking.WATCHED_SINCE, since=say_at(max(starts.values()), zone, say, standing.now))]
    since = max(at for i, at in starts.items() if i not in fresh)
    names = {c.id: c for c in standing.channels}
    lines = [
        say(asking.ONLY_SINCE, who=_name(names[i]), since=say_at_briefly(at, zone, standing.now, say))
        for i, at in sorted(fresh.items(), key=lambda item: item[1], reverse=True)
    ]
    return [say(asking.WATCHED_SINCE, since=say_at(since, zone, say, standing.now)), *_bulleted(lines, say)]


def _bulleted(lines: Sequence[Html], say: Say) -> list[Html]:
    out = [say.bullet(line) for line in lines[:_MOST]]
    if len(lines) > _MOST:
        out.append(say(common.AND_MORE, n=len(lines) - _MOST))
    return out


def _name(channel: Channel) -> Html:
    title = foreign(channel.title or channel.name, 60)
    return link(title, f"https://t.me/{channel.handle}") if channel.handle else joined([title])
