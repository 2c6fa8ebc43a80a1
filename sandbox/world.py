"""The world behind the sandbox: channels, the accounts that watch them, and all that can be done to them.

It knows no protocol. Whoever serves it subscribes to its events.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from domain.clock import Clock
from domain.errors import DeadairError
from domain.post import Entity, Forward, Media
from sandbox.account import Account
from sandbox.channel import Channel
from sandbox.event import Event, Happening
from sandbox.post import Post, PostRecord

Subscriber = Callable[[Event], None]


class World:
    """Channels and accounts. A date not given is the clock's; a post may bear any."""

    def __init__(self, clock: Clock, *, name: str = "sandbox") -> None:
        self.clock = clock
        self.name = name  #: worlds of one name give the same access hashes
        self.channels: dict[int, Channel] = {}
        self.accounts: dict[int, Account] = {}
        self._subscribers: list[Subscriber] = []
        self._album = 0

    # -- who is there

    def add_account(self, phone: str = "15550100", **more: Any) -> Account:
        """Another user who can log in."""
        number = more.pop("id", None) or 700_000 + len(self.accounts) + 1
        account = Account(id=number, phone=phone.lstrip("+"), **more)
        if any(a.phone == account.phone for a in self.accounts.values()):
            raise DeadairError(
                f"two sandbox accounts with the phone +{account.phone}", hint="give each its own"
            )
        self.accounts[account.id] = account
        return account

    def add_channel(
        self,
        title: str,
        handle: str | None = None,
        *,
        id: int | None = None,  # noqa: A002 - Telegram's word, and ours in domain
        created_at: datetime | None = None,
        members: Iterable[Account] = (),
        **more: Any,
    ) -> Channel:
        """Another channel; the numbers grow from 1 000 001."""
        number = id or max(self.channels, default=1_000_000) + 1
        if number in self.channels:
            raise DeadairError(f"two sandbox channels with the number {number}", hint="give each its own")
        self._refuse_taken(handle)
        channel = Channel(
            id=number,
            title=title,
            handle=handle,
            created_at=created_at or self.clock.now(),
            invite=self._token("invite", number),
            members={a.id for a in members},
            **more,
        )
        self.channels[number] = channel
        return channel

    def channel(self, which: Channel | int | str) -> Channel:
        """By number or handle. Raises DeadairError when there is none."""
        if isinstance(which, Channel):
            return which
        found = self.by_handle(which) if isinstance(which, str) else self.channels.get(which)
        if found is None:
            raise DeadairError(f"the sandbox has no channel {which!r}", hint="see its channels in /state")
        return found

    def by_handle(self, handle: str) -> Channel | None:
        wanted = handle.lstrip("@").lower()
        return next((c for c in self.channels.values() if (c.handle or "").lower() == wanted), None)

    def access_hash(self, channel: Channel, account_id: int) -> int:
        """The number by which one account, and no other, may name a channel."""
        return int(self._token("access", channel.id, account_id), 16) - (1 << 63)

    def subscribe(self, subscriber: Subscriber) -> None:
        self._subscribers.append(subscriber)

    # -- what a channel does

    def post(
        self,
        channel: Channel | int | str,
        text: str = "",
        *,
        at: datetime | None = None,
        media: Media | None = None,
        entities: Sequence[Entity] = (),
        album_id: int | None = None,
        forward: Forward | None = None,
        reply_to: int | None = None,
        author: str | None = None,
        views: int = 1,
        forwards: int = 0,
        service: str | None = None,
        push: bool = True,
        log: bool = True,
    ) -> Post:
        """Publish. Without `push` nobody is told at once, but a difference makes up for it; without `log`
        not even that: the post is in the history only.
        """
        c = self.channel(channel)
        post = Post(
            channel_id=c.id,
            id=c.top_id + 1,
            posted_at=at or self.clock.now(),
            text=text,
            media=media,
            entities=tuple(entities),
            album_id=album_id,
            forward=forward,
            reply_to=reply_to,
            author=author,
            views=views,
            forwards=forwards,
            service=service,
        )
        c.put(post)
        if log:
            self._tell(c, Happening.NEW, post=post, count=1, push=push)
        return post

    def post_album(
        self, channel: Channel | int | str, media: Sequence[Media], text: str = "", **more: Any
    ) -> list[Post]:
        """Several posts that apps show as one; the text stands under the first."""
        self._album += 1
        album = 13_000_000_000 + self._album
        return [
            self.post(channel, text if n == 0 else "", media=each, album_id=album, **more)
            for n, each in enumerate(media)
        ]

    def edit(
        self,
        channel: Channel | int | str,
        post_id: int,
        text: str | None = None,
        *,
        media: Media | None = None,
        entities: Sequence[Entity] | None = None,
        at: datetime | None = None,
        push: bool = True,
    ) -> Post:
        """Change text or media of a post."""
        c, old = self._existing(channel, post_id)
        post = replace(
            old,
            text=old.text if text is None else text,
            media=media or old.media,
            entities=old.entities if entities is None else tuple(entities),
            edited_at=at or self.clock.now(),
            edit_hidden=False,
            version=old.version + 1,
        )
        c.put(post)
        self._tell(c, Happening.EDIT, post=post, count=1, push=push)
        return post

    def react(
        self,
        channel: Channel | int | str,
        post_id: int,
        reactions: dict[str, int],
        *,
        at: datetime | None = None,
        push: bool = True,
    ) -> Post:
        """Readers react: the edit date moves, the text does not."""
        c, old = self._existing(channel, post_id)
        post = replace(
            old,
            reactions=tuple(reactions.items()),
            edited_at=at or self.clock.now(),
            edit_hidden=True,
            version=old.version + 1,
        )
        c.put(post)
        self._tell(c, Happening.EDIT, post=post, count=1, push=push)
        return post

    def set_views(
        self, channel: Channel | int | str, post_id: int, views: int, *, forwards: int | None = None
    ) -> Post:
        """Move the counters of a post. Telegram tells of it, if at all, outside the numbered updates."""
        c, old = self._existing(channel, post_id)
        post = replace(
            old,
            views=views,
            forwards=old.forwards if forwards is None else forwards,
            version=old.version + 1,
        )
        c.put(post)
        self._tell(c, Happening.VIEWS, post=post)
        return post

    def count_view(self, post: Post) -> Post:
        """One more reader, silently: what messages.getMessagesViews(increment=True) does."""
        seen = replace(post, views=post.views + 1, version=post.version + 1)
        self.channels[post.channel_id].put(seen)
        return seen

    def delete(
        self,
        channel: Channel | int | str,
        *post_ids: int,
        at: datetime | None = None,
        push: bool = True,
        log: bool = True,
    ) -> None:
        """Take posts away. Ids that are not there are passed over."""
        c = self.channel(channel)
        when = at or self.clock.now()
        gone = tuple(i for i in post_ids if c.remove(i, when))
        if gone and log:
            self._tell(c, Happening.DELETE, ids=gone, count=len(gone), push=push)

    def pin(self, channel: Channel | int | str, post_id: int, *, at: datetime | None = None) -> Post:
        """Pin a post, with the service message that Telegram leaves."""
        c, old = self._existing(channel, post_id)
        c.put(replace(old, pinned=True, version=old.version + 1))
        self._tell(c, Happening.PIN, ids=(post_id,), count=1)
        return self.post(c, service="pin", reply_to=post_id, at=at)

    # -- what befalls a channel

    def rename(self, channel: Channel | int | str, title: str, *, at: datetime | None = None) -> None:
        c = self.channel(channel)
        c.title = title
        self.post(c, service=f"title:{title}", at=at)
        self._tell(c, Happening.CHANNEL)

    def set_handle(self, channel: Channel | int | str, handle: str | None) -> None:
        """Another @name, or none. It must be free."""
        c = self.channel(channel)
        self._refuse_taken(handle, but=c)
        c.handle = handle
        self._tell(c, Happening.CHANNEL)

    def take_handle(self, channel: Channel | int | str, title: str) -> Channel:
        """The channel loses its handle, and a new one of that title takes it."""
        c = self.channel(channel)
        if (handle := c.handle) is None:
            raise DeadairError(f"channel {c.id} has no handle that could be taken", hint="give it one first")
        self.set_handle(c, None)
        return self.add_channel(title, handle)

    def make_private(self, channel: Channel | int | str, *, evict: bool = False) -> None:
        """Only members may read it from now on; with `evict`, no account of the sandbox is one any more."""
        c = self.channel(channel)
        before = tuple(self.accounts)
        c.private, c.handle = True, None
        if evict:
            c.members.clear()
        self._tell(c, Happening.CHANNEL, accounts=before)

    def make_public(self, channel: Channel | int | str, handle: str | None = None) -> None:
        c = self.channel(channel)
        self._refuse_taken(handle, but=c)
        c.private, c.handle = False, handle
        self._tell(c, Happening.CHANNEL)

    def ban(self, channel: Channel | int | str, account: Account) -> None:
        """The channel shuts this account out."""
        c = self.channel(channel)
        c.members.discard(account.id)
        c.banned.add(account.id)
        self._tell(c, Happening.CHANNEL, accounts=(account.id,))

    def unban(self, channel: Channel | int | str, account: Account) -> None:
        self.channel(channel).banned.discard(account.id)

    def delete_channel(self, channel: Channel | int | str) -> None:
        c = self.channel(channel)
        told = tuple(c.members)
        c.deleted, c.handle = True, None
        self._tell(c, Happening.CHANNEL, accounts=told)

    def restrict(self, channel: Channel | int | str, reason: str | None) -> None:
        """Telegram hides the channel, and says why; None lifts it."""
        c = self.channel(channel)
        c.restriction = reason
        self._tell(c, Happening.CHANNEL)

    def join(self, channel: Channel | int | str, account: Account) -> None:
        c = self.channel(channel)
        c.members.add(account.id)
        self._tell(c, Happening.CHANNEL, accounts=(account.id,))

    def leave(self, channel: Channel | int | str, account: Account) -> None:
        c = self.channel(channel)
        c.members.discard(account.id)
        self._tell(c, Happening.CHANNEL, accounts=(account.id,))

    # -- what there is to tell

    def record(self) -> dict[int, dict[int, PostRecord]]:
        """The sandbox's own record of everything: by channel, by post."""
        return {c.id: c.record() for c in self.channels.values()}

    def _tell(
        self,
        channel: Channel,
        kind: Happening,
        *,
        post: Post | None = None,
        ids: tuple[int, ...] = (),
        count: int = 0,
        accounts: tuple[int, ...] | None = None,
        push: bool = True,
    ) -> None:
        channel.pts += count
        event = Event(
            channel_id=channel.id,
            at=self.clock.now(),
            kind=kind,
            pts=channel.pts if count else 0,
            pts_count=count,
            post=post,
            ids=ids,
            accounts=accounts,
        )
        if count:
            channel.log.append(event)
        if push:
            for subscriber in self._subscribers:
                subscriber(event)

    def _existing(self, channel: Channel | int | str, post_id: int) -> tuple[Channel, Post]:
        c = self.channel(channel)
        if post_id not in c.posts:
            raise DeadairError(f"channel {c.id} has no post {post_id}", hint="it may have been deleted")
        return c, c.posts[post_id]

    def _refuse_taken(self, handle: str | None, *, but: Channel | None = None) -> None:
        if handle is not None and (owner := self.by_handle(handle)) is not None and owner is not but:
            raise DeadairError(
                f"@{handle} belongs to channel {owner.id}", hint="take it away from that one first"
            )

    def _token(self, *parts: object) -> str:
        return blake2b(repr((self.name, *parts)).encode(), digest_size=8).hexdigest()
