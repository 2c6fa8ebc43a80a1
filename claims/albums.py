"""Albums: several posts that are one, so that what one part says is said of all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from domain.post import PostKey
from domain.reading import Reading

Album = tuple[int, int]  #: channel and album


def with_earlier_parts(
    readings: Sequence[Reading], album_of: Mapping[PostKey, Album], parts: Iterable[tuple[int, Reading]]
) -> tuple[list[Reading], list[Reading], list[Reading]]:
    """What parts of an album that came one after the other tell of the whole of it.

    Returns the readings, with the topics and claimants of the parts that were read before (each given with
    its album's number); those parts that lacked some, completed; and the same with nothing but what they
    lacked.
    """
    before: dict[Album, list[Reading]] = defaultdict(list)
    for number, part in parts:
        before[part.channel_id, number].append(part)
    whole = {album: list(earlier) for album, earlier in before.items()}
    albums = [album_of.get(PostKey(each.channel_id, each.post_id)) for each in readings]
    for album, each in zip(albums, readings, strict=True):
        if album in whole:
            whole[album].append(each)
    said = {
        album: (_once(r.topics for r in all_), _once(r.claimants for r in all_))
        for album, all_ in whole.items()
    }
    completed = []
    for album, each in zip(albums, readings, strict=True):
        found = said.get(album) if album is not None else None
        completed.append(replace(each, topics=found[0], claimants=found[1]) if found else each)
    amended, lacked = [], []
    for album, earlier in before.items():
        topics, claimants = said[album]
        for part in earlier:
            new = tuple(name for name in topics if name not in part.topics)
            who = tuple(name for name in claimants if name not in part.claimants)
            if new or who:
                amended.append(replace(part, topics=topics, claimants=claimants))
                lacked.append(replace(part, topics=new, claimants=who))
    return completed, amended, lacked


def _once(names: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in names for name in each))
