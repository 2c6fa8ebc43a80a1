"""`deadair replay`: what would have been told, over stored or exported posts, in the time of the posts."""

import asyncio
import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from claims.config import word_topics
from deadair.config import Config, Setup, load
from domain.channel import Channel, ChannelStatus
from domain.episode import Episode, Move
from domain.errors import DeadairError
from domain.instant import say_span
from domain.post import Post, PostKind
from domain.reading import Reading
from domain.watch import WatchSpan


def replay(
    config: Path | None, files: Sequence[Path], channel: str | None, watch: Path | None, *, as_json: bool
) -> None:
    from alerts.replay import replay as played

    setup = load(config)
    if bool(files) == bool(channel):
        raise DeadairError(
            "replay what? " + ("files and --channel are both given" if files else "nothing is given"),
            hint="name files of posts, or a channel of the archive with --channel",
        )
    spans: list[WatchSpan] | None
    if channel is not None:
        channels, posts, spans = asyncio.run(_from_archive(setup, channel))
    else:
        channels, posts, spans = _from_files(setup.config, files)
    if watch is not None:
        spans = _spans(watch, channels, posts)
    # For machines the name as the posts give it, for people the one that they click on.
    names = {each.id: (each.handle or each.title) if as_json else each.name for each in channels}
    episodes: dict[int, Episode] = {}
    hidden: set[int] = set()  # behind a larger one: nobody would have been told
    readings = _read(posts, setup.config)
    for transition in played(channels, readings, setup.config.alerts, spans=spans):
        episode = transition.episode
        if transition.move is Move.OPENED and transition.inhibited_by is not None:
            hidden.add(episode.id)
        if episode.opened_at is not None and episode.id not in hidden:
            episodes[episode.id] = episode
    told = sorted(episodes.values(), key=lambda e: (e.opened_at or e.found_at, e.id))
    for episode in told:
        print(json.dumps(_line(episode, names), ensure_ascii=False) if as_json else _words(episode, names))
    if not as_json:
        _summary(told, posts, channels)


def _from_files(
    config: Config, files: Sequence[Path]
) -> tuple[list[Channel], list[Post], list[WatchSpan] | None]:
    from collector.importers.record import Bad, Origin
    from collector.importers.timeline import posts_in_time_order

    configured = {each.handle.casefold(): each for each in config.channels if each.handle}
    channels: dict[int, Channel] = {}
    bad = 0

    def met(number: int, origin: Origin) -> None:
        known = configured.get((origin.handle or "").casefold())
        channels[number] = Channel(
            id=number,
            title=origin.title or origin.handle or str(number),
            handle=origin.handle,
            group=known.group if known else None,
            zone=known.zone if known else "UTC",
        )

    def complain(path: Path, record: Bad) -> None:
        nonlocal bad
        bad += 1
        if bad <= 20:
            print(f"{path}: {record.place}: {record.reason}", file=sys.stderr)

    posts = list(posts_in_time_order(files, met=met, bad=complain))
    if bad:
        print(f"{bad} bad record{'s were' if bad > 1 else ' was'} left out", file=sys.stderr)
    return list(channels.values()), posts, None


async def _from_archive(setup: Setup, name: str) -> tuple[list[Channel], list[Post], list[WatchSpan]]:
    from storage.store import open_store

    async with open_store(setup.storage, create=False) as store, store.read() as tx:
        channel = await tx.channels.by_name(name)
        if channel is None:
            known = ", ".join(each.name for each in await tx.channels.all()) or "none yet"
            raise DeadairError(f"the archive has no channel {name!r}", hint=f"it has: {known}")
        posts = [post async for post in tx.posts.of(channel.id)]
        # What has become of it since is no news of then, and one from a file was never watched.
        channel = dataclasses.replace(channel, status=ChannelStatus.OPEN)
        return [channel], posts, list(await tx.watch.spans(channel.id))


def _spans(watch: Path, channels: Sequence[Channel], posts: Sequence[Post]) -> list[WatchSpan]:
    from collector.importers.looks import read_looks, spans_of_looks
    from collector.importers.record import Bad

    if len(channels) != 1:
        raise DeadairError(
            f"--watch is the record of one channel, and the posts are of {len(channels)}",
            hint="replay one channel at a time",
        )
    looks = []
    for look in read_looks(watch):
        if isinstance(look, Bad):
            print(f"{watch}: {look.place}: {look.reason}", file=sys.stderr)
        else:
            looks.append(look)
    posted = {post.id: post.posted_at for post in posts}
    return spans_of_looks(looks, channels[0].id, posted.get)


def _read(posts: Sequence[Post], config: Config) -> Iterator[Reading]:
    """As the reader reads them; the parts of an album count as one."""
    topics = word_topics(config.topics)
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
            topics=topics.topics(post.text) if post.text else (),
            counts=counts,
        )


def _line(episode: Episode, names: dict[int, str]) -> dict[str, Any]:
    def instant(at: datetime | None) -> str | None:
        return None if at is None else at.isoformat()

    number = episode.subject.channel_id
    return {
        "at": instant(episode.opened_at),
        "kind": episode.kind.value,
        "channel": None if number is None else names.get(number, str(number)),
        "group": episode.subject.group,
        "members": [names.get(each, str(each)) for each in episode.members],
        "topic": episode.subject.topic,
        "claimant": None,
        "since": instant(episode.since_at),
        "found_at": instant(episode.found_at),
        "opened_at": instant(episode.opened_at),
        "closed_at": instant(episode.closed_at),
        "observed": episode.observed,
        "expected": round(episode.expected, 2),
        "probability": episode.probability,
        "verdict": episode.verdict.ruling.value,
        "cause": episode.verdict.cause.value,
    }


def _words(episode: Episode, names: dict[int, str]) -> str:
    number = episode.subject.channel_id
    whom = episode.subject.group or (names.get(number, str(number)) if number is not None else "")
    if episode.subject.topic:
        whom += f" on {episode.subject.topic}"
    opened = episode.opened_at or episode.found_at
    end = f"until {episode.closed_at:%Y-%m-%d %H:%M}" if episode.closed_at else "still open at the end"
    return (
        f"{opened:%Y-%m-%d %H:%M}  {episode.kind.value:8} {whom}  since {episode.since_at:%Y-%m-%d %H:%M} "
        f"(told after {say_span(opened - episode.since_at)}), {end}; {episode.observed} posts, "
        f"{episode.expected:.1f} expected, p = {episode.probability:.1g}; "
        f"{episode.verdict.ruling.value}: {episode.verdict.cause.value}"
    )


def _summary(told: Sequence[Episode], posts: Sequence[Post], channels: Sequence[Channel]) -> None:
    if not posts:
        print("no posts")
        return
    span = posts[-1].posted_at - posts[0].posted_at
    print(
        f"{len(told)} episode{'' if len(told) == 1 else 's'} in {len(posts):,} posts of {len(channels)} "
        f"channel{'' if len(channels) == 1 else 's'} over {say_span(span)} (times in UTC)"
    )
