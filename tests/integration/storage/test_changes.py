"""The record of changes, and the settings that are changed while Deadair runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.change import Change, What
from domain.request import Request, RequestState
from domain.severity import Severity
from domain.subscription import Invite, Role, Subscription
from domain.wanted import Want, WantState, Watching
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHANGE = Change(at=NOON, by=1, name="Ana", what=What.BUDGET, subject="channel:1001", new={"budget": 0.5})
WANT = Want(key="falcon", wanted=Watching.WATCHED, handle="Falcon", asked_at=NOON, asked_by="Ana (1)")


async def test_changes_are_kept_in_order_with_who_when_old_and_new(store: Store) -> None:
    async with store.begin() as tx:
        first = await tx.changes.add(CHANGE)
        second = await tx.changes.add(replace(CHANGE, old={"budget": 0.5}, new=None, undoes=first.id))
        refused = await tx.changes.add(replace(CHANGE, what=What.ATTEMPT, subject="9", new={"said": "/x"}))
    async with store.read() as tx:
        assert await tx.changes.get(first.id) == first
        assert await tx.changes.get(10_000) is None
        assert await tx.changes.newest(2) == [refused, second]
        assert await tx.changes.newest(5, skip=1) == [second, first]
        assert await tx.changes.newest(5, only=[What.ATTEMPT]) == [refused]
        assert await tx.changes.count([What.BUDGET]) == 2
        assert await tx.changes.last_of(What.BUDGET, "channel:1001") == second
        assert await tx.changes.last_of(What.BUDGET, "channel:1") is None
        assert await tx.changes.undone_by(first.id) == second
        assert await tx.changes.undone_by(second.id) is None


async def test_a_budget_that_is_set_counts_until_it_is_taken_back(store: Store) -> None:
    async with store.begin() as tx:
        await tx.changes.set_budget("channel:1001", 0.5)
        await tx.changes.set_budget("channel:1001", 1.0)
        await tx.changes.set_budget("topic:attacks", 0.1)
    async with store.begin() as tx:
        assert await tx.changes.budgets() == {"channel:1001": 1.0, "topic:attacks": 0.1}
        await tx.changes.set_budget("channel:1001", None)
        assert await tx.changes.budgets() == {"topic:attacks": 0.1}


async def test_the_last_word_on_a_channel_counts_and_is_settled_only_by_what_came_of_itself(
    store: Store,
) -> None:
    async with store.begin() as tx:
        await tx.changes.put_want(WANT)
        paused = replace(WANT, wanted=Watching.PAUSED, asked_at=NOON + HOUR)
        await tx.changes.put_want(paused)
        await tx.changes.settle_want(WANT, WantState.FAILED, "late")
        assert await tx.changes.wants() == [paused]
        await tx.changes.settle_want(paused, WantState.DONE)
        assert await tx.changes.want("falcon") == replace(paused, state=WantState.DONE)
        await tx.changes.remove_want("falcon")
        assert await tx.changes.want("falcon") is None


async def test_there_is_one_request_of_each_person_and_the_last_counts(store: Store) -> None:
    first = Request(user_id=7, name="Bela", handle="bela", asked_at=NOON, told={1: 55})
    async with store.begin() as tx:
        await tx.access.put_request(first)
        await tx.access.put_request(Request(user_id=8, name="Cem", asked_at=NOON + HOUR))
    async with store.begin() as tx:
        assert await tx.access.request(7) == first
        assert [r.user_id for r in await tx.access.waiting_requests()] == [7, 8]
        refused = replace(
            first, state=RequestState.REFUSED, decided_at=NOON + HOUR, decided_by=1, told={1: 55, 2: 66}
        )
        await tx.access.put_request(refused)
        assert await tx.access.request(7) == refused
        assert [r.user_id for r in await tx.access.waiting_requests()] == [8]
        assert await tx.access.asked_since(NOON - HOUR) == 2
        assert await tx.access.asked_since(NOON) == 1


async def test_invites_are_listed_found_by_their_first_letters_and_revoked_once(store: Store) -> None:
    one = Invite(code_hash="a" * 64, role=Role.OPS, made_by=1, made_at=NOON, expires_at=NOON + 2 * HOUR)
    two = replace(one, code_hash="a" * 32 + "b" * 32, expires_at=NOON + HOUR)
    async with store.begin() as tx:
        await tx.access.add_invite(one)
        await tx.access.add_invite(two)
        assert await tx.access.open_invites(NOON) == [two, one]
        assert await tx.access.open_invites(NOON + HOUR) == [one]
        assert await tx.access.invite("a" * 33) == one
        assert await tx.access.invite("a" * 32) is None  # which of the two?
        assert await tx.access.invite("%") is None
        assert await tx.access.revoke_invite(one.code_hash, NOON)
        assert await tx.access.open_invites(NOON) == [two]
        assert await tx.access.use_invite(one.code_hash, 9, NOON) is None
        assert await tx.access.revoke_invite(one.code_hash, None)
        used = await tx.access.use_invite(one.code_hash, 9, NOON)
        assert used is not None
        assert not await tx.access.revoke_invite(one.code_hash, NOON)
        assert await tx.access.used_invites(NOON - HOUR) == [used]
        assert await tx.access.used_invites(NOON) == []


async def test_a_subscription_keeps_the_least_severity_asked_for_last(store: Store) -> None:
    async with store.begin() as tx:
        first = await tx.subscriptions.subscribe(Subscription(chat_id=5, channel_id=1, made_at=NOON))
        again = await tx.subscriptions.subscribe(replace(first, id=0, least=Severity.GRAVE))
        assert again == replace(first, least=Severity.GRAVE)
        assert await tx.subscriptions.of(5) == [again]
