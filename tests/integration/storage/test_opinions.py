"""People's words on episodes: each is kept, the newest stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from domain.episode import Episode, State, Subject
from domain.finding import Kind, Verdict
from domain.opinion import Opinion, Says
from storage.errors import StoreError
from storage.store import Store

NOON = datetime(2031, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


async def told(store: Store, *, closed_at: datetime | None = NOON + DAY) -> Episode:
    episode = Episode(
        id=0,
        kind=Kind.SILENCE,
        subject=Subject(channel_id=7),
        state=State.CLOSED if closed_at else State.OPEN,
        since_at=NOON - timedelta(hours=5),
        found_at=NOON,
        opened_at=NOON,
        closed_at=closed_at,
        verdict=Verdict.confirmed(),
    )
    async with store.begin() as tx:
        return await tx.episodes.save(episode)


async def say(store: Store, episode: Episode, says: Says, at: datetime = NOON, note: str = "") -> Opinion:
    async with store.begin() as tx:
        return await tx.opinions.add(Opinion(episode_id=episode.id, at=at, says=says, by="Noor", note=note))


async def test_a_word_comes_back_as_it_was_given_and_the_newest_stands(store: Store) -> None:
    episode, other = await told(store), await told(store)
    first = await say(store, episode, Says.WRONG, note="شبكة مقطوعة \U0001f50c")
    second = await say(store, episode, Says.CONFIRMED, NOON + DAY)
    third = await say(store, other, Says.UNKNOWN)
    assert 0 < first.seq < second.seq < third.seq
    async with store.read() as tx:
        assert await tx.opinions.of(episode.id) == [first, second]
        assert await tx.opinions.standing() == [(episode, second), (other, third)]
        assert await tx.opinions.standing(after=second.seq) == [(other, third)]
        assert await tx.opinions.last_seq() == third.seq


async def test_what_ended_before_is_left_out_and_what_lasts_is_not(store: Store) -> None:
    ended, lasting = await told(store), await told(store, closed_at=None)
    await say(store, ended, Says.CONFIRMED)
    word = await say(store, lasting, Says.CONFIRMED)
    async with store.read() as tx:
        assert await tx.opinions.standing(since=NOON + 2 * DAY) == [(lasting, word)]
        assert len(await tx.opinions.standing(since=NOON)) == 2


async def test_of_an_episode_that_is_not_there_nothing_can_be_said(store: Store) -> None:
    episode = await told(store)
    with pytest.raises((StoreError, IntegrityError)):
        await say(store, replace(episode, id=episode.id + 1), Says.WRONG)
    async with store.read() as tx:
        assert await tx.opinions.standing() == []
