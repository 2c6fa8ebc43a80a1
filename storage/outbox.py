"""The outbox: alerts on their way to people. An alert is lost only with the database itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.episode import Alert, Episode, Move
from domain.sentence import sentence_document
from domain.subscription import Delivery, DeliveryState, Hold
from storage.episodes import INSTANTS, episode_document, episode_record, read_instants
from storage.keys import CHUNK
from storage.tables import Alerts, Deliveries
from storage.upsert import upsert

#: What has not come to an end yet.
_UNDER_WAY = (DeliveryState.WAITING.value, DeliveryState.LEASED.value, DeliveryState.HELD.value)
_ADD = insert(cast("SqlTable", Alerts.__table__)).returning(Alerts.id, sort_by_parameter_order=True)


class OutboxRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, alert: Alert, payload: dict[str, Any], chat_ids: Iterable[int]) -> int:
        """Put an alert into the outbox for these chats. `payload` is the data of its chart.

        Returns the alert's number.
        """
        return (await self.add_all([(alert, payload, chat_ids)]))[0]

    async def add_all(self, alerts: Sequence[tuple[Alert, dict[str, Any], Iterable[int]]]) -> Sequence[int]:
        """The same for each of several; in their order."""
        if not alerts:
            return []
        rows = [
            {
                "at": alert.at,
                "move": alert.move.value,
                "episode_id": alert.episode.id,
                "episode": _document(alert.episode),
                "payload": payload,
            }
            for alert, payload, _ in alerts
        ]
        numbers = (await self._connection.scalars(_ADD, rows)).all()
        deliveries = [
            {
                "alert_id": number,
                "episode_id": alert.episode.id,
                "chat_id": chat_id,
                "state": DeliveryState.WAITING.value,
                "not_before": alert.at,
                "attempts": 0,
                "why": "",
            }
            for number, (alert, _, chat_ids) in zip(numbers, alerts, strict=True)
            for chat_id in chat_ids
        ]
        await upsert(self._connection, Deliveries, deliveries, key=("alert_id", "chat_id"), keep=True)
        return list(numbers)

    async def alert(self, alert_id: int) -> tuple[Alert, dict[str, Any]]:
        """An alert and the data of its chart. Raises LookupError."""
        rows = await self._connection.execute(select(Alerts.__table__).where(Alerts.id == alert_id))
        row = rows.mappings().one_or_none()
        if row is None:
            raise LookupError(f"no alert {alert_id}")
        document = read_instants(row["episode"])
        alert = Alert(id=row["id"], at=row["at"], move=Move(row["move"]), episode=episode_record(document))
        return alert, row["payload"]

    async def claim_one(self, worker: str, now: datetime, lease: timedelta) -> Delivery | None:
        """Lease the oldest delivery that is due; it comes back by itself if the worker dies.

        A chat's deliveries keep their order: none is leased while an older one of the same chat waits. What
        is held is in nobody's way until it is due.
        """
        await self._connection.execute(
            update(Deliveries)
            .where(Deliveries.state == DeliveryState.HELD.value, Deliveries.not_before <= now)
            .values(state=DeliveryState.WAITING.value)
        )
        lapsed = (Deliveries.state == DeliveryState.LEASED.value) & (Deliveries.lease_until < now)
        found = [
            row
            for condition in (Deliveries.state == DeliveryState.WAITING.value, lapsed)
            if (row := await self._first_due(condition, now)) is not None
        ]
        if not found:
            return None
        _, delivery_id = min(found)
        return (await self._lease(Deliveries.id == delivery_id, worker, now + lease))[0]

    async def claim_rest(self, first: Delivery, now: datetime) -> Sequence[Delivery]:
        """Lease, with one that is leased already, all else that is due for its chat; in order."""
        due = (Deliveries.state == DeliveryState.WAITING.value) & (Deliveries.not_before <= now)
        if first.lease_until is None or first.leased_by is None:
            raise ValueError(f"delivery {first.id} is leased to nobody")
        mine = Deliveries.chat_id == first.chat_id
        return await self._lease(mine & due, first.leased_by, first.lease_until)

    async def _lease(self, which: ColumnElement[bool], worker: str, until: datetime) -> list[Delivery]:
        taken = await self._connection.execute(
            update(Deliveries)
            .where(which)
            .values(
                state=DeliveryState.LEASED.value,
                leased_by=worker,
                lease_until=until,
                attempts=Deliveries.attempts + 1,
            )
            .returning(Deliveries.__table__)
        )
        return sorted((_delivery(row) for row in taken.mappings()), key=lambda d: d.id)

    async def _first_due(self, condition: ColumnElement[bool], now: datetime) -> tuple[datetime, int] | None:
        """The oldest of these that is due and not behind another of its chat."""
        older = Deliveries.__table__.alias("older")
        query = (
            # One state at a time: so the index gives them in order, and the first that fits is the answer.
            select(Deliveries.not_before, Deliveries.id)
            .where(
                condition,
                Deliveries.not_before <= now,
                ~select(older.c.id)
                .where(
                    older.c.chat_id == Deliveries.chat_id,
                    older.c.id < Deliveries.id,
                    older.c.state.in_((DeliveryState.WAITING.value, DeliveryState.LEASED.value)),
                )
                .exists(),
            )
            .order_by(Deliveries.not_before, Deliveries.id)
            .limit(1)
        )
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        row = (await self._connection.execute(query)).one_or_none()
        return (row[0], row[1]) if row else None

    async def settle(
        self, delivery: Delivery, message_id: int | None, at: datetime, *, digested: bool = False
    ) -> bool:
        """It was sent, as that message. False: the lease had been lost to another worker."""
        return await self._end(
            delivery,
            state=DeliveryState.SENT,
            message_id=message_id,
            sent_at=at,
            digested=digested,
            hold=None,
            why="",
        )

    async def hold(self, delivery: Delivery, until: datetime, hold: Hold, why: str) -> bool:
        """The chat does not want to hear of it before then; what it wants is then looked at anew."""
        return await self._end(delivery, state=DeliveryState.HELD, not_before=until, hold=hold.value, why=why)

    async def give_back(self, delivery: Delivery, not_before: datetime, why: str) -> bool:
        """It could not be sent now; try again from that instant on."""
        return await self._end(delivery, state=DeliveryState.WAITING, not_before=not_before, why=why)

    async def drop(self, delivery: Delivery, why: str) -> bool:
        """It can never be sent."""
        return await self._end(delivery, state=DeliveryState.DROPPED, why=why)

    async def _end(self, delivery: Delivery, *, state: DeliveryState, **values: Any) -> bool:
        done = await self._connection.execute(
            update(Deliveries)
            .where(
                Deliveries.id == delivery.id,
                Deliveries.state == DeliveryState.LEASED.value,
                Deliveries.leased_by == delivery.leased_by,
                Deliveries.attempts == delivery.attempts,
            )
            .values(state=state.value, lease_until=None, leased_by=None, **values)
        )
        return done.rowcount == 1

    async def move_chat(self, old: int, new: int) -> None:
        """A group became a supergroup: what is on its way goes to the new number.

        What the new number gets anyway is dropped under the old one.
        """
        twice = select(Deliveries.alert_id).where(Deliveries.chat_id == new)
        mine = (Deliveries.chat_id == old) & Deliveries.state.in_(_UNDER_WAY)
        await self._connection.execute(
            update(Deliveries)
            .where(mine, Deliveries.alert_id.in_(twice))
            .values(
                state=DeliveryState.DROPPED.value,
                why=f"moved to {new}, which gets it anyway",
                lease_until=None,
                leased_by=None,
            )
        )
        await self._connection.execute(update(Deliveries).where(mine).values(chat_id=new))

    async def drop_chat(self, chat_id: int, why: str) -> int:
        """Nothing more reaches that chat. Returns how many deliveries were dropped."""
        done = await self._connection.execute(
            update(Deliveries)
            .where(
                Deliveries.chat_id == chat_id,
                Deliveries.state.in_(_UNDER_WAY),
            )
            .values(state=DeliveryState.DROPPED.value, why=why, lease_until=None, leased_by=None)
        )
        return done.rowcount

    async def supersede(self, delivery: Delivery, why: str) -> int:
        """What is held back of the same episode for the same chat is said by this later one."""
        done = await self._connection.execute(
            update(Deliveries)
            .where(
                Deliveries.chat_id == delivery.chat_id,
                Deliveries.episode_id == delivery.episode_id,
                Deliveries.id < delivery.id,
                Deliveries.state == DeliveryState.HELD.value,
            )
            .values(state=DeliveryState.DROPPED.value, why=why)
        )
        return done.rowcount

    async def told(self, episode_id: int) -> Sequence[int]:
        """The chats to which something of this episode was sent or is on its way."""
        return (await self.told_of([episode_id])).get(episode_id, ())

    async def told_of(self, episodes: Iterable[int]) -> Mapping[int, Sequence[int]]:
        """The same for each of several; those of which nobody was told are left out."""
        wanted, out = sorted(set(episodes)), defaultdict[int, list[int]](list)
        for start in range(0, len(wanted), CHUNK):
            rows = await self._connection.execute(
                select(Deliveries.episode_id, Deliveries.chat_id)
                .where(
                    Deliveries.episode_id.in_(wanted[start : start + CHUNK]),
                    Deliveries.state != DeliveryState.DROPPED.value,
                )
                .distinct()
                .order_by(Deliveries.episode_id, Deliveries.chat_id)
            )
            for episode_id, chat_id in rows:
                out[episode_id].append(chat_id)
        return out

    async def message_of(self, episode_id: int, chat_id: int) -> int | None:
        """The message that tells that chat of the episode; a digest in which it is a line is none."""
        rows = await self._connection.execute(
            select(Deliveries.message_id)
            .where(
                Deliveries.episode_id == episode_id,
                Deliveries.chat_id == chat_id,
                Deliveries.message_id.is_not(None),
                Deliveries.digested.is_(False),
            )
            .order_by(Deliveries.id.desc())
            .limit(1)
        )
        return rows.scalar_one_or_none()

    async def latest(self, episode_id: int, chat_id: int) -> tuple[Alert, dict[str, Any]] | None:
        """The last alert of an episode that went, or was to go, to a chat. None: it was never told of it."""
        rows = await self._connection.execute(
            select(Deliveries.alert_id)
            .where(Deliveries.episode_id == episode_id, Deliveries.chat_id == chat_id)
            .order_by(Deliveries.id.desc())
            .limit(1)
        )
        alert_id = rows.scalar_one_or_none()
        return await self.alert(alert_id) if alert_id is not None else None

    async def sent_outright(
        self, alert: Alert, payload: dict[str, Any], chat_id: int, message_id: int | None, at: datetime
    ) -> None:
        """Keep that a chat was shown an episode at its own wish: from now on this message tells of it."""
        alert_id = await self.add(alert, payload, [chat_id])
        await self._connection.execute(
            update(Deliveries)
            .where(Deliveries.alert_id == alert_id)
            .values(state=DeliveryState.SENT.value, message_id=message_id, sent_at=at)
        )

    async def since(self, chat_id: int, since: datetime) -> Sequence[int]:
        """The numbers of the alerts that were sent to a chat after an instant, in order: of each episode the
        last one.
        """
        last = func.max(Deliveries.alert_id)
        rows = await self._connection.execute(
            select(last)
            .where(
                Deliveries.chat_id == chat_id,
                Deliveries.state == DeliveryState.SENT.value,
                Deliveries.sent_at > since,
            )
            .group_by(Deliveries.episode_id)
            .order_by(last)
        )
        return list(rows.scalars())

    async def waits(self, chat_id: int) -> bool:
        """Is something due for this chat, or on its way?"""
        rows = await self._connection.execute(
            select(Deliveries.id)
            .where(
                Deliveries.chat_id == chat_id,
                Deliveries.state.in_((DeliveryState.WAITING.value, DeliveryState.LEASED.value)),
            )
            .limit(1)
        )
        return rows.scalar_one_or_none() is not None

    async def under_way(self) -> tuple[int, datetime | None]:
        """How many deliveries are to go out, and of when the oldest of their alerts is."""
        rows = await self._connection.execute(
            select(func.count(), func.min(Alerts.at))
            .select_from(Deliveries)
            .join(Alerts, Alerts.id == Deliveries.alert_id)
            .where(Deliveries.state.in_((DeliveryState.WAITING.value, DeliveryState.LEASED.value)))
        )
        n, oldest = rows.one()
        return n, oldest

    async def held(self) -> int:
        """How many are held back by what chats want to hear."""
        found = await self._connection.execute(
            select(func.count()).where(Deliveries.state == DeliveryState.HELD.value)
        )
        return found.scalar_one()

    async def next_due(self, now: datetime) -> datetime | None:
        """When the next waiting delivery or lapsing lease is due."""
        waiting, held = (
            select(func.min(Deliveries.not_before)).where(Deliveries.state == state.value)
            for state in (DeliveryState.WAITING, DeliveryState.HELD)
        )
        leased = select(func.min(Deliveries.lease_until)).where(
            Deliveries.state == DeliveryState.LEASED.value
        )
        dues = await self._connection.execute(select(*(q.scalar_subquery() for q in (waiting, held, leased))))
        return min((max(at, now) for at in dues.one() if at is not None), default=None)

    async def backlog(self) -> tuple[int, datetime | None]:
        """How many deliveries wait that nothing holds back, and since when the oldest does."""
        rows = await self._connection.execute(
            select(func.count(), func.min(Alerts.at))
            .select_from(Deliveries)
            .join(Alerts, Alerts.id == Deliveries.alert_id)
            .where(Deliveries.state.in_((DeliveryState.WAITING.value, DeliveryState.LEASED.value)))
        )
        count, since = rows.one()
        return count, since

    async def deliveries(self, episode_id: int, chat_id: int | None = None) -> Sequence[Delivery]:
        """Of an episode, to everyone or to one chat, in order."""
        query = (
            select(Deliveries.__table__).where(Deliveries.episode_id == episode_id).order_by(Deliveries.id)
        )
        if chat_id is not None:
            query = query.where(Deliveries.chat_id == chat_id)
        return [_delivery(row) for row in (await self._connection.execute(query)).mappings()]


def _delivery(row: Mapping[Any, Any]) -> Delivery:
    hold = Hold(row["hold"]) if row["hold"] else None
    return Delivery(**{**row, "state": DeliveryState(row["state"]), "hold": hold})


def _document(episode: Episode) -> dict[str, Any]:
    """An episode as an alert keeps it."""
    document = {"id": episode.id, **episode_document(episode)}
    document["ended"] = sentence_document(episode.ended)  # a row keeps it as text
    for name in INSTANTS:
        if document[name] is not None:
            document[name] = document[name].isoformat()
    return document
