"""A channel's drop or surge: told when it has held, ended when the rhythm is back or has become another."""

from datetime import timedelta

from alerts import evidence as told
from alerts import excuse
from alerts.aftermath import Aftermath
from alerts.board import Board
from alerts.config import DropRule, SurgeRule
from alerts.departure import Departure, Went
from alerts.episodes import Case
from alerts.excuse import Excuse
from alerts.hours import NEVER, hours, instant
from alerts.inhibit import hidden_by
from alerts.judge import country_cut, is_country
from alerts.timers import Key
from alerts.tracks import FOUND, Track
from domain.episode import Episode, State, Subject
from domain.finding import Cause, Kind, Verdict
from domain.sentence import Sentence, joined

SCAN, SWING = "scan", "swing"  #: timers: something to reckon; a departure to be told
HOUR = timedelta(hours=1)
ABOUT = 24.0  #: hours before a drop in which what is announced may be about it
LEAST_WAIT = 0.25  #: hours until a drop that is not to be told yet is looked at again
KINDS = (Kind.DROP, Kind.SURGE)
_ENDED = {
    Went.BACK: told.AS_USUAL_AGAIN,
    Went.SILENT: told.FELL_SILENT,
    Went.STAYED: told.TAKEN_FOR_RHYTHM,
}


