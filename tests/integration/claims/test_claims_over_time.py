"""What becomes of claims: relays, edits, deletions, and posts that come in any order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from claims import incidents
from domain.post import Forward, How
from storage.store import Store
from tests.support.reading import (
    DENIAL,
    DRONES,
    DRONES_EN,
    FOOTBALL,
    HARIR,
    MINUTE,
    NOON,
    TANKER,
    a_post,
    a_reader,
    archive_of,
    claims_of,
    incidents_of,
    readings_of,
    store_a_mixed_archive,
    store_posts,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def test_a_relay_in_another_channel_and_language_is_of_the_same_incident(store: Store) -> None:
    reader = a_reader(store)
    forward = Forward(channel_id=7, post_id=1, posted_at=NOON + MINUTE)
    await store_posts(store, a_post(1, DRONES))
    await reader.catch_up()
    await store_posts(store, a_post(5, DRONES_EN, channel=8))
    await reader.catch_up()
    await store_posts(
        store, a_post(9, DRONES, channel=9, forward=forward), a_post(10, HARIR), a_post(11, DENIAL)
    )
    await reader.catch_up()
    assert [i.claims for i in await incidents_of(store)] == [((7, 1, 1), (8, 5, 1), (9, 9, 1)), ((7, 10, 1),)]
    one = (await incidents_of(store))[0]
    assert (one.first_at, one.last_at) == (NOON + MINUTE, NOON + 9 * MINUTE)
    assert [c.incident_id is None for c in await claims_of(store)] == [False, False, False, False, True]


async def test_the_same_words_a_week_later_are_another_incident(store: Store) -> None:
    await store_posts(store, a_post(1, DRONES), a_post(2, DRONES, at=NOON + 8 * DAY))
    await a_reader(store).catch_up()
    assert [i.claims for i in await incidents_of(store)] == [((7, 1, 1),), ((7, 2, 1),)]


async def test_an_older_post_that_comes_later_joins_what_was_told_after_it(store: Store) -> None:
    await store_posts(store, a_post(50, DRONES_EN, channel=8), a_post(3, TANKER, at=NOON + 40 * DAY))
    await a_reader(store).catch_up()
    await store_posts(store, a_post(1, DRONES), a_post(2, DRONES, at=NOON - 30 * DAY))
    await a_reader(store).catch_up()
    assert sorted(i.claims for i in await incidents_of(store)) == [
        ((7, 1, 1), (8, 50, 1)),
        ((7, 2, 1),),
        ((7, 3, 1),),
    ]
    joined = next(i for i in await incidents_of(store) if len(i.claims) == 2)
    assert (joined.first_at, joined.last_at) == (NOON + MINUTE, NOON + 50 * MINUTE)


async def test_an_edit_that_changes_a_value_makes_a_version_and_another_does_not(store: Store) -> None:
    reader = a_reader(store)
    edits = [
        f"عاجل\n{DRONES}",  # the claim stands elsewhere in the text, and says the same
        f"عاجل\n{HARIR}",
        f"عاجل\n{HARIR}\n{TANKER}",
        FOOTBALL,
    ]
    await store_posts(store, a_post(1, DRONES), a_post(2, TANKER))
    await reader.catch_up()
    for n, text in enumerate(edits, 1):
        await store_posts(store, a_post(1, text, edited=NOON + n * HOUR))
        assert await reader.catch_up() == 1
    kept = [c for c in await claims_of(store) if c.post_id == 1]
    assert [(c.number, c.version, c.revision, c.claim.location) for c in kept] == [
        (1, 1, 0, "ain_al_asad"),
        (1, 2, 2, "harir"),
        (2, 1, 3, "red_sea"),
    ]
    assert [(c.from_at, c.superseded_at, c.standing) for c in kept] == [
        (NOON + MINUTE, NOON + 2 * HOUR, False),
        (NOON + 2 * HOUR, NOON + 4 * HOUR, False),
        (NOON + 3 * HOUR, NOON + 4 * HOUR, False),
    ]
    shown = {s.field: edits[1][s.start : s.end] for s in kept[1].claim.evidence}
    assert "حرير" in shown["location"]
    # Topics and tallies are those of the text as first seen.
    assert (await readings_of(store))[0].topics == ("conflict_us", "conflict")
    assert (await claims_of(store))[-1].standing


async def test_edits_of_posts_that_were_not_read_yet_are_read_after_them_in_order(store: Store) -> None:
    await store_posts(store, a_post(1, DRONES))
    await store_posts(store, a_post(1, HARIR, edited=NOON + HOUR))
    await store_posts(store, a_post(1, FOOTBALL, edited=NOON + 2 * HOUR), a_post(2, TANKER))
    assert await a_reader(store, batch=1).catch_up() == 4
    kept = await claims_of(store)
    assert [(c.version, c.claim.location, c.superseded_at) for c in kept] == [
        (1, "ain_al_asad", NOON + HOUR),
        (2, "harir", NOON + 2 * HOUR),
        (1, "red_sea", None),
    ]
    assert await a_reader(store, version=2).catch_up() == 4
    assert [(c.version, c.superseded_at) for c in await claims_of(store, 2)] == [
        (c.version, c.superseded_at) for c in kept
    ]


async def test_an_older_copy_from_a_file_changes_no_claim_and_the_next_edit_does(store: Store) -> None:
    await store_posts(store, a_post(1, HARIR, edited=NOON + HOUR))
    older = replace(a_post(1, DRONES), how=How.IMPORTED, seen_at=NOON + DAY)
    await store_posts(store, older)
    assert await a_reader(store).catch_up() == 2
    assert [(c.version, c.claim.location, c.standing) for c in await claims_of(store)] == [(1, "harir", True)]
    await store_posts(store, a_post(1, TANKER, edited=NOON + 2 * DAY))
    for version in (1, 2):
        await a_reader(store, version=version).catch_up()
        assert [(c.revision, c.claim.location, c.superseded_at) for c in await claims_of(store, version)] == [
            (0, "harir", NOON + 2 * DAY),
            (2, "red_sea", None),
        ]


async def test_a_deleted_post_withdraws_its_claims_and_one_that_returns_makes_them_stand(
    store: Store,
) -> None:
    await store_posts(store, a_post(1, DRONES), a_post(2, TANKER))
    await a_reader(store).catch_up()
    async with store.begin() as tx:
        await tx.posts.missed(7, [1], NOON + HOUR)
    assert [(c.standing, c.withdrawn_at) for c in await claims_of(store)] == [
        (False, NOON + HOUR),
        (True, None),
    ]
    async with store.read() as tx:
        assert [c.withdrawn_at for c in await tx.claims.of_post(7, 1, 1)] == [NOON + HOUR]
    await store_posts(store, a_post(1, DRONES, edited=NOON + 2 * HOUR))
    assert [c.standing for c in await claims_of(store)] == [True, True]
    async with store.begin() as tx:
        await tx.posts.missed(7, [1], NOON + 3 * HOUR)
    assert [c.withdrawn_at for c in await claims_of(store)] == [NOON + 3 * HOUR, None]


async def test_however_little_is_held_in_memory_the_incidents_are_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store_a_mixed_archive(store)
    await a_reader(store, version=1, batch=1000).catch_up()
    await a_reader(store, version=2, batch=7).catch_up()
    monkeypatch.setattr(incidents, "_MOST", 0)
    await a_reader(store, version=3, batch=50).catch_up()
    undisturbed = await archive_of(store, 1)
    assert len(await incidents_of(store, 1)) > 20
    assert max(len(i.claims) for i in await incidents_of(store, 1)) > 1
    assert await archive_of(store, 2) == undisturbed
    assert await archive_of(store, 3) == undisturbed
