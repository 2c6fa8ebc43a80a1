"""Posts that were told before their turn: asked how far a channel is, Telegram gives its newest post as
well.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from domain.post import How, Post, PostKey

#: So many of one channel are kept: Telegram may make us wait with its history, and name another at each try.
_EACH = 4


class Foretold:
    """Those of one account, kept until the history before them is stored: whoever follows the archive gets a
    channel's posts in the order of posting. They outlive connections, but not the process: none of them
    counts as seen before it is stored.
    """

    def __init__(self) -> None:
        self._kept: dict[int, list[Post]] = {}
        #: Of each channel, what asking has brought and push has not, since it was last read to its end.
        self.found: defaultdict[int, set[int]] = defaultdict(set)

    def keep(self, post: Post) -> bool:
        """False: there is no room for it, and it is to be stored at once."""
        kept = self._kept.setdefault(post.channel_id, [])
        if any((each.id, each.hash) == (post.id, post.hash) for each in kept):
            return True
        if len(kept) >= _EACH:
            return False
        kept.append(post)
        return True

    def all(self) -> Sequence[Post]:
        return [post for kept in self._kept.values() for post in kept]

    def of(self, channel_id: int, post_ids: Iterable[int] | None = None) -> Sequence[Post]:
        """Those of a channel, or of these numbers, in the order in which they were told."""
        kept = self._kept.get(channel_id, ())
        wanted = None if post_ids is None else set(post_ids)
        return [post for post in kept if wanted is None or post.id in wanted]

    def stored(self, posts: Iterable[Post], added: Iterable[PostKey] = ()) -> None:
        """These need not be kept any more; of `added` nothing was known before."""
        new = set(added)
        for post in posts:
            if left := [each for each in self._kept.get(post.channel_id, ()) if each is not post]:
                self._kept[post.channel_id] = left
            else:
                self._kept.pop(post.channel_id, None)
            if post.key in new and post.how is How.POLLED:
                self.found[post.channel_id].add(post.id)