class Swings:
    """The drops and surges of single channels, up to where a silence says more."""

    def __init__(self, board: Board, aftermath: Aftermath) -> None:
        self._board = board
        self._aftermath = aftermath
        #: Of each channel the drop that was put down to something last, by when it was found, and its cause.
        self._excused: dict[int, tuple[float, Cause]] = {}

    def arm(self, track: Track) -> None:
        """Set the timer of what the lack of posts may bring."""
        due = track.rhythm.scan.next
        self._board.timers.set(
            Key(SCAN, track.channel.id), due if track.is_open and due <= track.rhythm.overdue_at else NEVER
        )

    def look(self, key: Key, at: float) -> None:
        """The lack of posts has come to where it may say something."""
        track = self._board.tracks[key.channel_id]
        if not track.is_open:
            return
        if track.cover.until < at:
            # Nearly always it says nothing: it can wait for word to come by itself.
            self._board.park(track, Key(SCAN, track.channel.id), at, presses=False)
            return
        self._reach(track, at)

    def _reach(self, track: Track, at: float) -> None:
        """Take note of all that the lack of posts until `at` has brought."""
        before = track.rhythm.scan.next
        track.rhythm.scan.reach(track.rhythm, at, track.cover)
        self.take(track)
        if track.rhythm.scan.next != before:  # else there is a hole in what we saw: the next post goes on
            self.arm(track)

    def take(self, track: Track, *, learning: bool = False) -> None:
        """Take note of what the channel's posts, or their lack, have brought."""
        turns, track.rhythm.scan.turns = track.rhythm.scan.turns, []
        for turn in turns:
            if learning:
                continue
            if turn.went is Went.FOUND:
                self._found(track, turn.departure)
            else:
                self._over(track, turn.departure, turn.went, turn.at)

    def due(self, key: Key, at: float) -> None:
        """A departure was found some while ago: has it held?"""
        board, track = self._board, self._board.tracks[key.channel_id]
        departure = track.rhythm.scan.under_way
        if departure is None or not track.is_open:
            return
        self._reach(track, at)
        if track.rhythm.scan.under_way is not departure:  # it was over before it would have been told
            return
        case = _case(track, departure.kind)
        if board.docket.is_open(case):
            self._again(track, case, track.rhythm.scan.restate(track.rhythm, departure, at), at)
            return
        if track.cover.until < at:
            board.park(track, Key(SWING, track.channel.id), at)
            return
        found, waits = None, False
        if departure.kind is Kind.DROP:
            waits = self._silence(track) is not None or self._pauses(track, departure, at)
            found = None if waits else self._excuse(track, departure, at)
        if found is not None and not self._went_on(track, departure, found, at):
            self._put_down(track, departure, found, at)
            waits = True
        if waits:
            # A silence says more, a pause may become one, and what explains it will be over. Should the drop
            # outlast it, it is told then.
            board.timers.set(Key(SWING, track.channel.id), at + max(LEAST_WAIT, track.rules.drop.hold / HOUR))
            return
        self._note(track, track.rhythm.scan.restate(track.rhythm, departure, at))
        board.docket.open(case, instant(at), self._verdict(track, departure, at, found))

    def _excuse(self, track: Track, departure: Departure, at: float) -> Excuse | None:
        """What explains its drop, or did when it began."""
        board, docket, channel = self._board, self._board.docket, track.channel
        found = excuse.of_many(docket.live, docket.over, channel, departure)
        if found is None or found.until is not None:
            found = self._pause(track, departure, at) or found
        if (found is not None and found.until is None) or channel.country is None:
            return found
        if reported := board.reported(channel.country, departure.since, at):
            others = [t for t in board.tracks.values() if t is not track and board.takes_part(t, at)]
            heard = board.heard(others, departure.since, at)
            if is_country(channel.country, heard, reported=True):
                verdict = country_cut(channel.country, heard, self._watched(track, departure, at), *reported)
                return Excuse(verdict=verdict, until=None, template="", names={})
        return found

    def _pause(self, track: Track, departure: Departure, at: float) -> Excuse | None:
        """The pause that it announced about when the drop began."""
        if (announced := track.announced_since(departure.since - ABOUT)) is None:
            return None
        name, when, words = track.channel.name, instant(announced.at), announced.words
        said = Sentence(told.ANNOUNCED, name=name, at=when, words=words)
        return excuse.of_pause(announced, self._watched(track, departure, at), said, departure, at)

    def _went_on(self, track: Track, departure: Departure, found: Excuse, at: float) -> bool:
        observed, expected = self._since(track, departure, found, at)
        return found.went_on(departure, observed, expected, at, track.rules.drop.at_least / HOUR)

    def _since(self, track: Track, departure: Departure, found: Excuse, at: float) -> tuple[float, float]:
        """Posts that came since what explained a drop is over, and that were to come in what we saw."""
        if found.until is None:
            return 0.0, 0.0
        start, reach = max(found.until, departure.since), track.rhythm.forecast.reach
        expected = sum(reach(b) - reach(a) for a, b in track.cover.within(start, at))
        return track.posts_since(start, at), departure.level * expected

    def _put_down(self, track: Track, departure: Departure, found: Excuse, at: float) -> None:
        """Its drop is not told, and it is written down why: once for each cause."""
        what = (departure.found, found.verdict.cause)
        if found.until is not None or self._excused.get(track.channel.id) == what:
            return
        self._excused[track.channel.id] = what
        self._note(track, track.rhythm.scan.restate(track.rhythm, departure, at))
        case, lines = _case(track, departure.kind), found.verdict.evidence
        self._board.docket.close(case, instant(at), joined(lines), verdict=found.verdict)

    def settle(self, track: Track) -> None:
        """After history was learned: take up what it left under way."""
        self._catch_up(track)
        departure = track.rhythm.scan.under_way
        for kind in KINDS:
            case = _case(track, kind)
            if case in self._board.docket.live and (departure is None or departure.kind is not kind):
                at = max(track.rhythm.last, hours(self._board.docket.live[case].found_at))
                self._board.docket.close(case, instant(at), Sentence(told.RHYTHM_AGAIN_SHORT))
        if departure is not None and not self._board.docket.is_open(_case(track, departure.kind)):
            self._hold(track, departure)
        self.arm(track)

    def _catch_up(self, track: Track) -> None:
        """Of posts alone it is not learned what their lack had brought by the time at which it was told."""
        live = self._board.docket.live
        told_of = [live[case] for kind in KINDS if (case := _case(track, kind)) in live]
        if until := max((hours(each.opened_at or each.found_at) for each in told_of), default=0.0):
            track.rhythm.scan.reach(track.rhythm, until, track.cover)
            self.take(track, learning=True)

    def gone(self, track: Track, at: float) -> None:
        """The channel can no longer be read."""
        track.rhythm.scan.abandon()
        for kind in KINDS:
            case = _case(track, kind)
            if case in self._board.docket.live:
                verdict = Verdict.explained(Cause.CHANNEL_GONE)
                self._board.docket.close(case, instant(at), Sentence(told.ITSELF_GONE), verdict=verdict)

    def _found(self, track: Track, departure: Departure) -> None:
        if not track.is_open:
            return
        self._hold(track, departure)

    def _pauses(self, track: Track, departure: Departure, at: float) -> bool:
        """Is it mostly the running pause that lacks posts, so that this must be judged?"""
        missed = track.rhythm.expected(at)
        return missed >= track.rhythm.quiet and 2 * missed >= departure.expected - departure.observed

    def _hold(self, track: Track, departure: Departure) -> None:
        rule = self._rule(track, departure.kind)
        due = max(departure.found + rule.hold / HOUR, departure.since + rule.at_least / HOUR)
        self._board.timers.set(Key(SWING, track.channel.id), max(due, track.decide_from))

    def _again(self, track: Track, case: Case, departure: Departure, at: float) -> None:
        """It departs once more, before its end was told."""
        self._aftermath.again(
            case,
            at,
            departure.since,
            self._verdict(track, departure, at, None).evidence,
            observed=departure.observed,
            expected=departure.expected,
            probability=departure.probability,
            reason=departure.reason,
        )

    def _note(self, track: Track, departure: Departure) -> None:
        self._board.docket.find(
            *_case(track, departure.kind),
            since_at=instant(departure.since),
            at=instant(departure.found),
            observed=departure.observed,
            expected=departure.expected,
            probability=departure.probability,
            reason=departure.reason,
        )

    def _over(self, track: Track, departure: Departure, went: Went, at: float) -> None:
        board, case = self._board, _case(track, departure.kind)
        board.timers.cancel(Key(SWING, track.channel.id))
        board.arm(track)  # what is to be expected of it has changed
        if case not in board.docket.live:
            return
        ended = Sentence(_ENDED[went], span=timedelta(hours=at - departure.since))
        if went is Went.BACK and board.docket.is_open(case):
            self._aftermath.over(track, case, at, at, ended)
        else:
            board.docket.close(case, instant(at), ended)

    def _silence(self, track: Track) -> Episode | None:
        """The silence that tells of this channel already, or is about to."""
        live, subject = self._board.docket.live, Subject(channel_id=track.channel.id)
        own = live.get(track.case)
        # One that flaps stays open while the channel posts: then it says nothing of fewer posts.
        lasts = own is not None and own.state is State.OPEN and own.times == 1
        if own is not None and (lasts or track.phase >= FOUND):
            return own
        return hidden_by(live, subject, track.channel)

    def _rule(self, track: Track, kind: Kind) -> DropRule | SurgeRule:
        return track.rules.drop if kind is Kind.DROP else track.rules.surge

    def _watched(self, track: Track, departure: Departure, at: float) -> str:
        seen = track.cover.within(departure.since, at)
        watched, passed = sum(b - a for a, b in seen), at - departure.since
        name, since = track.channel.name, instant(departure.since)
        if watched > 0.999 * passed:
            return Sentence(told.WATCHED_SINCE, name=name, since=since)
        part, span = timedelta(hours=watched), timedelta(hours=passed)
        return Sentence(told.WATCHED_PARTLY, name=name, watched=part, span=span, since=since)

    def _verdict(self, track: Track, departure: Departure, at: float, over: Excuse | None) -> Verdict:
        """What bears on it, in sentences that a person can check; `over` explained it, and does no more."""
        lines = [self._watched(track, departure, at)]
        if over is not None:
            lines.append(over.outlived(*self._since(track, departure, over, at)))
        siblings = [
            t
            for t in self._board.tracks.values()
            if t is not track and t.channel.group and t.channel.group == track.channel.group and t.is_open
        ]
        alike = [
            t for t in siblings if (d := t.rhythm.scan.under_way) is not None and d.kind is departure.kind
        ]
        if len(siblings) == 1:
            lines.append(Sentence(told.GROUP_ONE_ALIKE if alike else told.GROUP_ONE_OTHERWISE))
        elif siblings:
            lines.append(Sentence(told.GROUP_ALIKE, alike=len(alike), n=len(siblings)))
        if departure.kind is Kind.DROP:
            lines += self._board.reported(track.channel.country, departure.since, at)
        lines += track.rhythm.season.says(departure.since, at)
        return Verdict.confirmed(Cause.UNEXPLAINED, *lines)


def _case(track: Track, kind: Kind) -> Case:
    return (kind, Subject(channel_id=track.channel.id))
