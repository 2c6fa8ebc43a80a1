"""Whatever is muted, snoozed and kept quiet in whichever order: what can be heard is heard, and nothing else.

The real courier, archive and Bot API over HTTP, on a clock that walks over the night on which Berlin's clocks
are put forward.
"""

import asyncio
import contextlib
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.app import make_bot
from bot.config import BotConfig
from bot.courier import Courier
from bot.rates import Rates
from bot.reminders import Reminders
from domain.acknowledgement import Acknowledgement, Answer
from domain.clock import FastClock, SetClock
from domain.episode import Alert, Episode, Move, State, Subject
from domain.finding import Cause, Kind, Verdict
from domain.hush import Mute, QuietHours
from domain.subscription import DeliveryState, Role, Subscriber
from sandbox.botapi.server import BotApiServer
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.botapi import hang_up
from tests.support.stores import fresh

BEGIN = datetime(2026, 3, 28, 17, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
STEP = timedelta(minutes=20)
CHANNELS = (1, 2)


@dataclass
class Known:
    """An episode, and what ought to have become of it."""

    episode: Episode
    heard: bool = False  #: there was a moment in its life at which nothing kept it from being told
    graver: bool = False


class Hushing(RuleBasedStateMachine):
    """One chat. The model knows when it is quiet; the messages that arrive are held against that."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = contextlib.AsyncExitStack()
        self.clock = SetClock(BEGIN)
        self.known: list[Known] = []
        self.mutes: list[Mute] = []
        self.quiet: QuietHours | None = None
        self.seen = 0  #: messages that were looked at
        self.runner.run(self._set_up())

    async def _set_up(self) -> None:
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        url = await fresh(Path(folder) / "deadair.db")
        self.store: Store = await self.stack.enter_async_context(open_store(StorageConfig(url=url)))
        self.server = await self.stack.enter_async_context(BotApiServer(clock=self.clock))
        self.server.limits.on = False
        config = BotConfig.model_validate(
            {"api_base": self.server.url, "timeout": timedelta(seconds=20), "digest_after": timedelta(days=9)}
        )
        rates = Rates(FastClock(BEGIN, 10_000), per_second=25, chat_per_second=1, group_per_minute=18)
        self.courier = Courier(
            config, make_bot(config, self.server.token, rates), self.store, self.clock, rates
        )
        self.stack.push_async_callback(hang_up, self.courier.bot)
        self.reminders = Reminders(config, self.store, self.clock)
        self.anna = self.server.person("Anna", started=True)
        async with self.store.begin() as tx:
            await tx.subscriptions.let_in(
                Subscriber(
                    chat_id=self.anna.id,
                    name="Anna",
                    role=Role.ANALYST,
                    zone=BERLIN.key,
                    let_in_at=BEGIN,
                    let_in_by="a test",
                )
            )

    # -- what happens

    @precondition(lambda self: len(self._open()) < 3)
    @rule(channel=st.sampled_from(CHANNELS))
    def begin(self, channel: int) -> None:
        now = self.clock.now()
        episode = Episode(
            id=0,
            kind=Kind.SILENCE,
            subject=Subject(channel_id=channel),
            state=State.OPEN,
            since_at=now - timedelta(hours=4),
            found_at=now,
            opened_at=now,
            expected=9.0,
            probability=1e-4,
            verdict=Verdict.confirmed(Cause.UNEXPLAINED, "We watched it."),
        )
        self.known.append(Known(self.runner.run(self._tell(episode, Move.OPENED))))
        self._walk(timedelta())

    @precondition(lambda self: self._open())
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        self._change(data.draw(st.sampled_from(self._open())), Move.CLOSED)

    @precondition(lambda self: self._open())
    @rule(data=st.data())
    def grow(self, data: st.DataObject) -> None:
        self._change(data.draw(st.sampled_from(self._open())), Move.GREW)

    @precondition(lambda self: any(not k.graver for k in self._open()))
    @rule(data=st.data())
    def become_graver(self, data: st.DataObject) -> None:
        known = data.draw(st.sampled_from([k for k in self._open() if not k.graver]))
        known.graver = True
        self._change(known, Move.ESCALATED)

    # -- what the chat wants

    @rule(channel=st.sampled_from([None, *CHANNELS]), hours=st.none() | st.integers(1, 12))
    def mute(self, channel: int | None, hours: int | None) -> None:
        now = self.clock.now()
        until = now + timedelta(hours=hours) if hours else None
        mute = Mute(chat_id=self.anna.id, channel_id=channel, until=until, made_at=now)

        async def keep() -> Mute:
            async with self.store.begin() as tx:
                return await tx.hushes.mute(mute)

        self.mutes.append(self.runner.run(keep()))

    @precondition(lambda self: any(m.stands(self.clock.now()) for m in self.mutes))
    @rule(data=st.data())
    def unmute(self, data: st.DataObject) -> None:
        now = self.clock.now()
        chosen = data.draw(st.sampled_from([m for m in self.mutes if m.stands(now)]))
        self._revoke(chosen)
        self._walk(timedelta())

    @rule(start=st.integers(0, 47), end=st.integers(0, 47))
    def keep_quiet(self, start: int, end: int) -> None:
        now = self.clock.now()
        first, last = (time(n // 2, n % 2 * 30) for n in (start, end))
        quiet = self.quiet = QuietHours(chat_id=self.anna.id, start=first, end=last, made_at=now)

        async def keep() -> None:
            async with self.store.begin() as tx:
                await tx.hushes.set_quiet(quiet, now)

        self.runner.run(keep())
        self._walk(timedelta())

    @precondition(lambda self: self._open())
    @rule(data=st.data(), answer=st.sampled_from(Answer), hours=st.integers(1, 8))
    def answer(self, data: st.DataObject, answer: Answer, hours: int) -> None:
        known, now = data.draw(st.sampled_from(self._open())), self.clock.now()
        said = Acknowledgement(
            episode_id=known.episode.id,
            chat_id=self.anna.id,
            answer=answer,
            until=now + timedelta(hours=hours) if answer is Answer.SNOOZED else None,
            at=now,
        )

        async def keep() -> None:
            async with self.store.begin() as tx:
                await tx.acknowledgements.add(said)

        self.runner.run(keep())

    @rule(hours=st.integers(1, 9))
    def wait(self, hours: int) -> None:
        self._walk(timedelta(hours=hours))

    # -- what must be

    @invariant()
    def nothing_rings_at_an_hour_that_was_to_be_quiet(self) -> None:
        for message in self.anna.received[self.seen :]:
            assert not self._is_quiet(message.sent_at), f"rang at {message.sent_at}: {message.text}"
            for known in self.known:
                if f"Episode {known.episode.id}" in message.versions[0].text.splitlines()[-1]:
                    assert not self._is_muted(known, message.sent_at)
        self.seen = len(self.anna.received)

    @invariant()
    def no_end_is_told_to_whom_the_beginning_was_not(self) -> None:
        for known in self.known:
            mine = self._about(known)
            if mine and mine[0].startswith("✅"):
                raise AssertionError(f"of episode {known.episode.id} first its end was told: {mine[0]}")

    def teardown(self) -> None:
        try:
            self._be_heard()
            self._check()
        finally:
            self.runner.run(self.stack.aclose())
            self.runner.close()

    def _be_heard(self) -> None:
        """In the end nothing is hushed any more: whatever was held comes now."""
        for mute in self.mutes:
            if mute.stands(self.clock.now()):
                self._revoke(mute)
        if self.quiet is not None:

            async def end() -> None:
                async with self.store.begin() as tx:
                    await tx.hushes.end_quiet(self.anna.id, self.clock.now())

            self.quiet = None
            self.runner.run(end())
        self._walk(timedelta(hours=9))  # longer than any snooze

    def _check(self) -> None:
        for known in self.known:
            mine, number = self._about(known), known.episode.id
            if known.heard:
                assert mine, f"episode {number} could be heard, and was swallowed"
            if mine and known.episode.state is State.CLOSED:
                said = [t for t in mine if "Back:" in t or t.startswith("✅")]
                assert said, f"episode {number} was told, its end was not: {mine}"
            for record in self.runner.run(self._record(number)):
                assert record.state in (DeliveryState.SENT, DeliveryState.DROPPED)
                assert record.why or record.state is DeliveryState.SENT
        assert self.server.errors == []

    # -- how

    def _open(self) -> list[Known]:
        return [k for k in self.known if k.episode.state is State.OPEN]

    def _change(self, known: Known, move: Move) -> None:
        changes: dict[str, Any] = {}
        if move is Move.CLOSED:
            changes = {"state": State.CLOSED, "closed_at": self.clock.now(), "ended": "It posts again."}
        known.episode = self.runner.run(self._tell(replace(known.episode, **changes), move))
        self._walk(timedelta())

    async def _tell(self, episode: Episode, move: Move) -> Episode:
        async with self.store.begin() as tx:
            episode = await tx.episodes.save(episode)
            chats = await tx.outbox.told(episode.id) if move is not Move.OPENED else [self.anna.id]
            await tx.outbox.add(Alert(id=0, at=self.clock.now(), move=move, episode=episode), {}, chats)
        return episode

    def _revoke(self, mute: Mute) -> None:
        now = self.clock.now()

        async def revoke() -> None:
            async with self.store.begin() as tx:
                assert await tx.hushes.revoke(self.anna.id, mute.id, now) is not None

        self.mutes[self.mutes.index(mute)] = replace(mute, revoked_at=now)
        self.runner.run(revoke())

    def _walk(self, span: timedelta) -> None:
        """Let time pass, and let the courier and the reminders work all the while."""
        until = self.clock.now() + span
        while True:
            for known in self._open():
                now = self.clock.now()
                known.heard = known.heard or not (self._is_quiet(now) or self._is_muted(known, now))
            self.runner.run(self._work())
            if self.clock.now() >= until:
                return
            self.clock.advance(min(STEP, until - self.clock.now()))

    async def _work(self) -> None:
        await self.reminders.look()
        while await self.courier.deliver_one():
            pass

    def _is_quiet(self, at: datetime) -> bool:
        """As the clock on the wall says it. No half hour here comes twice on these days."""
        if self.quiet is None or self.quiet.start == self.quiet.end:
            return False
        shown, start, end = at.astimezone(BERLIN).time(), self.quiet.start, self.quiet.end
        return start <= shown < end if start < end else shown >= start or shown < end

    def _is_muted(self, known: Known, at: datetime) -> bool:
        return any(
            m.stands(at) and m.channel_id in (None, known.episode.subject.channel_id) for m in self.mutes
        )

    def _about(self, known: Known) -> list[str]:
        """What was sent of an episode, each as it was sent; of a digest the line."""
        number = f"Episode {known.episode.id}"
        found = []
        for message in self.anna.received:
            text = message.versions[0].text
            lines = text.splitlines()
            if number in lines[-1].split(" · "):
                found.append(text)
            else:
                found += [line for line in lines if f"({number})." in line]
        return found

    async def _record(self, number: int) -> Any:
        async with self.store.read() as tx:
            return await tx.outbox.deliveries(number)


TestHushing = Hushing.TestCase
TestHushing.settings = settings(
    max_examples=10,
    stateful_step_count=16,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
