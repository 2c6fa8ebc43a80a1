"""Looks for channels that take over: announced by one that moves, or linked by one that is quiet or gone and
busy meanwhile. What is found is a guess with what speaks for it; nothing is watched because of it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from collector.archive import Archive
from collector.candidates import Named, announces, named
from collector.errors import Trouble
from collector.preview.door import Closed, Door
from collector.preview.page import Feed
from collector.tasks import pause
from domain.candidate import Candidate, CandidateState
from domain.channel import Channel, ChannelChange, ChannelEvent, ChannelStatus
from domain.clock import Clock
from domain.episode import State
from domain.finding import Kind
from domain.post import How, Post, PostKind
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: The mark that says up to which post announcements have been looked for, and those of what was scouted.
SCOUT, SCOUTED = "scout", "scouted."
#: So many of its last posts are read for whom it speaks of, and so many of those are looked at.
_POSTS, _LOOKED_AT = 200, 5
_BATCH = 1000
#: Older announcements are no news.
_FRESH = timedelta(days=2)
#: A channel that stays quiet is scouted again after so long: who takes over may take his time.
_AGAIN = timedelta(hours=6)

#: Who has a number that a post was forwarded from: asked with the channel, the post and the number.
Whose = Callable[[int, int, int], Awaitable[str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A channel that has nothing to say, or no longer to us."""

    channel: Channel
    since: datetime


class Scouting:
    """The loop over all channels. Candidates are looked at by their public preview."""

    def __init__(self, store: Store, door: Door, clock: Clock, every: timedelta, whose: Whose) -> None:
        self._archive = Archive(store, tells=False)
        self._door = door
        self._clock = clock
        self._every = every
        self._whose = whose

    async def run(self) -> None:
        while True:
            await self._announced()
            for quiet in await self._archive.read(self._quiet):
                await self._scout(quiet)
            await pause(self._clock, self._every)

    # -- announced

    async def _announced(self) -> None:
        """Posts since the last look that speak of another channel of their own."""
        mark = await self._archive.read(lambda tx: tx.marks.get(SCOUT))
        now = self._clock.now()
        if not mark:
            last = await self._archive.read(lambda tx: tx.posts.last_seq())
            await self._archive.write(lambda tx: tx.marks.set(SCOUT, {"seq": last}, now))
            return
        seq = mark["seq"]
        while found := await self._archive.read(lambda tx, seq=seq: tx.posts.after(seq, _BATCH)):  # type: ignore[misc]
            seq = found[-1][0]
            for _, post in found:
                if post.kind is PostKind.POST and now - post.posted_at < _FRESH and announces(post.text):
                    await self._announcement(post)
        if seq != mark["seq"]:
            await self._archive.write(lambda tx: tx.marks.set(SCOUT, {"seq": seq}, now))

    async def _announcement(self, post: Post) -> None:
        channel, own = await self._archive.read(lambda tx: _itself(tx, post.channel_id))
        if channel is None:
            return
        for each in named([post], own)[:_LOOKED_AT]:
            if each.handle is None or each.announced_in is None:
                continue
            try:
                feed = await self._door.feed(each.handle, how=How.POLLED, afresh=True, background=True)
            except Trouble as error:
                log.info("a candidate could not be looked at", handle=each.handle, error=str(error))
                feed = None
            if isinstance(feed, Closed):
                continue  # no channel, or none that shows anything
            found = feed if isinstance(feed, Feed) else None
            await self._keep(channel, each, found, _reasons(each, found, post.posted_at, 1))

    # -- quiet

    async def _quiet(self, tx: Transaction) -> Sequence[Quiet]:
        """Channels that are silent by themselves, silent with their group, or gone; due to be looked at."""
        since: dict[int, datetime] = {}
        for episode in await tx.episodes.unfinished():
            subject = episode.subject
            if episode.state is not State.OPEN or subject.topic or subject.claimant:
                continue
            if episode.kind is Kind.SILENCE or (episode.kind is Kind.CHANNEL and subject.channel_id):
                for number in (subject.channel_id,) if subject.channel_id else episode.members:
                    since[number] = min(episode.since_at, since.get(number, episode.since_at))
        now, out = self._clock.now(), []
        for number, at in since.items():
            mark = await tx.marks.get(f"{SCOUTED}{number}")
            is_known = bool(mark) and mark["since"] == at.isoformat()
            if is_known and now - datetime.fromisoformat(mark["at"]) < min(_AGAIN, self._every * 24):
                continue
            channel = await tx.channels.get(number)
            if channel is not None and not channel.status.is_unwatched:
                out.append(Quiet(channel=channel, since=at))
        return out

    async def _scout(self, quiet: Quiet) -> None:
        channel, now = quiet.channel, self._clock.now()

        async def spoken(tx: Transaction) -> tuple[Sequence[Post], list[str], Mapping[int, str]]:
            posts = await tx.posts.newest(channel.id, _POSTS)
            _, own = await _itself(tx, channel.id)
            return posts, own, {c.id: c.handle for c in await tx.channels.all() if c.handle}

        posts, own, handles = await self._archive.read(spoken)
        description = await self._description(channel)
        for each in named(posts, own, handles, description=description)[:_LOOKED_AT]:
            handle = each.handle
            if handle is None and each.number is not None and each.forwards:
                handle = each.handle = await self._whose(channel.id, each.forwards[0].id, each.number)
            if handle is None or handle.lower() in {name.lower() for name in own}:
                continue
            try:
                feed = await self._door.feed(handle, how=How.POLLED, afresh=True, background=True)
            except Trouble as error:
                log.info("a candidate could not be looked at", handle=handle, error=str(error))
                return  # next time: the others would not be seen either
            if not isinstance(feed, Feed) or feed.channel_id == channel.id:
                continue
            if any(p.kind is PostKind.POST and p.posted_at > quiet.since for p in feed.posts):
                await self._keep(channel, each, feed, _reasons(each, feed, quiet.since, len(posts)))
        mark = {"since": quiet.since.isoformat(), "at": now.isoformat()}
        await self._archive.write(lambda tx: tx.marks.set(f"{SCOUTED}{channel.id}", mark, now))

    async def _description(self, channel: Channel) -> str:
        """What the channel says of itself, with the links behind the words; empty when it cannot be seen."""
        if channel.handle is None or channel.status is not ChannelStatus.OPEN:
            return ""
        try:
            feed = await self._door.feed(channel.handle, how=How.POLLED, afresh=True, background=True)
        except Trouble as error:
            log.info("a description could not be looked at", channel=channel.name, error=str(error))
            return ""
        if not isinstance(feed, Feed) or feed.channel_id != channel.id:
            return ""
        return " ".join([feed.about, *feed.links])

    async def _keep(self, channel: Channel, each: Named, feed: Feed | None, reasons: Sequence[str]) -> None:
        """Kept as a candidate; told when it is new."""
        handle, now = each.handle or "", self._clock.now()
        number = feed.channel_id if feed is not None else each.number

        async def deed(tx: Transaction) -> bool:
            known = await tx.channels.get(number) if number else await tx.channels.by_handle(handle)
            is_watched = known is not None and known.status is ChannelStatus.OPEN
            evidence = [*reasons, *(["It is watched already."] if is_watched else [])]
            stored, is_new = await tx.candidates.put(
                Candidate(
                    id=0,
                    channel_id=channel.id,
                    handle=handle,
                    title=feed.title if feed is not None else each.title,
                    number=number,
                    found_at=now,
                    evidence=tuple(evidence),
                    state=CandidateState.WATCHED if is_watched else CandidateState.FOUND,
                )
            )
            if is_new:
                event = ChannelEvent(
                    channel_id=channel.id,
                    at=now,
                    change=ChannelChange.CANDIDATE,
                    status=channel.status,
                    after=f"@{handle}",
                    evidence="\n".join(stored.evidence),
                )
                await tx.channels.befell(event)
                tx.notify("channels")
            return is_new

        if await self._archive.write(deed):
            log.warning("another channel may be taking over", channel=channel.name, candidate=f"@{handle}")


