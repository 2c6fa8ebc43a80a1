"""Channels of one group that fall silent together: one episode, found earlier than any of them alone.

Two things find it. What their pauses say together (Fisher's sum over the group) is held against how high that
stood in the group's own past, every ten minutes. And when one channel's silence is found, while it is still
being held, the others are asked: if they are improbably quiet too, it is the group's.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from alerts import evidence as told
from alerts.board import Board, say_announced
from alerts.crowd import GROUP, Crowd, Crowds
from alerts.cuts import Cuts
from alerts.episodes import Case
from alerts.hours import NEVER, hours, instant
from alerts.inhibit import hidden_by
from alerts.judge import PATIENCE, TELLS, Evidence, is_undecided, judge
from alerts.members import recounted
from alerts.outside import about, weighed_together
from alerts.pooled import STEP
from alerts.tail import chance_of_all
from alerts.timers import Key
from alerts.tracks import FOUND, OPEN, QUIET, Track
from domain.channel import ChannelStatus
from domain.episode import Subject
from domain.finding import Cause, Finding, Kind, Ruling, Verdict
from domain.sentence import Sentence, joined
from domain.series import SeriesKey

#: Channels of one group share their news days and holidays, so their pauses are less surprising together than
#: if each kept its own hours: the combined improbability counts with this power, while the group's own past
#: is too short to say.
KINSHIP = 0.8
#: When one channel's silence has been found by itself, so improbable must the quiet of its siblings be to be
#: one with it.
SIBLINGS = 0.01
#: Where fewer than two are quiet beyond doubt, so improbable must a pause be to count.
NEARLY = 0.2
NETWORK = "network"  #: timers: a silence of a group was found, and has it held?


class Networks:
    """The silences of groups."""

    def __init__(self, board: Board, crowds: Crowds, cuts: Cuts) -> None:
        self._board, self._crowds, self._cuts = board, crowds, cuts
        self.rearm: Callable[[Track, float], None] = lambda track, at: (
            None
        )  #: what single silences do afterwards
        crowds.deciders[GROUP] = self._step

    def stands_for(self, track: Track) -> bool:
        """Is there an open episode that tells of this channel's silence already?"""
        subject = Subject(channel_id=track.channel.id)
        return hidden_by(self._board.docket.live, subject, track.channel) is not None

    def quiet(self, track: Track, at: float) -> None:
        """A channel has become improbably quiet: it joins the open episode of its group."""
        network = self._of(track)
        if network is None:
            return
        docket, case = self._board.docket, _case(network)
        if docket.is_open(case):
            episode = docket.live[case]
            if track.channel.id not in episode.members:
                members = tuple(sorted((*episode.members, track.channel.id)))
                docket.grow(
                    case,
                    instant(at),
                    members=members,
                    expected=episode.expected + track.rhythm.expected(at),
                    verdict=recounted(episode.verdict, self._names(members), _missed(track, at)),
                    reason=f"{track.channel.name} fell silent too",
                )

    def found(self, track: Track, at: float) -> None:
        """A channel's silence was found by itself: are its siblings improbably quiet too?"""
        network = self._of(track)
        if network is None or _case(network) in self._board.docket.live or self.stands_for(track):
            return
        if any(t.is_open and self._board.lags(t, at) for t in network.members.values()):
            return  # what is known of them by the time it has held decides
        members = self._together(network, at)
        if members is not None and track in members[0] and self._support(track, members[1], at) <= SIBLINGS:
            self._find(network, *members, at)

    def posted(self, track: Track, at: float) -> None:
        """A channel that was quiet, or one of an open episode, posted."""
        self._cuts.late(track, at)
        network = self._of(track)
        case = None if network is None else _case(network)
        episode = None if case is None else self._board.docket.live.get(case)
        if case is None or episode is None or episode.opened_at is None:
            return
        if at < hours(episode.opened_at):
            self._revise(case, track, at)
        elif track.channel.id in episode.members:
            self._returned(case, at)

    def due(self, key: Key, at: float) -> None:
        """A group's silence was found some while ago: has it held?"""
        network = self._crowds.of[GROUP, key.name]
        board, case = self._board, _case(network)
        if board.docket.is_open(case) or case not in board.docket.live:
            return
        if board.waits(key, at, network.members.values()):
            return
        members = self._together(network, at)
        if members is None:
            board.docket.close(case, instant(at), "the group posted before anyone was told")
            return
        at_least = board.rules.silence.at_least.total_seconds() / 3600
        if at < (told := max(t.rhythm.since for t in members[0]) + at_least):
            board.timers.set(key, told)
            return
        self._open(network, *members, at)

    def open_for(self, track: Track, verdict: Verdict, at: float) -> None:
        """A channel's silence has held, and its group is quiet with it: the group's is told instead."""
        network = self._crowds.of[GROUP, track.channel.group or ""]
        members = self._together(network, at)
        if members is None or self._support(track, members[1], at) > SIBLINGS:
            # Two that were silent already and one that pauses by chance are no network: the single one
            # speaks.
            self._board.docket.open(track.case, instant(at), replace(verdict, cause=Cause.UNEXPLAINED))
            return
        if _case(network) not in self._board.docket.live:
            self._find(network, *members, at)
        self._open(network, *members, at, verdict)

    def leave(self, track: Track, at: float) -> None:
        """A channel is gone: whether its group is back is asked of the others."""
        network = self._of(track)
        if network is not None and self._board.docket.is_open(_case(network)):
            self._returned(_case(network), at)

    def _of(self, track: Track) -> Crowd | None:
        return self._crowds.of.get((GROUP, track.channel.group)) if track.channel.group else None

    def _step(self, network: Crowd, seen: list[Track], at: float, learning: bool) -> None:
        """Ten minutes are over: what do the pauses of all say together?"""
        if not seen:
            return
        score = sum(-math.log(max(p, 1e-30)) for t in seen if (p := _pause(t, at)) < 1.0)
        bar = network.peaks.bar(self._board.rules.silence.budget)
        network.peaks.add(at, score if bar is None else min(score, bar))
        if _case(network) in self._board.docket.live:
            return
        members = None
        if score >= bar if bar is not None else self._chance(seen, at) <= self._allowed(seen):
            members = self._together(network, at)
        if members is None or not self._is_theirs(members, at):
            network.found_at = NEVER
            return
        network.found_at = min(network.found_at, at) if learning else at
        if not learning and at >= min(t.decide_from for t in seen):
            self._find(network, *members, at)

    def settle(self) -> None:
        """After history was learned: take up what was being held."""
        for (sort, _), network in self._crowds.of.items():
            if sort != GROUP or network.found_at == NEVER or _case(network) in self._board.docket.live:
                continue
            members = self._together(network, network.pooled.at)
            if members is not None:
                self._find(network, *members, network.found_at)

    def _is_theirs(self, members: tuple[list[Track], list[Track]], at: float) -> bool:
        """Are they quiet together, whatever the one that is quiet most says, and not told of yet?"""
        quiet, seen = members
        strongest = min(quiet, key=lambda t: t.chance(at))
        if self._support(strongest, seen, at) > SIBLINGS:
            return False
        return not all(self.stands_for(t) for t in quiet)

    def _together(self, network: Crowd, at: float) -> tuple[list[Track], list[Track]] | None:
        """The quiet members and all that take part, if they are enough to speak of the group.

        Quiet is who has not posted since the last of those did that are quiet beyond doubt. Who was to post
        nothing yet since then has no voice.
        """
        rule = self._board.rules.group
        seen = [t for t in network.members.values() if self._board.takes_part(t, at)]
        chances = {t.channel.id: t.chance(at) for t in seen}
        sure = {t.channel.id for t in seen if chances[t.channel.id] <= rule.quiet * 1.001}
        if len(sure) < 2:
            sure = {t.channel.id for t in seen if chances[t.channel.id] <= max(NEARLY, rule.quiet)}
        since = max((t.rhythm.since for t in seen if t.channel.id in sure), default=NEVER)
        telling = [
            t for t in seen if t.channel.id in sure or t.rhythm.expected_between(since, at) >= TELLS
        ] if since < NEVER else []  # fmt: skip
        quiet = [t for t in telling if t.rhythm.since <= since]
        if len(quiet) < rule.least or len(quiet) < rule.share * len(telling):
            return None
        return quiet, seen

    def _support(self, track: Track, seen: list[Track], at: float) -> float:
        """How improbable the quiet of all the others is, of whom no one or two speak for all."""
        others = [t.chance(at) for t in seen if t is not track]
        return self._cut(others, self._board.rules.group.least - 1) if others else 1.0

    def _chance(self, seen: list[Track], at: float) -> float:
        if not seen:
            return 1.0
        together = self._cut([t.chance(at) for t in seen], self._board.rules.group.least)
        return math.exp(KINSHIP * math.log(max(together, 1e-300)))

    @staticmethod
    def _cut(chances: list[float], least: int) -> float:
        """How improbable together; the strongest count as the last needed: no one or two speak for all."""
        ordered = sorted(chances)
        last = ordered[min(least, len(ordered)) - 1]
        return chance_of_all([max(p, last) for p in ordered])

    def _allowed(self, seen: list[Track]) -> float:
        looks = sum(t.rhythm.per_month for t in seen) / len(seen)
        return self._board.rules.silence.budget / max(looks, 1.0)

    def _find(self, network: Crowd, quiet: list[Track], seen: list[Track], at: float) -> None:
        since = max(t.rhythm.since for t in quiet)
        board = self._board
        at_least = board.rules.silence.at_least.total_seconds() / 3600
        told = max(at + board.rules.group.hold.total_seconds() / 3600, since + at_least)
        board.timers.set(Key(NETWORK, 0, network.name), told)
        board.docket.find(
            *_case(network),
            since_at=instant(since),
            at=instant(at),
            expected=sum(t.rhythm.expected(at) for t in quiet),
            probability=self._chance(seen, at),
            members=tuple(sorted(t.channel.id for t in quiet)),
            reason=f"{len(quiet)} of {len(seen)} channels of {network.name} are quiet together",
        )

    def _open(
        self,
        network: Crowd,
        quiet: list[Track],
        seen: list[Track],
        at: float,
        verdict: Verdict | None = None,
    ) -> None:
        board = self._board
        since = max(t.rhythm.since for t in quiet)
        if verdict is None:
            evidence = self._evidence(network, quiet, seen, since, at)
            verdict = self._verdict(quiet[0], evidence, since, at)
            if verdict.cause in (Cause.EVERYONE_QUIET, Cause.COUNTRY_CUT):
                board.docket.close(_case(network), instant(at), joined(verdict.evidence), verdict=verdict)
                self._cuts.larger(quiet[0], verdict.cause, since, at)
                return
            said = [(t.channel.name, about(t.testimony, instant(t.rhythm.since))) for t in quiet]
            verdict = weighed_together(verdict, said)
            if verdict.ruling is Ruling.BLIND:
                board.docket.close(_case(network), instant(at), joined(verdict.evidence), verdict=verdict)
                return
            found = hours(board.docket.live[_case(network)].found_at)
            if at < found + PATIENCE and is_undecided(evidence):
                board.timers.set(Key(NETWORK, 0, network.name), at + STEP)
                return
        verdict = recounted(verdict, [t.channel.name for t in quiet])
        announced = tuple(line for t in quiet if (line := say_announced(t, at)))
        lines = announced + tuple(_missed(t, at) for t in sorted(quiet, key=lambda t: t.rhythm.last))
        seasons = tuple(dict.fromkeys(s for t in quiet for s in t.rhythm.season.says(t.rhythm.since, at)))
        episode = board.docket.open(
            _case(network),
            instant(at),
            replace(verdict, evidence=verdict.evidence + lines + seasons),
            since_at=instant(since),
            expected=sum(t.rhythm.expected(at) for t in quiet),
            probability=self._chance(seen, at),
            members=tuple(sorted(t.channel.id for t in quiet)),
            reason=f"{len(quiet)} of {len(seen)} channels of {network.name} are quiet together",
        )
        self._absorb(quiet, episode.id, at)

    def _evidence(
        self, network: Crowd, quiet: list[Track], seen: list[Track], since: float, at: float
    ) -> Evidence:
        board, first = self._board, quiet[0]
        return Evidence(
            name=Sentence(told.THE_CHANNELS_OF, group=network.name),
            status=ChannelStatus.OPEN,
            seen=board.seen(first, since, at),
            country=first.channel.country,
            siblings=board.siblings(first, since, at),
            others=board.others({network.name}, [t.channel.id for t in seen], since, at),
            reported=board.reported(first.channel.country, since, at),
            whole_from=instant(first.rhythm.origin),
        )

    def _verdict(self, first: Track, evidence: Evidence, since: float, at: float) -> Verdict:
        finding = Finding(
            kind=Kind.SILENCE,
            series=SeriesKey(first.channel.id),
            since_at=instant(since),
            found_at=instant(at),
            observed=0,
            expected=1.0,
            probability=1.0,
        )
        verdict = judge(finding, evidence, instant(at), self._board.rules.group)
        is_larger = verdict.cause in (Cause.EVERYONE_QUIET, Cause.COUNTRY_CUT)
        return verdict if is_larger else replace(verdict, cause=Cause.NETWORK_QUIET)

    def _absorb(self, tracks: list[Track], within: int, at: float) -> None:
        """The larger episode takes the place of the members' own."""
        docket = self._board.docket
        for track in tracks:
            if track.case in docket.live:
                docket.close(track.case, instant(at), "it is part of a larger silence now", within=within)
            if track.phase == FOUND:
                track.phase = OPEN
                self._board.timers.cancel(track.key)

    def _returned(self, case: Case, at: float) -> None:
        """Close the episode when more than half of its channels post in their rhythm again."""
        board = self._board
        episode = board.docket.live[case]
        opened = hours(episode.opened_at or episode.found_at)
        members = [board.tracks[i] for i in episode.members if i in board.tracks and board.tracks[i].is_open]
        back = [t for t in members if self._is_back(t, opened)]
        if 2 * len(back) <= len(members):
            return
        first = min((t.rhythm.run_since for t in back if t.rhythm.run_since > opened), default=at)
        ended: list[str] = [Sentence(told.GROUP_BACK, n=len(back), all=len(members), since=instant(first))]
        still = [t for t in members if t not in back]
        if still:
            ended.append(Sentence(told.NOT_BACK_YET, names=tuple(t.channel.name for t in still)))
        board.docket.close(case, instant(at), joined(ended))
        for track in still:
            self.rearm(track, at)

    def _names(self, members: Iterable[int]) -> list[str]:
        return [self._board.tracks[n].channel.name for n in members if n in self._board.tracks]

    def _is_back(self, track: Track, opened: float) -> bool:
        rhythm = track.rhythm
        return (
            track.phase < QUIET and rhythm.last > opened and rhythm.run >= self._board.rules.silence.release
        )

    def _revise(self, case: Case, track: Track, at: float) -> None:
        """A post from within the silence came to light: that channel was not part of it."""
        board = self._board
        episode = board.docket.live[case]
        if track.channel.id not in episode.members or at <= hours(episode.since_at):
            return
        members = tuple(i for i in episode.members if i != track.channel.id)
        now = instant(max(board.now, at))
        if len(members) >= board.rules.group.least:
            name = track.channel.name
            no_part = Sentence(told.NO_PART_OF_IT, name=name, at=instant(at))
            verdict = recounted(episode.verdict, self._names(members), no_part)
            reason = f"Revised: {name} was not part of the silence"
            board.docket.grow(case, now, members=members, verdict=verdict, reason=reason)
            return
        board.docket.close(
            case,
            now,
            Sentence(told.CAME_TO_LIGHT_OF, name=track.channel.name, at=instant(at)),
            verdict=Verdict.blind(Cause.NOT_WATCHED, Sentence(told.IT_WAS_READ_LATE)),
        )
        for i in members:
            if i in board.tracks:
                self.rearm(board.tracks[i], max(board.now, at))


def _case(network: Crowd) -> Case:
    return (Kind.SILENCE, Subject(group=network.name))


def _pause(track: Track, at: float) -> float:
    """How often a pause of the channel lasts as long as the running one; 1 for what is no pause yet."""
    rhythm = track.rhythm
    if (at - rhythm.last) * rhythm.rate < 1:
        return 1.0
    return rhythm.chance(lambda pause: rhythm.tail.survival(pause * rhythm.ripe), rhythm.expected(at))


def _missed(track: Track, at: float) -> str:
    """Since when one of them is quiet, and how much it was to post since."""
    expected = round(track.rhythm.expected(at), 1)
    return Sentence(told.MISSED, name=track.channel.name, at=instant(track.rhythm.last), n=expected)
