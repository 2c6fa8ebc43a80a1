"""All that decides what becomes of one delivery, read at one instant."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerts.hushing import Decision, Wishes, decide
from domain.acknowledgement import Acknowledgement
from domain.episode import Alert
from domain.subscription import Delivery, DeliveryState, Hold, Subscriber
from storage.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A delivery, what it tells, to whom, and what they want to hear."""

    delivery: Delivery
    alert: Alert
    document: dict[str, Any]  #: what comes with the alert, as it is stored
    to: Subscriber
    wishes: Wishes
    message_id: int | None  #: what tells the chat of the episode so far
    told: bool
    held: Hold | None

    def decide(self, now: datetime) -> Decision:
        return decide(self.alert, self.wishes, now, told=self.told, held=self.held)

    @property
    def answer(self) -> Acknowledgement | None:
        return self.wishes.answer


async def look(
    tx: Transaction, delivery: Delivery, now: datetime, together: Collection[int] = ()
) -> Situation | None:
    """The situation of a delivery; `together` are the numbers of those that go out in one digest with it.

    None: the chat is no longer let in.
    """
    to = await tx.subscriptions.subscriber(delivery.chat_id)
    if to is None:
        return None
    alert, document = await tx.outbox.alert(delivery.alert_id)
    earlier = [d for d in await tx.outbox.deliveries(delivery.episode_id, to.chat_id) if d.id < delivery.id]
    # One that was held itself speaks for what it superseded.
    held = next((h for d in reversed(earlier) if (h := _hold(d, together))), delivery.hold)
    return Situation(
        delivery=delivery,
        alert=alert,
        document=document,
        to=to,
        wishes=await read_wishes(tx, to, delivery.episode_id, now),
        message_id=await tx.outbox.message_of(delivery.episode_id, to.chat_id),
        # A chat without any earlier delivery has moved here from another number, or it was routed on purpose.
        told=not earlier or any(d.state is DeliveryState.SENT for d in earlier),
        held=held,
    )


async def read_wishes(tx: Transaction, to: Subscriber, episode_id: int, now: datetime) -> Wishes:
    """What a chat wants to hear, as far as it bears on this episode."""
    return Wishes(
        zone=ZoneInfo(to.zone),
        mutes=tuple(await tx.hushes.mutes(to.chat_id, now)),
        quiet=await tx.hushes.quiet(to.chat_id),
        digest=await tx.hushes.digest(to.chat_id),
        answer=await tx.acknowledgements.standing(episode_id, to.chat_id),
    )


def _hold(earlier: Delivery, together: Collection[int]) -> Hold | None:
    """What keeps back an earlier alert that has still to be told."""
    if earlier.state in (DeliveryState.SENT, DeliveryState.DROPPED):
        return None
    return Hold.DIGEST if earlier.id in together else earlier.hold
