"""What becomes of an episode once it was told: it grows graver, or it comes and goes.

Whatever is decided here has an instant of its own, a timer's, so that it does not matter how often one looks.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts import evidence
from alerts.board import Board
from alerts.episodes import Case
from alerts.hours import NEVER, hours, instant
from alerts.strand import Strand, strand_of
from alerts.timers import Key
from alerts.tracks import OPEN, Track
from domain.episode import Episode, Subject
from domain.finding import Kind, Ruling
from domain.instant import say_span
from domain.sentence import Sentence

GRAVER, CALM = "graver", "calm"  #: timers: is it graver by now; has its end lasted
#: A silence is graver when it is so many times less probable than when it was told, or so many times as long.
LESS_PROBABLE, LONGER = 1000.0, 4.0
#: A topic or claimant, whose clock is its channel's posts, is given so many times as long.
SLOWER = 7.0
#: A silence of many is graver while at least this part of its channels has not come back.
STILL = 0.5
#: How an episode ends of which a person says so.
NORMAL = Sentence(evidence.NORMAL)
HOUR = timedelta(hours=1)


class Aftermath:
    """Escalation, and the end of what flaps."""

    def __init__(self, board: Board) -> None:
        self._board = board
        board.docket.told = self.told

    def told(self, episode: Episode, at: datetime) -> None:
        """An episode is open from `at` on: see later whether it has become graver."""
        wait = self._wait(episode)
        if wait and episode.escalated_at is None and episode.verdict.ruling is Ruling.CONFIRMED:
            self._board.timers.set(_key(GRAVER, episode), hours(at) + wait)

    def graver(self, key: Key, at: float) -> None:
        """It was told some while ago. Has it become much less probable, or much longer?"""
        board, case = self._board, _case(key)
        episode = board.docket.live.get(case)
        if episode is None or not board.docket.is_open(case) or episode.escalated_at is not None:
            return
        track = board.tracks.get(key.channel_id)
        if track is None:
            members = [t for n in episode.members if (t := board.tracks.get(n)) is not None]
            if board.waits(key, at, members):
                return
            later = self._many(case, episode, members, at)
        elif track.cover.until < at:
            board.park(track, key, at)
            return
        elif missing := self._unseen(track, episode, at):
            later = at + missing
        elif episode.kind is not Kind.SILENCE:
            later = self._departed(track, case, episode, at)
        elif (strand := strand_of(episode.subject)) is not None:
            later = self._unmentioned(track, strand, case, episode, at)
        else:
            later = self._silent(track, case, episode, at)
        board.timers.set(key, later)

    def over(self, track: Track, case: Case, at: float, back_since: float, ended: str) -> None:
        """The rhythm is back. Of what has come and gone before, that must last before it is told."""
        episode = self._board.docket.live[case]
        if episode.times == 1:
            self._board.docket.close(case, instant(at), ended)
            return
        calm = self._board.rules.again_within / HOUR
        self._board.timers.set(_key(CALM, episode), max(at, back_since + calm))

    def not_over(self, case: Case) -> None:
        """The run of posts that was to end it is broken, without any news."""
        self._board.timers.cancel(_key_of(CALM, case))

    def again(
        self, case: Case, at: float, began: float, lines: Sequence[str], **numbers: float | str
    ) -> None:
        """It is there once more, since `began`, before its end was told.

        Evidence (`lines`) and numbers are of this time, and take the place of those of the time before.
        """
        docket, key = self._board.docket, _key_of(CALM, case)
        if self._board.timers.get(key) == NEVER:
            return
        self._board.timers.cancel(key)
        live = docket.live[case]
        verdict = replace(live.verdict, evidence=tuple(lines))
        docket.grow(
            case, instant(at), times=live.times + 1, again_at=instant(began), verdict=verdict, **numbers
        )

    def calm(self, key: Key, at: float) -> None:
        """What comes and goes has kept away for long enough."""
        board, case = self._board, _case(key)
        track = board.tracks[key.channel_id]
        if not board.docket.is_open(case):
            return
        if track.cover.until < at:
            board.park(track, key, at)
            return
        calm = board.rules.again_within / HOUR
        seen = sum(b - a for a, b in track.cover.within(at - calm, at))
        if seen < calm - 1e-6:  # what we did not see proves no calm
            board.timers.set(key, at + calm - seen)
            return
        episode = board.docket.live[case]
        board.docket.close(
            case,
            instant(at),
            Sentence(evidence.CALM, span=board.rules.again_within, n=episode.times, since=episode.since_at),
        )

    def is_normal(self, episode: Episode) -> None:
        """A person takes it for what will be from now on: it is over. Of a drop or surge the scan says so."""
        case = (episode.kind, episode.subject)
        live, closed = self._board.docket.live.get(case), episode.closed_at
        if live is None or closed is None or episode.kind is not Kind.SILENCE:
            return
        if live.since_at == episode.since_at and self._board.docket.is_open(case):
            at = max(self._board.now, hours(closed))
            ended = self._board.docket.close(case, instant(at), NORMAL)
            if (track := self._board.tracks.get(episode.subject.channel_id or 0)) is not None:
                track.ended += (ended,)

    def was_told(self, track: Track) -> bool:
        """Was the pause that runs told as an episode that people ended, as it is normal now?"""
        last = track.rhythm.last
        return any(
            e.subject == track.case[1] and e.ended == NORMAL and hours(e.begun_at) == last
            for e in track.ended
        )

    def _unseen(self, track: Track, episode: Episode, at: float) -> float:
        """How much longer it must be watched, as time that nobody watched makes nothing graver."""
        told = max(hours(episode.opened_at or episode.found_at), hours(episode.begun_at))
        seen = sum(b - a for a, b in track.cover.within(told, at))
        if seen < self._wait(episode) - 1e-6:
            return self._wait(episode) - seen
        return 0.0 if track.cover.whole(at, at) else 1.0

    def _silent(self, track: Track, case: Case, episode: Episode, at: float) -> float:
        """A channel's silence. Returns when to look again."""
        rhythm = track.rhythm
        step = self._wait(episode) / 2
        if track.phase != OPEN:
            return at + step  # it posts again, and may be about to end
        expected, seen = rhythm.expected(at), track.cover.within(rhythm.since, at)
        if not track.cover.whole(rhythm.origin, at):
            expected = min(expected, sum(rhythm.expected_between(a, b) for a, b in seen))
        chance = rhythm.survival(expected)
        less, longer = episode.probability / LESS_PROBABLE, LONGER * episode.expected
        if chance > less * (1 + 1e-9) and expected < longer * (1 - 1e-9):
            goal = min(longer, rhythm.tail.at(less) if less > 0 else longer)
            due = rhythm.when(goal)
            return due if at < due < NEVER else at + step
        watched = _lasts(sum(b - a for a, b in seen))
        self._escalate(case, at, expected, chance, f"no post in the last {watched} that we watched")
        return NEVER

    def _unmentioned(self, track: Track, strand: Strand, case: Case, episode: Episode, at: float) -> float:
        """The silence of a topic or claimant, whose clock is the channel's posts."""
        share = track.shares.get(strand)
        if share is None or share.phase != OPEN:
            return at + self._wait(episode) / 2
        expected = share.expected(at, track.pulse, track.rhythm)
        chance = share.survival(expected - share.pardon)
        if chance > episode.probability / LESS_PROBABLE and expected < LONGER * episode.expected:
            return at + self._wait(episode) / 2
        name = self._board.judged.name(strand)
        self._escalate(case, at, expected, chance, f"nothing of {name} for {_lasts(at - share.since)}")
        return NEVER

    def _departed(self, track: Track, case: Case, episode: Episode, at: float) -> float:
        """A drop or a surge that goes on, over its whole hours that were seen."""
        departure = track.rhythm.scan.under_way
        if departure is None or departure.kind is not episode.kind:
            return at + self._wait(episode) / 2
        reach = track.rhythm.forecast.reach
        first, last = math.ceil(departure.since), int(at)
        seen = track.cover.within(first, last)
        expected = departure.level * sum(reach(b) - reach(a) for a, b in seen)
        observed = int(track.rhythm.counts(first, last - first).sum())
        self._board.docket.escalate(
            case,
            instant(at),
            observed=observed,
            expected=expected,
            probability=track.rhythm.scan.restate(track.rhythm, departure, at).probability,
            reason=f"{episode.reason}; then {observed} posts in {_lasts(last - first)} where "
            f"{expected:.0f} were expected, and it goes on",
        )
        return NEVER

    def _many(self, case: Case, episode: Episode, tracks: Sequence[Track], at: float) -> float:
        """A silence of several channels: most of them are still away."""
        told = hours(episode.opened_at or episode.found_at)
        seen = [t for t in tracks if t.cover.whole(told, at)]
        away = [t for t in seen if t.rhythm.last <= told]
        if not seen or len(away) < STILL * len(seen):
            return at + self._wait(episode) / 2
        self._board.docket.escalate(
            case,
            instant(at),
            expected=sum(t.rhythm.expected(at) for t in away),
            reason=f"{episode.reason}; then {len(away)} of {len(seen)} channels are still silent "
            f"{_lasts(at - told)} after it was told",
        )
        return NEVER

    def _escalate(self, case: Case, at: float, expected: float, chance: float, words: str) -> None:
        self._board.docket.escalate(
            case,
            instant(at),
            expected=expected,
            probability=chance,
            reason=f"{self._board.docket.live[case].reason}; then {words} where {expected:.0f} were "
            "expected, far less probable than when it was told",
        )

    def _wait(self, episode: Episode) -> float:
        rules = self._board.rules
        match episode.kind:
            case Kind.SILENCE:
                slower = 1.0 if strand_of(episode.subject) is None else SLOWER
                return slower * rules.silence.escalate_after / HOUR
            case Kind.DROP:
                return rules.drop.escalate_after / HOUR
            case Kind.SURGE:
                return rules.surge.escalate_after / HOUR
            case _:
                return 0.0


def _key(what: str, episode: Episode) -> Key:
    return _key_of(what, (episode.kind, episode.subject))


def _key_of(what: str, case: Case) -> Key:
    """The kind, and what else it is known by, in the fields of a key."""
    kind, subject = case
    strand = strand_of(subject)
    if strand is not None:
        return Key(what, subject.channel_id or 0, strand.name, f"{kind.value} {strand.what}")
    if subject.channel_id is not None:
        return Key(what, subject.channel_id, "", kind.value)
    named = "country" if subject.country is not None else "group" if subject.group is not None else "all"
    return Key(what, 0, subject.country or subject.group or "", f"{kind.value} {named}")


def _case(key: Key) -> Case:
    """The way back."""
    kind, _, what = key.sort.partition(" ")
    channel = key.channel_id or None
    return Kind(kind), Subject(channel_id=channel, **({what: key.name} if what not in ("", "all") else {}))


def _lasts(span: float) -> str:
    return say_span(timedelta(hours=span))
