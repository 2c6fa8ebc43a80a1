"""Episodes live from pending to closed, and every step is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.episode import Episode, Move, State, Subject, Transition
from domain.finding import Cause, Kind, Verdict
from domain.sentence import Sentence
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PENDING = Episode(
    id=0,
    kind=Kind.SILENCE,
    subject=Subject(channel_id=7, topic="attacks"),
    state=State.PENDING,
    since_at=NOON - timedelta(hours=5),
    found_at=NOON,
    verdict=Verdict.confirmed(),
    observed=0,
    expected=6.25,
    probability=2.5e-4,
    reason="no post",
)


async def save(store: Store, *episodes: Episode) -> list[Episode]:
    async with store.begin() as tx:
        return [await tx.episodes.save(each) for each in episodes]


async def test_a_new_episode_is_numbered_and_comes_back_as_it_was_given(store: Store) -> None:
    blind = replace(
        PENDING,
        kind=Kind.BLIND,
        subject=Subject(),
        verdict=Verdict.blind(Cause.LINK_DOWN, "no answer since 11:40", "two accounts"),
        members=(3, 4, 2**40),
    )
    first, second = await save(store, PENDING, blind)
    assert 0 < first.id < second.id
    async with store.read() as tx:
        assert await tx.episodes.get(first.id) == replace(PENDING, id=first.id)
        assert await tx.episodes.get(second.id) == replace(blind, id=second.id)
        assert await tx.episodes.get(second.id + 1) is None


@pytest.mark.parametrize("number", [0, -1, 10**30, -(10**30), 1 << 63])
async def test_of_a_number_that_none_can_have_there_is_none(store: Store, number: int) -> None:
    async with store.read() as tx:
        assert await tx.episodes.get(number) is None


async def test_only_what_is_not_closed_is_unfinished(store: Store) -> None:
    pending, opened, closed = await save(store, PENDING, PENDING, PENDING)
    opened = replace(opened, state=State.OPEN, opened_at=NOON)
    closed = replace(closed, state=State.CLOSED, closed_at=NOON, ended="a post came")
    await save(store, opened, closed)
    async with store.read() as tx:
        assert await tx.episodes.unfinished() == [pending, opened]
        assert await tx.episodes.newest(2) == [closed, opened]
        assert await tx.episodes.newest(channel_id=8) == []
        assert len(await tx.episodes.newest(channel_id=7)) == 3


async def test_what_ended_it_can_be_said_in_any_language_and_zone_when_it_is_read_again(store: Store) -> None:
    ended = Sentence("Posts come again since {since}, of {n} channels together.", since=NOON, n=3)
    (episode,) = await save(store, replace(PENDING, state=State.CLOSED, closed_at=NOON, ended=ended))
    plain = replace(episode, ended='{"say": no sentence of ours')
    (again,) = await save(store, replace(plain, id=0))
    async with store.read() as tx:
        kept = await tx.episodes.get(episode.id)
        text = await tx.episodes.get(again.id)
    assert kept is not None
    assert isinstance(kept.ended, Sentence)
    assert (kept.ended, kept.ended.values) == (ended, ended.values)
    assert text is not None
    assert text.ended == plain.ended


async def test_every_step_of_an_episode_is_kept_in_order(store: Store) -> None:
    (episode,) = await save(store, PENDING)
    steps = [(Move.FOUND, NOON), (Move.OPENED, NOON + timedelta(minutes=20)), (Move.CLOSED, NOON)]
    for move, at in steps:
        async with store.begin() as tx:
            await tx.episodes.record(Transition(move=move, at=at, episode=episode, inhibited_by=3))
    async with store.read() as tx:
        assert await tx.episodes.moves(episode.id) == steps
        assert await tx.episodes.moves(episode.id + 1) == []
