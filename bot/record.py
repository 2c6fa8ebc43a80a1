"""The record of changes, as the bot keeps it: who, when, old, new; and taking one back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.change import Change, What
from domain.subscription import Role, Subscriber
from storage.store import Transaction


async def note(
    tx: Transaction,
    by: Subscriber,
    at: datetime,
    what: What,
    subject: object,
    *,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    undoes: int | None = None,
) -> Change:
    """Keep a change in the transaction that makes it."""
    return await tx.changes.add(
        Change(
            at=at,
            by=by.chat_id,
            name=by.name,
            what=what,
            subject=str(subject),
            old=old,
            new=new,
            undoes=undoes,
        )
    )


def access_of(subscriber: Subscriber | None) -> dict[str, Any] | None:
    """What the record keeps of someone's access."""
    if subscriber is None or subscriber.ended_at is not None:
        return None
    topic = {} if subscriber.thread_id is None else {"topic": subscriber.thread_id}
    return {"role": subscriber.role.value, "name": subscriber.name, **topic}


async def set_access(
    tx: Transaction, chat_id: int, wanted: Mapping[str, Any] | None, by: Subscriber, at: datetime, zone: str
) -> None:
    """Let somebody in as this role, change it, or end it (None). What waits for whoever is put out is
    dropped."""
    known = await tx.subscriptions.subscriber(chat_id)
    if wanted is None:
        await tx.subscriptions.end(chat_id, at, f"put out by {by.name} ({by.chat_id})")
        await tx.outbox.drop_chat(chat_id, "put out")
        return
    role, name, topic = Role(wanted["role"]), str(wanted["name"]), wanted.get("topic")
    if known is not None:
        await tx.subscriptions.let_in(replace(known, role=role, thread_id=topic))
        return
    let_in_by = f"{by.name} ({by.chat_id})"
    await tx.subscriptions.let_in(
        Subscriber(
            chat_id=chat_id,
            name=name,
            role=role,
            zone=zone,
            thread_id=topic,
            let_in_at=at,
            let_in_by=let_in_by,
        )
    )
