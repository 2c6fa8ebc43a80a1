"""Who watches what: by who can read it already, by load, within what Telegram allows; moved and back."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config import AccountConfig, ChannelConfig
from collector.run import checked
from collector.spread import Place, Seat, Want, spread
from domain.errors import DeadairError


def seats(*names: str, lost: str = "", **more: Any) -> list[Seat]:
    return [Seat(name=name, is_lost=name == lost, **more) for name in names]


def watchers(places: Any) -> dict[str, str | None]:
    return {key: place.watcher for key, place in places.items()}


def test_new_channels_are_spread_evenly() -> None:
    places = spread(seats("one", "two", "three"), [Want(key=f"c{n}") for n in range(9)])
    assert Counter(p.home for p in places.values()) == {"one": 3, "two": 3, "three": 3}
    looks = Counter(p.witness for p in places.values())
    assert max(looks.values()) - min(looks.values()) <= 2
    assert all(p.witness != p.watcher for p in places.values())


def test_who_can_read_it_already_goes_before_who_has_fewer() -> None:
    wants = [Want(key="a", access=frozenset({"two"})), Want(key="b", access=frozenset({"two"}))]
    assert watchers(spread(seats("one", "two"), wants)) == {"a": "two", "b": "two"}


def test_a_channel_stays_where_it_is_however_uneven_that_is() -> None:
    wants = [Want(key=f"c{n}", home="two") for n in range(5)] + [Want(key="new")]
    places = spread(seats("one", "two"), wants)
    assert Counter(p.watcher for p in places.values()) == {"two": 5, "one": 1}


def test_a_pin_stands_above_everything() -> None:
    want = Want(key="a", pin="one", home="two", access=frozenset({"two"}))
    assert spread(seats("one", "two"), [want])["a"].home == "one"


def test_no_account_takes_more_than_it_may() -> None:
    places = spread(seats("one", "two", limit=2), [Want(key=f"c{n}") for n in range(5)])
    assert Counter(p.home for p in places.values()) == {"one": 2, "two": 2, None: 1}


def test_the_witness_stands_in_for_an_account_that_is_lost_and_gives_back() -> None:
    want = Want(key="a", home="one", stand_in="one", witness="three", access=frozenset({"one", "two"}))
    moved = spread(seats("one", "two", "three", lost="one"), [want])["a"]
    assert moved == Place(home="one", watcher="three", witness="two")
    back = Want(key="a", home="one", stand_in="three", witness="two")
    assert spread(seats("one", "two", "three"), [back])["a"].watcher == "one"


def test_who_stands_in_goes_on_standing_in() -> None:
    want = Want(key="a", home="one", stand_in="two", witness="three", access=frozenset({"three"}))
    assert spread(seats("one", "two", "three", lost="one"), [want])["a"].watcher == "two"


def test_who_cannot_read_it_is_not_asked_again() -> None:
    want = Want(key="a", home="one", refused=frozenset({"one"}))
    assert spread(seats("one", "two"), [want])["a"] == Place(home="two", watcher="two")
    alone = Want(key="a", home="one", refused=frozenset({"two"}))
    assert spread(seats("one", "two", lost="one"), [alone])["a"] == Place(home="one")


def test_new_channels_wait_until_every_account_has_said_what_it_is_in() -> None:
    both = [Seat(name="one"), Seat(name="two", is_known=False)]
    places = spread(both, [Want(key="new"), Want(key="old", home="two")], waits=True)
    assert places["new"] == Place()
    assert places["old"].watcher == "two"
    lost = [Seat(name="one"), Seat(name="two", is_known=False, is_lost=True)]
    assert spread(lost, [Want(key="new")], waits=True)["new"].watcher == "one"


def test_without_a_second_account_there_is_no_witness() -> None:
    assert spread(seats("one"), [Want(key="a")])["a"] == Place(home="one", watcher="one")
    assert spread(seats("one", "two"), [Want(key="a")], witnesses=False)["a"].witness is None


names = st.sampled_from(["one", "two", "three"])


@given(
    wants=st.lists(
        st.builds(
            Want,
            key=st.uuids().map(str),
            home=st.none() | names,
            stand_in=st.none() | names,
            witness=st.none() | names,
            access=st.frozensets(names),
            refused=st.frozensets(names, max_size=2),
        ),
        max_size=12,
    ),
    lost=st.sets(names, max_size=3),
    limit=st.integers(1, 6),
)
def test_whatever_happens_every_channel_has_one_watcher_that_can_watch(
    wants: list[Want], lost: set[str], limit: int
) -> None:
    all_of_them = [Seat(name=n, limit=limit, is_lost=n in lost) for n in ("one", "two", "three")]
    places = spread(all_of_them, wants)
    assert places.keys() == {w.key for w in wants}
    for want in wants:
        place = places[want.key]
        assert place.watcher not in lost
        assert place.watcher not in want.refused
        assert place.witness is None or place.witness not in {*lost, *want.refused, place.watcher}
        if place.home is not None and place.home not in lost:
            assert place.watcher == place.home
    # What was spread before is where it belongs: deciding twice changes nothing.
    again = [
        Want(
            key=w.key,
            home=places[w.key].home,
            stand_in=places[w.key].watcher,
            witness=places[w.key].witness,
            access=w.access,
            refused=w.refused,
        )
        for w in wants
        if places[w.key].home is not None
    ]
    assert {k: p.home for k, p in spread(all_of_them, again).items()} == {
        w.key: places[w.key].home for w in again
    }


def test_a_config_without_accounts_or_with_a_wrong_one_says_what_to_do() -> None:
    with pytest.raises(DeadairError, match="three"):
        checked([AccountConfig(name="one")], [ChannelConfig(handle="falcon_news", account="three")])
    with pytest.raises(DeadairError) as caught:
        checked([], [ChannelConfig(handle="falcon_news")])
    assert "deadair login" in caught.value.hint


def test_a_witness_looks_beside_accounts_of_its_own_process_only() -> None:
    seats = [Seat(name="a", where="one"), Seat(name="b", where="two"), Seat(name="c", where="one")]
    places = spread(seats, [Want(key="x", home="a"), Want(key="y", home="b")])
    assert places["x"].witness == "c"
    assert places["y"].witness is None
