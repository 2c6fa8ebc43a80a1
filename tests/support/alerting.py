"""Alerts as the engine makes them, and their data, for the tests of the bot."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.episode import Alert, Episode, Move, State, Subject
from domain.finding import Cause, Kind, Verdict
from domain.subscription import Role, Subscriber
from storage.store import Store

NOON = datetime(2031, 3, 14, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def an_episode(**changes: Any) -> Episode:
    """A channel silent since seven in the morning, told at noon."""
    fields: dict[str, Any] = {
        "id": 12,
        "kind": Kind.SILENCE,
        "subject": Subject(channel_id=1001),
        "state": State.OPEN,
        "since_at": NOON - 5 * HOUR,
        "found_at": NOON - HOUR / 4,
        "opened_at": NOON,
        "observed": 0,
        "expected": 9.34,
        "probability": 0.00021,
        "verdict": Verdict.confirmed(Cause.UNEXPLAINED, "We watched it without a break."),
    }
    return Episode(**(fields | changes))


def an_alert(move: Move = Move.OPENED, *, at: datetime = NOON, id: int = 5, **episode: Any) -> Alert:  # noqa: A002
    if move is Move.CLOSED:
        episode = {"state": State.CLOSED, "closed_at": at} | episode
    return Alert(id=id, at=at, move=move, episode=an_episode(**episode))


def a_member(number: int, title: str, last_post_at: datetime | None = NOON - 5 * HOUR) -> dict[str, Any]:
    return {
        "id": number,
        "title": title,
        "handle": f"chan_{number}",
        "last_post_at": last_post_at.isoformat() if last_post_at else None,
        "last_post_id": 500,
    }


def a_payload(
    title: str = "Falcon Front",
    *,
    at: datetime = NOON,
    hours: int = 168,
    rate: float = 2.0,
    unwatched: Sequence[tuple[int, int]] = (),
    quiet: int = 5,
    **changes: Any,
) -> dict[str, Any]:
    """A week of hourly points with a daily rhythm; `unwatched` are ranges of hours, `quiet` the last ones."""
    end = at.replace(minute=0, second=0, microsecond=0)
    start = end - hours * HOUR
    points = []
    for n in range(hours):
        expected = rate * (1 + 0.9 * math.sin((n % 24) / 24 * 2 * math.pi))
        observed: int | None = 0 if n >= hours - quiet else round(expected)
        if any(a <= n < b for a, b in unwatched):
            observed = None
        points.append(
            {
                "start": (start + n * HOUR).isoformat(),
                "observed": observed,
                "expected": expected,
                "lower": max(0.0, expected - 1.5 * math.sqrt(expected)),
                "upper": expected + 1.5 * math.sqrt(expected),
            }
        )
    document: dict[str, Any] = {
        "title": title,
        "zone": "UTC",
        "channel": {"id": 1001, "title": title, "handle": "falcon_front"},
        "topic": None,
        "members": [],
        "last_posts": [{"id": 77, "posted_at": (at - quiet * HOUR).isoformat(), "text": "A statement."}],
        "start": start.isoformat(),
        "end": end.isoformat(),
        "points": points,
    }
    return document | changes


async def let_in(
    store: Store, chat_id: int, role: Role = Role.ANALYST, *, zone: str = "UTC", at: datetime = NOON
) -> Subscriber:
    subscriber = Subscriber(
        chat_id=chat_id, name=f"chat {chat_id}", role=role, zone=zone, let_in_at=at, let_in_by="a test"
    )
    async with store.begin() as tx:
        await tx.subscriptions.let_in(subscriber)
    return subscriber


async def put_out(
    store: Store,
    *chats: int,
    move: Move = Move.OPENED,
    episode: Episode | None = None,
    payload: dict[str, Any] | None = None,
    at: datetime = NOON,
    **changes: Any,
) -> Alert:
    """Put an alert into the outbox, as the engine does; a new episode is stored with it."""
    async with store.begin() as tx:
        told = replace(episode or an_episode(id=0), **changes)
        if move is Move.CLOSED:
            told = replace(told, state=State.CLOSED, closed_at=at)
        told = await tx.episodes.save(told)
        alert = Alert(id=0, at=at, move=move, episode=told)
        number = await tx.outbox.add(alert, a_payload(at=at) if payload is None else payload, chats)
        tx.notify("deliveries")
    return replace(alert, id=number)
