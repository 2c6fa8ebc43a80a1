"""Our own blindness: one episode for all the channels we cannot see, which hides everything beneath it."""

import heapq

from alerts import evidence as told
from alerts.board import Board
from alerts.episodes import Case
from alerts.hours import NEVER, hours, instant
from alerts.judge import names
from alerts.tracks import FOUND, Track
from domain.episode import Episode, Subject
from domain.finding import Cause, Kind, Verdict
from domain.sentence import Sentence, joined
from domain.watch import Gap, GapCause

BLIND: Case = (Kind.BLIND, Subject())
#: So many times as many channels, and so many more, are news once more to those who can mend it.
SPREADS, MORE = 3, 5
_CAUSES = {
    GapCause.OUR_STOP: Cause.COLLECTOR_DOWN,
    GapCause.LINK: Cause.LINK_DOWN,
    GapCause.ACCOUNT: Cause.ACCOUNT_LOST,
    GapCause.DISK: Cause.COLLECTOR_DOWN,
}


class Sight:
    """Which channels are out of our sight. Nothing is scanned: a heap says which could be next."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._after = board.rules.blind.after.total_seconds() / 3600
        self._again = board.rules.again_within.total_seconds() / 3600
        self._heap: list[tuple[float, int]] = []
        self._blind: dict[int, float] = {}  #: channel -> until when it had been watched
        #: Channels told as out of sight in this episode -> when they were back; NEVER: they are not.
        self._told: dict[int, float] = {}
        self._filled: dict[int, bool] = {}  #: channel -> whether its hole was filled when we saw it again
        self._causes: dict[
            int, tuple[GapCause, float]
        ] = {}  #: why, and until when it is known to have lasted
        self._rung = 0  #: of how many channels it was told when a phone last rang
        self._woke = -NEVER
        self._seen_again = -NEVER

    def woke(self, at: float) -> None:
        """We begin to look only now: what went unwatched before says nothing of the watch's state."""
        self._woke = at

    def watched(self, track: Track, start: float, end: float) -> None:
        """We could see every post of a channel from `start` to `end`: what waited for that can be decided."""
        rhythm, before = track.rhythm, track.cover.until
        last, origin = rhythm.last, rhythm.origin
        unseen = track.cover.unrecorded(last, origin) if origin > last > -NEVER and start < origin else 0.0
        track.cover.add(start, end)
        self._board.heard_of(track)
        if unseen and track.cover.unrecorded(last, origin) < unseen:  # a hole was filled, or part of one
            stretch = track.cover.stretch_from(origin)
            if track.cover.whole(last, origin) or stretch is None:
                rhythm.resume(last)
            else:
                track.skip(stretch)
            if track.phase < FOUND:
                self._board.arm(track)
        self.extended(track, before)
        parked, track.parked = track.parked, []
        for key, at in parked:
            self._board.timers.set(key, at)

    def extended(self, track: Track, before: float) -> None:
        """What we could see of a channel was extended; it had reached until `before`."""
        number, until = track.channel.id, track.cover.until
        if before == -NEVER:
            heapq.heappush(self._heap, (until + self._after, number))
        since = self._blind.get(number)
        if since is None or until <= since:
            return
        self._filled[number] = track.cover.whole(since, until)
        self._seen_again = max(self._seen_again, until if self._filled[number] else track.cover.since)
        del self._blind[number]
        if number in self._told:
            self._told[number] = until
        heapq.heappush(self._heap, (until + self._after, number))

    def gap(self, gap: Gap) -> None:
        """Why a channel could not be seen, as the collector noted it. It is said again while it lasts."""
        until = max(hours(gap.from_at), self._board.now) if gap.to_at is None else hours(gap.to_at)
        self._causes[gap.channel_id] = gap.cause, until

    def restore(self) -> None:
        """Take up an open episode of a former run."""
        episode = self._board.docket.live.get(BLIND)
        for number in episode.members if episode else ():
            if number in self._board.tracks:
                self._blind[number] = hours(episode.since_at) if episode else -NEVER
                self._told[number] = NEVER
        self._rung = len(self._told)

    def next(self) -> float:
        """When a channel can have been out of sight for too long, if nothing more is heard of it."""
        return max(self._heap[0][0], self._woke + self._after) if self._heap else NEVER

    def look(self, now: float) -> None:
        """Decide at `now` what is out of sight."""
        while self._heap and max(self._heap[0][0], self._woke + self._after) <= now:
            due, number = heapq.heappop(self._heap)
            track = self._board.tracks.get(number)
            if track is None or number in self._blind or not track.is_open:
                continue
            current = track.cover.until + self._after
            if current > due:
                heapq.heappush(self._heap, (current, number))
            else:
                self._lost(max(due, self._woke + self._after))
        self._back(now)

    def back(self, track: Track, at: float) -> None:
        """A channel that was gone can be read again, and from now on we should see it."""
        if track.cover.starts:
            heapq.heappush(self._heap, (max(track.cover.until, at) + self._after, track.channel.id))

    def leave(self, track: Track) -> None:
        """A channel is gone: it is no longer we who cannot see it."""
        self._blind.pop(track.channel.id, None)
        self._told.pop(track.channel.id, None)

    def _lost(self, at: float) -> None:
        """One is out of sight for too long; those on the way there are counted with it."""
        board = self._board
        half = self._after / 2
        lost = [
            t
            for t in board.tracks.values()
            if t.is_open and t.cover.starts and t.channel.id not in self._blind and at - t.cover.until >= half
        ]
        for track in lost:
            self._blind[track.channel.id] = track.cover.until
        blind = tuple(sorted(self._blind))
        watched = [t for t in board.tracks.values() if t.is_open and t.cover.starts]
        whole = len(blind) >= len(watched)
        what = "all channels" if whole else f"{len(blind)} of {len(watched)} channels"
        verdict = self._verdict(blind, whole)
        known = sum(self._is_told(number) for number in blind)
        if board.docket.live.get(BLIND) is None:
            since = min(t.cover.until for t in lost)
            board.docket.find(
                *BLIND,
                since_at=instant(since),
                at=instant(at),
                members=blind,
                reason=f"We see nothing of {what}, and say nothing until we do.",
            )
            board.docket.open(BLIND, instant(at), verdict)
            self._rung = len(blind)
        elif known < len(blind) and (whole or len(blind) >= 2 * known):
            self._rung = min(self._rung, known)  # of those that were back for long nobody knows any more
            spreads = self._spreads(len(blind), whole)
            say = board.docket.escalate if spreads else board.docket.grow
            say(
                BLIND,
                instant(at),
                members=tuple(sorted({*self._told, *blind})),
                verdict=verdict,
                reason=f"We see nothing of {'any channel' if whole else what} now.",
            )
            self._rung = len(blind) if spreads else self._rung
        else:  # one after the other is not worth an alert each
            return
        self._told.update(dict.fromkeys(blind, NEVER))

    def _spreads(self, n: int, whole: bool) -> bool:
        """Is it so much more than when a phone last rang that it must ring again?"""
        return n >= 2 * self._rung if whole else n >= SPREADS * self._rung and n - self._rung >= MORE

    def _is_told(self, number: int) -> bool:
        """Is it known to people that this one is out of sight? If it was back only just now, it is."""
        return self._blind[number] - self._told.get(number, -NEVER) < self._again

    def _back(self, now: float) -> None:
        board = self._board
        if self._blind or not board.docket.live or (episode := board.docket.live.get(BLIND)) is None:
            return
        missing = [n for n in episode.members if not self._filled.get(n, False)]
        again = min(max(self._seen_again, hours(episode.opened_at or episode.found_at)), now)
        if not missing:
            ended = Sentence(told.ALL_READ_SINCE)
        elif len(missing) == len(episode.members):
            ended = Sentence(told.NOT_READ_YET)
        else:
            ended = Sentence(told.READ_BUT_FOR, n=len(missing))
        board.docket.close(
            BLIND,
            instant(again),
            joined(
                [
                    Sentence(told.BLIND_OVER, start=episode.since_at, end=instant(again)),
                    ended,
                    *self._came(episode, again),
                ]
            ),
        )
        self._filled.clear()
        self._causes.clear()
        self._told.clear()

    def _came(self, episode: Episode, again: float) -> list[str]:
        """What shows that it was a gap: the posts of that time that are known now, or numbers passed over."""
        since, known, passed = hours(episode.since_at), 0.0, 0.0
        for number in episode.members:
            if (track := self._board.tracks.get(number)) is not None:
                known += track.posts_since(since, again)
                passed += track.numbers_passed(since, again) or 0.0
        said: list[str] = [Sentence(told.KNOWN_NOW, n=round(known))] if known else []
        return [*said, Sentence(told.BY_NUMBERS, n=round(passed))] if passed >= 1 else said

    def _verdict(self, members: tuple[int, ...], whole: bool) -> Verdict:
        # What was over while the channel was still watched is not why it is out of sight.
        known = [(n, *self._causes[n]) for n in members if n in self._causes]
        causes = {cause for n, cause, until in known if until >= self._blind[n]}
        cause = _CAUSES.get(causes.pop(), Cause.NOT_WATCHED) if len(causes) == 1 else Cause.NOT_WATCHED
        if not causes and whole and cause is Cause.NOT_WATCHED:
            cause = Cause.COLLECTOR_DOWN
        them = [t.channel.name if (t := self._board.tracks.get(n)) else str(n) for n in members]
        return Verdict.blind(cause, Sentence(told.OUT_OF_SIGHT, names=names(them)))
