"""What chats do not want to hear is kept, and what is held for them is looked at again when it changes."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from domain.acknowledgement import Acknowledgement, Answer
from domain.episode import Alert, Episode, Move, State, Subject
from domain.finding import Kind, Verdict
from domain.hush import Digest, Every, Mute, QuietHours
from domain.note import Note, NoteKind
from domain.subscription import DeliveryState, Hold
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=1)
QUIET = QuietHours(chat_id=5, start=time(23, 30), end=time(7), made_at=NOON, by="Ana (5)")
DIGEST = Digest(chat_id=5, every=Every.WEEK, hour=8, weekday=4, instead=True, made_at=NOON)


async def episode(store: Store, *chats: int, moves: tuple[Move, ...] = (Move.OPENED,)) -> int:
    """An episode with an alert at each hour for each of these chats."""
    async with store.begin() as tx:
        made = await tx.episodes.save(
            Episode(
                id=0,
                kind=Kind.SILENCE,
                subject=Subject(channel_id=1),
                state=State.OPEN,
                since_at=NOON,
                found_at=NOON,
                verdict=Verdict.confirmed(),
            )
        )
        for n, move in enumerate(moves):
            await tx.outbox.add(Alert(id=0, at=NOON + n * HOUR, move=move, episode=made), {}, chats)
    return made.id


async def test_mutes_stand_until_their_time_or_until_they_are_revoked(store: Store) -> None:
    async with store.begin() as tx:
        first = await tx.hushes.mute(
            Mute(chat_id=5, channel_id=1, until=NOON + HOUR, made_at=NOON, reason="noise")
        )
        second = await tx.hushes.mute(Mute(chat_id=5, topic="drones", made_at=NOON, by="Ana (5)"))
        await tx.hushes.mute(Mute(chat_id=6, made_at=NOON))
        assert await tx.hushes.mutes(5, NOON) == [first, second]
        assert await tx.hushes.mutes(5, NOON + HOUR) == [second]
        assert await tx.hushes.revoke(6, second.id, NOON) is None
        gone = await tx.hushes.revoke(5, second.id, NOON + HOUR, "Bo (6)")
        assert gone == replace(second, revoked_at=NOON + HOUR, revoked_by="Bo (6)")
        assert await tx.hushes.revoke(5, second.id, NOON + HOUR) is None
        assert await tx.hushes.revoke(5, first.id, NOON + HOUR) is None
        assert await tx.hushes.mutes(5, NOON + HOUR) == []
        assert [m.id for m in await tx.hushes.every_mute(5)] == [second.id, first.id]


async def test_quiet_hours_and_digests_are_one_for_each_chat(store: Store) -> None:
    async with store.begin() as tx:
        assert (await tx.hushes.quiet(5), await tx.hushes.digest(5)) == (None, None)
        await tx.hushes.set_quiet(QUIET, NOON)
        await tx.hushes.set_quiet(replace(QUIET, end=time(6, 15)), NOON)
        assert await tx.hushes.quiet(5) == replace(QUIET, end=time(6, 15))
        await tx.hushes.set_digest(DIGEST, NOON)
        assert await tx.hushes.digest(5) == DIGEST
        assert await tx.hushes.digests() == [DIGEST]
        await tx.hushes.digest_sent(5, NOON + HOUR)
        assert await tx.hushes.digest(5) == replace(DIGEST, sent_at=NOON + HOUR)
        assert [await tx.hushes.end_quiet(5, NOON), await tx.hushes.end_quiet(5, NOON)] == [True, False]
        assert [await tx.hushes.end_digest(5, NOON), await tx.hushes.end_digest(5, NOON)] == [True, False]
        assert (await tx.hushes.quiet(5), await tx.hushes.digest(5)) == (None, None)


async def test_what_is_held_is_in_nobodys_way_and_comes_when_it_is_due(store: Store) -> None:
    await episode(store, 5)
    await episode(store, 5)
    async with store.begin() as tx:
        first = await tx.outbox.claim_one("a", NOON, LEASE)
        assert first is not None
        assert await tx.outbox.hold(first, NOON + HOUR, Hold.MUTE, "muted")
        second = await tx.outbox.claim_one("a", NOON, LEASE)
        assert second is not None
        assert second.id > first.id
        assert await tx.outbox.settle(second, 10, NOON)
        assert await tx.outbox.claim_one("a", NOON, LEASE) is None
        assert await tx.outbox.next_due(NOON) == NOON + HOUR
        held = (await tx.outbox.deliveries(first.episode_id, 5))[0]
        assert (held.state, held.hold, held.why) == (DeliveryState.HELD, Hold.MUTE, "muted")
        again = await tx.outbox.claim_one("a", NOON + HOUR, LEASE)
        assert again is not None
        assert (again.id, again.hold) == (first.id, Hold.MUTE)


async def test_what_is_due_of_what_was_held_goes_before_what_came_later(store: Store) -> None:
    await episode(store, 5)
    async with store.begin() as tx:
        first = await tx.outbox.claim_one("a", NOON, LEASE)
        assert first is not None
        await tx.outbox.hold(first, NOON + 2 * HOUR, Hold.QUIET, "quiet hours")
    await episode(store, 5)
    async with store.begin() as tx:
        claimed = await tx.outbox.claim_one("a", NOON + 2 * HOUR, LEASE)
        assert claimed is not None
        assert claimed.id == first.id
        rest = await tx.outbox.claim_rest(claimed, NOON + 2 * HOUR)
        assert [d.id for d in rest] == [first.id + 1]
        assert {d.leased_by for d in rest} == {"a"}
        assert await tx.outbox.claim_one("b", NOON + 2 * HOUR, LEASE) is None


@pytest.mark.parametrize("change", ["revoke", "quiet", "digest"])
async def test_a_change_of_what_is_wanted_has_what_is_held_looked_at(store: Store, change: str) -> None:
    await episode(store, 5, 6)
    async with store.begin() as tx:
        mute = await tx.hushes.mute(Mute(chat_id=5, made_at=NOON))
        for _ in range(2):
            delivery = await tx.outbox.claim_one("a", NOON, LEASE)
            assert delivery is not None
            await tx.outbox.hold(delivery, NOON + 9 * HOUR, Hold.MUTE, "muted")
        match change:
            case "revoke":
                await tx.hushes.revoke(5, mute.id, NOON + HOUR)
            case "quiet":
                await tx.hushes.set_quiet(QUIET, NOON + HOUR)
            case _:
                await tx.hushes.end_digest(5, NOON + HOUR)
        due = await tx.outbox.claim_one("a", NOON + HOUR, LEASE)
        assert due is not None
        assert due.chat_id == 5
        assert await tx.outbox.claim_one("a", NOON + HOUR, LEASE) is None


async def test_a_later_alert_of_an_episode_speaks_for_those_that_were_held(store: Store) -> None:
    number = await episode(store, 5, moves=(Move.OPENED, Move.GREW))
    async with store.begin() as tx:
        first = await tx.outbox.claim_one("a", NOON, LEASE)
        assert first is not None
        await tx.outbox.hold(first, NOON + 9 * HOUR, Hold.QUIET, "quiet hours")
        second = await tx.outbox.claim_one("a", NOON + HOUR, LEASE)
        assert second is not None
        assert await tx.outbox.supersede(second, "a later one says it") == 1
        states = [d.state for d in await tx.outbox.deliveries(number, 5)]
        assert states == [DeliveryState.DROPPED, DeliveryState.LEASED]
        assert await tx.outbox.told(number) == [5]


async def test_a_digest_is_no_message_of_its_own_for_an_episode(store: Store) -> None:
    number = await episode(store, 5, moves=(Move.OPENED, Move.GREW))
    async with store.begin() as tx:
        first = await tx.outbox.claim_one("a", NOON, LEASE)
        assert first is not None
        await tx.outbox.settle(first, 77, NOON, digested=True)
        assert await tx.outbox.message_of(number, 5) is None
        second = await tx.outbox.claim_one("a", NOON + HOUR, LEASE)
        assert second is not None
        await tx.outbox.settle(second, 78, NOON)
        assert await tx.outbox.message_of(number, 5) == 78


async def test_the_newest_answer_counts_and_a_snooze_runs_out_once(store: Store) -> None:
    number = await episode(store, 5)
    base = Acknowledgement(episode_id=number, chat_id=5, answer=Answer.SEEN, by="Ana (5)", at=NOON)
    async with store.begin() as tx:
        assert await tx.acknowledgements.standing(number, 5) is None
        seen = await tx.acknowledgements.add(base)
        assert await tx.acknowledgements.standing(number, 5) == seen
        early = await tx.acknowledgements.add(replace(base, answer=Answer.SNOOZED, until=NOON + HOUR))
        late = await tx.acknowledgements.add(replace(base, answer=Answer.SNOOZED, until=NOON + 8 * HOUR))
        assert await tx.acknowledgements.standing(number, 5) == late
        assert await tx.acknowledgements.standing(number, 6) is None
        assert await tx.acknowledgements.next_out() == NOON + 8 * HOUR
        assert await tx.acknowledgements.run_out(early.until or NOON) == []
        assert await tx.acknowledgements.run_out(NOON + 8 * HOUR) == [late]
        await tx.acknowledgements.reminded(late.id, NOON + 8 * HOUR)
        assert await tx.acknowledgements.run_out(NOON + 9 * HOUR) == []
        assert await tx.acknowledgements.next_out() is None


async def test_all_of_it_moves_with_a_group_that_becomes_a_supergroup(store: Store) -> None:
    number = await episode(store, 5)
    async with store.begin() as tx:
        mute = await tx.hushes.mute(Mute(chat_id=5, made_at=NOON))
        await tx.hushes.set_quiet(QUIET, NOON)
        await tx.hushes.set_digest(DIGEST, NOON)
        await tx.acknowledgements.add(
            Acknowledgement(episode_id=number, chat_id=5, answer=Answer.SEEN, at=NOON)
        )
        await tx.move_chat(5, -1005)
        assert await tx.hushes.mutes(-1005, NOON) == [replace(mute, chat_id=-1005)]
        assert await tx.hushes.quiet(-1005) == replace(QUIET, chat_id=-1005)
        assert await tx.hushes.digest(-1005) == replace(DIGEST, chat_id=-1005)
        assert await tx.acknowledgements.standing(number, -1005) is not None
        assert [await tx.hushes.mutes(5, NOON), await tx.hushes.quiet(5), await tx.hushes.digest(5)] == [
            [],
            None,
            None,
        ]
        assert [d.chat_id for d in await tx.outbox.deliveries(number)] == [-1005]


async def test_notes_are_read_in_order_from_where_one_stopped(store: Store) -> None:
    async with store.begin() as tx:
        assert (await tx.notes.last_seq(), await tx.notes.after(0)) == (0, [])
        for about in ("Ana", "Bo"):
            await tx.notes.add(Note(at=NOON, kind=NoteKind.OUT_OF_REACH, about=about, why="blocked"))
        found = await tx.notes.after(0)
        assert [(n.about, n.why) for n in found] == [("Ana", "blocked"), ("Bo", "blocked")]
        assert [n.about for n in await tx.notes.after(found[0].seq)] == ["Bo"]
        assert await tx.notes.last_seq() == found[-1].seq
