"""Acts by the week: each in the week in which it was first told, however many weeks are asked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from archive.pages.incidents import read_tracker
from archive.pages.names import Names
from archive.weeks import read_weeks
from domain.claim import ArchivedClaim
from domain.post import How
from domain.watch import WatchSpan
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.searching import CHANNELS, DAY, FALCON, HOUR, claim, post, put

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def told(n: int, at: datetime, incident: int | None) -> ArchivedClaim:
    return replace(claim(n, "kh", "harir", "drone"), posted_at=at, from_at=at, incident_id=incident)


async def watched(store: Store) -> None:
    """All of them, for a hundred days, by a reader that counts."""
    async with store.begin() as tx:
        await tx.readings.go_live(1, MONDAY)
        for channel in CHANNELS:
            await tx.watch.extend(
                WatchSpan(
                    channel_id=channel.id, account="a", from_at=MONDAY - 100 * DAY, to_at=MONDAY + 7 * DAY,
                    how=How.LIVE,
                )
            )  # fmt: skip


async def test_an_act_of_the_week_before_whose_footage_is_shown_later_is_not_counted_again(
    store: Store,
) -> None:
    friday, tuesday = MONDAY - 3 * DAY, MONDAY + DAY
    await put(
        store,
        *(post(n, "x", at=at) for n, at in ((1, friday), (2, tuesday), (3, tuesday + HOUR))),
        index=False,
    )
    await watched(store)
    async with store.begin() as tx:
        old, new = await tx.claims.open_incidents([(friday, tuesday), (tuesday + HOUR,) * 2], 1)
        await tx.claims.put([told(1, friday, old), told(2, tuesday, old), told(3, tuesday + HOUR, new)])
    now = MONDAY + 5 * DAY
    async with store.read() as tx:
        by_weeks = {n: (await read_weeks(tx, now, ZONE, n)).by_claimant for n in (1, 2, 3)}
        of_channel = await read_weeks(tx, now, ZONE, 1, channels=[FALCON])
    assert by_weeks == {1: [("kh", [1])], 2: [("kh", [1, 1])], 3: [("kh", [0, 1, 1])]}
    assert of_channel.by_claimant == [("kh", [1])]


async def test_of_years_full_of_claims_none_is_left_out(tmp_path: Path) -> None:
    """What is left out without a word would be a week in which nobody claimed anything."""
    async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'full.db'}")) as store:
        await none_is_left_out(store)


async def none_is_left_out(store: Store) -> None:
    n = 50_001
    first = MONDAY - 40 * DAY
    instants = [first + i * timedelta(minutes=1) for i in range(n)]
    await put(store, index=False)
    await watched(store)
    async with store.begin() as tx:
        numbers = await tx.claims.open_incidents([(at, at) for at in instants], 1)
        await tx.claims.put(
            told(i, at, number) for i, (at, number) in enumerate(zip(instants, numbers, strict=True), 1)
        )
    now = instants[-1] + HOUR
    async with store.read() as tx:
        weeks = await read_weeks(tx, now, ZONE, 8)
    ((claimant, counts),) = weeks.by_claimant
    assert (claimant, sum(counts)) == ("kh", n)
    # A page shows no more than its newest: of the weeks before these, that is at least so many.
    tracker = await read_tracker(store, Names(places={}), now, ZONE, 90)
    shares = dict(tracker.weeks.weeks)
    assert shares[first.date() - first.weekday() * DAY] < 1
    assert shares[MONDAY.date() - 14 * DAY] == 1
