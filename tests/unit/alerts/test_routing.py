"""Whom to tell."""

from collections.abc import Sequence
from typing import Any

import pytest

from alerts.inhibit import hidden_by
from alerts.routing import route
from domain.episode import Alert, Episode, Move, State, Subject
from domain.finding import Kind, Verdict
from domain.severity import Severity
from domain.subscription import Role, Subscriber, Subscription
from tests.support.rhythms import MONDAY, channel

CHAT = 7
GROUPS = {1: "net", 2: "net", 3: None}


def episode(
    kind: Kind = Kind.SILENCE, state: State = State.OPEN, members: tuple[int, ...] = (), **subject: Any
) -> Episode:
    return Episode(
        id=1,
        kind=kind,
        subject=Subject(**subject),
        state=state,
        since_at=MONDAY,
        found_at=MONDAY,
        verdict=Verdict.confirmed(),
        members=members,
    )


def person(chat: int = CHAT, role: Role = Role.GUEST, **more: Any) -> Subscriber:
    return Subscriber(chat_id=chat, name="", role=role, let_in_at=MONDAY, let_in_by="test", **more)


def gets(about: Episode, move: Move = Move.OPENED, told: tuple[int, ...] = (), **wish: Any) -> bool:
    alert = Alert(id=1, at=MONDAY, move=move, episode=about)
    wishes = [Subscription(chat_id=CHAT, made_at=MONDAY, **wish)]
    return CHAT in route(alert, wishes, [person()], groups=GROUPS, told=told)


@pytest.mark.parametrize(
    ("wish", "about", "wanted"),
    [
        ({}, {"channel_id": 1}, True),
        ({"channel_id": 1}, {"channel_id": 1}, True),
        ({"channel_id": 1}, {"channel_id": 2}, False),
        ({"channel_id": 1}, {"channel_id": 1, "topic": "attacks"}, True),
        ({"channel_id": 1, "topic": "attacks"}, {"channel_id": 1, "topic": "attacks"}, True),
        ({"channel_id": 1, "topic": "attacks"}, {"channel_id": 1, "topic": "weather"}, False),
        ({"channel_id": 1, "topic": "attacks"}, {"channel_id": 1}, True),
        ({"topic": "attacks"}, {"channel_id": 2, "topic": "attacks"}, True),
        ({"topic": "attacks"}, {"channel_id": 2}, False),
        ({"channel_id": 1}, {"channel_id": 1, "claimant": "kh"}, True),
        ({"claimant": "kh"}, {"channel_id": 2, "claimant": "kh"}, True),
        ({"claimant": "kh"}, {"channel_id": 2, "claimant": "iri"}, False),
        ({"claimant": "kh"}, {"channel_id": 2, "topic": "kh"}, False),
        ({"topic": "kh"}, {"channel_id": 2, "claimant": "kh"}, False),
        ({"channel_id": 1, "claimant": "kh"}, {"channel_id": 1}, True),
        ({"group": "net", "claimant": "kh"}, {"channel_id": 3, "claimant": "kh"}, False),
        ({"group": "net"}, {"channel_id": 2}, True),
        ({"group": "net"}, {"channel_id": 3}, False),
        ({"group": "net"}, {"group": "net"}, True),
        ({"group": "other"}, {"group": "net"}, False),
        ({"kind": Kind.CHANNEL}, {"channel_id": 1}, False),
        ({"kind": Kind.SILENCE}, {"channel_id": 1}, True),
    ],
)
def test_what_one_subscribed_to_is_what_one_gets(
    wish: dict[str, Any], about: dict[str, Any], wanted: bool
) -> None:
    assert gets(episode(**about), **wish) is wanted


def test_who_follows_a_channel_is_told_of_a_group_it_is_in() -> None:
    silent = episode(group="net", members=(1, 2))
    assert gets(silent, channel_id=2)
    assert not gets(silent, channel_id=3)


def test_what_befalls_a_channel_goes_to_those_who_follow_it() -> None:
    assert gets(episode(Kind.CHANNEL, channel_id=1), channel_id=1)
    assert not gets(episode(Kind.CHANNEL, channel_id=1), channel_id=2)


def test_our_blindness_goes_to_those_who_can_mend_it_and_to_nobody_else() -> None:
    people = [person(1, Role.GUEST), person(2, Role.ANALYST), person(3, Role.OPS), person(4, Role.OWNER)]
    alert = Alert(id=1, at=MONDAY, move=Move.OPENED, episode=episode(Kind.BLIND))
    everything = [Subscription(chat_id=p.chat_id, made_at=MONDAY) for p in people]
    assert route(alert, everything, people) == [3, 4]


