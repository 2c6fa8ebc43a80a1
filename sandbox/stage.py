"""Who is there, and how others hear of what they do: the ground the world stands on."""

from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Any

from domain.clock import Clock
from domain.errors import DeadairError
from sandbox.account import Account
from sandbox.channel import Channel
from sandbox.event import Event, Happening
from sandbox.post import Post

Subscriber = Callable[[Event], None]


class Stage:
    """Channels and accounts, and those who listen."""

    def __init__(self, clock: Clock, *, name: str = "sandbox") -> None:
        self.clock = clock
        self.name = name  #: worlds of one name give the same access hashes
        self.channels: dict[int, Channel] = {}
        self.accounts: dict[int, Account] = {}
        self._subscribers: list[Subscriber] = []
        self._album = 0

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