def _reasons(each: Named, feed: Feed | None, since: datetime, n_posts: int) -> list[str]:
    """What speaks for it, in sentences a person can check."""
    out = []
    if each.announced_in is not None:
        words = " ".join(each.announced_in.text.split())
        quoted = words if len(words) <= 120 else words[:119] + "…"
        out.append(f"Post {each.announced_in.id} of {_at(each.announced_in.posted_at)} names it: “{quoted}”")
    if each.is_described:
        out.append("Its description names it.")
    if each.mentions and (each.announced_in is None or len(each.mentions) > 1):
        last = max(each.mentions, key=lambda p: p.posted_at)
        out.append(
            f"Named in {len(each.mentions)} of the last {n_posts} posts, last in post {last.id} of "
            f"{_at(last.posted_at)}."
        )
    if each.forwards:
        out.append(f"{len(each.forwards)} of the last {n_posts} posts were forwarded from it.")
    if feed is None:
        return [*out, "Its public preview could not be looked at."]
    posts = [p for p in feed.posts if p.kind is PostKind.POST]
    after = [p for p in posts if p.posted_at > since]
    if after:
        span = after[-1].posted_at - since
        before = [p for p in posts if since - span <= p.posted_at <= since]
        more = "at least " if len(after) == len(posts) and feed.older is not None else ""
        out.append(
            f"“{feed.title}” has posted {more}{len(after)} times since {_at(since)}"
            + (f", and {len(before)} times in as long before." if not more else ".")
        )
    elif posts:
        out.append(f"“{feed.title}” posted last on {_at(posts[-1].posted_at)}.")
    if feed.members is not None:
        about = "" if feed.is_exact else "about "
        out.append(f"It has {about}{feed.members:,} members.")
    return out


async def _itself(tx: Transaction, channel_id: int) -> tuple[Channel | None, list[str]]:
    """The channel, and every handle it went by."""
    channel = await tx.channels.get(channel_id)
    names = [handle.name for handle in await tx.channels.handles(channel_id)]
    return channel, [*names, *([channel.handle] if channel and channel.handle else [])]


def _at(instant: datetime) -> str:
    return f"{instant:%d %b %H:%M} UTC"