def test_that_our_blindness_spreads_goes_to_them_too_and_to_nobody_who_wants_what_is_grave() -> None:
    people = [person(1, Role.GUEST), person(2, Role.ANALYST), person(3, Role.OPS), person(4, Role.OWNER)]
    grave = [Subscription(chat_id=p.chat_id, least=Severity.GRAVE, made_at=MONDAY) for p in people]

    def told_of(move: Move, told: tuple[int, ...]) -> Sequence[int]:
        return route(Alert(id=1, at=MONDAY, move=move, episode=episode(Kind.BLIND)), grave, people, told=told)

    assert told_of(Move.ESCALATED, (3,)) == [3, 4]
    assert told_of(Move.GREW, (3,)) == [3]
    assert told_of(Move.CLOSED, (3, 9)) == [3]


def test_what_is_there_again_goes_to_those_who_heard_of_it_and_to_whoever_follows_it_by_now() -> None:
    assert gets(episode(channel_id=1), Move.REOPENED, told=(CHAT,), channel_id=9)
    assert gets(episode(channel_id=1), Move.REOPENED, told=(), channel_id=1)


@pytest.mark.parametrize("move", [Move.CLOSED, Move.GREW, Move.ESCALATED])
def test_what_follows_goes_to_those_who_heard_of_the_beginning(move: Move) -> None:
    assert gets(episode(channel_id=1), move, told=(CHAT,), channel_id=9)
    assert not gets(episode(channel_id=1), move, told=(), channel_id=1)


def test_whoever_was_not_let_in_or_has_left_gets_nothing() -> None:
    alert = Alert(id=1, at=MONDAY, move=Move.OPENED, episode=episode(channel_id=1))
    wishes = [Subscription(chat_id=c, made_at=MONDAY) for c in (1, 2)]
    assert route(alert, wishes, [person(2, ended_at=MONDAY)]) == []


def test_several_subscriptions_of_one_chat_give_one_delivery() -> None:
    alert = Alert(id=1, at=MONDAY, move=Move.OPENED, episode=episode(channel_id=1))
    wishes = [
        Subscription(chat_id=CHAT, made_at=MONDAY),
        Subscription(chat_id=CHAT, channel_id=1, made_at=MONDAY),
    ]
    assert route(alert, wishes, [person()]) == [CHAT]


def test_the_smaller_is_hidden_behind_the_larger() -> None:
    group = episode(group="net", members=(1, 2))
    own = episode(channel_id=1)
    topic = Subject(channel_id=1, topic="attacks")

    def hides(by: Episode, what: Subject) -> bool:
        number = what.channel_id or 0
        return hidden_by({(by.kind, by.subject): by}, what, channel(number, GROUPS.get(number))) is by

    assert hides(group, Subject(channel_id=1))
    assert hides(group, topic)
    assert hides(own, topic)
    assert not hides(own, Subject(channel_id=2, topic="attacks"))
    assert not hides(group, Subject(channel_id=3))
    assert not hides(episode(channel_id=1, state=State.PENDING), topic)
    assert hides(episode(members=(1, 2, 3)), Subject(channel_id=3))


def test_who_follows_a_hidden_claimant_alone_is_told_by_the_larger_silence() -> None:
    """At once if it was hidden from the start, else when it joins; the others are not told twice."""
    about = episode(channel_id=1, topic="conflict")
    hidden = [Subject(channel_id=1, claimant="kh")]
    wishes = [
        Subscription(chat_id=7, claimant="kh", made_at=MONDAY),
        Subscription(chat_id=8, topic="conflict", made_at=MONDAY),
        Subscription(chat_id=9, claimant="iri", made_at=MONDAY),
        Subscription(chat_id=10, made_at=MONDAY),
    ]
    people = [person(chat) for chat in (7, 8, 9, 10)]

    def chats(move: Move, told: tuple[int, ...] = (), behind: list[Subject] = hidden) -> list[int]:
        alert = Alert(id=1, at=MONDAY, move=move, episode=about)
        return list(route(alert, wishes, people, groups=GROUPS, told=told, hidden=behind))

    assert chats(Move.OPENED) == [7, 8, 10]
    assert chats(Move.OPENED, behind=[]) == [8, 10]
    assert chats(Move.GREW, told=(8, 10)) == [7, 8, 10]
    assert chats(Move.CLOSED, told=(8, 10)) == [8, 10]


def test_the_silence_of_the_channel_hides_those_of_its_topics_and_claimants() -> None:
    larger = episode(channel_id=1)
    live = {(Kind.SILENCE, larger.subject): larger}
    for smaller in (Subject(channel_id=1, topic="a"), Subject(channel_id=1, claimant="a")):
        assert hidden_by(live, smaller, channel(1)) is larger
    assert hidden_by(live, Subject(channel_id=1), channel(1)) is None
