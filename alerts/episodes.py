"""The episodes that are under way, and each step of their lives."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.channel import ChannelEvent
from domain.episode import Episode, Move, State, Subject, Transition
from domain.finding import Kind, Ruling, Verdict

#: What an episode is known by while it lives: a subject has one of each kind at a time.
Case = tuple[Kind, Subject]


class Docket:
    """Episodes pending and open, by subject; every change is written down as a transition."""

    def __init__(self, again_within: timedelta = timedelta()) -> None:
        """What begins again within so long of its end is the same episode."""
        self.live: dict[Case, Episode] = {}
        #: Who follows up what is open from now on.
        self.told: Callable[[Episode, datetime], None] = lambda episode, at: None
        self.over: dict[Case, Episode] = {}  #: of each case the last that was told and has ended
        self.sizes: dict[Case, int] = {}  #: of how many channels each of these was told
        self._again_within = again_within
        self._steps: list[Transition] = []
        self._next = -1

    def find(
        self,
        kind: Kind,
        subject: Subject,
        *,
        since_at: datetime,
        at: datetime,
        observed: int = 0,
        expected: float = 0.0,
        probability: float = 1.0,
        members: tuple[int, ...] = (),
        reason: str = "",
    ) -> Episode:
        """A new episode, pending. Its number is below zero until it is stored."""
        episode = Episode(
            id=self._next,
            kind=kind,
            subject=subject,
            state=State.PENDING,
            since_at=since_at,
            found_at=at,
            verdict=Verdict.confirmed(),
            observed=observed,
            expected=expected,
            probability=probability,
            members=members,
            reason=reason,
        )
        self._next -= 1
        return self._step(Move.FOUND, at, episode)

    def open(
        self,
        case: Case,
        at: datetime,
        verdict: Verdict,
        *,
        befell: ChannelEvent | None = None,
        **changes: object,
    ) -> Episode:
        """It has held: people are told. If the last of its kind ended only just now, that goes on."""
        episode = replace(self.live[case], state=State.OPEN, opened_at=at, verdict=verdict, **changes)  # type: ignore[arg-type]  # the fields of Episode
        former = self.over.get(case)
        if former is None or not self._is_same(former, episode):
            episode = self._step(Move.OPENED, at, episode, befell=befell)
        else:
            episode = replace(
                episode,
                id=former.id,
                since_at=former.since_at,
                found_at=former.found_at,
                opened_at=former.opened_at,
                escalated_at=former.escalated_at,
                members=tuple(sorted({*former.members, *episode.members})),
                times=former.times + 1,
                again_at=episode.since_at,
            )
            episode = self._step(Move.REOPENED, at, episode)
        self.told(episode, at)
        return episode

    def _is_same(self, former: Episode, episode: Episode) -> bool:
        confirmed = former.verdict.ruling is episode.verdict.ruling is Ruling.CONFIRMED
        ended = former.closed_at
        return confirmed and ended is not None and episode.since_at - ended < self._again_within

    def escalate(self, case: Case, at: datetime, **changes: object) -> Episode:
        """It has become so much graver that people are told once more."""
        episode = replace(self.live[case], escalated_at=at, **changes)  # type: ignore[arg-type]  # the fields of Episode
        return self._step(Move.ESCALATED, at, episode)

    def grow(self, case: Case, at: datetime, **changes: object) -> Episode:
        """More is known of an open episode: another member, another start, another verdict."""
        return self._step(Move.GREW, at, replace(self.live[case], **changes))  # type: ignore[arg-type]  # the fields of Episode

    def close(
        self,
        case: Case,
        at: datetime,
        ended: str,
        *,
        verdict: Verdict | None = None,
        within: int | None = None,
        befell: ChannelEvent | None = None,
    ) -> Episode:
        """It is over; `within` names the larger episode that takes its place, and then nobody is told."""
        episode = self.live[case]
        move = Move.CLOSED if episode.state is State.OPEN else Move.DISMISSED
        at = max(at, episode.opened_at or at)  # what ended it can have come to light after it was told
        episode = replace(
            episode, state=State.CLOSED, closed_at=at, ended=ended, verdict=verdict or episode.verdict
        )
        if move is Move.CLOSED and within is None:
            self.remember(episode)
        return self._step(move, at, episode, within, befell)

    def remember(self, episode: Episode) -> None:
        """It was told and is over; it may begin again, and what comes to light of its time may revise it."""
        self.over[episode.kind, episode.subject] = episode
        self.sizes[episode.kind, episode.subject] = len(episode.members)

    def revise(self, case: Case, at: datetime, episode: Episode, **changes: object) -> None:
        """What was told and is over was not so: whoever was told is told that too, once."""
        del self.over[case]
        revised = replace(episode, **changes)  # type: ignore[arg-type]  # the fields of Episode
        self._steps.append(Transition(move=Move.GREW, at=at, episode=revised))

    def passing(
        self, case: Case, at: datetime, verdict: Verdict, befell: ChannelEvent, reason: str
    ) -> Episode:
        """Something that is told and over at once, such as a new handle; what is under way of the same kind
        goes on beside it.
        """
        under_way = self.live.get(case)
        episode = self.find(*case, since_at=at, at=at, reason=reason)
        episode = replace(episode, state=State.CLOSED, opened_at=at, closed_at=at, verdict=verdict)
        self._steps.pop()
        episode = self._step(Move.OPENED, at, episode, befell=befell)
        if under_way is not None:
            self.live[case] = under_way
        return episode

    def is_open(self, case: Case) -> bool:
        episode = self.live.get(case)
        return episode is not None and episode.state is State.OPEN

    def restore(self, episodes: Iterable[Episode]) -> None:
        """Take up open episodes where a former run left them; pending ones come up again by themselves."""
        for episode in episodes:
            if episode.state is State.OPEN:
                self.live[episode.kind, episode.subject] = episode
                self.told(episode, episode.opened_at or episode.found_at)

    def drop_pending(self, channel_id: int) -> None:
        """Forget what is pending of a channel whose series is learned anew; it comes up again by itself."""
        for case, episode in list(self.live.items()):
            if episode.state is State.PENDING and episode.subject.channel_id == channel_id:
                del self.live[case]

    def stored(self, temporary: int, number: int) -> None:
        """The episode that had a number of ours was given one that lasts."""
        for of in (self.live, self.over):
            for case, episode in of.items():
                if episode.id == temporary:
                    of[case] = replace(episode, id=number)
                    return

    def take(self) -> list[Transition]:
        """The steps since this was last asked."""
        steps, self._steps = self._steps, []
        return steps

    def _step(
        self,
        move: Move,
        at: datetime,
        episode: Episode,
        within: int | None = None,
        befell: ChannelEvent | None = None,
    ) -> Episode:
        case = (episode.kind, episode.subject)
        if episode.state is State.CLOSED:
            self.live.pop(case, None)
        else:
            self.live[case] = episode
        self._steps.append(Transition(move=move, at=at, episode=episode, inhibited_by=within, befell=befell))
        return episode
