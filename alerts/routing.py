"""Whom to tell: an alert against what each chat subscribed to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from alerts.severity import severity_of
from domain.episode import Alert, Episode, Move, Subject
from domain.finding import Kind
from domain.severity import Severity
from domain.subscription import Role, Subscriber, Subscription


def route(
    alert: Alert,
    subscriptions: Iterable[Subscription],
    subscribers: Iterable[Subscriber],
    *,
    groups: Mapping[int, str | None] | None = None,
    told: Iterable[int] = (),
    hidden: Sequence[Subject] = (),
) -> Sequence[int]:
    """The chats that get this alert, in order of their numbers.

    `groups` gives each channel's group; `told` are the chats that were told of this episode before: what
    follows its opening goes to them, so that a recovery reaches exactly those whom the silence reached.
    `hidden` are the topics and claimants whose silence it tells of too: whoever follows one of these alone
    is told of it here, at once or when it joins. Our own blindness goes to those who can mend it.
    """
    let_in = {s.chat_id: s for s in subscribers if s.ended_at is None}
    episode = alert.episode
    if episode.kind is Kind.BLIND:
        mend = {chat for chat, s in let_in.items() if s.role.at_least(Role.OPS)}
        rings = alert.move in (Move.OPENED, Move.ESCALATED)
        return sorted(let_in.keys() & {*told, *(mend if rings else ())})
    chats = set() if alert.move is Move.OPENED else set(told)
    begins = alert.move in (Move.OPENED, Move.REOPENED)
    behind = [] if alert.move is Move.CLOSED else [replace(episode, subject=subject) for subject in hidden]
    for subscription in subscriptions:
        # Who wants only what is grave is told when it has become so.
        graver = alert.move in (Move.ESCALATED, Move.GREW) and subscription.least is not Severity.MINOR
        wanted = [episode, *behind] if begins or graver else behind
        if any(wants(subscription, each, groups or {}) for each in wanted):
            chats.add(subscription.chat_id)
    return sorted(chats & let_in.keys())


def wants(subscription: Subscription, episode: Episode, groups: Mapping[int, str | None]) -> bool:
    """Does this subscription cover this episode? Claims are told to those alone who subscribed to claims."""
    if episode.kind is Kind.CLAIM and subscription.kind is not Kind.CLAIM:
        return False
    if subscription.kind is not None and subscription.kind is not episode.kind:
        return False
    if not severity_of(episode).at_least(subscription.least):
        return False
    subject = episode.subject
    if subscription.topic is not None or subscription.claimant is not None:
        # Who follows one topic or claimant of a channel is told of the channel's own silence too: it silences
        # them.
        whole = subject.topic is None and subject.claimant is None and subscription.channel_id is not None
        same = (subject.topic, subject.claimant) == (subscription.topic, subscription.claimant)
        if not same and not whole:
            return False
    channels = episode.members if subject.channel_id is None else (subject.channel_id,)
    if subscription.channel_id is not None:
        return subscription.channel_id in channels
    if subscription.group is not None:
        return subject.group == subscription.group or any(
            groups.get(c) == subscription.group for c in channels
        )
    return True
