"""A topic's silence while its channel goes on: looked at when the channel posts, as that is its clock."""

import heapq
from dataclasses import replace
from datetime import timedelta

from alerts.board import Board, when_text
from alerts.detect.silence import find
from alerts.episodes import Case
from alerts.hours import NEVER, hours, instant
from alerts.inhibit import hidden_by
from alerts.judge import Evidence, Other, judge
from alerts.share import Share
from alerts.timers import Key
from alerts.tracks import FOUND, OPEN, RUNNING, Track
from domain.episode import Episode, Subject
from domain.finding import Cause, Finding, Kind, Ruling, Verdict
from domain.instant import say_span
from domain.series import SeriesKey


class Topics:
    """The silences of the topics of all channels."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def beat(self, track: Track, topics: tuple[str, ...], at: float, *, whole: bool, learning: bool) -> None:
        """The channel posted at `at`, about these topics; its clock and rhythm have counted the post."""
        for name in topics:
            share = track.topics.get(name)
            if share is None:
                share = track.topics[name] = Share(track.channel.zone, self._board.rules, track.pulse)
            phase = share.phase
            share.post(at, track.pulse, track.rhythm, whole=whole and share.origin == share.last)
            share.phase = RUNNING
            if phase == FOUND:
                self._board.timers.cancel(Key("topic", track.channel.id, name))
            if not learning and (phase != RUNNING or self._board.docket.live):
                self._returned(track, name, share, at, phase)
            self._plan(track, name, share, 0.0)
        dues = track.topic_dues
        while dues and dues[0][0] <= track.pulse.count:
            _, name = heapq.heappop(dues)
            self._look(track, name, track.topics[name], at, learning)

    def late(self, track: Track, topics: tuple[str, ...], at: float) -> None:
        """A post older than the channel's last came to light."""
        for name in topics:
            share = track.topics.get(name)
            if share is None or at <= share.last:
                continue
            phase = share.phase
            share.late(at, track.pulse, track.rhythm)
            share.phase = RUNNING
            self._returned(track, name, share, at, phase)
            self._plan(track, name, share, 0.0)

    def due(self, track: Track, name: str, at: float) -> None:
        """A topic's silence was found some while ago: has it held?"""
        board, share, key = self._board, track.topics[name], Key("topic", track.channel.id, name)
        case = _case(track, name)
        if share.phase != FOUND or not track.is_open:
            return
        if not track.cover.whole(share.origin, at):
            if track.cover.until < at:
                board.park(track, key, at)
                return
            self._drop(case, at, "we lost sight of the channel before it had held")
            share.phase = RUNNING
            self._plan(track, name, share, 0.0)
            return
        larger = hidden_by(board.docket.live, case[1], track.channel.group)
        if larger is not None:
            # The channel itself is silent, or out of sight, and told so: its topics say nothing until it is
            # back.
            self._drop(case, at, "a larger episode tells of it", within=larger.id)
            share.phase = RUNNING
            self._plan(track, name, share, 1.0)
            return
        finding = self._finding(track, name, share, at)
        if finding is None:
            return
        share.phase = OPEN
        if case not in board.docket.live:
            self._note(case, finding)
        verdict = judge(finding, self._evidence(track, name, share, at), instant(at))
        posts = track.pulse.count - share.origin_count
        line = f"{track.channel.name} posted {posts} times meanwhile, none of them about {name}."
        if verdict.ruling is Ruling.CONFIRMED:
            board.docket.open(
                case,
                instant(at),
                replace(verdict, evidence=(*verdict.evidence, line)),
                expected=finding.expected,
                probability=finding.probability,
                reason=finding.reason,
            )
        else:
            board.docket.close(case, instant(at), " ".join(verdict.evidence), verdict=verdict)

    def arm(self, track: Track) -> None:
        """After history was learned: take up what it left running."""
        for name, share in track.topics.items():
            if self._board.docket.is_open(_case(track, name)):
                share.phase = OPEN
            elif share.phase == FOUND:
                self._found(track, name, share)

    def gone(self, track: Track, at: float, how: str) -> None:
        """The channel can no longer be read."""
        for name, share in track.topics.items():
            case = _case(track, name)
            if case in self._board.docket.live:
                self._board.docket.close(
                    case,
                    instant(at),
                    f"The channel itself is gone: {how}.",
                    verdict=Verdict.explained(Cause.CHANNEL_GONE),
                )
            share.phase = RUNNING

    def _plan(self, track: Track, name: str, share: Share, expected: float) -> None:
        """Look at the topic again when the channel has posted often enough for it to be overdue."""
        more = share.due_in(expected)
        if more:
            count = track.pulse.count + more if expected else share.origin_count + more
            if count < share.look_at:
                heapq.heappush(track.topic_dues, (max(count, track.pulse.count + 1), name))
                share.look_at = count

    def _look(self, track: Track, name: str, share: Share, at: float, learning: bool) -> None:
        share.look_at = NEVER
        if share.phase != RUNNING or not share.habit:
            return
        if not track.cover.whole(share.origin, at):
            stretch = track.cover.stretch_from(at)
            share.resume(at if stretch is None else min(stretch, at), track.pulse, track.rhythm)
        expected = share.expected(at, track.pulse, track.rhythm)
        at_least = self._board.rules.silence.at_least.total_seconds() / 3600
        if expected < share.most or at < share.origin + at_least:
            self._plan(track, name, share, max(expected, 1e-9))
            return
        if self._board.docket.is_open(_case(track, name)):
            share.phase = OPEN  # a lone post did not end the silence, and this is the same one
            return
        share.phase, share.found_at = FOUND, at
        self._found(track, name, share, learning=learning)

    def _found(self, track: Track, name: str, share: Share, *, learning: bool = False) -> None:
        board, at = self._board, share.found_at
        finding = self._finding(track, name, share, at)
        if finding is None or not track.is_open:
            return
        if not learning:
            self._note(_case(track, name), finding)
        board.timers.set(Key("topic", track.channel.id, name), max(at + board.hold, track.decide_from))

    def _note(self, case: Case, finding: Finding) -> None:
        self._board.docket.find(
            *case,
            since_at=finding.since_at,
            at=finding.found_at,
            expected=finding.expected,
            probability=finding.probability,
            reason=finding.reason,
        )

    def _finding(self, track: Track, name: str, share: Share, at: float) -> Finding | None:
        expected = max(share.expected(at, track.pulse, track.rhythm), share.most)
        return find(share, SeriesKey(track.channel.id, name), expected, at)

    def _evidence(self, track: Track, name: str, share: Share, at: float) -> Evidence:
        """The others of a topic are the channels that have the same topic by habit, and that we can see."""
        return Evidence(
            name=track.channel.name,
            status=track.channel.status,
            seen=self._board.seen(track, share.origin, at),
            siblings=tuple(
                Other(channel_id=t.channel.id, name=t.channel.name, quiet=t.topics[name].phase >= FOUND)
                for t in self._board.tracks.values()
                if t is not track
                and t.channel.group == track.channel.group
                and t.channel.group
                and name in t.topics
                and t.topics[name].habit
                and self._board.takes_part(t, at)
            ),
        )

    def _returned(self, track: Track, name: str, share: Share, at: float, phase: int) -> None:
        """The channel posted about the topic again."""
        board, case = self._board, _case(track, name)
        episode = board.docket.live.get(case)
        if episode is None:
            return
        if phase == FOUND:
            board.docket.close(case, instant(at), "it posted about it before anyone was told")
        elif at < hours(episode.opened_at or episode.found_at) and hours(episode.since_at) <= at:
            board.docket.close(
                case,
                instant(max(board.now, at)),
                f"Revised: a post of {when_text(at)} about it came to light afterwards.",
                verdict=Verdict.blind(Cause.NOT_WATCHED, "The post was read late."),
            )
        elif share.run >= board.rules.silence.release:
            board.docket.close(case, instant(at), self._ended(share, episode))

    def _ended(self, share: Share, episode: Episode) -> str:
        silent = say_span(timedelta(hours=share.run_since - hours(episode.since_at)))
        return (
            f"It is back: {share.run} posts since {when_text(share.run_since)}, after {silent} without one."
        )

    def _drop(self, case: Case, at: float, why: str, within: int | None = None) -> None:
        if case in self._board.docket.live:
            self._board.docket.close(case, instant(at), why, within=within)


def _case(track: Track, name: str) -> Case:
    return (Kind.SILENCE, Subject(channel_id=track.channel.id, topic=name))
