"""Stretches of the past to be judged again: from files or the archive, read as they would be read live."""

import asyncio
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from deadair.config import Config, Setup
from domain.channel import Channel, ChannelStatus, Handle
from domain.episode import Episode
from domain.errors import DeadairError
from domain.opinion import Opinion
from domain.post import How, Post, PostKind
from domain.reading import Reading
from domain.watch import WatchSpan
from storage.store import Transaction

if TYPE_CHECKING:
    from claims.scope import Entries, Scope

#: No more of what was told is looked at; it is years of it.
MOST_EPISODES = 10_000
#: With a larger part of its posts not read yet, a channel was not followed live.
FEW_UNREAD = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Channels, their posts as they were understood, and when one could have seen them."""

    channels: tuple[Channel, ...]
    readings: tuple[Reading, ...]  #: in the order of posting
    spans: tuple[WatchSpan, ...] = ()
    is_own: bool = True  #: it is our own watch's; False: what files hold all posts of
    is_partly_read: bool = False  #: only for the operator's own topics
    told: tuple[Episode, ...] = ()  #: what was told meanwhile
    opinions: tuple[tuple[Episode, Opinion], ...] = ()  #: what people made of that
    budgets: Mapping[str, float] = field(default_factory=dict)  #: what was set by the bot's /thresholds

    def of(self, channel: Channel) -> "History":
        """One channel of it."""
        return History(
            channels=(channel,),
            readings=tuple(r for r in self.readings if r.channel_id == channel.id),
            spans=tuple(s for s in self.spans if s.channel_id == channel.id),
            is_own=self.is_own,
            is_partly_read=self.is_partly_read,
            told=self.told,
            opinions=self.opinions,
            budgets=self.budgets,
        )


def judged_topics(config: Config) -> Collection[str]:
    """The topics whose silence is judged: those of the operator, and those of the lexicon that he names."""
    return {*config.topics, *config.alerts.topics}


def from_files(
    setup: Setup,
    files: Sequence[Path],
    *,
    zone: str | None = None,
    claims: bool = False,
    infers: bool = True,
) -> History:
    """Posts of files. `zone` is where the audience is of channels that the config does not name.

    `claims` reads what the live reader reads: claimants and the lexicon's topics beside the operator's own.
    It takes some twenty times as long. When one could see is inferred from the numbers of the posts, unless
    there is a record of it (`infers`): where more are missing in a row than are ever deleted or parts of
    albums, or a record is bad, nothing is known.
    """
    from collector.importers.record import Bad, Origin
    from collector.importers.stretches import Stretches
    from collector.importers.timeline import posts_in_time_order

    channels: dict[int, Channel] = {}
    bad = 0

    def met(number: int, origin: Origin) -> None:
        title = origin.title or origin.handle or str(number)
        channel = Channel(id=number, title=title, handle=origin.handle)
        channels[number] = _as_configured(setup.config, channel, zone)

    def complain(path: Path, record: Bad) -> None:
        nonlocal bad
        bad += 1
        if bad <= 20:
            print(f"{path}: {record.place}: {record.reason}", file=sys.stderr)

    stretches: dict[int, Stretches] = {}
    posts = list(posts_in_time_order(files, met=met, bad=complain, stretches=stretches))
    if bad:
        print(f"{bad} bad record{'s were' if bad > 1 else ' was'} left out", file=sys.stderr)
    known = tuple(channels.values())
    readings = read(setup, posts, [(c, ()) for c in known]) if claims else read_topics(setup.config, posts)
    history = History(channels=known, readings=tuple(readings), is_own=False)
    if not infers:
        return history
    held = {number: list(each.found()) for number, each in stretches.items()}
    return replace(history, spans=tuple(_held(history, held)))


def _held(history: History, held: Mapping[int, Sequence[tuple[datetime, datetime]]]) -> Iterator[WatchSpan]:
    """When one could see each channel. One whose posts were picked out is judged as if there were no others,
    for nobody can tell: that is said.
    """
    from alerts.replay import whole

    for channel in history.channels:
        own = history.of(channel).readings
        if not held.get(channel.id):
            if len(own) > 1:
                print(
                    f"{channel.name}: the numbers of its posts do not follow on each other; "
                    "it is judged as if there were no others",
                    file=sys.stderr,
                )
            yield from whole(own)
        for start, end in held.get(channel.id, ()):
            yield WatchSpan(
                channel_id=channel.id, account="files", from_at=start, to_at=end, how=How.IMPORTED
            )


def say_if_partly_read(history: History) -> None:
    """On stderr, so that it is in nobody's way."""
    if history.is_partly_read:
        print(
            "posts that were not read yet are judged by your own topics only; --claims reads them whole",
            file=sys.stderr,
        )


