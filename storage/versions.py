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
    seen_at: datetime
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
    pass for an edit. Telegram dates edits in whole seconds: of two edits of one second the one that was seen
    later stands, unless it comes from a file.
    """
    if _says_the_same(post, stands):
        return None
    if post.edited_at == stands.edited_at:
        newer = post.how is not How.IMPORTED and post.seen_at >= stands.seen_at
    else:
        newer = _is_later(post.edited_at, stands.edited_at)
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


def _is_later(edited_at: datetime | None, than: datetime | None) -> bool:
    return edited_at is not None and (than is None or edited_at > than)


def those_that_stood(came: Sequence[tuple[datetime | None, datetime]], current: int) -> frozenset[int]:
    """Which versions of a post were what it showed when they came, by when each was edited and seen.

    `current` is the one that stands now. Version 0 is the post as first seen.
    """
    stood, stands = [0], came[0]
    for number, (edited_at, seen_at) in enumerate(came[1 : current + 1], 1):
        as_late = edited_at == stands[0] and seen_at >= stands[1]
        if as_late or _is_later(edited_at, stands[0]) or number == current:
            stood.append(number)
            stands = edited_at, seen_at
    return frozenset(stood)
