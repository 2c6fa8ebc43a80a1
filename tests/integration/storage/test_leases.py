"""Leases in the archive: taken, renewed, given back; and the fence that proves them with every write."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from domain.lease import NOBODY, Answer, Lease, Reason
from storage.config import StorageConfig
from storage.errors import LeaseLost, Unreachable
from storage.fence import Fence, ticks
from storage.store import Store, open_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LASTS = timedelta(seconds=15)
GONE = timedelta(0)  #: lapsed as soon as it is taken


async def take(store: Store, who: str, lasts: timedelta = LASTS, *, dead: str = "") -> Answer:
    async with store.begin() as tx:
        return await tx.leases.take("reader", who, lasts, is_dead=lambda holder: holder == dead)


def fence(lease: Lease) -> Fence:
    return Fence(lease, ticks() + 60)


async def write(store: Store, n: int = 1) -> None:
    async with store.begin() as tx:
        await tx.marks.set("work", {"n": n}, NOON)


async def written(store: Store) -> int | None:
    async with store.read() as tx:
        return (await tx.marks.get("work")).get("n")


async def test_a_lease_is_had_by_one_until_it_is_given_back(store: Store) -> None:
    first = await take(store, "one")
    assert (first.reason, first.lease.token) == (Reason.NEW, 1)
    refused = await take(store, "two")
    assert (refused.reason, refused.lease) == (Reason.HELD, first.lease)
    async with store.aside() as tx:
        await tx.leases.give_back([first.lease])
    second = await take(store, "two")
    assert (second.reason, second.lease.token) == (Reason.FREE, 2)
    async with store.read() as tx:
        assert await tx.leases.all() == [second.lease]


async def test_one_that_lapsed_is_another_s(store: Store) -> None:
    first = await take(store, "one", GONE)
    second = await take(store, "two")
    assert (second.reason, second.lease.token) == (Reason.LAPSED, first.lease.token + 1)


async def test_of_a_dead_holder_it_is_had_at_once(store: Store) -> None:
    await take(store, "one")
    assert (await take(store, "two", dead="nobody")).reason is Reason.HELD
    assert (await take(store, "two", dead="one")).reason is Reason.ORPHANED


async def test_a_renewed_one_lasts_longer_under_the_same_token(store: Store) -> None:
    first = (await take(store, "one", GONE)).lease
    async with store.aside() as tx:
        renewed = await tx.leases.renew([first], LASTS)
    assert renewed.keys() == {"reader"}
    assert renewed["reader"].token == first.token
    assert renewed["reader"].until > first.until
    assert renewed["reader"].since == first.since
    assert (await take(store, "two")).reason is Reason.HELD


async def test_what_another_has_taken_can_neither_be_renewed_nor_given_back(store: Store) -> None:
    first = (await take(store, "one", GONE)).lease
    second = (await take(store, "two")).lease
    async with store.aside() as tx:
        assert await tx.leases.renew([first], LASTS) == {}
        await tx.leases.give_back([first])
        assert await tx.leases.get("reader") == second


async def test_one_by_the_same_holder_under_a_former_token_does_not_stand(store: Store) -> None:
    first = (await take(store, "one")).lease
    second = (await take(store, "one")).lease
    assert second.token == first.token + 1
    with pytest.raises(LeaseLost):
        await write(store.fenced(fence(first)))
    await write(store.fenced(fence(second)))
    assert await written(store) == 1


async def test_who_waits_is_known_for_a_while(store: Store) -> None:
    async with store.aside() as tx:
        await tx.leases.stand_by("reader", "two", LASTS)
        await tx.leases.stand_by("reader", "three", GONE)
        assert [(s.name, s.holder) for s in await tx.leases.standbys()] == [("reader", "two")]
        await tx.leases.stand_down("two")
        assert await tx.leases.standbys() == []


async def test_whoever_takes_it_waits_no_more(store: Store) -> None:
    async with store.aside() as tx:
        await tx.leases.stand_by("reader", "two", LASTS)
    await take(store, "two")
    async with store.read() as tx:
        assert await tx.leases.standbys() == []


async def test_behind_the_fence_one_writes_until_another_has_the_lease(store: Store) -> None:
    first = fence((await take(store, "one", GONE)).lease)
    fenced = store.fenced(first)
    # Lapsed, but nobody's: whatever is written now nobody else can have written.
    await write(fenced)
    await take(store, "two")
    with pytest.raises(LeaseLost, match="another process has taken it") as caught:
        await write(fenced, 2)
    assert caught.value.hint
    assert first.lost.is_set()
    assert await written(store) == 1
    async with fenced.read() as tx:  # reading is as ever
        assert (await tx.marks.get("work"))["n"] == 1
    with pytest.raises(LeaseLost):
        await write(fenced.hurried(timedelta(seconds=1)), 3)
    await write(store, 4)


async def test_what_was_given_back_is_written_under_no_more(store: Store) -> None:
    lease = (await take(store, "one")).lease
    async with store.aside() as tx:
        await tx.leases.give_back([lease])
        assert (await tx.leases.get("reader") or lease).holder == NOBODY
    with pytest.raises(LeaseLost):
        await write(store.fenced(fence(lease)))


async def test_a_fence_that_is_known_to_be_lost_asks_nobody(store: Store) -> None:
    lease = (await take(store, "one")).lease
    lost = fence(lease)
    lost.lose("it could not be renewed in time")
    with pytest.raises(LeaseLost, match="renewed in time"):
        await write(store.fenced(lost))
    assert await written(store) is None


@asynccontextmanager
async def other(url: str, **config: object) -> AsyncIterator[Store]:
    """The same archive in another process, as far as the database can tell."""
    async with open_store(StorageConfig.model_validate({"url": url, **config}), create=False) as store:
        yield store


async def test_a_take_over_waits_for_what_is_being_written_and_none_is_late(
    store: Store, store_url: str
) -> None:
    """Paused in the middle of a transaction, while another takes over."""
    first = (await take(store, "one", GONE)).lease
    async with other(store_url) as elsewhere:
        taking: asyncio.Task[Answer] | None = None
        async with store.fenced(fence(first)).begin() as tx:
            await tx.marks.set("work", {"n": 1}, NOON)
            taking = asyncio.create_task(take(elsewhere, "two"))
            await asyncio.sleep(0.5)
            assert not taking.done()
        answer = await taking
        assert answer.lease.token == first.token + 1
        assert await written(elsewhere) == 1  # committed before the other had the lease
        with pytest.raises(LeaseLost):
            await write(store.fenced(fence(first)), 2)


async def test_what_waited_while_another_took_over_is_refused(store: Store, store_url: str) -> None:
    """It asked to write while the lease was its own; when its turn came, it was not any more."""
    first = (await take(store, "one", GONE)).lease
    async with other(store_url) as elsewhere:
        async with elsewhere.begin() as tx:
            late = asyncio.create_task(write(store.fenced(fence(first))))
            await asyncio.sleep(0.3)
            await tx.leases.take("reader", "two", LASTS)
        with pytest.raises(LeaseLost):
            await late
        assert await written(store) is None


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_whoever_is_paused_in_a_transaction_keeps_the_others_waiting_no_longer_than_a_lease(
    store: Store, store_url: str
) -> None:
    """On PostgreSQL all writers queue: one that sleeps in the middle would stop the writers of all hosts."""
    async with other(store_url, lease="3s") as sleeper:
        first = (await take(sleeper, "one", GONE)).lease

        async def paused() -> None:
            async with sleeper.fenced(fence(first)).begin() as tx:
                await tx.marks.set("work", {"n": 1}, NOON)
                await asyncio.sleep(5)
                await tx.marks.set("more", {}, NOON)

        sleeping = asyncio.create_task(paused())
        await asyncio.sleep(0.5)
        async with asyncio.timeout(4):
            second = await take(store, "two")
        assert second.reason is Reason.LAPSED
        with pytest.raises(Unreachable):
            await sleeping
        assert await written(store) is None


async def test_a_sign_of_life_waits_for_no_other_writer_on_postgresql(store: Store, store_url: str) -> None:
    lease = (await take(store, "one")).lease

    async def renew() -> bool:
        async with store.aside() as tx:
            return bool(await tx.leases.renew([lease], LASTS))

    async with other(store_url) as elsewhere:
        async with elsewhere.begin() as tx:
            await tx.marks.set("long", {}, NOON)
            renewing = asyncio.create_task(renew())
            await asyncio.sleep(0.5)
            assert renewing.done() == store.is_postgres  # SQLite has one writer for all
        assert await renewing


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_of_one_renewed_while_another_looks_the_renewal_counts(store: Store, store_url: str) -> None:
    """Renewals do not queue with the writers; on SQLite nobody can renew while another takes."""
    first = (await take(store, "one", GONE)).lease
    async with other(store_url) as elsewhere:
        async with store.begin() as tx:
            leases = tx.leases
            looked = await leases.get("reader")
            assert looked == first

            async def stale(_name: str) -> Lease | None:
                async with elsewhere.aside() as aside:
                    await aside.leases.renew([first], LASTS)
                leases.get = really  # type: ignore[method-assign]
                return looked

            really = leases.get
            leases.get = stale  # type: ignore[method-assign]
            answer = await leases.take("reader", "two", LASTS)
        assert answer.reason is Reason.HELD
        assert answer.lease.holder == "one"
        assert answer.lease.until > first.until


async def test_leases_are_not_in_a_backup(store: Store) -> None:
    """They are of running processes; what is restored is not run by these."""
    from storage.table import Table

    derived = {t.name for t in Table.metadata.sorted_tables if t.info.get("derived")}
    assert {"leases", "standbys"} <= derived
