"""When we could have seen: spans grow, gaps open and close, and accounts are kept apart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.post import How
from domain.watch import Gap, GapCause, Missing, WatchSpan
from storage.config import StorageConfig
from storage.store import Store, open_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def span(start: int, end: int, *, account: str = "main", how: How = How.LIVE, channel: int = 7) -> WatchSpan:
    return WatchSpan(channel_id=channel, account=account, from_at=at(start), to_at=at(end), how=how)


async def extend(store: Store, *spans: WatchSpan) -> None:
    async with store.begin() as tx:
        for each in spans:
            await tx.watch.extend(each)


async def test_a_span_that_touches_the_last_lengthens_it(store: Store) -> None:
    await extend(store, span(0, 5), span(5, 9), span(3, 8), span(9, 9))
    async with store.read() as tx:
        assert await tx.watch.spans(7) == [span(0, 9)]


async def test_a_span_apart_is_a_span_of_its_own_and_never_bridges_the_gap(store: Store) -> None:
    await extend(store, span(0, 5), span(6, 9))
    async with store.read() as tx:
        assert await tx.watch.spans(7) == [span(0, 5), span(6, 9)]
        seen = await tx.watch.seen(7)
    assert seen.holes(at(0), at(9)) == [(at(5), at(6))]


async def test_accounts_ways_and_channels_do_not_lengthen_each_other(store: Store) -> None:
    given = [span(0, 5), span(4, 9, account="spare"), span(5, 8, how=How.BACKFILLED), span(5, 7, channel=8)]
    await extend(store, *given)
    async with store.read() as tx:
        assert await tx.watch.spans(7) == given[:3]
        assert (await tx.watch.seen(7)).stretches == ((at(0), at(9)),)
        assert await tx.watch.until() == {7: at(9), 8: at(7)}


async def test_what_an_account_saw_itself_is_not_what_was_read_afterwards(store: Store) -> None:
    polled = span(0, 3, account="spare", how=How.POLLED)
    await extend(store, span(0, 5), span(5, 8, channel=8), polled)
    await extend(store, span(5, 60, how=How.BACKFILLED), span(0, 90, account="file", how=How.IMPORTED))
    async with store.read() as tx:
        assert await tx.watch.until_by_account() == {"main": {7: at(5), 8: at(8)}, "spare": {7: at(3)}}


async def test_an_older_span_that_comes_later_is_kept(store: Store) -> None:
    await extend(store, span(50, 60), span(0, 55))
    async with store.read() as tx:
        assert (await tx.watch.seen(7)).stretches == ((at(0), at(60)),)


async def test_spans_since_an_instant_are_those_that_reach_beyond_it(store: Store) -> None:
    await extend(store, span(0, 5), span(10, 15), span(20, 25))
    async with store.read() as tx:
        assert await tx.watch.spans(7, at(12)) == [span(10, 15), span(20, 25)]
        assert await tx.watch.spans(7, at(15)) == [span(20, 25)]


async def test_a_gap_keeps_the_cause_it_began_with_until_it_is_closed(store: Store) -> None:
    def gap(start: int, cause: GapCause) -> Gap:
        return Gap(channel_id=7, account="main", from_at=at(start), to_at=None, cause=cause, detail="why")

    async with store.begin() as tx:
        await tx.watch.begin_gaps([gap(0, GapCause.LINK)])
        await tx.watch.begin_gaps([gap(3, GapCause.FLOOD)])
        assert await tx.watch.open_gaps([7]) == [gap(0, GapCause.LINK)]
        ends = replace(gap(0, GapCause.LINK), to_at=at(9))
        await tx.watch.end_gaps([replace(ends, account="spare"), replace(ends, channel_id=8)], Missing.EDITS)
        assert await tx.watch.open_gaps([7]) == [gap(0, GapCause.LINK)]
        await tx.watch.end_gaps([ends], Missing.EDITS)
        assert await tx.watch.open_gaps([7]) == []
        await tx.watch.begin_gaps([gap(20, GapCause.DISK)])
    async with store.read() as tx:
        assert [(g.from_at, g.to_at, g.cause, g.missing) for g in await tx.watch.gaps(7)] == [
            (at(0), at(9), GapCause.LINK, Missing.EDITS),
            (at(20), None, GapCause.DISK, Missing.POSTS),
        ]
        assert len(await tx.watch.gaps(7, at(15))) == 1


@given(
    st.lists(
        st.tuples(
            st.integers(1, 3), st.integers(0, 40), st.integers(0, 15), st.sampled_from(("main", "spare"))
        ),
        max_size=25,
    )
)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_many_at_once_are_what_they_are_one_by_one(
    tmp_path: Path, drawn: list[tuple[int, int, int, str]]
) -> None:
    spans = [span(a, a + n, channel=c, account=who) for c, a, n, who in drawn]
    held = []
    for many in (False, True):
        path = tmp_path / f"{uuid4()}.db"
        async with open_store(StorageConfig(url=f"sqlite:///{path}")) as store:
            async with store.begin() as tx:
                for each in spans:
                    await (tx.watch.extend_many([each]) if many else tx.watch.extend(each))
            async with store.read() as tx:
                held.append([await tx.watch.spans(channel) for channel in (1, 2, 3)])
    assert held[0] == held[1]


async def test_channels_accounts_and_ways_are_lengthened_at_once_each_by_itself(store: Store) -> None:
    await extend(store, span(0, 5, channel=1), span(0, 5, channel=2), span(0, 3, channel=3))
    async with store.begin() as tx:
        await tx.watch.extend_many(
            [
                span(5, 9, channel=1),
                span(4, 6, channel=2),
                span(4, 6, channel=3),
                span(0, 6, channel=4),
                span(5, 7, channel=5, account="spare"),
                span(5, 7, channel=6, how=How.POLLED),
            ]
        )
    async with store.read() as tx:
        seen = {n: (await tx.watch.seen(n)).stretches for n in range(1, 7)}
    assert seen == {
        1: ((at(0), at(9)),),
        2: ((at(0), at(6)),),
        3: ((at(0), at(3)), (at(4), at(6))),
        4: ((at(0), at(6)),),
        5: ((at(5), at(7)),),
        6: ((at(5), at(7)),),
    }


async def test_spans_as_they_stand_differ_exactly_where_something_was_written(store: Store) -> None:
    await extend(store, span(0, 5), span(0, 5, channel=8), span(0, 60, channel=9))
    async with store.read() as tx:
        before = await tx.watch.rows_since(at(1))
        assert {row[0] for row in before.values()} == {7, 8, 9}
        assert await tx.watch.rows_since(at(1)) == before
        assert {row[0] for row in (await tx.watch.rows_since(at(30))).values()} == {9}
    await extend(store, span(5, 9), span(2, 4, channel=9), span(20, 21, channel=8))
    async with store.read() as tx:
        after = await tx.watch.rows_since(at(1))
        others = [seq for seq, row in after.items() if before.get(seq) != row]
        assert [each for _, each in await tx.watch.some(others)] == [span(0, 9), span(20, 21, channel=8)]
        assert await tx.watch.some([]) == []
