"""Who was let in, and what each chat wants to hear of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.finding import Kind
from domain.severity import Severity
from domain.subscription import Role, Subscriber, Subscription
from storage.tables import Subscribers, Subscriptions
from storage.upsert import upsert


class SubscriptionRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def subscriber(self, chat_id: int) -> Subscriber | None:
        """Whoever is let in under this chat; None for a stranger and for one whose time ended."""
        rows = await self._connection.execute(
            select(Subscribers.__table__).where(
                Subscribers.chat_id == chat_id, Subscribers.ended_at.is_(None)
            )
        )
        row = rows.mappings().one_or_none()
        return _subscriber(row) if row else None

    async def subscribers(self) -> Sequence[Subscriber]:
        rows = await self._connection.execute(
            select(Subscribers.__table__).where(Subscribers.ended_at.is_(None)).order_by(Subscribers.chat_id)
        )
        return [_subscriber(row) for row in rows.mappings()]

    async def let_in(self, subscriber: Subscriber) -> None:
        """Let a chat in, or change its role; one that had ended is back."""
        row = {
            "chat_id": subscriber.chat_id,
            "name": subscriber.name,
            "role": subscriber.role.value,
            "zone": subscriber.zone,
            "language": subscriber.language,
            "thread_id": subscriber.thread_id,
            "let_in_at": subscriber.let_in_at,
            "let_in_by": subscriber.let_in_by,
            "ended_at": None,
            "ended_why": "",
        }
        await upsert(self._connection, Subscribers, [row], key=("chat_id",))

    async def end(self, chat_id: int, at: datetime, why: str) -> None:
        """A chat is out of reach or was put out; what it subscribed to is kept for its return."""
        await self._connection.execute(
            update(Subscribers)
            .where(Subscribers.chat_id == chat_id, Subscribers.ended_at.is_(None))
            .values(ended_at=at, ended_why=why)
        )

    async def move(self, old: int, new: int) -> None:
        """A group became a supergroup and has a new number. Who was put out is not let in by moving."""
        rows = await self._connection.execute(select(Subscribers.__table__).where(Subscribers.chat_id == old))
        row = rows.mappings().one_or_none()
        if row is None:
            return
        await self._connection.execute(delete(Subscribers).where(Subscribers.chat_id == old))
        await upsert(self._connection, Subscribers, [{**row, "chat_id": new}], key=("chat_id",), keep=True)
        there = {_wish(each) for each in await self.of(new)}
        for mine in await self.of(old):
            if _wish(mine) in there:
                await self.unsubscribe(old, mine.id)
        await self._connection.execute(
            update(Subscriptions).where(Subscriptions.chat_id == old).values(chat_id=new)
        )

    async def subscribe(self, subscription: Subscription) -> Subscription:
        """Add a subscription; the same one twice is one, of the severity that was asked for last."""
        for known in await self.of(subscription.chat_id):
            if _wish(known) == _wish(subscription):
                if known.least is not subscription.least:
                    await self._connection.execute(
                        update(Subscriptions)
                        .where(Subscriptions.id == known.id)
                        .values(least=subscription.least.value)
                    )
                return replace(known, least=subscription.least)
        made = await self._connection.execute(
            insert(Subscriptions)
            .values(
                chat_id=subscription.chat_id,
                channel_id=subscription.channel_id,
                group=subscription.group,
                topic=subscription.topic,
                claimant=subscription.claimant,
                kind=subscription.kind.value if subscription.kind else None,
                least=subscription.least.value,
                made_at=subscription.made_at,
            )
            .returning(Subscriptions.id)
        )
        return replace(subscription, id=made.scalar_one())

    async def unsubscribe(self, chat_id: int, subscription_id: int) -> bool:
        done = await self._connection.execute(
            delete(Subscriptions).where(Subscriptions.chat_id == chat_id, Subscriptions.id == subscription_id)
        )
        return done.rowcount == 1

    async def of(self, chat_id: int) -> Sequence[Subscription]:
        rows = await self._connection.execute(
            select(Subscriptions.__table__).where(Subscriptions.chat_id == chat_id).order_by(Subscriptions.id)
        )
        return [_subscription(row) for row in rows.mappings()]

    async def all(self) -> Sequence[Subscription]:
        """The subscriptions of everyone who is let in."""
        rows = await self._connection.execute(
            select(Subscriptions.__table__)
            .join(Subscribers.__table__, Subscribers.chat_id == Subscriptions.chat_id)
            .where(Subscribers.ended_at.is_(None))
            .order_by(Subscriptions.id)
        )
        return [_subscription(row) for row in rows.mappings()]


def _wish(subscription: Subscription) -> tuple[object, ...]:
    """What is wanted, by whomever."""
    return (
        subscription.channel_id,
        subscription.group,
        subscription.topic,
        subscription.claimant,
        subscription.kind,
    )


def _subscriber(row: Mapping[Any, Any]) -> Subscriber:
    return Subscriber(**{**row, "role": Role(row["role"])})


def _subscription(row: Mapping[Any, Any]) -> Subscription:
    kind = Kind(row["kind"]) if row["kind"] else None
    return Subscription(**{**row, "kind": kind, "least": Severity(row["least"])})
