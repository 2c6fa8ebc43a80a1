"""A channel as one account watches it: what is known of it while the collector runs."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.config import ChannelConfig
from collector.pushes import Pushes
from domain.channel import Channel, ChannelStatus
from domain.post import How
from domain.watch import GapCause

#: In so many rounds must posts be found that were not pushed, and none be pushed, before the line counts as
#: deaf.
DEAF_AFTER = 3
#: For so long it is told that a part beside the watch failed.
LATELY = timedelta(hours=1)

#: Before any instant. One by the clock would not do: it may turn out to be ahead.
AT_ONCE = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True, eq=False)
class Watched:
    config: ChannelConfig
    channel: Channel
    access_hash: int
    joined: bool = False
    #: Until then, without a break on this connection, every post was seen. None: there was a break.
    proof: datetime | None = None
    heard_since: datetime | None = None  #: when the answer had come that ended the last break
    in_step: datetime | None = None  #: when the last update of it was pushed that followed on the one before
    was_pushed: bool = False  #: what was posted at that proof was pushed
    #: Why there was one.
    cause: GapCause = GapCause.OUR_STOP
    #: Something was pushed that does not follow on what is stored, or had to be dropped: read the history
    #: now.
    torn: bool = False
    asked_at: datetime | None = None  #: when it was last asked for its newest post
    #: The engine cannot decide before it is known whether its posts could be seen until then.
    awaited_until: datetime | None = None
    #: It is to be asked then, and Telegram does not want to be asked about it before.
    again_at: datetime | None = None
    pushes: Pushes = field(default_factory=Pushes)
    rechecked_at: datetime | None = None  #: when its recent posts were last begun to be read again
    #: Until then edits or deletions may have gone unseen that can still be found.
    doubted_at: datetime | None = None
    sifted_at: datetime | None = None  #: when the holes in its numbers were last looked into
    refreshed_at: datetime | None = None
    owner_asked_at: datetime | None = None  #: when it was last asked who has the handle of one that is gone
    tried_at: datetime | None = None  #: when it was last looked whether a channel that is gone is back
    look_now: bool = False  #: Telegram says that something about it has changed
    trouble: str = ""  #: what the last attempt to read it came to, so that it is logged once
    join_refused: bool = False
    join_again_at: datetime | None = None  #: joining failed by no word against it, and is tried again then
    is_released: bool = False  #: another account watches it now
    is_mute: bool = False  #: nothing is pushed to its account
    #: Several tasks may learn of one change at once; it is told once.
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def id(self) -> int:
        return self.channel.id

    @property
    def name(self) -> str:
        return self.channel.name

    @property
    def is_open(self) -> bool:
        return self.channel.status is ChannelStatus.OPEN and not self.is_released

    @property
    def how(self) -> How:
        is_pushed = self.joined and not self.is_mute and not self.pushes.fail
        return How.LIVE if is_pushed else How.POLLED

    @property
    def how_since(self) -> How:
        """In which way it was watched all the time since the last proof."""
        return self.how if self.was_pushed else How.POLLED

    @property
    def peer(self) -> T.InputPeerChannel:
        return T.InputPeerChannel(self.id, self.access_hash)

    @property
    def input(self) -> T.InputChannel:
        return T.InputChannel(self.id, self.access_hash)

    def prove(self, at: datetime, answered_at: datetime) -> None:
        """As `collector.watch.Proof` has it."""
        if self.proof is None:
            self.heard_since = answered_at
        self.proof, self.was_pushed = at, self.how is How.LIVE

    def break_off(self, cause: GapCause) -> None:
        """From the last proof on we cannot say that we saw everything."""
        if self.proof is not None:
            self.cause = cause
        self.proof = None


@dataclass(slots=True, eq=False)
class Roster:
    """All channels of one account, by number."""

    by_id: dict[int, Watched] = field(default_factory=dict)
    #: None of them is pushed: what Telegram pushes cannot be understood, and ends the connection.
    is_mute: bool = False
    #: Doubled by each new connection that was made in vain.
    deaf_after: int = DEAF_AFTER
    #: Set when one of them wants to be read at once.
    urgent: asyncio.Event = field(default_factory=asyncio.Event)
    #: Set when the recent posts of one of them should be read again.
    doubted: asyncio.Event = field(default_factory=asyncio.Event)
    #: Set when something about one of them seems to have changed.
    noticed: asyncio.Event = field(default_factory=asyncio.Event)

    #: What is done beside the watch, where it failed in a way that nobody has thought of, and when last.
    failures: dict[str, datetime] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Watched]:
        return iter(list(self.by_id.values()))

    def __len__(self) -> int:
        return len(self.by_id)

    def add(self, watched: Watched) -> None:
        watched.is_mute = self.is_mute
        self.by_id[watched.id] = watched

    def mute(self, is_mute: bool) -> None:
        """Is anything pushed, from now on?"""
        self.is_mute = is_mute
        for watched in self:
            watched.is_mute = is_mute

    def get(self, channel_id: int | None) -> Watched | None:
        return None if channel_id is None else self.by_id.get(channel_id)

    @property
    def open(self) -> list[Watched]:
        return [w for w in self.by_id.values() if w.is_open]

    def tear(self, watched: Watched) -> None:
        """Its history must be read, soon."""
        watched.torn = True
        self.urgent.set()

    def doubt(self, watched: Watched, at: datetime) -> None:
        """Its recent posts must be read again, as they are after `at`."""
        watched.doubted_at = at
        self.doubted.set()

    def trouble(self, now: datetime) -> str:
        """What people are to know of how these are watched; empty: nothing."""
        if self.is_mute:
            return "what Telegram pushes cannot be understood; channels are polled"
        lately = sorted(how for how, at in self.failures.items() if now - at < LATELY)
        return f"a part beside the watch fails: {'; '.join(lately)}" if lately else ""
