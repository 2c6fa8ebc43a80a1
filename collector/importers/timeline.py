"""Posts of several files in the order in which they were posted, for replay."""

import heapq
import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import IO

from collector.importers.read import read_records
from collector.importers.record import Bad, Origin
from collector.importers.stretches import Stretches
from domain.post import Post

_CHUNK = 100_000


def posts_in_time_order(
    paths: Sequence[Path],
    *,
    channel: str | None = None,
    zone: tzinfo | None = None,
    met: Callable[[int, Origin], None] | None = None,
    bad: Callable[[Path, Bad], None] | None = None,
    stretches: dict[int, Stretches] | None = None,
) -> Iterator[Post]:
    """Every post once, as first seen, by the time it was posted; of any number, with 100 000 in memory.

    `met` is told each channel's number with what the files say of it; `bad` each bad record; `stretches`
    comes to hold, by the time of the first post, what the files hold all posts of.
    Raises Unreadable, UnknownFormat, NotAChannel, all before the first post is yielded.
    """
    known: set[Origin] = set()
    runs: list[IO[bytes]] = []
    held: list[Post] = []
    stretches = {} if stretches is None else stretches
    try:
        for path in paths:
            for each in stretches.values():
                each.turn()
            for record in read_records(path, channel=channel, zone=zone):
                if isinstance(record, Bad):
                    if bad is not None:
                        bad(path, record)
                    for each in stretches.values():
                        each.tear()
                    continue
                if record.origin not in known:
                    known.add(record.origin)
                    if met is not None and record.origin.number is not None:
                        met(record.origin.number, record.origin)
                post = record.post
                stretches.setdefault(post.channel_id, Stretches()).add(post.id, post.posted_at)
                held.append(post)
                if len(held) >= _CHUNK:
                    runs.append(_put_aside(held))
                    held = []
        held.sort(key=_order)
        last = None
        for post in heapq.merge(*(_read_back(run) for run in runs), held, key=_order):
            if post.key != last:
                yield post
            last = post.key
    finally:
        for run in runs:
            run.close()


def _order(post: Post) -> tuple[float, int, int]:
    return post.posted_at.timestamp(), post.channel_id, post.id


def _put_aside(posts: list[Post]) -> IO[bytes]:
    posts.sort(key=_order)
    file = tempfile.TemporaryFile(prefix="deadair-")  # noqa: SIM115 - closed by whoever reads it back
    for start in range(0, len(posts), 1000):
        pickle.dump(posts[start : start + 1000], file, protocol=pickle.HIGHEST_PROTOCOL)
    file.seek(0)
    return file


def _read_back(file: IO[bytes]) -> Iterator[Post]:
    while True:
        try:
            posts = pickle.load(file)  # noqa: S301 - our own, in a file that has no name
        except EOFError:
            return
        yield from posts
