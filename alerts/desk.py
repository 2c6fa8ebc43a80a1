"""From the panel to the archive: episodes, their steps, and alerts to subscribers, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from alerts import evidence
from alerts.intake import Intake
from alerts.mark import Mark
from alerts.payload import payload
from alerts.routing import route
from alerts.strand import strand_of
from domain.candidate import CandidateState
from domain.channel import ChannelChange, ChannelEvent
from domain.episode import TOLD, Alert, Episode, Move, Transition
from domain.finding import Kind
from domain.post import Post
from domain.sentence import Sentence
from storage.marks import DECIDED
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: The engine's place is stored with every transition, and else so often.
KEEP_PLACE = timedelta(minutes=1)
#: An edit within so long of the last post is part of posting it.
_CORRECTED = timedelta(hours=1)
_EDITED = (evidence.EDITED_ONE, evidence.EDITED_SOME)
#: Of a grouped episode, links to so many channels' newest posts are given.
LINKED = 30


class Desk:
    """Writes down what was decided, and puts into the outbox what people are to be told."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept_at: datetime | None = None
        self._kept_place: Mark | None = None

    async def put(
        self, intake: Intake, decided: Sequence[Transition], now: datetime, *, keep_place: bool = False
    ) -> Sequence[Transition]:
        """Store the transitions that people are told of, their alerts, and the engine's place: all or
        nothing.

        Pending episodes are not stored: after a restart the same findings come up again by themselves.
        `keep_place`: store our place in any case.
        """
        told = [t for t in decided if t.move in TOLD]
        stale = keep_place or self._kept_at is None or now - self._kept_at >= KEEP_PLACE
        if not told and not (stale and intake.place != self._kept_place):
            return []
        # What we learn of late may have become graver by then: that needs no second message.
        opened = {t.episode.id for t in told if t.move is Move.OPENED}
        numbers: dict[int, int] = {}
        stored: list[Transition] = []
        async with self._store.begin() as tx:
            for transition in told:
                done = await self._store_one(tx, transition, numbers)
                stored.append(done)
                at_once = transition.move is Move.ESCALATED and transition.episode.id in opened
                at_once = at_once and transition.episode.kind is not Kind.BLIND  # that has spread since
                if done.inhibited_by is None and not at_once:
                    await self._tell(tx, intake, done)
            place = replace(intake.place, n_stored=intake.n_stored + 1)
            await tx.marks.set(DECIDED, place.document(), now)
            if stored:
                tx.notify("deliveries")
        for temporary, number in numbers.items():
            intake.panel.stored(temporary, number)
        intake.n_stored += 1
        self._kept_at, self._kept_place = now, intake.place
        for transition in stored:
            log.info(
                "alerts: episode " + transition.move.value,
                episode=transition.episode.id,
                kind=transition.episode.kind.value,
                subject=str(transition.episode.subject),
                at=transition.at.isoformat(timespec="seconds"),
                cause=transition.episode.verdict.cause.value,
            )
        return stored

    async def ask(self, questions: Sequence[tuple[int, datetime]], now: datetime) -> None:
        """Have the outside asked what it sees of silences that were found."""
        async with self._store.begin() as tx:
            for channel_id, since_at in questions:
                await tx.testimonies.ask(channel_id, since_at, now)
            tx.notify("questions")

    async def await_word(self, channels: Mapping[int, datetime], now: datetime) -> None:
        """Have the collector say at once whether these could be seen until then."""
        async with self._store.begin() as tx:
            await tx.awaited.put(channels, now)
            tx.notify("awaited")

    async def _store_one(
        self, tx: Transaction, transition: Transition, numbers: dict[int, int]
    ) -> Transition:
        episode, within = await with_edits(tx, transition), transition.inhibited_by
        if episode.id < 0:
            temporary = episode.id
            episode = await tx.episodes.save(replace(episode, id=numbers.get(temporary, 0)))
            numbers[temporary] = episode.id
        else:
            await tx.episodes.save(episode)
        if within is not None:
            within = numbers.get(within, within)
        done = replace(transition, episode=episode, inhibited_by=within)
        await tx.episodes.record(done)
        return done

    async def _tell(self, tx: Transaction, intake: Intake, transition: Transition) -> None:
        alert = Alert(id=0, at=transition.at, move=transition.move, episode=transition.episode)
        chats = route(
            alert,
            await tx.subscriptions.all(),
            await tx.subscriptions.subscribers(),
            groups={c.id: c.group for c in intake.channels.values()},
            told=await tx.outbox.told(alert.episode.id),
            hidden=intake.panel.hidden_behind(alert.episode),
        )
        document = await self._payload(tx, intake, alert, transition.befell)
        await tx.outbox.add(alert, document, chats)

    async def _payload(
        self, tx: Transaction, intake: Intake, alert: Alert, befell: ChannelEvent | None
    ) -> dict[str, object]:
        episode = alert.episode
        numbers = (
            [episode.subject.channel_id]
            if episode.subject.channel_id is not None
            else list(episode.members[:LINKED])
        )
        newest: dict[int, Post] = {}
        for number in numbers:
            if posts := await tx.posts.newest(number, 1):
                newest[number] = posts[0]
        candidate = None
        if befell is not None and befell.change is ChannelChange.CANDIDATE and befell.after:
            found = await tx.candidates.of(befell.channel_id)
            named = (c for c in found if c.handle.lower() == befell.after.removeprefix("@").lower())
            # One that is watched already needs no button.
            candidate = next((c.id for c in named if c.state is not CandidateState.WATCHED), None)
        return payload(
            intake.panel,
            episode,
            alert.at,
            newest=newest,
            last_posts=await self._last_posts(tx, intake, episode, alert.move),
            event=befell,
            candidate=candidate,
        )

    async def _last_posts(
        self, tx: Transaction, intake: Intake, episode: Episode, move: Move
    ) -> Sequence[Post]:
        """The posts a person wants to read: the last before a silence, or the first after it."""
        subject = episode.subject
        if subject.channel_id is None:
            return []
        strand = strand_of(subject)
        if strand is None:
            return await tx.posts.newest(subject.channel_id, 3)
        found: list[Post] = []
        readings = tx.readings.since(
            episode.since_at,
            until_seq=intake.seq,
            channel_id=subject.channel_id,
            reader_version=intake.version,
        )
        async for reading in readings:
            if strand in intake.panel.strands(reading):
                if post := await tx.posts.get(reading.channel_id, reading.post_id):
                    found.append(post)
                if move is not Move.CLOSED or len(found) > 3:
                    break
        return found if move is not Move.CLOSED else found[1:] or found


async def with_edits(tx: Transaction, transition: Transition) -> Episode:
    """The episode as it is stored and told. Whoever edits old posts of a silent channel is there: that
    decides nothing, and a person wants to know it. What was corrected soon after it was posted is no such
    sign.
    """
    episode = transition.episode
    channel_id = episode.subject.channel_id
    if episode.kind is not Kind.SILENCE or channel_id is None or strand_of(episode.subject) is not None:
        return episode
    until = episode.closed_at or transition.at
    found = await tx.posts.edits(channel_id, episode.since_at + _CORRECTED, until)
    if found is None:
        return episode
    said = (
        Sentence(evidence.EDITED_ONE, at=found.last_at)
        if found.posts == 1
        else Sentence(evidence.EDITED_SOME, n=found.posts, at=found.last_at)
    )
    # One that was told before says already how it stood then.
    others = [each for each in episode.verdict.evidence if getattr(each, "template", "") not in _EDITED]
    verdict = replace(episode.verdict, evidence=(*others, said))
    return replace(episode, verdict=verdict)
