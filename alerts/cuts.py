"""What silences many at once without any of them having chosen it: an outage of all, a country cut off.

Seen in what all of them post together, so that those few posts that get through a cut, and slow channels, do
not hide it; told as one, before it could be told of any single channel. While it lasts its channels' own
silences are held, and afterwards that time counts against none of them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from alerts import evidence as told
from alerts.board import Board
from alerts.crowd import ALL, COUNTRY, Crowd, Crowds
from alerts.episodes import Case
from alerts.hours import NEVER, hours, instant
from alerts.judge import OTHERS, Other, country_cut, everyone_quiet, is_country, is_everyone
from alerts.pooled import STEP
from alerts.swings import KINDS, SWING
from alerts.timers import Key
from alerts.tracks import FOUND, OPEN, QUIET, RUNNING, Track
from domain.episode import Episode, State, Subject
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
#: The sentences that count its channels, or name them: said anew when there is another of them.
COUNTING = frozenset(
    {
        told.WATCHED,
        told.WATCHED_SOME,
        told.EVERYONE,
        told.EVERYONE_AT_ONCE,
        told.NOTHING_IN_COMMON,
        told.ONE_COUNTRY,
        told.COUNTRY_QUIET,
        told.ELSEWHERE_WENT_ON,
        told.ELSEWHERE_ONE_WENT_ON,
        told.ELSEWHERE_ONE_QUIET,
        told.LIKE_ITS_INTERNET,
    }
)


class Cuts:
    """The silences of everyone and of countries."""

    def __init__(self, board: Board, crowds: Crowds) -> None:
        self._board, self._crowds = board, crowds
        self._hold = board.rules.group.hold.total_seconds() / 3600
        self._budget = board.rules.silence.budget
        self._ends: list[float] = []  #: when those of a former run were over
        crowds.deciders[ALL] = crowds.deciders[COUNTRY] = self._step

    def larger(self, track: Track, cause: Cause, since: float, at: float, also: Sequence[str] = ()) -> None:
        """A silence of a channel or a group, since `since`, is everyone's or the country's.

        `also`: what else is known of it, as sentences.
        """
        # As the judge hears them: they need not have stopped at the same minute.
        start = since + (at - since) / 4
        case = EVERYONE if cause is Cause.EVERYONE_QUIET else _case(track.channel.country)
        seen = self._seen(at)
        quiet = [o for o in self._board.heard(seen, start, at) if o.quiet]
        began = max((t.rhythm.last for t in seen if t.rhythm.last <= start), default=since)
        self._tell(case, quiet, began, at, also)

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
                verdict = self._again(episode, members, hours(now))
                late = Sentence(told.NO_PART_OF_IT, name=track.channel.name, at=instant(at))
                board.docket.grow(
                    case,
                    now,
                    members=members,
                    verdict=replace(verdict, evidence=(*verdict.evidence, late)),
                    reason=f"Revised: {track.channel.name} was not part of the silence",
                )
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
            self._weigh(crowd, at)

    def _weigh(self, crowd: Crowd, at: float) -> None:
        """Something is amiss with all of them together: is it everyone, or a country?"""
        board, onset = self._board, crowd.pooled.onset()
        everyone = board.heard(self._seen(at), onset, at)
        quiet = [o for o in everyone if o.quiet]
        if _is_everyone(everyone):
            country = _only(quiet)
            is_cut = country is not None and bool(board.reported(country, onset, at))
            self._tell(_case(country if is_cut else None), quiet, onset, at)
        elif crowd.sort == COUNTRY:
            reported = board.reported(crowd.name, onset, at)
            if is_country(crowd.name, everyone, reported=bool(reported)):
                self._tell(_case(crowd.name), quiet, onset, at)

    def _tell(
        self, case: Case, quiet: Sequence[Other], since: float, at: float, also: Sequence[str] = ()
    ) -> None:
        """One episode for all that are quiet; who goes on is no part of it."""
        board, country = self._board, case[1].country
        is_part = {o.channel_id for o in quiet if country is None or o.country == country}
        them = [board.tracks[number] for number in sorted(is_part)]
        is_open = board.docket.is_open(case)
        known = board.docket.live[case].members if is_open else ()
        members = tuple(sorted(is_part.union(known)))
        reason = f"{_are_quiet(len(members), country or 'different groups')} at once"
        if is_open:
            episode = board.docket.live[case]
            if members != known:
                verdict = self._again(episode, members, at)
                episode = board.docket.grow(
                    case, instant(at), members=members, verdict=verdict, reason=reason
                )
        else:
            verdict = self._verdict(case, members, since, at)
            outside = board.reported(country, since, at)
            board.docket.find(
                *case,
                since_at=instant(since),
                at=instant(at),
                observed=int(sum(t.posts_since(since, at) for t in them)),
                expected=sum(t.rhythm.expected_between(since, at) for t in them),
                probability=self._chance(case, at),
                members=members,
                reason=reason,
            )
            verdict = replace(verdict, evidence=(*verdict.evidence, *outside, *also))
            episode = board.docket.open(case, instant(at), verdict)
        self._absorb(them, episode, at)
        self._absorb_drops(self._seen(at, country), episode, at)

    def _verdict(self, case: Case, members: Collection[int], since: float, at: float) -> Verdict:
        """What is said of these together: every number in it counts them, and nobody else as quiet."""
        board, country = self._board, case[1].country
        known = {t.channel.id: t for t in self._seen(at)}
        known |= {number: board.tracks[number] for number in members if number in board.tracks}
        counts = [
            replace(o, quiet=o.channel_id in members) if country in (None, o.country) else o
            for o in board.heard(known.values(), since, at)
        ]
        if country:
            inside = [known[o.channel_id] for o in counts if o.country == country]
            whole = sum(t.cover.whole(since, at) for t in inside)
            span = {"start": instant(since), "end": instant(at)}
            return country_cut(country, counts, Sentence(told.WATCHED_SOME, n=whole, all=len(inside), **span))
        return everyone_quiet(counts, instant(since))

    def _again(self, episode: Episode, members: Collection[int], at: float) -> Verdict:
        """The verdict with other members; what does not count them stays as it is."""
        case = (episode.kind, episode.subject)
        verdict = self._verdict(case, members, hours(episode.since_at), at)
        kept = [line for line in episode.verdict.evidence if getattr(line, "template", "") not in COUNTING]
        return replace(verdict, evidence=(*verdict.evidence, *kept))

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

    def _absorb_drops(self, them: Iterable[Track], episode: Episode, at: float) -> None:
        """A drop that was found in it is no news of its channel's own. Should it go on, it is told later."""
        docket = self._board.docket
        for track in them:
            case = (Kind.DROP, Subject(channel_id=track.channel.id))
            other = docket.live.get(case)
            if other is None or other.state is not State.OPEN or other.found_at < episode.since_at:
                continue
            docket.close(case, instant(at), "it is part of a larger silence now", within=episode.id)
            self._board.timers.set(Key(SWING, track.channel.id), at + STEP)

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
            if not any((kind, track.case[1]) in board.docket.live for kind in KINDS):
                track.rhythm.scan.abandon()
                board.timers.cancel(Key(SWING, number))
            if track.case in board.docket.live or track.phase not in (RUNNING, QUIET, FOUND, OPEN):
                continue
            track.phase = RUNNING
            if track.rhythm.origin < back:
                track.skip(back)
            board.arm(track)

    def _seen(self, at: float, country: str | None = None) -> list[Track]:
        return [
            t
            for t in self._board.tracks.values()
            if (country is None or t.channel.country == country) and self._board.takes_part(t, at)
        ]


def _case(country: str | None) -> Case:
    return (Kind.SILENCE, Subject(country=country)) if country else EVERYONE


def _only(them: Iterable[Other]) -> str | None:
    """The country in which all of them are made, if it is one."""
    countries = {o.country for o in them}
    return countries.pop() if len(countries) == 1 else None


def _are_quiet(n: int, whose: str) -> str:
    return f"1 channel of {whose} is quiet" if n == 1 else f"{n} channels of {whose} are quiet"


def _is_everyone(them: Sequence[Other]) -> bool:
    """Is it more than one group? Whose channels are all there are cannot be told from a fault of ours."""
    groups = {o.group for o in them if o.group}
    return all(is_everyone([o for o in them if o.group != group]) for group in groups or {""})
