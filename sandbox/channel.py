"""A channel: its posts, its members, and the log by which a client catches up."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sandbox.event import Event
from sandbox.post import Post, PostRecord

#: How many happenings of a channel can be made up for; who lags behind more gets "too long".
LOG_LENGTH = 20_000


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """A broadcast channel as Telegram keeps it."""

    id: int
    title: str
    created_at: datetime
    handle: str | None = None
    group: str | None = None
    zone: str = "UTC"
    about: str = ""
    audience: int = 1000
    signs: bool = False
    invite: str = ""  #: the hash of its invite link
    private: bool = False
    deleted: bool = False
    restriction: str | None = None
    restricted_on: str = "all"  #: on which of Telegram's apps
    scam: bool = False
    fake: bool = False
    group_now: bool = False  #: it was made into a group
    history_hidden: bool = False
    preview: bool = True  #: whether t.me shows its posts while it is public
    members: set[int] = field(default_factory=set)
    banned: set[int] = field(default_factory=set)
    hidden: dict[int, int] = field(default_factory=dict)  #: account -> the last post that is shown to it
    pts: int = 1
    top_id: int = 0
    posts: dict[int, Post] = field(default_factory=dict)  #: those that are there now
    ids: list[int] = field(default_factory=list)  #: their ids, growing
    log: deque[Event] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))
    _versions: dict[int, list[Post]] = field(default_factory=dict)
    _deleted: dict[int, datetime] = field(default_factory=dict)

    def open_to(self, account_id: int) -> bool:
        """May this account read it?"""
        if self.deleted or account_id in self.banned:
            return False
        return not self.private or account_id in self.members

    @property
    def is_hidden(self) -> bool:
        """Does Telegram show it to nobody?"""
        return self.restriction is not None and self.restricted_on == "all"

    def shows(self, post_id: int, account_id: int) -> bool:
        """Is this account shown the post?"""
        return post_id <= self.hidden.get(account_id, post_id)

    def put(self, post: Post) -> None:
        """Add a post, or another version of one."""
        if post.id not in self.posts:
            if not self.ids or post.id > self.ids[-1]:
                self.ids.append(post.id)
            else:
                insort(self.ids, post.id)
        self.posts[post.id] = post
        self.top_id = max(self.top_id, post.id)
        versions = self._versions.setdefault(post.id, [])
        if not versions or not versions[-1].same_content(post):
            versions.append(post)

    def remove(self, post_id: int, at: datetime) -> bool:
        """Take a post away; False if it was not there."""
        if self.posts.pop(post_id, None) is None:
            return False
        del self.ids[bisect_left(self.ids, post_id)]
        self._deleted[post_id] = at
        return True

    def newest(self, account_id: int | None = None) -> Post | None:
        """The newest post, or the newest that an account is shown."""
        if account_id in self.hidden:
            return next((self.posts[i] for i in reversed(self.ids) if i <= self.hidden[account_id]), None)
        return self.posts[self.ids[-1]] if self.ids else None

    def since(self, pts: int) -> list[Event] | None:
        """What happened after `pts`; None if the log does not reach back so far."""
        if pts >= self.pts:
            return []
        if not self.log or self.log[0].pts - self.log[0].pts_count > pts:
            return None
        later = 0
        for event in reversed(self.log):
            if event.pts <= pts:
                break
            later += 1
        return list(islice(self.log, len(self.log) - later, None))

    def page(
        self,
        *,
        limit: int,
        offset_id: int = 0,
        offset_date: datetime | None = None,
        add_offset: int = 0,
        max_id: int = 0,
        min_id: int = 0,
        only: Callable[[Post], bool] | None = None,
    ) -> list[Post]:
        """A page of the history, newest first, as messages.getHistory cuts it.

        `offset_id` and `offset_date` name a place between two posts (older than those, excluded);
        `add_offset` moves on from there to the older ones, or to the newer when negative; `max_id` and
        `min_id` (both excluded) take away from the page. https://core.telegram.org/api/offsets
        """
        ids = self.ids if only is None else [i for i in self.ids if only(self.posts[i])]
        start = 0
        if offset_id:
            start = len(ids) - bisect_left(ids, offset_id)
        elif offset_date is not None:
            start = next(
                (n for n, i in enumerate(reversed(ids)) if self.posts[i].posted_at < offset_date), len(ids)
            )
        start += add_offset
        first, last = max(0, start), max(0, start + limit)
        newest_first = ids[max(0, len(ids) - last) : max(0, len(ids) - first)][::-1]
        return [
            self.posts[i] for i in newest_first if (not max_id or i < max_id) and (not min_id or i > min_id)
        ]

    def record(self) -> dict[int, PostRecord]:
        """Every post there ever was, in all its versions, deleted ones included."""
        return {
            i: PostRecord(versions=tuple(versions), deleted_at=self._deleted.get(i))
            for i, versions in sorted(self._versions.items())
        }

    def shared_with(self, accounts: Iterable[int]) -> list[int]:
        """Of these accounts, those that are members and may read it."""
        return [a for a in accounts if a in self.members and self.open_to(a)]
