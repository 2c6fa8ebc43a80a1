"""What silences many at once without any of them having chosen it: an outage of all, a country cut off.

Seen in what all of them post together, so that those few posts that get through a cut, and slow channels, do
not hide it; told as one, before it could be told of any single channel. While it lasts its channels' own
silences are held, and afterwards that time counts against none of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from alerts import evidence as told
from alerts.board import Board, when_text
from alerts.crowd import ALL, COUNTRY, Crowd, Crowds
from alerts.episodes import Case
from alerts.hours import NEVER, hours, instant
from alerts.judge import OTHERS, Other, country_cut, is_country, is_everyone, names, whether_country
from alerts.pooled import STEP
from alerts.swings import SWING
from alerts.timers import Key
from alerts.tracks import FOUND, OPEN, QUIET, RUNNING, Track
from domain.episode import Episode, Subject
from domain.finding import Cause, Kind, Ruling, Verdict
from domain.sentence import Sentence, joined

EVERYONE: Case = (Kind.SILENCE, Subject())
#: Who was silent for longer than this before, in hours, was so for reasons of its own.
ALREADY = 24.0
#: Of the posts that were to come, so many numbers went by while we saw nothing: they were posted, and we
#: missed them. With so few nothing was posted.
MISSED, NONE = 0.5, 0.1

#: What a score must reach while the past is too short to say what it is worth, in nats.
BY_THEORY = 10.0
EXACT = 1e-9  #: hours: steps are sums of tenths


class Cuts:
    """The silences of everyone and of countries."""

    def __init__(self, board: Board, crowds: Crowds) -> None:
        self._board, self._crowds = board, crowds
        self._hold = board.rules.group.hold.total_seconds() / 3600
        self._budget = board.rules.silence.budget
        self._ends: list[float] = []  #: when those of a former run were over
        crowds.deciders[ALL] = crowds.deciders[COUNTRY] = self._step

    def everyone(self, track: Track, verdict: Verdict, at: float) -> None:
        """A single channel's silence turned out to be everyone's."""
        seen = self._seen(at)
        self._tell(EVERYONE, self._began(track, seen, at), at, verdict, seen)

    def country(self, track: Track, verdict: Verdict, at: float) -> None:
        """A single channel's silence turned out to be its country's."""
        country = track.channel.country or ""
        seen = self._seen(at, country)
        self._tell(_case(country), self._began(track, seen, at), at, verdict, seen)

    def reported(self) -> None:
        """Others tell of outages: what they say of a cut that was told already is told too, once."""
        board = self._board
        for case, episode in list(board.docket.live.items()):
            country = case[1].country
            if country is None or episode.opened_at is None:
                continue
            at = max(board.now, hours(episode.opened_at))
            known = {line.split(" reports ")[0] for line in episode.verdict.evidence}
            new = [
                line
                for line in board.reported(country, hours(episode.since_at), at)
                if line.split(" reports ")[0] not in known
            ]
            if new:
                verdict = replace(episode.verdict, evidence=(*episode.verdict.evidence, *new))
                board.docket.grow(case, instant(at), verdict=verdict, reason=joined(new))

    def late(self, track: Track, at: float) -> None:
        """A post from within such a silence came to light: the channel was not part of it."""
        board = self._board
        if not board.docket.live:
            return
        for case in (EVERYONE, _case(track.channel.country)):
            episode = board.docket.live.get(case)
            if episode is None or episode.opened_at is None or track.channel.id not in episode.members:
                continue
            if not hours(episode.since_at) < at < hours(episode.opened_at):
                continue
            now = instant(max(board.now, at))
            members = tuple(i for i in episode.members if i != track.channel.id)
            if len(members) > OTHERS:
                late = f"a post of {track.channel.name} of {when_text(at)} came to light afterwards"
                reason = f"Revised: {late}; it was not part of the silence"
                board.docket.grow(case, now, members=members, reason=reason)
                continue
            verdict = Verdict.blind(Cause.NOT_WATCHED, Sentence(told.IT_WAS_READ_LATE))
            ended = Sentence(told.CAME_TO_LIGHT_OF, name=track.channel.name, at=instant(at))
            board.docket.close(case, now, ended, verdict=verdict)
            self._free(members, max(board.now, at))

    def recall(self, episode: Episode) -> None:
        """Such a silence of a former run is over: what fell into it teaches nothing."""
        is_ours = episode.subject in (Subject(), Subject(country=episode.subject.country))
        if episode.kind is not Kind.SILENCE or not is_ours or episode.verdict.ruling is Ruling.CONFIRMED:
            return
        if episode.closed_at is not None:
            end = hours(episode.closed_at)
            self._hide(episode.members, hours(episode.since_at), end)
            self._ends.append(end)

    def _step(self, crowd: Crowd, seen: list[Track], at: float, learning: bool) -> None:
        board, case = self._board, _case(crowd.name)
        if any(at - STEP < end <= at for end in self._ends):
            crowd.pooled.forget()
        score, bar = crowd.pooled.score(), crowd.peaks.bar(self._budget)
        crowd.peaks.add(at, score if bar is None else min(score, bar))
        if board.docket.is_open(case):
            if not learning:
                self._follow(crowd, case, at)
            return
        if score < (BY_THEORY if bar is None else bar):
            crowd.found_at = NEVER
            return
        crowd.found_at = min(crowd.found_at, at)
        decides = not learning and at >= min((t.decide_from for t in seen), default=NEVER)
        if decides and at >= crowd.found_at + self._hold - EXACT:
            self._weigh(crowd, seen, at)

    def _weigh(self, crowd: Crowd, seen: list[Track], at: float) -> None:
        """Something is amiss with all of them together: is it everyone, or a country?"""
        board, onset = self._board, crowd.pooled.onset()
        all_seen = self._seen(at)
        everyone = board.heard(all_seen, onset, at)
        if _is_everyone(everyone):
            country = self._only(everyone)
            reported = board.reported(country, onset, at) if country else ()
            if country and reported:
                verdict = country_cut(country, everyone, self._watched(seen, onset, at), *reported)
                self._tell(_case(country), onset, at, verdict, all_seen)
            else:
                self._tell(EVERYONE, onset, at, self._of_everyone(everyone, country, onset, at), all_seen)
            return
        if crowd.sort != COUNTRY:
            return
        country = crowd.name
        reported = board.reported(country, onset, at)
        if is_country(country, everyone, reported=bool(reported)):
            verdict = country_cut(country, everyone, self._watched(seen, onset, at), *reported)
            self._tell(_case(country), onset, at, verdict, seen)

    def _of_everyone(self, them: Sequence[Other], country: str | None, onset: float, at: float) -> Verdict:
        quiet = [o for o in them if o.quiet]
        lines: list[str] = [
            Sentence(
                told.EVERYONE_AT_ONCE,
                quiet=len(quiet),
                n=len(them),
                since=instant(onset),
                expected=round(sum(o.expected for o in quiet)),
                names=names([o.name for o in quiet]),
            )
        ]
        if country:
            lines.append(whether_country(country))
        else:
            lines.append(Sentence(told.NOTHING_IN_COMMON))
        return Verdict.explained(Cause.EVERYONE_QUIET, *lines)

    def _tell(self, case: Case, since: float, at: float, verdict: Verdict, seen: Iterable[Track]) -> None:
        """One episode for all of them; who goes on is no part of it."""
        board = self._board
        them = list(seen)
        is_part = {o.channel_id for o in board.heard(them, since, at) if o.quiet}
        quiet = [t for t in them if t.channel.id in is_part]
        numbers = tuple(sorted(is_part))
        if board.docket.is_open(case):
            episode = board.docket.live[case]
            if not is_part <= set(episode.members):
                members = tuple(sorted(is_part | set(episode.members)))
                episode = board.docket.grow(case, instant(at), members=members)
        else:
            expected = sum(t.rhythm.expected_between(since, at) for t in them)
            observed = sum(t.posts_since(since, at) for t in them)
            whose = case[1].country or "different groups"
            board.docket.find(
                *case,
                since_at=instant(since),
                at=instant(at),
                observed=int(observed),
                expected=expected,
                probability=self._chance(case, at),
                members=numbers,
                reason=f"{len(quiet)} channels of {whose} are quiet at once",
            )
            episode = board.docket.open(case, instant(at), verdict)
        self._absorb(quiet, episode, at)

    def _chance(self, case: Case, at: float) -> float:
        crowd = self._crowds.of.get((COUNTRY, case[1].country) if case[1].country else (ALL, ""))
        per_month = crowd.peaks.per_month(crowd.pooled.score()) if crowd is not None else None
        return min(1.0, per_month / 120) if per_month is not None else 1.0

    def _absorb(self, quiet: list[Track], episode: Episode, at: float) -> None:
        """It takes the place of what was told or held of its members."""
        docket = self._board.docket
        inside = {t.channel.id for t in quiet}
        for (kind, subject), other in list(docket.live.items()):
            if other.id == episode.id or kind is not Kind.SILENCE or subject.topic or subject.claimant:
                continue
            whole = subject.channel_id is None and bool(other.members) and set(other.members) <= inside
            is_new = hours(other.since_at) >= hours(episode.since_at) - ALREADY
            if is_new and (whole or subject.channel_id in inside):
                why = "it is part of a larger silence now"
                docket.close((kind, subject), instant(at), why, within=episode.id)
        for track in quiet:
            if track.phase == FOUND:
                track.phase = OPEN
                self._board.timers.cancel(track.key)

    def _follow(self, crowd: Crowd, case: Case, at: float) -> None:
        """Are they back?"""
        board = self._board
        episode = board.docket.live[case]
        since = hours(episode.since_at)
        back = crowd.pooled.back_since(since)
        if back is None:
            return
        verdict, said = self._missed(episode, since, back)
        end = Sentence(told.COMES_AGAIN, since=instant(back), n=len(episode.members))
        board.docket.close(case, instant(at), joined([end, said]), verdict=verdict)
        for other in self._crowds.of.values():
            if other.sort == ALL or (other.sort == COUNTRY and other.name == (case[1].country or other.name)):
                other.found_at = NEVER
                other.pooled.forget()
        self._hide(episode.members, since, back)
        self._free(episode.members, back)

    def _missed(self, episode: Episode, since: float, back: float) -> tuple[Verdict | None, str]:
        """Were posts missed? Telegram numbers them, so that the numbers after it tell: that is evidence, and
        mere quiet is none.
        """
        board, passed, expected = self._board, 0.0, 0.0
        for number in episode.members:
            track = board.tracks.get(number)
            went_by = track.numbers_passed(since, back) if track is not None else None
            if track is not None and went_by is not None:
                to_come = track.rhythm.expected_between(since, back)
                passed += min(went_by, 3 * to_come)
                expected += to_come
        if expected < 1.0:
            return None, ""
        if passed >= MISSED * expected:
            said = Sentence(told.THEIR_NUMBERS_WENT_ON, n=round(passed), expected=round(expected))
            return Verdict.blind(Cause.NOT_WATCHED, said), said
        if passed <= NONE * expected:
            return None, Sentence(told.NONE_PASSED_OVER)
        return None, ""

    def _hide(self, members: Iterable[int], since: float, back: float) -> None:
        """That time counts against none of them, and teaches nothing."""
        for number in members:
            if (track := self._board.tracks.get(number)) is not None:
                track.cover.hide(since, back)

    def _free(self, members: Iterable[int], back: float) -> None:
        """What was held of them is looked at anew, from there on."""
        board = self._board
        for number in members:
            track = board.tracks.get(number)
            if track is None:
                continue
            track.rhythm.scan.abandon()
            board.timers.cancel(Key(SWING, number))
            if track.case in board.docket.live or track.phase not in (RUNNING, QUIET, FOUND, OPEN):
                continue
            track.phase = RUNNING
            if track.rhythm.origin < back:
                track.rhythm.resume(back)
            board.arm(track)

    def _began(self, track: Track, seen: Sequence[Track], at: float) -> float:
        """When the last of those had posted that are quiet with a channel: not all stop at one minute."""
        start = track.rhythm.origin + (at - track.rhythm.origin) / 4
        return max((t.rhythm.last for t in seen if t.rhythm.last <= start), default=track.rhythm.origin)

    def _seen(self, at: float, country: str | None = None) -> list[Track]:
        return [
            t
            for t in self._board.tracks.values()
            if (country is None or t.channel.country == country) and self._board.takes_part(t, at)
        ]

    def _only(self, them: Sequence[Other]) -> str | None:
        """The country in which all of them are made, if it is one."""
        countries = {o.country for o in them if o.quiet}
        return countries.pop() if len(countries) == 1 else None

    def _watched(self, seen: Sequence[Track], since: float, at: float) -> str:
        whole = sum(t.cover.whole(since, at) for t in seen)
        return Sentence(told.WATCHED_SOME, n=whole, all=len(seen), start=instant(since), end=instant(at))


def _case(country: str | None) -> Case:
    return (Kind.SILENCE, Subject(country=country)) if country else EVERYONE


def _is_everyone(them: Sequence[Other]) -> bool:
    """Is it more than one group? Whose channels are all there are cannot be told from a fault of ours."""
    groups = {o.group for o in them if o.group}
    return all(is_everyone([o for o in them if o.group != group]) for group in groups or {""})
