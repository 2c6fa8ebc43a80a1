"""Channels of one group that fall silent together: one episode, found earlier than any of them alone."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from alerts.board import Board, when_text
from alerts.episodes import Case
from alerts.hours import NEVER, hours, instant
from alerts.inhibit import hidden_by
from alerts.judge import Evidence, judge
from alerts.tail import chance_of_all
from alerts.timers import Key
from alerts.tracks import FOUND, OPEN, QUIET, Track
from domain.channel import ChannelStatus
from domain.episode import Subject
from domain.finding import Cause, Finding, Kind, Verdict
from domain.series import SeriesKey

#: Channels of one group share their news days and holidays, so their pauses are less surprising together than
#: if each kept its own hours: the combined improbability counts with this power.
KINSHIP = 0.8
#: So improbable must a pause be to be counted with everyone's silence, if it began after that.
ALSO_QUIET = 0.1
#: When one channel's silence has held by itself, so improbable must the quiet of its siblings be to be one
#: with it.
SIBLINGS = 0.01
#: How far ahead the crossing of the combined improbability is looked for, in hours.
AHEAD = 72.0
EVERYONE: Case = (Kind.SILENCE, Subject())


@dataclass(slots=True)
class Network:
    """A group as it is watched."""

    name: str
    members: dict[int, Track] = field(default_factory=dict)
    found_at: float = NEVER

    @property
    def case(self) -> Case:
        return (Kind.SILENCE, Subject(group=self.name))

    @property
    def key(self) -> Key:
        return Key("network", 0, self.name)


class Networks:
    """The silences of groups, and of everyone at once."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._groups: dict[str, Network] = {}
        self.rearm: Callable[[Track, float], None] = lambda track, at: (
            None
        )  #: what single silences do afterwards

    def admit(self, track: Track) -> None:
        """Take a channel into its group, and out of any other."""
        for network in self._groups.values():
            network.members.pop(track.channel.id, None)
        if name := track.channel.group:
            self._groups.setdefault(name, Network(name)).members[track.channel.id] = track

    def stands_for(self, track: Track) -> bool:
        """Is there an open episode that tells of this channel's silence already?"""
        subject = Subject(channel_id=track.channel.id)
        return hidden_by(self._board.docket.live, subject, track.channel.group) is not None

    def quiet(self, track: Track, at: float) -> None:
        """A channel has become improbably quiet."""
        network = self._of(track)
        if network is None:
            return
        docket = self._board.docket
        if docket.is_open(network.case):
            episode = docket.live[network.case]
            if track.channel.id not in episode.members:
                docket.grow(
                    network.case,
                    instant(at),
                    members=tuple(sorted((*episode.members, track.channel.id))),
                    expected=episode.expected + track.rhythm.expected(at),
                    reason=f"{track.channel.name} fell silent too, since {when_text(track.rhythm.origin)}",
                )
        elif network.case not in docket.live:
            self._expect(network, at)

    def posted(self, track: Track, at: float) -> None:
        """A channel that was quiet, or one of an open episode, posted."""
        for case in self._cases(track):
            episode = self._board.docket.live.get(case)
            if episode is None or episode.opened_at is None:
                continue
            if at < hours(episode.opened_at):
                self._revise(case, track, at)
            elif track.channel.id in episode.members:
                self._returned(case, at)

    def forget(self, track: Track) -> None:
        """We lost sight of a channel; it neither counts as quiet nor as back."""

    def due(self, name: str, at: float) -> None:
        """The moment for which a group's silence was reckoned, or until which it was held."""
        network = self._groups[name]
        docket = self._board.docket
        if docket.is_open(network.case):
            return
        late = [t for t in network.members.values() if t.is_open and self._lags(t, at)]
        if late:
            self._board.park(late[0], network.key, at)
            return
        members = self._together(network, at)
        enough = members is not None and self._chance(members[1], at) <= self._allowed(members[1])
        if network.case not in docket.live:
            if members is None or not enough:
                self._expect(network, at)
                return
            self._find(network, *members, at)
            self._board.timers.set(network.key, at + self._board.hold)
        elif members is None or not enough:
            docket.close(network.case, instant(at), "the group posted before anyone was told")
            self._expect(network, at)
        else:
            self._open(network, *members, at)

    def open_for(self, track: Track, verdict: Verdict, at: float) -> None:
        """A channel's silence has held, and its group is quiet with it: the group's is told instead."""
        network = self._groups[track.channel.group or ""]
        members = self._together(network, at)
        siblings = [] if members is None else [t.chance(at) for t in members[1] if t is not track]
        if members is None or self._cut(siblings, self._board.rules.group.least - 1) > SIBLINGS:
            # Two that were silent already and one that pauses by chance are no network: the single one
            # speaks.
            self._board.docket.open(track.case, instant(at), replace(verdict, cause=Cause.UNEXPLAINED))
            return
        if network.case not in self._board.docket.live:
            self._find(network, *members, at)
        self._open(network, *members, at, verdict)

    def everyone(self, track: Track, verdict: Verdict, at: float) -> None:
        """Everything that should have posted is quiet: one episode for all, explained and not of theirs."""
        board = self._board
        start = track.rhythm.origin + (at - track.rhythm.origin) / 4
        quiet = [
            t
            for t in board.tracks.values()
            if t is track
            or (board.takes_part(t, at) and (t.rhythm.last <= start or t.chance(at) < ALSO_QUIET))
        ]
        numbers = {t.channel.id for t in quiet}
        if board.docket.is_open(EVERYONE):
            episode = board.docket.live[EVERYONE]
            if not numbers <= set(episode.members):
                members = tuple(sorted(numbers | set(episode.members)))
                episode = board.docket.grow(EVERYONE, instant(at), members=members)
        else:
            since = max(t.rhythm.origin for t in quiet)
            board.docket.find(
                *EVERYONE,
                since_at=instant(since),
                at=instant(at),
                expected=sum(t.rhythm.expected_between(since, at) for t in quiet),
                probability=self._chance(quiet, at),
                members=tuple(sorted(numbers)),
                reason=f"{len(quiet)} channels of different groups are quiet at once",
            )
            episode = board.docket.open(EVERYONE, instant(at), verdict)
        self._absorb(quiet, episode.id, at)

    def leave(self, track: Track, at: float) -> None:
        """A channel is gone: whether its group is back is asked of the others."""
        for case in self._cases(track):
            if self._board.docket.is_open(case):
                self._returned(case, at)

    def _of(self, track: Track) -> Network | None:
        return self._groups.get(track.channel.group) if track.channel.group else None

    def _cases(self, track: Track) -> list[Case]:
        network = self._of(track)
        return [EVERYONE, network.case] if network else [EVERYONE]

    def _lags(self, track: Track, at: float) -> bool:
        """Do we just not know yet what we could see? One out of our sight for good is not waited for."""
        blind = self._board.rules.blind.after.total_seconds() / 3600
        return track.cover.until < at and track.cover.until > max(at, self._board.now) - blind

    def _together(self, network: Network, at: float) -> tuple[list[Track], list[Track]] | None:
        """The quiet members and all that take part, if they are enough to speak of the group."""
        rule = self._board.rules.group
        seen = [t for t in network.members.values() if self._board.takes_part(t, at)]
        quiet = [t for t in seen if t.phase >= QUIET and t.chance(at) <= rule.quiet * 1.001]
        if len(quiet) < rule.least or len(quiet) < rule.share * len(seen):
            return None
        return quiet, seen

    def _chance(self, seen: list[Track], at: float) -> float:
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

    def _expect(self, network: Network, at: float) -> None:
        """Reckon when the members' running pauses will be news together, if none of them posts."""
        members = self._together(network, at)
        if members is None:
            return
        quiet, seen = members
        if all(self.stands_for(t) for t in quiet):
            return
        allowed = self._allowed(seen)
        at_least = self._board.rules.silence.at_least.total_seconds() / 3600
        low = max(at, max(t.rhythm.origin for t in quiet) + at_least)
        if self._chance(seen, low) > allowed:
            high = low + AHEAD
            if self._chance(seen, high) > allowed:
                return
            while high - low > 1e-3:
                middle = (low + high) / 2
                low, high = (middle, high) if self._chance(seen, middle) > allowed else (low, middle)
            low = high
        self._board.timers.set(network.key, low)

    def _find(self, network: Network, quiet: list[Track], seen: list[Track], at: float) -> None:
        since = max(t.rhythm.origin for t in quiet)
        network.found_at = at
        self._board.docket.find(
            *network.case,
            since_at=instant(since),
            at=instant(at),
            expected=sum(t.rhythm.expected(at) for t in quiet),
            probability=self._chance(seen, at),
            members=tuple(sorted(t.channel.id for t in quiet)),
            reason=f"{len(quiet)} of {len(seen)} channels of {network.name} are quiet together",
        )

    def _open(
        self,
        network: Network,
        quiet: list[Track],
        seen: list[Track],
        at: float,
        verdict: Verdict | None = None,
    ) -> None:
        board = self._board
        since = max(t.rhythm.origin for t in quiet)
        if verdict is None:
            verdict = self._verdict(network, quiet, seen, since, at)
            if verdict.cause is Cause.EVERYONE_QUIET:
                board.docket.close(network.case, instant(at), " ".join(verdict.evidence), verdict=verdict)
                self.everyone(quiet[0], verdict, at)
                return
        lines = tuple(
            f"{t.channel.name}: last post {when_text(t.rhythm.last)}, {t.rhythm.expected(at):.1f} missed."
            for t in sorted(quiet, key=lambda t: t.rhythm.last)
        )
        episode = board.docket.open(
            network.case,
            instant(at),
            replace(verdict, evidence=verdict.evidence + lines),
            since_at=instant(since),
            expected=sum(t.rhythm.expected(at) for t in quiet),
            probability=self._chance(seen, at),
            members=tuple(sorted(t.channel.id for t in quiet)),
            reason=f"{len(quiet)} of {len(seen)} channels of {network.name} are quiet together",
        )
        self._absorb(quiet, episode.id, at)

    def _verdict(
        self, network: Network, quiet: list[Track], seen: list[Track], since: float, at: float
    ) -> Verdict:
        board, first = self._board, quiet[0]
        finding = Finding(
            kind=Kind.SILENCE,
            series=SeriesKey(first.channel.id),
            since_at=instant(since),
            found_at=instant(at),
            observed=0,
            expected=1.0,
            probability=1.0,
        )
        evidence = Evidence(
            name=f"the channels of {network.name}",
            status=ChannelStatus.OPEN,
            seen=board.seen(first, since, at),
            siblings=board.siblings(first, at),
            others=board.others({network.name}, [t.channel.id for t in seen], since, at),
        )
        verdict = judge(finding, evidence, instant(at), board.rules.group)
        return (
            verdict if verdict.cause is Cause.EVERYONE_QUIET else replace(verdict, cause=Cause.NETWORK_QUIET)
        )

    def _absorb(self, tracks: list[Track], within: int, at: float) -> None:
        """The larger episode takes the place of the members' own."""
        docket = self._board.docket
        for track in tracks:
            if track.case in docket.live:
                docket.close(track.case, instant(at), "it is part of a larger silence now", within=within)
            for case in self._cases(track):
                if case in docket.live and docket.live[case].id != within:
                    docket.close(case, instant(at), "it is part of a larger silence now", within=within)
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
        ended = f"{len(back)} of {len(members)} post in their rhythm again, since {when_text(first)}."
        still = [t for t in members if t not in back]
        if still:
            ended += f" Not back yet: {', '.join(t.channel.name for t in still)}."
        board.docket.close(case, instant(at), ended)
        for track in still:
            self.rearm(track, at)

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
        told = f"a post of {track.channel.name} of {when_text(at)} came to light afterwards"
        if len(members) >= board.rules.group.least:
            board.docket.grow(
                case, now, members=members, reason=f"Revised: {told}; it was not part of the silence"
            )
            return
        board.docket.close(
            case, now, f"Revised: {told}.", verdict=Verdict.blind(Cause.NOT_WATCHED, "It was read late.")
        )
        for i in members:
            if i in board.tracks:
                self.rearm(board.tracks[i], max(board.now, at))
