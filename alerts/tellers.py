"""Topics and claimants of one channel that fall silent together are told as one."""

from dataclasses import replace

from alerts import evidence as told
from alerts.board import Board
from alerts.detect.silence import running
from alerts.episodes import Case
from alerts.hours import NEVER, hours, instant
from alerts.judge import Evidence, Other, judge
from alerts.share import Share
from alerts.strand import CLAIMANT, Strand
from alerts.tracks import FOUND, HIDDEN, OPEN, RUNNING, Track
from domain.episode import Episode, Subject
from domain.finding import Cause, Finding, Kind, Ruling, Verdict
from domain.sentence import Sentence, joined

#: So improbable must the pause of a topic be to have fallen silent together with another of its channel.
TOGETHER = 0.01


def everywhere(strand: Strand) -> Case:
    """What is known of a topic that all channels have dropped."""
    return (Kind.SILENCE, Subject(topic=strand.name))


class Tellers:
    """Which of those silent together tells of it: the one that expected most.

    The others are named in its evidence, and wait until it is over.
    """

    def __init__(self, board: Board) -> None:
        self._board = board

    def tell(self, track: Track, share: Share, at: float) -> None:
        """A silence has held: tell of it, or let a larger one do so."""
        teller = self._teller(track, share, at)
        if self._board.docket.is_open(teller.case):
            self._join(share, teller, at)
        else:
            self._open(track, teller, share, at)

    def open_teller(self, track: Track, share: Share) -> Strand | None:
        """The largest that is told to be silent, if this one fell silent with it or before."""
        for other in sorted(track.shares.values(), key=lambda other: other.rank):
            if other is share or other.rank > share.rank:
                return None
            episode = self._board.docket.live.get(other.case)
            if episode is None or episode.opened_at is None:
                continue
            # A lone post that does not end the larger silence may be one of the smaller's as well.
            if share.last <= max(hours(episode.opened_at), other.last):
                return other.strand
        return None

    def finding(self, track: Track, share: Share, at: float) -> Finding:
        return running(share, share.series, share.expected(at, track.pulse, track.rhythm), at)

    def note(self, share: Share, finding: Finding) -> None:
        self._board.docket.find(
            *share.case,
            since_at=finding.since_at,
            at=finding.found_at,
            expected=finding.expected,
            probability=finding.probability,
            reason=finding.reason,
        )

    def drop(self, share: Share, at: float, why: str, within: int | None = None) -> None:
        if share.case in self._board.docket.live:
            self._board.docket.close(share.case, instant(at), why, within=within)

    def _teller(self, track: Track, share: Share, at: float) -> Share:
        """Which one of those silent together tells of this one's silence: itself, or one that expected more.

        One that has been told already comes first.
        """
        if (strand := self.open_teller(track, share)) is not None:
            return track.shares[strand]
        ranked = sorted(track.shares.values(), key=lambda other: other.rank)
        larger = ranked[: ranked.index(share)]
        return next((other for other in larger if self._is_silent_too(track, other, at)), share)

    def _is_silent_too(self, track: Track, share: Share, at: float) -> bool:
        if not share.habit or share.phase not in (RUNNING, FOUND) or not track.cover.whole(share.origin, at):
            return False
        if self._board.docket.is_open(share.case):
            return False
        if at < share.origin + self._board.rules.silence.at_least.total_seconds() / 3600:
            return False
        pause = share.expected(at, track.pulse, track.rhythm) - share.pardon
        return share.survival(pause) <= TOGETHER

    def _open(self, track: Track, teller: Share, found: Share, at: float) -> None:
        """The silence of `found` has held, and `teller` tells of it."""
        board = self._board
        finding, cause = self.finding(track, teller, at), self.finding(track, found, at)
        if teller.case not in board.docket.live:
            self.note(teller, finding)
        board.timers.cancel(teller.key)
        teller.phase = OPEN
        verdict = judge(finding, self._evidence(track, teller, at), instant(at))
        ranked = sorted(track.shares.values(), key=lambda other: other.rank)
        others = [
            other
            for other in ranked[ranked.index(teller) + 1 :]
            if other is found or self._is_silent_too(track, other, at)
        ]
        if verdict.cause is Cause.TOPIC_ENDED:
            everywhere_told = self._everywhere(track, teller, verdict, at)
            for other in others:
                self._hide(other, teller, everywhere_told, at)
            return
        if verdict.ruling is not Ruling.CONFIRMED:
            board.docket.close(teller.case, instant(at), joined(verdict.evidence), verdict=verdict)
            if found is not teller:
                found.phase = OPEN
                self.drop(found, at, joined(verdict.evidence))
            return
        season = track.rhythm.season.says(teller.since, at)
        lines = (self._went_on(track, teller), *(self._silent_too(other) for other in others), *season)
        episode = board.docket.open(
            teller.case,
            instant(at),
            replace(verdict, evidence=(*verdict.evidence, *lines)),
            expected=finding.expected,
            probability=min(finding.probability, cause.probability),
            reason=finding.reason,
        )
        for other in others:
            self._hide(other, teller, episode, at)

    def _everywhere(self, track: Track, share: Share, verdict: Verdict, at: float) -> Episode:
        """All channels dropped the topic: one episode tells of it for all of them."""
        docket, case = self._board.docket, everywhere(share.strand)
        same = {o.channel_id for o in self._same_topic(track, share, at) if o.quiet}
        numbers = tuple(sorted({track.channel.id, *same}))
        finding = self.finding(track, share, at)
        episode = docket.live.get(case)
        if episode is None:
            docket.find(
                *case,
                since_at=finding.since_at,
                at=instant(at),
                expected=finding.expected,
                probability=finding.probability,
                members=numbers,
                reason=f"all {len(numbers)} channels that had it dropped it",
            )
            episode = docket.open(case, instant(at), verdict)
        elif not set(numbers) <= set(episode.members):
            members = tuple(sorted({*numbers, *episode.members}))
            episode = docket.grow(case, instant(at), members=members)
        for number in numbers:
            theirs = self._board.tracks[number].shares[share.strand]
            if theirs.case in docket.live:
                theirs.phase = OPEN
                self.drop(theirs, at, "all channels dropped it, and that is told", within=episode.id)
        return episode

    def _same_topic(self, track: Track, share: Share, at: float) -> tuple[Other, ...]:
        """The other channels that have the topic by habit, and what came on it since this one's last post.

        A claimant of whom no channel has a claim any more is never over: that is the news.
        """
        if share.strand.what == CLAIMANT:
            return ()
        start = share.since + (at - share.since) / 4
        return tuple(
            Other(
                channel_id=t.channel.id,
                name=t.channel.name,
                quiet=theirs.last <= start,
                expected=theirs.share * t.posts_since(start, at),
            )
            for t in self._board.tracks.values()
            if t is not track
            and (theirs := t.shares.get(share.strand)) is not None
            and theirs.habit
            and self._board.takes_part(t, at)
        )

    def _join(self, share: Share, teller: Share, at: float) -> None:
        """A smaller one is found silent while a larger is told to be: it is named there, once."""
        docket = self._board.docket
        episode = docket.live[teller.case]
        self._hide(share, teller, episode, at)
        line = self._silent_too(share)
        start = line[: line.rindex(" since ")]
        known = [each for each in episode.verdict.evidence if not each.startswith(start)]
        if line in episode.verdict.evidence:
            return
        verdict = replace(episode.verdict, evidence=(*known, line))
        docket.grow(teller.case, instant(at), verdict=verdict, reason=episode.reason)

    def told_until(self, track: Track, share: Share) -> float:
        """Up to when its pause was told of by a larger silence that has ended; minus infinity if by none."""
        line = self._silent_too(share)
        ends = [e.closed_at for e in track.ended if e.closed_at is not None and line in e.verdict.evidence]
        return max((hours(at) for at in ends), default=-NEVER)

    def _hide(self, share: Share, teller: Share, episode: Episode, at: float) -> None:
        self._board.timers.cancel(share.key)
        self.drop(share, at, "a larger episode tells of it", within=episode.id)
        share.phase, share.within = HIDDEN, teller.strand

    def _evidence(self, track: Track, share: Share, at: float) -> Evidence:
        """The others are the channels that have the same topic or claimant by habit, and that we can see."""
        strand = share.strand
        return Evidence(
            name=track.channel.name,
            status=track.channel.status,
            seen=self._board.seen(track, share.since, at),
            whole_from=instant(share.origin),
            same_topic=self._same_topic(track, share, at),
            siblings=tuple(
                Other(channel_id=t.channel.id, name=t.channel.name, quiet=t.shares[strand].phase >= FOUND)
                for t in self._board.tracks.values()
                if t is not track
                and t.channel.group == track.channel.group
                and t.channel.group
                and strand in t.shares
                and t.shares[strand].habit
                and self._board.takes_part(t, at)
            ),
        )

    def _went_on(self, track: Track, share: Share) -> str:
        posts, name = track.pulse.count - share.since_count, self._board.judged.name(share.strand)
        if share.strand.what == CLAIMANT:
            said = told.WENT_ON_CLAIMANT_ONCE if posts == 1 else told.WENT_ON_CLAIMANT
            return Sentence(said, name=track.channel.name, n=posts, claimant=name)
        said = told.WENT_ON_TOPIC_ONCE if posts == 1 else told.WENT_ON_TOPIC
        return Sentence(said, name=track.channel.name, n=posts, topic=name)

    def _silent_too(self, share: Share) -> str:
        name, since = self._board.judged.name(share.strand), instant(share.last)
        if share.strand.what == CLAIMANT:
            return Sentence(told.NOR_CLAIMANT, claimant=name, since=since)
        return Sentence(told.NOR_TOPIC, topic=name, since=since)
