"""Silences of topics and claimants while their channel, whose posts are their clock, goes on."""

import heapq
from collections.abc import Container
from datetime import timedelta

from alerts import evidence as told
from alerts.board import Board
from alerts.hours import NEVER, hours, instant
from alerts.inhibit import hidden_by
from alerts.pauses import REMEMBERED
from alerts.share import Share
from alerts.strand import CLAIMANT, Strand, strand_of
from alerts.tellers import Tellers, everywhere
from alerts.timers import Key
from alerts.tracks import FOUND, HIDDEN, OPEN, RUNNING, Former, Track
from domain.episode import Episode, Subject
from domain.finding import Cause, Verdict
from domain.sentence import Sentence


class Topics:
    """The silences of the topics and claimants of all channels."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._tellers = Tellers(board)

    def beat(
        self,
        track: Track,
        strands: tuple[Strand, ...],
        at: float,
        *,
        whole: bool,
        learning: bool,
        unread: Container[tuple[str, str]] | None = None,
    ) -> None:
        """The channel posted at `at`, about these; its clock and rhythm have counted the post.

        Of those in `unread` nobody can say whether it was about them.
        """
        if unread is not None:
            self._unread(track, unread, strands, at)
        if int(at // 24) != track.day:
            track.day = int(at // 24)
            self._forget(track, at)
        for strand in strands:
            share = track.shares.get(strand)
            if share is None:
                share = Share(strand, track.channel, track.rules, track.pulse)
                share.lessons = track.schooling.series(strand)
                track.shares[strand] = share
            phase, habit = share.phase, share.habit
            share.post(at, track.pulse, track.rhythm, whole=whole and share.origin == share.last)
            share.phase = RUNNING
            if share.habit is not habit:
                self._ration(track, at)
            if phase == FOUND:
                self._board.timers.cancel(share.key)
            if not learning and (phase != RUNNING or self._board.docket.live):
                self._returned(track, share, at, phase)
            self._plan(track, share, 0.0)
        dues = track.dues
        while dues and dues[0][0] <= track.pulse.count:
            count, strand = heapq.heappop(dues)
            share = track.shares.get(strand)
            if share is not None and share.look_at == count:
                self._look(track, share, at, learning)

    def _unread(
        self, track: Track, unread: Container[tuple[str, str]], strands: tuple[Strand, ...], at: float
    ) -> None:
        """To these, but those it was about, the time until `at` was not watched: their habits begin anew."""
        faded = False
        for share in list(track.shares.values()):
            if share.strand not in unread or share.strand in strands:
                continue
            faded = faded or share.habit
            self._board.timers.cancel(share.key)
            if share.case in self._board.docket.live:
                share.fade()
                share.resume(at, track.pulse, track.rhythm)
            else:
                del track.shares[share.strand]
        if faded:
            self._ration(track, at)

    def late(self, track: Track, strands: tuple[Strand, ...], at: float) -> None:
        """A post older than the channel's last came to light."""
        for strand in strands:
            share = track.shares.get(strand)
            if share is None or at <= share.last:
                continue
            phase = share.phase
            share.late(at, track.pulse, track.rhythm)
            share.phase = RUNNING
            self._returned(track, share, at, phase)
            self._plan(track, share, 0.0)

    def due(self, key: Key, at: float) -> None:
        """A silence was found some while ago: has it held? Or we are told only now that we saw it."""
        board, track = self._board, self._board.tracks[key.channel_id]
        share = track.shares.get(Strand(key.sort, key.name))
        if share is None or not track.is_open:
            return
        if share.phase == RUNNING and share.look_at == NEVER and share.origin < at:
            self._look(track, share, at, learning=False)
            return
        if share.phase != FOUND:
            return
        if at < share.found_at:  # found anew since, while it was waited for what is known of others
            board.timers.set(share.key, max(share.found_at + board.hold, track.decide_from))
            return
        if not track.cover.whole(share.origin, at):
            if track.cover.until < at:
                board.park(track, share.key, at)
                return
            self._tellers.drop(share, at, "we lost sight of the channel before it had held")
            share.phase = RUNNING
            self._plan(track, share, 0.0)
            return
        if board.waits(share.key, at, board.kin(track)):
            return
        larger = hidden_by(board.docket.live, share.case[1], track.channel)
        if larger is not None:
            # The channel itself is silent, or out of sight, and told so: its topics say nothing until it is
            # back.
            self._tellers.drop(share, at, "a larger episode tells of it", within=larger.id)
            share.phase = RUNNING
            self._plan(track, share, 1.0)
            return
        self._tellers.tell(track, share, at)

    def go_on(self, track: Track) -> None:
        """What was told of with others and not found by itself, or waited for word of what we could see, is
        looked at by its own posts again.
        """
        for share in track.shares.values():
            if share.phase == RUNNING and share.habit and share.look_at == NEVER:
                expected = share.expected(track.pulse.at, track.pulse, track.rhythm)
                self._plan(track, share, max(expected, 1e-9))

    def hidden_behind(self, track: Track, teller: Strand) -> list[Subject]:
        """The topics and claimants whose silence that of this one tells of too."""
        shares = track.shares.values()
        return [share.case[1] for share in shares if share.phase == HIDDEN and share.within == teller]

    def arm(self, track: Track) -> None:
        """After history was learned: take up what it left running."""
        for share in track.shares.values():
            if self._board.docket.is_open(share.case):
                share.phase = OPEN
                continue
            told_until = self._tellers.told_until(track, share)
            if told_until > -NEVER:
                share.phase = RUNNING
                self._forgive(track, share, told_until)
            for former in track.former:
                if share.last <= former.until:
                    self._go_on(track, share, former)
            if share.phase == FOUND:
                held = any(share.strand in former.held for former in track.former[-1:])
                self._found(track, share, not_before=track.former[-1].until if held else -NEVER)

    def gone(self, track: Track, at: float, how: str) -> None:
        """The channel can no longer be read."""
        docket = self._board.docket
        for case in list(docket.live):
            if case[1].channel_id == track.channel.id and strand_of(case[1]) is not None:
                docket.close(
                    case,
                    instant(at),
                    Sentence(told.ITSELF_GONE_AS, how=how),
                    verdict=Verdict.explained(Cause.CHANNEL_GONE),
                )
        for share in track.shares.values():
            share.phase, share.within = RUNNING, None

    # -- when to look

    def _plan(self, track: Track, share: Share, expected: float) -> None:
        """Look at it again when the channel has posted often enough for it to be overdue."""
        more = share.due_in(expected)
        if more:
            count = track.pulse.count + more if expected else share.since_count + more
            count = max(count, track.pulse.count + 1)
            if count < share.look_at:
                heapq.heappush(track.dues, (count, share.strand))
                share.look_at = count

    def _look(self, track: Track, share: Share, at: float, learning: bool) -> None:
        share.look_at = NEVER
        # Told of with others before it was found by itself: a start that learns it all would find it, too.
        is_told = share.phase in (OPEN, HIDDEN) and not share.last < share.found_at < NEVER
        if not share.habit or (share.phase != RUNNING and not is_told):
            return
        is_seen = is_told or track.cover.whole(share.origin, at)
        is_known = is_seen or learning or at <= track.cover.until
        if not is_told and is_known and (not is_seen or share.origin > share.last):
            stretch = track.cover.stretch_from(at)
            until = at if stretch is None else min(stretch, at)
            share.skip(track.cover.within(share.last, until), until, track.pulse, track.rhythm)
        expected = share.expected(at, track.pulse, track.rhythm)
        at_least = self._board.rules.silence.at_least.total_seconds() / 3600
        if expected < share.bar or at < share.origin + at_least:
            self._plan(track, share, max(expected, 1e-9))
            return
        if not is_known:
            # After a break posts come before it is said that we saw all there were: that is no hole yet.
            self._board.park(track, share.key, at)
            return
        share.found_at = at
        if is_told:
            return
        if self._board.docket.is_open(share.case):
            share.phase = OPEN  # a lone post did not end the silence, and this is the same one
            return
        share.phase = FOUND
        self._found(track, share, learning=learning)

    def _ration(self, track: Track, at: float) -> None:
        """A habit has come or gone: the channel's false alarms are shared out anew."""
        n = sum(share.habit for share in track.shares.values())
        part = track.rules.silence.budget / max(n, 1)
        for share in track.shares.values():
            before = share.most
            share.ration(self._board.budgets.strand(share.strand) or part)
            if share.most < before and share.phase == RUNNING:
                expected = share.expected(at, track.pulse, track.rhythm)
                self._plan(track, share, max(expected, 1e-9))

    def _forget(self, track: Track, at: float) -> None:
        """What was not posted about for eight weeks is no habit any more."""
        faded = False
        for share in list(track.shares.values()):
            if at - share.last <= REMEMBERED or share.phase == FOUND:
                continue
            faded = faded or share.habit
            if share.case in self._board.docket.live:
                share.fade()
            else:
                del track.shares[share.strand]
        if faded:
            self._ration(track, at)

    def _go_on(self, track: Track, share: Share, former: Former) -> None:
        """Its pause began before an instant up to which all was decided, perhaps by another understanding.

        What was being held then is told when it has held, and what a larger episode tells of stays with it. A
        pause that runs since the same post goes on. Of any other, and of one that would have been told by
        then and was not, only what comes after that is news.
        """
        if share.strand in former.held:
            return
        is_late = share.phase == FOUND and share.found_at + self._board.hold <= former.until
        is_other = former.lasts is not None and former.lasts.get(share.strand) != share.last
        if is_late and (teller := self._tellers.open_teller(track, share)) is not None:
            share.phase, share.within = HIDDEN, teller
        elif is_late or is_other:
            share.phase = RUNNING
            self._forgive(track, share, former.until)

    def _found(
        self, track: Track, share: Share, *, learning: bool = False, not_before: float = -NEVER
    ) -> None:
        board, at = self._board, share.found_at
        if not track.is_open:
            return
        if not learning:
            self._tellers.note(share, self._tellers.finding(track, share, at))
        board.timers.set(share.key, max(at + board.hold, track.decide_from, not_before))

    def _forgive(self, track: Track, share: Share, at: float) -> None:
        """From `at` on its silence counts by itself."""
        share.forgive(at, track.pulse, track.rhythm)
        expected = share.expected(track.pulse.at, track.pulse, track.rhythm)
        self._plan(track, share, max(expected, 1e-9))

    # -- how it ends

    def _returned(self, track: Track, share: Share, at: float, phase: int) -> None:
        """The channel posted about it again."""
        board, case = self._board, share.case
        self._taken_up(track, share, at)
        episode = board.docket.live.get(case)
        if episode is None:
            return
        if phase == FOUND:
            board.docket.close(case, instant(at), "it posted about it before anyone was told")
            return
        if at < hours(episode.opened_at or episode.found_at) and hours(episode.since_at) <= at:
            at = max(board.now, at)
            board.docket.close(
                case,
                instant(at),
                Sentence(told.CAME_TO_LIGHT_ON_IT, at=instant(share.last)),
                verdict=Verdict.blind(Cause.NOT_WATCHED, Sentence(told.READ_LATE)),
            )
        elif share.run >= board.rules.silence.release:
            board.docket.close(case, instant(at), self._ended(share, episode))
        else:
            return
        for other in track.shares.values():
            if other.phase == HIDDEN and other.within == share.strand:
                other.phase = RUNNING
                self._forgive(track, other, at)

    def _taken_up(self, track: Track, share: Share, at: float) -> None:
        """A topic that all channels had dropped is posted about again by one of them: it is not over."""
        board, case = self._board, everywhere(share.strand)
        episode = board.docket.live.get(case)
        if episode is None or share.strand.what == CLAIMANT or share.run < board.rules.silence.release:
            return
        since = instant(share.run_since)
        ended = Sentence(told.HAS_IT_AGAIN, name=track.channel.name, n=share.run, since=since)
        board.docket.close(case, instant(at), ended)
        for number in episode.members:
            other = board.tracks.get(number)
            if other is None:
                continue
            for theirs in other.shares.values():
                waits = (
                    theirs.strand == share.strand
                    and theirs.phase == OPEN
                    and theirs.case not in board.docket.live
                )
                behind = theirs.phase == HIDDEN and theirs.within == share.strand
                if waits or behind:
                    theirs.phase = RUNNING
                    self._forgive(other, theirs, at)

    def _ended(self, share: Share, episode: Episode) -> str:
        silent = timedelta(hours=share.run_since - hours(episode.since_at))
        return Sentence(told.BACK_ON_IT, n=share.run, since=instant(share.run_since), span=silent)