async def all_channels(setup: Setup) -> Sequence[Channel]:
    """The channels of the archive."""
    from storage.store import open_store

    async with open_store(setup.storage, create=False) as store, store.read() as tx:
        return await tx.channels.all()


async def from_archive(
    setup: Setup,
    name: str | None = None,
    *,
    since: datetime | None = None,
    back: timedelta | None = None,
    zone: str | None = None,
    claims: bool = False,
) -> History:
    """The archive's channels, or one of them, from `since` or from so long before the newest post.

    The few posts that the live reader has not come to are read here as it would. Of a channel that it has
    mostly not read, as after an import, only the operator's own topics are, unless `claims` asks for all.
    Raises DeadairError for a strange name.
    """
    from claims.scope import Scope, looked_for
    from storage.store import open_store

    async with open_store(setup.storage, create=False) as store, store.read() as tx:
        channels = await tx.channels.all() if name is None else [await _named(tx, name)]
        version = await tx.readings.live_version()
        until = await tx.readings.last_seq()
        scope = await Scope.of(tx, version)
        readings: list[Reading] = []
        spans: list[WatchSpan] = []
        unread: list[Post] = []
        for_topics: list[Post] = []
        told: list[tuple[Channel, Sequence[Handle]]] = []
        for channel in channels:
            span = await tx.posts.span(channel.id)
            if span is None:
                continue
            start = since if back is None else span[1] - back
            known: dict[int, Reading] = {}
            if version is not None:
                async for each in tx.readings.since(
                    start or span[0], until_seq=until, channel_id=channel.id, reader_version=version
                ):
                    known[each.post_id] = each if each.read_by is None else _unread(each, scope)
            posts = [p async for p in tx.posts.of(channel.id, since=start)]
            missing = [p for p in posts if p.id not in known]
            if claims or len(missing) <= FEW_UNREAD * len(posts):
                readings += known.values()
                unread += missing
                told.append((channel, await tx.channels.handles(channel.id) if missing else ()))
            else:
                for_topics += [p for p in posts if p.removed_at is None]
                gone = [known[p.id] for p in posts if p.removed_at is not None and p.id in known]
                readings += _not_read_for(setup.config, gone, await looked_for(tx, version))
            spans += await tx.watch.spans(channel.id, start)
        opinions = await tx.opinions.standing()
        episodes = await tx.episodes.newest(MOST_EPISODES)
        budgets = await tx.changes.budgets()
    if unread:
        readings += await asyncio.to_thread(lambda: list(read(setup, unread, told)))
    readings += read_topics(setup.config, for_topics)
    # What has become of a channel since is no news of then, and one from a file was never watched.
    return History(
        channels=tuple(
            replace(_as_configured(setup.config, c, zone), status=ChannelStatus.OPEN) for c in channels
        ),
        readings=tuple(sorted(readings, key=lambda r: (r.posted_at, r.channel_id, r.post_id))),
        spans=tuple(spans),
        is_partly_read=bool(for_topics),
        told=tuple(episode for episode in episodes if episode.opened_at is not None),
        opinions=tuple(opinions),
        budgets=budgets,
    )


def _unread(reading: Reading, scope: "Scope") -> Reading:
    """One of an emptied post, with what nobody looked for in it while it could be read."""
    return replace(reading, unread=scope.missed_by(reading.read_by or 0))


