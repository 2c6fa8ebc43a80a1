"""The door: who is let in, by whom, and what is said to everybody else."""

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from bot.config import BotConfig
from bot.say import Say, say_in
from domain.clock import Clock
from domain.subscription import Invite, Role, Subscriber, Subscription
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

_MOST_STRANGERS = 10_000  #: remembered at once
_LONGEST_NAME = 120
BY_CONFIG = "config"


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
        self._answered: OrderedDict[int, datetime] = OrderedDict()

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
        subscriber = self._newcomer(user_id, name or "owner", Role.OWNER, BY_CONFIG)
        if known is not None:
            subscriber = replace(known, role=Role.OWNER, name=name or known.name)
        await tx.subscriptions.let_in(subscriber)
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
        if person is None and not left:
            person = await self.owner_writes(user_id, name)
            chat = person if chat_id == user_id else chat
        if person is None or chat is None:
            return None
        return Visitor(person=person, chat=chat)

    async def let_group_in(self, chat_id: int, title: str, by: Subscriber) -> Subscriber:
        """A group is let in by one of its admins who is let in; it may only listen."""
        group = replace(
            self._newcomer(chat_id, title, Role.GUEST, f"{by.name} ({by.chat_id})"),
            zone=by.zone,
            language=by.language,
        )
        async with self.store.begin() as tx:
            known = await tx.subscriptions.subscriber(chat_id)
            if known is not None:
                return known
            await tx.subscriptions.let_in(group)
        log.info("bot: group let in", chat=chat_id, by=by.chat_id)
        return group

    async def leave(self, chat_id: int) -> None:
        """A chat ends its own access. What waits for it is dropped; what it subscribed to is kept."""
        now = self.clock.now()
        async with self.store.begin() as tx:
            await tx.subscriptions.end(chat_id, now, "left")
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
        log.info("bot: let in", chat=user_id, role=invite.role.value, by=invite.made_by)
        return subscriber

    # -- strangers

    def may_answer(self, user_id: int) -> bool:
        """Whether this stranger is to be answered now; the answer counts."""
        now = self._pace.now()
        last = self._answered.get(user_id)
        if last is not None and now - last < self.config.stranger_line:
            return False
        self._answered.pop(user_id, None)
        self._answered[user_id] = now
        if len(self._answered) > _MOST_STRANGERS:
            self._answered.popitem(last=False)
        log.info("bot: a stranger wrote", user=user_id)
        return True

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
