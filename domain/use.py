"""What takes room on the disk of the archive, in the order in which it stops as that fills up.

What can be made anew, or fetched afterwards, makes way for what cannot: a post that was deleted before it
was stored is lost.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Use(StrEnum):
    """The first of them stops first."""

    EXPORTS = "exports"  #: somebody asks for them again
    FILES = "files"  #: they wait at Telegram
    BACKUPS = "backups"  #: those that were made before stay
    INDEX = "index"  #: made of posts, whenever there is room
    LEARNED = "learned"  #: what the engine puts away: learned anew at the next start
    READINGS = "readings"  #: made of posts as well; alerts rest on them
    POSTS = "posts"  #: with what is decided and told: as long as anything can be written


_MB: Final = 10**6
#: So many bytes each leaves free for those after it.
LEAVES: Final[Mapping[Use, int]] = {
    Use.EXPORTS: 1_200 * _MB,
    Use.FILES: 600 * _MB,  # and more, as [collector.files] reserve says
    Use.BACKUPS: 500 * _MB,
    Use.INDEX: 200 * _MB,
    Use.LEARNED: 150 * _MB,
    Use.READINGS: 100 * _MB,
    Use.POSTS: 0,
}


def has_room(use: Use, free: int) -> bool:
    """May it go on with so many bytes free?"""
    return free >= LEAVES[use]