def _not_read_for(config: Config, readings: Iterable[Reading], known: "Entries") -> Iterator[Reading]:
    """Readings of emptied posts, with the operator's own topics that their reader did not look for."""
    from claims.config import word_topics
    from claims.scope import EVERYTHING, TOPIC, own_topics

    theirs = known.get(TOPIC, {})
    own = own_topics(word_topics(config.topics).definitions(), theirs)
    new = frozenset((TOPIC, name) for name, meant in own.items() if theirs.get(name) != meant)
    for reading in readings:
        yield replace(reading, unread=new if reading.read_by is None else EVERYTHING)


def _as_configured(config: Config, channel: Channel, zone: str | None) -> Channel:
    """What the config says of a channel, which one that was only ever imported does not know yet."""
    named = (channel.handle or "").casefold()
    for each in config.channels:
        if each.id == channel.id or (each.handle or "").casefold() == named != "":
            group, country = channel.group or each.group, channel.country or each.country
            own = each.zone if channel.zone == "UTC" else channel.zone
            return replace(channel, group=group, country=country, zone=zone or own)
    return replace(channel, zone=zone or channel.zone)


async def _named(tx: Transaction, name: str) -> Channel:
    channel = await tx.channels.by_name(name)
    if channel is None:
        known = ", ".join(each.name for each in await tx.channels.all()) or "none yet"
        raise DeadairError(f"the archive has no channel {name!r}", hint=f"it has: {known}")
    return channel


def read(
    setup: Setup, posts: Sequence[Post], channels: Iterable[tuple[Channel, Iterable[Handle]]]
) -> Iterator[Reading]:
    """As the live reader reads them."""
    from claims.interpreter import Interpreter
    from claims.scope import EVERYTHING
    from deadair.lexicon import reads_of

    interpreter = Interpreter(reads_of(setup))
    usages = interpreter.usages(channels)
    found = interpreter.read_all(posts, usages)
    for post, reading, said in zip(posts, _counted(posts), found, strict=True):
        yield replace(
            reading,
            topics=said.topics,
            claimants=said.claimants,
            language=said.language,
            pause=said.pause,
            unread=EVERYTHING if post.removed_at is not None else None,
        )


def read_topics(config: Config, posts: Sequence[Post]) -> Iterator[Reading]:
    """By the words of the operator's own topics only."""
    from claims.config import word_topics

    topics = word_topics(config.topics)
    for reading, post in zip(_counted(posts), posts, strict=True):
        yield replace(reading, topics=topics.topics(post.text)) if post.text else reading


def _counted(posts: Iterable[Post]) -> Iterator[Reading]:
    """The parts of an album count as one."""
    albums: set[tuple[int, int]] = set()
    for post in posts:
        album = None if post.album_id is None else (post.channel_id, post.album_id)
        counts = post.kind is PostKind.POST and album not in albums
        if album is not None:
            albums.add(album)
        yield Reading(
            channel_id=post.channel_id,
            post_id=post.id,
            posted_at=post.posted_at,
            reader_version=1,
            counts=counts,
        )


def with_watch(history: History, watch: Path) -> History:
    """The same with somebody's record of looks as that of the watch."""
    from collector.importers.looks import read_looks, spans_of_looks
    from collector.importers.record import Bad

    if len(history.channels) != 1:
        raise DeadairError(
            f"--watch is the record of one channel, and the posts are of {len(history.channels)}",
            hint="replay one channel at a time",
        )
    looks = []
    for look in read_looks(watch):
        if isinstance(look, Bad):
            print(f"{watch}: {look.place}: {look.reason}", file=sys.stderr)
        else:
            looks.append(look)
    posted = {reading.post_id: reading.posted_at for reading in history.readings}
    spans = tuple(spans_of_looks(looks, history.channels[0].id, posted.get))
    return replace(history, spans=spans, is_own=True)


def zone_of(name: str) -> ZoneInfo:
    """Raises DeadairError for what is no zone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise DeadairError(
            f"{name!r} is no time zone", hint="write it like Asia/Baghdad, Asia/Tehran or UTC"
        ) from None
