"""Whom to tell: an alert against what each chat subscribed to."""

from collections.abc import Iterable, Mapping, Sequence

from domain.episode import Alert, Episode, Move
from domain.finding import Kind
from domain.subscription import Role, Subscriber, Subscription


def route(
    alert: Alert,
    subscriptions: Iterable[Subscription],
    subscribers: Iterable[Subscriber],
    *,
    groups: Mapping[int, str | None] | None = None,
    told: Iterable[int] = (),
) -> Sequence[int]:
    """The chats that get this alert, in order of their numbers.

    `groups` gives each channel's group; `told` are the chats that were told of this episode before: what
    follows its opening goes to them and to nobody else, so that a recovery reaches exactly those whom the
    silence reached. Our own blindness goes to those who can mend it.
    """
    let_in = {s.chat_id: s for s in subscribers if s.ended_at is None}
    if alert.move is not Move.OPENED:
        return sorted(set(told) & let_in.keys())
    if alert.episode.kind is Kind.BLIND:
        return sorted(chat for chat, s in let_in.items() if s.role.at_least(Role.OPS))
    return sorted(
        {s.chat_id for s in subscriptions if s.chat_id in let_in and wants(s, alert.episode, groups or {})}
    )


def wants(subscription: Subscription, episode: Episode, groups: Mapping[int, str | None]) -> bool:
    """Does this subscription cover this episode?"""
    if subscription.kind is not None and subscription.kind is not episode.kind:
        return False
    subject = episode.subject
    if subscription.topic is not None:
        # Who follows one topic of a channel is told of the channel's own silence too: it silences the topic.
        whole_channel = subject.topic is None and subscription.channel_id is not None
        if subject.topic != subscription.topic and not whole_channel:
            return False
    channels = episode.members if subject.channel_id is None else (subject.channel_id,)
    if subscription.channel_id is not None:
        return subscription.channel_id in channels
    if subscription.group is not None:
        return subject.group == subscription.group or any(
            groups.get(c) == subscription.group for c in channels
        )
    return True
