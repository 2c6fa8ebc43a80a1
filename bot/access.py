"""The door: who is let in, by whom, and what is said to everybody else."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.config import BotConfig
from bot.record import access_of, note
from bot.say import Say, say_in
from bot.seldom import Seldom
from domain.change import What
from domain.clock import Clock
from domain.subscription import Invite, Role, Subscriber, Subscription
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

_LONGEST_NAME = 120
_LONGEST_SAID = 64
#: So many attempts of all people together are put on record in an hour; a flood of them is not.
_MOST_ATTEMPTS = 200
BY_CONFIG = "config"
_NAMELESS = "owner"  #: one of the config who has not written yet
SHORT = 16  #: letters of an invite's hash by which it goes in buttons and in the record
#: Who changes what the config says.
_BY = Subscriber(
    chat_id=0, name=BY_CONFIG, role=Role.OWNER, let_in_at=datetime.fromtimestamp(0, UTC), let_in_by=BY_CONFIG
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Someone who is let in, and the chat they speak in: the same one, unless that is a group."""

    person: Subscriber
    chat: Subscriber

    @property
    def say(self) -> Say:
        return say_in(self.chat.language)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.chat.zone)


class Door:
    """Lets in owners and invited people; remembers which stranger was answered when."""

    def __init__(self, config: BotConfig, store: Store, clock: Clock, pace: Clock) -> None:
        self.config = config
        self.store = store
        self.clock = clock
        self._pace = pace
        self._answered = Seldom(pace, config.stranger_line)
        self._audited = Seldom(pace, config.stranger_line)
        self._hour = Seldom(pace, timedelta(hours=1))
        self._n_attempts = 0
        self._presses = Seldom(pace, timedelta(seconds=5))
        self._tests = Seldom(clock, timedelta(minutes=1))

    # -- owners

    async def let_owners_in(self) -> None:
        """At the start: every owner of the config is in, and nobody is an owner any more who left it."""
        async with self.store.begin() as tx:
            for owner in self.config.owners:
                if not await self._has_left(tx, owner):
                    await self._let_owner_in(tx, owner, "")
            for subscriber in await tx.subscriptions.subscribers():
                if subscriber.role is Role.OWNER and subscriber.chat_id not in self.config.owners:
                    why = "no longer an owner in the config"
                    await tx.subscriptions.end(subscriber.chat_id, self.clock.now(), why)
                    old = access_of(subscriber)
                    await note(tx, _BY, self.clock.now(), What.ACCESS, subscriber.chat_id, old=old, new=None)
                    log.info("bot: access ended", chat=subscriber.chat_id, why=why)

    async def owner_writes(self, user_id: int, name: str) -> Subscriber | None:
        """An owner opened the bot: in they are, also after they had left. None for anybody else."""
        if user_id not in self.config.owners:
            return None
        async with self.store.begin() as tx:
            return await self._let_owner_in(tx, user_id, name)

    async def _let_owner_in(self, tx: Transaction, user_id: int, name: str) -> Subscriber:
        now = self.clock.now()
        known = await tx.subscriptions.subscriber(user_id)
        if known is not None and known.role is Role.OWNER and name in ("", known.name):
            return known
        subscriber = self._newcomer(user_id, name or _NAMELESS, Role.OWNER, BY_CONFIG)
        if known is not None:
            subscriber = replace(known, role=Role.OWNER, name=name or known.name)
        await tx.subscriptions.let_in(subscriber)
        old, new = access_of(known), access_of(subscriber)
        if (old or {}).get("role") != Role.OWNER.value:
            await note(tx, _BY, now, What.ACCESS, user_id, old=old, new=new)
        # A fresh installation tells its owner everything, without a tap: a bot that is paired and
        # subscribed to nothing looks alive and never speaks.
        if not await tx.marks.get(_mark(user_id)) and not await tx.subscriptions.of(user_id):
            await tx.subscriptions.subscribe(Subscription(chat_id=user_id, made_at=now))
        await tx.marks.set(_mark(user_id), {"left": False}, now)
        return subscriber

    async def _has_left(self, tx: Transaction, user_id: int) -> bool:
        return bool((await tx.marks.get(_mark(user_id))).get("left"))

    # -- everybody

    async def known(self, chat_id: int) -> Subscriber | None:
        async with self.store.read() as tx:
            return await tx.subscriptions.subscriber(chat_id)

    async def visitor(self, user_id: int, name: str, chat_id: int) -> Visitor | None:
        """Whoever writes, if let in. In a group the one who writes must be let in, and the group too."""
        async with self.store.read() as tx:
            person = await tx.subscriptions.subscriber(user_id)
            left = await self._has_left(tx, user_id) if user_id in self.config.owners else False
            chat = person if chat_id == user_id else await tx.subscriptions.subscriber(chat_id)
        nameless = person is not None and person.role is Role.OWNER and person.name == _NAMELESS
        if (person is None and not left) or nameless:
            person = await self.owner_writes(user_id, name)
            chat = person if chat_id == user_id else chat
        if person is None or chat is None:
            return None
        return Visitor(person=person, chat=chat)

    async def let_group_in(
        self, chat_id: int, title: str, by: Subscriber, topic: int | None = None
    ) -> Subscriber:
        """A group is let in by one of its admins who is let in; it may only listen. `topic`: the one of a
        forum that alerts go to."""
        group = replace(
            self._newcomer(chat_id, title, Role.GUEST, f"{by.name} ({by.chat_id})"),
            zone=by.zone,
            language=by.language,
            thread_id=topic,
        )
        async with self.store.begin() as tx:
            known = await tx.subscriptions.subscriber(chat_id)
            if known is not None:
                return known
            await tx.subscriptions.let_in(group)
            new = access_of(group)
            await note(tx, by, self.clock.now(), What.ACCESS, chat_id, old=None, new=new)
        log.info("bot: group let in", chat=chat_id, by=by.chat_id)
        return group

    async def move_to_topic(self, group: Subscriber, topic: int | None, by: Subscriber) -> Subscriber:
        """From now on its alerts go to another topic of the forum; None: to none of them."""
        moved = replace(group, thread_id=topic)
        async with self.store.begin() as tx:
            await tx.subscriptions.let_in(moved)
            old, new = access_of(group), access_of(moved)
            await note(tx, by, self.clock.now(), What.ACCESS, group.chat_id, old=old, new=new)
        return moved

    async def leave(self, chat_id: int, by: Subscriber) -> None:
        """A chat ends its own access. What waits for it is dropped; what it subscribed to is kept."""
        now = self.clock.now()
        async with self.store.begin() as tx:
            known = await tx.subscriptions.subscriber(chat_id)
            await tx.subscriptions.end(chat_id, now, "left")
            if known is not None:
                await note(tx, by, now, What.ACCESS, chat_id, old=access_of(known), new=None)
            await tx.outbox.drop_chat(chat_id, "left")
            if chat_id in self.config.owners:
                await tx.marks.set(_mark(chat_id), {"left": True}, now)
        log.info("bot: left", chat=chat_id)

    # -- invites

    async def invite(self, role: Role, by: Subscriber) -> str:
        """A new way in. Returns its code, which is kept nowhere."""
        code = secrets.token_urlsafe(24)
        now = self.clock.now()
        invite = Invite(
            code_hash=_hash(code),
            role=role,
            made_by=by.chat_id,
            made_at=now,
            expires_at=now + self.config.invite_expires,
        )
        async with self.store.begin() as tx:
            await tx.access.add_invite(invite)
            new = {"role": role.value, "open": True}
            await note(tx, by, now, What.INVITE, invite.code_hash[:SHORT], old=None, new=new)
        log.info("bot: invite made", by=by.chat_id, role=role.value)
        return code

    async def use(self, code: str, user_id: int, name: str) -> Subscriber | None:
        """Come in by an invite. None when it opens nothing (any more)."""
        now = self.clock.now()
        async with self.store.begin() as tx:
            invite = await tx.access.use_invite(_hash(code), user_id, now)
            if invite is None:
                return None
            subscriber = self._newcomer(user_id, name, invite.role, str(invite.made_by))
            await tx.subscriptions.let_in(subscriber)
            short = invite.code_hash[:SHORT]
            new = (access_of(subscriber) or {}) | {"invite": short}
            await note(tx, subscriber, now, What.ACCESS, user_id, old=None, new=new)
        log.info("bot: let in", chat=user_id, role=invite.role.value, by=invite.made_by)
        return subscriber

    # -- strangers

    def may_answer(self, user_id: int) -> bool:
        """Whether this stranger is to be answered now; the answer counts."""
        return self._answered.passes(user_id)

    def may_press(self, user_id: int) -> bool:
        """Whether a stranger's tap is looked into: a hundred of them at once are one."""
        return self._presses.passes(user_id)

    def may_test(self, chat_id: int) -> bool:
        """Whether this chat may have a test alert now; the yes counts."""
        return self._tests.passes(chat_id)

    async def refused(self, user_id: int, name: str, said: str, why: str) -> None:
        """Put an attempt on record: of one person with one thing once in a while, of all not without end."""
        if not self._audited.passes((user_id, said)):
            return
        if self._hour.passes(None):
            self._n_attempts = 0
        self._n_attempts += 1
        log.info("bot: refused", user=user_id, said=said, why=why)
        if self._n_attempts > _MOST_ATTEMPTS:
            return
        who = Subscriber(
            chat_id=user_id,
            name=name[:_LONGEST_NAME],
            role=Role.GUEST,
            let_in_at=self.clock.now(),
            let_in_by="",
        )
        async with self.store.begin() as tx:
            new = {"said": said[:_LONGEST_SAID], "why": why}
            await note(tx, who, self.clock.now(), What.ATTEMPT, user_id, old=None, new=new)

    def _newcomer(self, chat_id: int, name: str, role: Role, by: str) -> Subscriber:
        return Subscriber(
            chat_id=chat_id,
            name=name[:_LONGEST_NAME],
            role=role,
            zone=self.config.zone,
            let_in_at=self.clock.now(),
            let_in_by=by,
        )


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def _mark(user_id: int) -> str:
    return f"bot.owner.{user_id}"
