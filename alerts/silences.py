"""A channel's silence: found when it is overdue, told when it has held, ended when the rhythm is back."""

from dataclasses import replace
from datetime import timedelta

from alerts import evidence as told
from alerts.aftermath import Aftermath
from alerts.board import Board, say_outstayed
from alerts.cuts import MISSED, Cuts
from alerts.detect.silence import find
from alerts.hours import hours, instant
from alerts.judge import PATIENCE, is_undecided, judge
from alerts.networks import Networks
from alerts.outside import about, shown, weighed
from alerts.pooled import STEP
from alerts.timers import Key
from alerts.tracks import FOUND, OPEN, QUIET, RUNNING, Track
from domain.episode import Episode
from domain.finding import Cause, Finding, Ruling, Verdict
from domain.sentence import Sentence, joined
from domain.testimony import Outside, Testimony

#: Hours after which a deadline that came out a moment too early is looked at again.
MOMENT = 1 / 3600
#: Fewer numbers that went by prove nothing: posts are deleted, and a new title takes a number too.
LEAST_MISSED = 6.0


class Silences:
    """The silences of single channels, up to where their group takes over."""

    def __init__(self, board: Board, networks: Networks, cuts: Cuts, aftermath: Aftermath) -> None:
        self._board = board
        self._aftermath = aftermath
        self._networks = networks
        self._cuts = cuts

    def posted(self, track: Track, at: float, phase: int) -> None:
        """The channel posted at `at`, when its pause stood at `phase`."""
        board = self._board
        self._networks.posted(track, at)
        episode = board.docket.live.get(track.case)
        if episode is None:
            return
        if phase == FOUND:
            board.docket.close(track.case, instant(at), "it posted before anyone was told")
        elif at < hours(episode.opened_at or episode.found_at) and hours(episode.since_at) <= at:
            self._revise(track, episode, at)
        elif (missed := self._missed(track, episode, at)) > 0:
            said = Sentence(told.NUMBERS_WENT_ON, n=round(missed))
            verdict = Verdict.blind(Cause.NOT_WATCHED, said)
            ended = Sentence(told.REVISED, what=said)
            board.docket.close(track.case, instant(at), ended, verdict=verdict)
        elif track.rhythm.run >= board.rules.silence.release:
            first = track.rhythm.run_since
            self._aftermath.over(
                track,
                track.case,
                at,
                first,
                Sentence(
                    told.RHYTHM_AGAIN,
                    n=track.rhythm.run,
                    since=instant(first),
                    span=timedelta(hours=first - hours(episode.begun_at)),
                ),
            )
        else:
            self._aftermath.not_over(track.case)

    def settle(self, track: Track) -> None:
        """After history was learned: posts had come already of those that are to end what flaps."""
        rhythm, case = track.rhythm, track.case
        if self._board.docket.live[case].times > 1 and rhythm.run >= self._board.rules.silence.release:
            self._aftermath.over(track, case, rhythm.last, rhythm.run_since, "")

    def due(self, key: Key, at: float) -> None:
        """The running pause has come to where it must be looked at."""
        track = self._board.tracks[key.channel_id]
        if not track.is_open:
            return
        board = self._board
        if at < track.rhythm.last:  # it has posted since, while it was waited for what is known of others
            board.arm(track)
            return
        if track.phase == OPEN:
            self._outstayed(track, at)
            return
        origin = track.rhythm.origin
        if not track.in_sight(at):
            if track.cover.until < at:
                board.park(track, track.key, at)
            else:
                self._lost_sight(track, at)
            return
        if track.rhythm.origin != origin and (track.phase != FOUND or self.finding(track, at) is None):
            self._lost_sight(track, at)
            return
        if track.phase <= QUIET and track.due > at:
            board.arm(track)  # whoever asked of it for another's sake has seen a hole since this was set
            return
        if board.waits(track.key, at, board.kin(track)):
            return
        if track.phase == RUNNING and track.channel.group:
            track.phase = QUIET
            self._networks.quiet(track, at)
            board.arm(track)
        elif track.phase <= QUIET:
            self._find(track, at)
        elif track.phase == FOUND:
            self._held(track, at)

    def rearm(self, track: Track, at: float) -> None:
        """A larger episode that stood for this channel's silence is over; its own is looked at anew.

        It is told only when the channel stays away once more for as long as would be news by itself: the
        others came back just now, and it may be about to.
        """
        if track.phase in (FOUND, OPEN) and track.case not in self._board.docket.live:
            rhythm = track.rhythm
            track.phase = QUIET if track.channel.group else RUNNING
            track.not_before = rhythm.when(rhythm.expected(at) + rhythm.most)
            self._board.arm(track)

    def gone(self, track: Track, at: float, how: str) -> None:
        """The channel can no longer be read: its silence is no silence any more."""
        episode = self._board.docket.live.get(track.case)
        if episode is not None:
            self._board.docket.close(
                track.case,
                instant(at),
                Sentence(told.ITSELF_GONE_AS, how=how),
                verdict=Verdict.explained(Cause.CHANNEL_GONE),
            )
        track.phase = RUNNING
        self._board.timers.cancel(track.key)

    def heard(self, track: Track, testimony: Testimony) -> None:
        """The outside has answered. What was told already is taken back, if it was wrong."""
        track.testimony = testimony
        episode = self._board.docket.live.get(track.case)
        if episode is None or not self._board.docket.is_open(track.case):
            return
        if testimony.says is Outside.MORE and about(testimony, episode.since_at) is not None:
            self._board.docket.close(
                track.case,
                max(testimony.answered_at or testimony.asked_at, episode.opened_at or episode.found_at),
                Sentence(told.REVISED, what=shown(track.channel.name, testimony)),
                verdict=weighed(episode.verdict, track.channel.name, testimony),
            )

    def finding(self, track: Track, at: float) -> Finding | None:
        return find(track.rhythm, track.series, track.rhythm.counted(at), at)

    def _missed(self, track: Track, episode: Episode, at: float) -> float:
        """About how many posts went by unseen in a silence that ends at `at`; 0 when it was one.

        Telegram numbers a channel's posts: that is evidence of posts we missed, and mere quiet is none.
        """
        since = hours(episode.since_at)
        passed = track.numbers_passed(since, at) or 0.0
        return (
            passed if passed >= max(LEAST_MISSED, MISSED * track.rhythm.expected_between(since, at)) else 0.0
        )

    def _find(self, track: Track, at: float) -> None:
        board = self._board
        if board.docket.is_open(track.case):
            track.phase = OPEN  # a lone post did not end the silence, and this is the same one
            self._again(track)
            return
        overdue = track.rhythm.overdue_at
        finding = self.finding(track, overdue)
        if finding is None:
            board.arm(track)
            if board.timers.get(track.key) <= at:
                board.timers.set(track.key, at + MOMENT)
            return
        track.phase, track.found_at = FOUND, overdue
        if not self._networks.stands_for(track):
            self._note(track, finding)
            self._networks.found(track, overdue)
        board.arm(track)

    def _again(self, track: Track) -> None:
        """It falls silent once more, before its end was told."""
        board, at = self._board, track.rhythm.overdue_at
        if (finding := self.finding(track, at)) is None:
            return
        evidence = board.evidence(track, track.rhythm.since, at)
        verdict = judge(finding, evidence, instant(at), board.rules.group)
        n = len(verdict.evidence) if verdict.cause is Cause.UNEXPLAINED else 1  # first, what we could see
        self._aftermath.again(
            track.case,
            at,
            track.rhythm.since,
            verdict.evidence[:n],
            expected=finding.expected,
            probability=finding.probability,
            reason=finding.reason,
        )

    def _note(self, track: Track, finding: Finding) -> None:
        self._board.docket.find(
            *track.case,
            since_at=finding.since_at,
            at=finding.found_at,
            expected=finding.expected,
            probability=finding.probability,
            reason=finding.reason,
        )

    def _held(self, track: Track, at: float) -> None:
        board = self._board
        finding = self.finding(track, at)
        if finding is None:  # whoever asked of it for another's sake has seen a hole since it was found
            self._lost_sight(track, at)
            return
        track.phase = OPEN
        if self._networks.stands_for(track):
            return
        if track.case not in board.docket.live:
            self._note(track, finding)
        evidence = board.evidence(track, track.rhythm.since, at)
        judged = judge(finding, evidence, instant(at), board.rules.group)
        verdict = weighed(judged, track.channel.name, about(track.testimony, finding.since_at))
        if verdict.ruling is Ruling.CONFIRMED and at < track.found_at + PATIENCE and is_undecided(evidence):
            track.phase = FOUND
            board.timers.set(track.key, at + STEP)
            return
        season = track.rhythm.season.says(track.rhythm.since, at)
        verdict = replace(verdict, evidence=(*verdict.evidence, *season))
        if verdict.ruling is Ruling.CONFIRMED and (outstayed := say_outstayed(track, at)):
            verdict = replace(verdict, evidence=(*verdict.evidence, outstayed))
        if verdict.cause in (Cause.EVERYONE_QUIET, Cause.COUNTRY_CUT):
            also = verdict.evidence[len(judged.evidence) :]
            self._cuts.larger(track, verdict.cause, track.rhythm.since, at, also)
        elif verdict.cause is Cause.NETWORK_QUIET:
            self._networks.open_for(track, verdict, at)
        elif verdict.ruling is Ruling.CONFIRMED or verdict.cause is Cause.ANNOUNCED:
            board.docket.open(
                track.case,
                instant(at),
                verdict,
                expected=finding.expected,
                probability=finding.probability,
                reason=finding.reason,
            )
            board.arm(track)  # an announced pause is looked at again when it is to be over
        else:
            board.docket.close(track.case, instant(at), joined(verdict.evidence), verdict=verdict)

    def _outstayed(self, track: Track, at: float) -> None:
        """The pause was announced, and told as such; by now it was to be over. Whose is it?"""
        board, episode = self._board, self._board.docket.live.get(track.case)
        said = say_outstayed(track, at)
        if episode is None or not said or episode.verdict.cause is not Cause.ANNOUNCED:
            return
        if track.cover.until < at:
            board.park(track, track.key, at)
            return
        if not track.in_sight(at):
            board.timers.set(track.key, max(track.rhythm.origin, at + MOMENT))
            return
        finding = self.finding(track, at)
        if finding is None:  # what we have seen since a hole is no news yet
            board.timers.set(track.key, max(track.rhythm.overdue_at, at + MOMENT))
            return
        if board.waits(track.key, at, board.kin(track)):
            return
        verdict = judge(
            finding, board.evidence(track, track.rhythm.since, at), instant(at), board.rules.group
        )
        verdict = weighed(verdict, track.channel.name, about(track.testimony, finding.since_at))
        if verdict.ruling is not Ruling.CONFIRMED:  # many are silent: that is told as theirs
            board.timers.set(track.key, at + 1)
            return
        episode = board.docket.escalate(
            track.case,
            instant(at),
            verdict=replace(verdict, cause=Cause.UNEXPLAINED, evidence=(*verdict.evidence, said)),
            expected=finding.expected,
            probability=finding.probability,
            reason=finding.reason,
        )

    def _lost_sight(self, track: Track, at: float) -> None:
        """There is a hole in what we saw, and what was seen around it is no news."""
        board = self._board
        if track.phase == FOUND and not self._networks.stands_for(track) and track.case in board.docket.live:
            board.docket.close(
                track.case,
                instant(at),
                "we lost sight of the channel before it had held",
                verdict=Verdict.blind(Cause.NOT_WATCHED),
            )
        track.phase = RUNNING
        board.arm(track)

    def _revise(self, track: Track, episode: Episode, at: float) -> None:
        """A post from within the silence came to light afterwards."""
        board = self._board
        overdue = track.rhythm.overdue_at
        now = max(board.now, at)
        if overdue <= now and track.in_sight(overdue):
            finding = self.finding(track, overdue)
            if finding is not None:
                track.phase, track.found_at = OPEN, overdue
                board.docket.grow(
                    track.case,
                    instant(now),
                    since_at=finding.since_at,
                    expected=finding.expected,
                    probability=finding.probability,
                    verdict=replace(
                        episode.verdict,
                        evidence=(*episode.verdict.evidence, Sentence(told.BEGAN_LATER, at=instant(at))),
                    ),
                    reason=f"{finding.reason}; revised, as a post came to light afterwards",
                )
                return
        board.docket.close(
            track.case,
            instant(now),
            Sentence(told.CAME_TO_LIGHT, at=instant(at)),
            verdict=Verdict.blind(Cause.NOT_WATCHED, Sentence(told.READ_LATE)),
        )
