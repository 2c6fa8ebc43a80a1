"""What is remembered of an act's claims is what the archive holds of them."""

from collections.abc import Sequence

import pytest

from alerts.acts import Voice
from alerts.voices import Voices
from storage.store import Store
from tests.support.reading import (
    DRONES,
    DRONES_EN,
    FOOTBALL,
    HARIR,
    MINUTE,
    NOON,
    a_post,
    a_reader,
    claims_of,
    store_a_mixed_archive,
    store_posts,
)


async def acts(store: Store, version: int = 1) -> Sequence[int]:
    return sorted({c.incident_id for c in await claims_of(store, version) if c.incident_id is not None})


async def same(store: Store, voices: Voices, version: int = 1) -> None:
    """As whoever has never looked finds it."""
    wanted = await acts(store, version)
    async with store.read() as tx:
        found = await voices.of(tx, wanted, version)
        held = [(claim, text) for claim, text in await tx.claims.telling_of(wanted) if claim.incident_id]
    assert wanted
    assert found == {
        n: tuple(Voice(claim=claim, text=text) for claim, text in held if claim.incident_id == n)
        for n in wanted
    }


@pytest.mark.parametrize("most", [1, 7, 1000])
async def test_whatever_is_edited_deleted_or_comes_back(store: Store, most: int) -> None:
    voices = Voices(most)
    await store_posts(store, a_post(1, DRONES), a_post(2, HARIR), a_post(3, DRONES_EN, channel=8))
    await a_reader(store).catch_up()
    await same(store, voices)
    await store_posts(store, a_post(4, DRONES, channel=9), a_post(1, FOOTBALL, edited=NOON + 9 * MINUTE))
    await a_reader(store).catch_up()
    await same(store, voices)
    async with store.begin() as tx:
        await tx.posts.missed(8, [3], NOON + 20 * MINUTE)
    await same(store, voices)
    await store_posts(store, a_post(3, DRONES_EN, channel=8))
    await same(store, voices)
    voices.forget(NOON + 3 * MINUTE)
    await same(store, voices)


async def test_another_reader_version_is_another_archive(store: Store) -> None:
    voices = Voices()
    await store_a_mixed_archive(store)
    for version in (1, 2):
        await a_reader(store, version=version).catch_up()
        await same(store, voices, version)
    await same(store, voices)


async def test_a_claim_is_read_whole_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    voices = Voices()
    await store_posts(store, a_post(1, DRONES), a_post(2, HARIR))
    await a_reader(store).catch_up()
    wanted = await acts(store)
    async with store.read() as tx:
        asked: list[list[int]] = []
        whole = tx.claims.with_text

        async def noted(claims: Sequence[int]) -> object:
            asked.append(list(claims))
            return await whole(claims)

        monkeypatch.setattr(tx.claims, "with_text", noted)
        await voices.of(tx, wanted, 1)
        await voices.of(tx, wanted, 1)
    assert len(asked[0]) == 2
    assert asked[1] == []
