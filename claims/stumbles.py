"""Posts that the reader stumbles over: one is passed by and told, many in a row are its own fault."""

from collections.abc import Iterable

import structlog

from claims.interpreter import Read
from domain.post import Post

log = structlog.get_logger(__name__)

#: So many posts in a row, of more than one channel, are no matter of what they say: to go on would make every
#: topic look silent. One channel by itself may have found what we stumble over, and posts it again and again.
IN_A_ROW, OF_ONE = 5, 50


class CannotRead(Exception):
    """The reader itself does not work."""


class Stumbles:
    def __init__(self) -> None:
        self._in_a_row = 0
        self._channels: set[int] = set()

    def over(self, found: Iterable[tuple[Post, Read]]) -> None:
        """What was read of posts, in order. Raises CannotRead when one after the other could not be."""
        for post, read in found:
            if not read.trouble:
                if post.text:
                    self._in_a_row = 0
                    self._channels.clear()
                continue
            self._in_a_row += 1
            self._channels.add(post.channel_id)
            log.error(
                "reader: a post could not be read", channel=post.channel_id, post=post.id, error=read.trouble
            )
            if self._in_a_row >= (OF_ONE if len(self._channels) == 1 else IN_A_ROW):
                raise CannotRead(f"{self._in_a_row} posts in a row could not be read: {read.trouble}")
