"""Is it another version of a post, and which one stands now?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from domain.post import How, Media, Post
from storage.types import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version that is held: number 0 is the post as first seen."""

    number: int
    hash: str
    edited_at: datetime | None
    text: str
    media: Media | None
    imported: bool  #: the post was first known from a file


class Step(Enum):
    STANDS = "stands"  #: it is the version that stands now
    OLDER = "older"  #: we did not have it, but a later one stands


def next_version(post: Post, versions: Sequence[Version], stands: Version) -> Step | None:
    """What to make of a sighting that is not the version that stands; None: nothing new.

    Which version stands is decided by Telegram's edit time, so that an older copy that comes later does not
    pass for an edit. What a file holds without an edit time is never taken for the newer one.
    """
    if _says_the_same(post, stands):
        return None
    if post.edited_at is None:
        newer = stands.edited_at is None and post.how is not How.IMPORTED
    else:
        newer = stands.edited_at is None or post.edited_at > stands.edited_at
    returned = newer and post.edited_at is not None
    if not returned and any(v.hash == post.hash or _says_the_same(post, v) for v in versions):
        return None
    return Step.STANDS if newer else Step.OLDER


def _says_the_same(post: Post, version: Version) -> bool:
    if post.hash == version.hash:
        return True
    if storable(post.text) != version.text:
        return False
    if not (version.imported or post.how is How.IMPORTED):
        return _is_named_now(version.media, post.media)
    # A file seldom tells which photo or video it was, and may not tell of it at all.
    ours, theirs = version.media, post.media
    return ours is None or theirs is None or not (ours.file_id and theirs.file_id)


def _is_named_now(ours: Media | None, theirs: Media | None) -> bool:
    """The same thing, of which one source told the file's number and the other, the public preview, none."""
    if ours is None or theirs is None or ours.kind != theirs.kind:
        return False
    return bool(ours.file_id) != bool(theirs.file_id)


def those_that_stood(edited: Sequence[datetime | None], current: int) -> frozenset[int]:
    """Which versions of a post were what it showed when they came, by the edit time of each, in order.

    `current` is the one that stands now. Version 0 is the post as first seen.
    """
    stood, stands = [0], edited[0]
    for number, at in enumerate(edited[1 : current + 1], 1):
        newer = stands is None if at is None else stands is None or at > stands
        if newer or number == current:
            stood.append(number)
            stands = at
    return frozenset(stood)
