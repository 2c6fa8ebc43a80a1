"""Pages of history against a model that goes by the words of the documentation, one post at a time."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.clock import SetClock
from sandbox.channel import Channel
from sandbox.world import World
from tests.support.telegram import day

MINUTE = timedelta(minutes=1)


def _channel(there: set[int], size: int = 30) -> Channel:
    world = World(SetClock(day(1)))
    channel = world.add_channel("Falcon News")
    for n in range(1, size + 1):
        world.post(channel, f"post {n}", at=day(1) + MINUTE * n)
    world.delete(channel, *(n for n in range(1, size + 1) if n not in there))
    return channel


def _model(
    there: set[int], *, offset_id: int, dated: int, add_offset: int, limit: int, max_id: int, min_id: int
) -> list[int]:
    """Walk down from the newest to the place the offset names; step on; take `limit`; cut the ends."""
    newest_first = sorted(there, reverse=True)
    place = 0
    while place < len(newest_first):
        post = newest_first[place]
        if offset_id:
            if post < offset_id:
                break
        elif not dated or post < dated:
            break
        place += 1
    place += add_offset
    taken = [newest_first[n] for n in range(place, place + limit) if 0 <= n < len(newest_first)]
    return [i for i in taken if (not max_id or i < max_id) and (not min_id or i > min_id)]


@given(
    there=st.sets(st.integers(1, 30)),
    offset_id=st.integers(0, 32),
    dated=st.integers(0, 32),
    add_offset=st.integers(-35, 35),
    limit=st.integers(0, 40),
    max_id=st.integers(0, 32),
    min_id=st.integers(0, 32),
)
def test_a_page_is_what_a_walk_through_the_history_gives(
    there: set[int], offset_id: int, dated: int, add_offset: int, limit: int, max_id: int, min_id: int
) -> None:
    channel = _channel(there)
    found = channel.page(
        limit=limit,
        offset_id=offset_id,
        offset_date=day(1) + MINUTE * dated if dated else None,
        add_offset=add_offset,
        max_id=max_id,
        min_id=min_id,
    )
    assert [p.id for p in found] == _model(
        there,
        offset_id=offset_id,
        dated=dated,
        add_offset=add_offset,
        limit=limit,
        max_id=max_id,
        min_id=min_id,
    )


@given(there=st.sets(st.integers(1, 30)), step=st.integers(1, 7))
def test_paging_down_meets_every_post_once(there: set[int], step: int) -> None:
    channel = _channel(there)
    met: list[int] = []
    while page := channel.page(limit=step, offset_id=met[-1] if met else 0):
        met += [p.id for p in page]
    assert met == sorted(there, reverse=True)
