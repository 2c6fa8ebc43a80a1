"""How often a subscription would have spoken, and how far one could have seen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.preview import BACK, Preview, count
from domain.channel import Channel, ChannelStatus
from domain.episode import Episode, Subject
from domain.finding import Kind
from domain.post import How
from domain.severity import Severity
from domain.subscription import Subscription
from domain.watch import WatchSpan
from tests.support.alerting import NOON, an_episode

DAY = timedelta(days=1)
ALL = Subscription(chat_id=5, made_at=NOON)
CHANNELS = [
    Channel(id=1001, title="Falcon", group="birds"),
    Channel(id=1002, title="Heron", group="birds"),
    Channel(id=1003, title="River"),
    Channel(id=1004, title="Gone", status=ChannelStatus.RETIRED),
]


def seen(channel_id: int, days: float) -> WatchSpan:
    return WatchSpan(channel_id=channel_id, account="a", from_at=NOON - days * DAY, to_at=NOON, how=How.LIVE)


def counted(
    subscription: Subscription, *told: Episode, spans: tuple[WatchSpan, ...] = (), judged: float = 30
) -> Preview:
    return count(
        subscription, told, CHANNELS, spans, start=NOON - BACK, judged_from=NOON - judged * DAY, now=NOON
    )


TOLD = (
    an_episode(id=1),
    an_episode(id=1),  # graver, told once more: the same stretch
    an_episode(id=1, times=2),  # it began again
    an_episode(id=2, kind=Kind.SURGE, subject=Subject(channel_id=1002), probability=1e-9),
    an_episode(id=3, subject=Subject(channel_id=1003, topic="attacks")),
    an_episode(id=4, kind=Kind.BLIND, subject=Subject()),  # goes to those who can mend it
)


@pytest.mark.parametrize(
    ("wanted", "n"),
    [
        ({}, 4),
        ({"channel_id": 1001}, 2),
        ({"group": "birds"}, 3),
        ({"kind": Kind.SURGE}, 1),
        ({"topic": "attacks"}, 1),
        ({"channel_id": 1003, "topic": "floods"}, 0),
        ({"least": Severity.GRAVE}, 1),
        ({"channel_id": 1004}, 0),
    ],
)
def test_what_it_covers_is_counted_once_for_each_stretch(wanted: dict[str, object], n: int) -> None:
    assert counted(replace(ALL, **wanted), *TOLD).n == n  # type: ignore[arg-type]  # fields of Subscription


def test_the_kinds_are_told_apart() -> None:
    assert counted(ALL, *TOLD).kinds == {Kind.SILENCE: 3, Kind.SURGE: 1}


def test_it_says_how_much_was_watched_of_the_channel_or_in_the_mean_of_all() -> None:
    one = counted(replace(ALL, channel_id=1001), spans=(seen(1001, 40), seen(1002, 10)))
    assert one.is_whole
    assert (one.watched, one.n_channels) == (30 * DAY, 1)
    group = counted(replace(ALL, group="birds"), spans=(seen(1001, 40), seen(1002, 10)))
    assert (group.watched, group.n_channels, group.is_whole) == (20 * DAY, 2, False)
    all_ = counted(ALL, spans=(seen(1001, 30), seen(1002, 30), seen(1003, 30)))
    assert all_.n_channels == 3  # nobody looks at the retired one any more


def test_what_was_not_judged_yet_counts_as_little_as_what_was_not_watched() -> None:
    assert counted(replace(ALL, channel_id=1001), spans=(seen(1001, 40),), judged=3).watched == 3 * DAY
    assert counted(replace(ALL, channel_id=1001)).watched == timedelta()
