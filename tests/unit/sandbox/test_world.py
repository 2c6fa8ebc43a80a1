"""The world keeps a record of everything, and a log by which to catch up."""

from datetime import timedelta

import pytest

from domain.clock import SetClock
from domain.errors import DeadairError
from domain.post import Media
from sandbox.channel import LOG_LENGTH
from sandbox.event import Event, Happening
from sandbox.world import World
from tests.support.telegram import day


@pytest.fixture
def world() -> World:
    return World(SetClock(day(1)))


def test_the_record_holds_every_version_and_every_deletion(world: World) -> None:
    channel = world.add_channel("Falcon News")
    world.post(channel, "first", at=day(2))
    world.edit(channel, 1, "second", at=day(3))
    world.react(channel, 1, {"👍": 1}, at=day(4))
    world.set_views(channel, 1, 99)
    world.edit(channel, 1, media=Media(kind="photo", file_id="5"), at=day(5))
    world.delete(channel, 1, at=day(6))
    kept = world.record()[channel.id][1]
    assert [(v.text, v.edited_at) for v in kept.versions] == [
        ("first", None),
        ("second", day(3)),
        ("second", day(5)),
    ]
    assert (kept.first.posted_at, kept.deleted_at) == (day(2), day(6))
    assert channel.posts == {}


def test_every_numbered_happening_moves_the_counter(world: World) -> None:
    heard: list[Event] = []
    world.subscribe(heard.append)
    channel = world.add_channel("Falcon News")
    world.post(channel, "one")
    world.post(channel, "two")
    world.edit(channel, 1, "one!")
    world.set_views(channel, 1, 9)
    world.delete(channel, 1, 2, 77)
    assert [(e.kind, e.pts, e.pts_count) for e in heard] == [
        (Happening.NEW, 2, 1),
        (Happening.NEW, 3, 1),
        (Happening.EDIT, 4, 1),
        (Happening.VIEWS, 0, 0),
        (Happening.DELETE, 6, 2),
    ]
    missed = channel.since(3)
    assert missed is not None
    assert [e.kind for e in missed] == [Happening.EDIT, Happening.DELETE]


def test_the_log_is_bounded_and_says_when_it_does_not_reach_back(world: World) -> None:
    channel = world.add_channel("Falcon News")
    for n in range(LOG_LENGTH + 5):
        world.post(channel, str(n), at=day(1) + timedelta(seconds=n))
    assert len(channel.log) == LOG_LENGTH
    assert channel.since(5) is None
    kept = channel.since(6)
    assert kept is not None
    assert len(kept) == LOG_LENGTH
    assert channel.since(channel.pts) == []


def test_access_hashes_differ_by_account_and_outlive_a_restart(world: World) -> None:
    again = World(SetClock(day(2)))
    one, two = world.add_channel("One"), world.add_channel("Two")
    hashes = [world.access_hash(c, a) for c in (one, two) for a in (1, 2)]
    assert len(set(hashes)) == 4
    assert hashes[0] == again.access_hash(again.add_channel("One"), 1)
    assert all(-(2**63) <= h < 2**63 for h in hashes)


def test_what_is_not_there_cannot_be_edited(world: World) -> None:
    channel = world.add_channel("Falcon News")
    with pytest.raises(DeadairError, match="has no post 4"):
        world.edit(channel, 4, "x")
    with pytest.raises(DeadairError, match="no channel 'nobody'"):
        world.post("nobody", "x")
    world.add_account("1")
    with pytest.raises(DeadairError, match="two sandbox accounts"):
        world.add_account("+1")
