"""Posts that come to light after the silence they fall into is over: was what was told so?"""

from dataclasses import replace

from alerts import evidence as told
from alerts.board import Board
from alerts.episodes import Case
from alerts.hours import hours, instant
from alerts.tracks import Track
from domain.episode import Episode, Subject
from domain.finding import Cause, Kind, Ruling, Verdict
from domain.sentence import Sentence


class Belated:
    """Revises what is over. Of what still runs, those who follow it do so themselves."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def late(self, track: Track, at: float) -> None:
        """A post of `at`, older than the channel's last, was read only now."""
        channel = track.channel
        cases: list[Case] = [track.case, (Kind.SILENCE, Subject())]
        if channel.group:
            cases.append((Kind.SILENCE, Subject(group=channel.group)))
        if channel.country:
            cases.append((Kind.SILENCE, Subject(country=channel.country)))
        for case in cases:
            episode = self._board.docket.over.get(case)
            if episode is None or episode.closed_at is None or episode.verdict.ruling is Ruling.BLIND:
                continue
            if hours(episode.since_at) < at < hours(episode.closed_at):
                if case == track.case:
                    self._of_one(track, case, episode, at)
                elif channel.id in episode.members:
                    self._of_many(track, case, episode, at)

    def _of_one(self, track: Track, case: Case, episode: Episode, at: float) -> None:
        """Was there, on one side of the post, still a silence that was news?"""
        rhythm, since = track.rhythm, hours(episode.since_at)
        until = hours(episode.closed_at or episode.found_at)
        if rhythm.expected_between(at, until) >= max(rhythm.most, rhythm.expected_between(since, at)):
            # Told is when it began; that this was later changes nothing for whoever was told.
            self._board.docket.over[case] = replace(episode, since_at=instant(at))
            return
        if rhythm.expected_between(since, at) >= rhythm.most:
            self._board.docket.over[case] = replace(episode, closed_at=instant(at))
            return
        self._withdraw(case, episode, Sentence(told.READ_SINCE, at=instant(at)))

    def _of_many(self, track: Track, case: Case, episode: Episode, at: float) -> None:
        """It was no part of it. Of fewer than make a group, or half of those cut off, it was none."""
        members = tuple(i for i in episode.members if i != track.channel.id)
        self._board.docket.over[case] = replace(episode, members=members)
        rule = self._board.rules.group
        found = self._board.docket.sizes.get(case, len(episode.members))
        need = rule.least if case[1].group else found / 2
        if len(members) < need:
            said = Sentence(told.READ_SINCE_OF, n=found - len(members), all=found)
            self._withdraw(case, episode, said)

    def _withdraw(self, case: Case, episode: Episode, said: str) -> None:
        now = max(self._board.now, hours(episode.closed_at or episode.found_at))
        self._board.docket.revise(
            case,
            instant(now),
            episode,
            verdict=Verdict.blind(Cause.NOT_WATCHED, said),
            ended=Sentence(told.REVISED, what=said),
            reason=said,
        )
