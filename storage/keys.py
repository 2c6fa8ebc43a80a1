"""Keys of posts in portions that one statement takes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from domain.post import PostKey

CHUNK = 500  # ids in one IN (...): well below SQLite's limit of 32 766 variables


def key_parts(keys: Iterable[PostKey]) -> Iterator[tuple[int, list[int]]]:
    """The keys by channel, in portions that one statement takes; the ids of each in order."""
    by_channel: dict[int, set[int]] = defaultdict(set)
    for key in keys:
        by_channel[key.channel_id].add(key.post_id)
    for channel_id, given in by_channel.items():
        ids = sorted(given)
        for start in range(0, len(ids), CHUNK):
            yield channel_id, ids[start : start + CHUNK]
