"""The director plays a scenario on any clock, in order, with the dates of the plan."""

import time
from datetime import datetime, timedelta

import pytest

from domain.clock import FastClock, SetClock
from domain.post import PostKey
from sandbox.director import Director
from sandbox.event import Event, Happening
from sandbox.scenario import Scenario, load_scenario
from sandbox.world import World


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("demo")


def _ready(scenario: Scenario) -> Director:
    world = World(SetClock(scenario.starts))
    world.add_account()
    director = Director(scenario, world)
    director.prepare()
    return director


def _played(director: Director) -> dict[PostKey, tuple[datetime, str]]:
    return {
        PostKey(c, i): (r.first.posted_at, r.last.text)
        for c, posts in director.world.record().items()
        for i, r in posts.items()
    }


def test_eight_weeks_of_six_channels_are_there_for_a_second_of_work(scenario: Scenario) -> None:
    began = time.process_time()
    director = _ready(scenario)
    assert time.process_time() - began < 1
    channels = list(director.world.channels.values())
    assert sum(len(c.ids) for c in channels) > 13_000
    for channel in channels:
        dates = [channel.posts[i].posted_at for i in channel.ids]
        assert dates == sorted(dates)
        assert dates[-1] < scenario.starts
        assert channel.posts[1].service == f"created:{channel.title}"
        assert channel.members


def test_however_the_clock_jumps_the_same_is_played(scenario: Scenario) -> None:
    steady, jumpy = _ready(scenario), _ready(scenario)
    at = scenario.starts
    while at < scenario.ends:
        at += timedelta(minutes=17)
        steady.catch_up(at)
    jumpy.catch_up(scenario.starts + timedelta(hours=30))
    jumpy.catch_up(scenario.ends)
    assert steady.is_over
    assert jumpy.is_over
    assert _played(steady) == _played(jumpy)
    assert steady.played == jumpy.played > 700


async def test_on_a_fast_clock_all_is_posted_in_order_with_its_own_dates(scenario: Scenario) -> None:
    clock = FastClock(scenario.starts, 500_000)
    world = World(clock)
    heard: list[Event] = []
    world.subscribe(heard.append)
    director = Director(scenario, world)
    director.prepare()
    await director.run()
    assert director.is_over
    told = [(e.post.posted_at, e.at) for e in heard if e.kind is Happening.NEW and e.post is not None]
    assert all(posted_at <= at for posted_at, at in told)
    dates = [posted_at for posted_at, _ in told]
    assert dates == sorted(dates)
    expected = _ready(scenario)
    expected.catch_up(scenario.ends)
    assert _played(director) == _played(expected)


def test_what_befalls_channels_befalls_them_and_passes() -> None:
    base = load_scenario("demo")
    happens = [
        {"at": "1h", "what": "rename", "channel": "rayat_assadim", "title": "New name"},
        {"at": "2h", "what": "handle", "channel": "sadim_media", "handle": "sadim_media_2"},
        {"at": "3h", "what": "handle_taken", "channel": "marsad_alghasaq", "title": "Offers"},
        {"at": "4h", "what": "private", "channel": "shafaq_valley"},
        {"at": "5h", "what": "delete_channel", "channel": "najm_arrimal"},
        {"at": "6h", "what": "ban", "channel": "nebula_banner", "for": "2h"},
        {"at": "7h", "what": "restrict", "channel": "rayat_assadim", "text": "hidden", "for": "3h"},
        {"at": "7h", "what": "post", "channel": "sadim_media", "text": "by hand"},
    ]
    data = base.model_dump(by_alias=True) | {"happens": happens, "expect": []}
    director = _ready(Scenario.model_validate(data))
    named, account = director.channels, next(iter(director.world.accounts))
    director.catch_up(base.starts + timedelta(hours=7))
    assert named["rayat_assadim"].title == "New name"
    assert named["rayat_assadim"].restriction == "hidden"
    assert named["sadim_media"].handle == "sadim_media_2"
    taker = director.world.by_handle("marsad_alghasaq")
    assert taker is not None
    assert taker is not named["marsad_alghasaq"]
    assert not named["shafaq_valley"].open_to(account)
    assert named["najm_arrimal"].deleted
    assert not named["nebula_banner"].open_to(account)
    assert any(p.text == "by hand" for p in named["sadim_media"].posts.values())
    at_deletion = len(named["najm_arrimal"].ids)
    director.catch_up(base.starts + timedelta(hours=24))
    assert named["nebula_banner"].open_to(account)
    assert named["rayat_assadim"].restriction is None
    assert len(named["najm_arrimal"].ids) == at_deletion
