"""Theirs or ours? What a finding means, once we know what we could see and what the others did.

From the largest to the smallest: who could not be seen is judged by nobody; then what befell the channel,
then everyone, then its country, then its group; what none of these explains is the channel's own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from alerts import evidence as told
from alerts.config import GroupRule
from domain.channel import ChannelStatus
from domain.finding import Cause, Finding, Verdict
from domain.sentence import Country, Sentence
from domain.watch import Seen

#: So much of what channels of other groups were to post meanwhile must have stayed away: then it is the
#: platform or our line, whatever our own records say.
EVERYONE = 0.9
#: Fewer posts than this to be expected of them, or fewer of them, prove nothing about everyone.
TELLING, OTHERS = 6.0, 2
#: A country is cut off when so much of what its channels were to post stays away, and of those elsewhere no
#: more than this.
CUT, ELSEWHERE = 0.7, 0.4
#: While so much of what was to come from them stays away, of so many posts, it may still prove to be theirs.
LEANS, HINTS = 0.5, 1.5
PATIENCE = 1.0  #: hours that are waited for it at the most
#: One busy channel does not speak for many: of each no more than so many posts count.
AT_MOST = 10.0
#: Of a channel that was to post less than this, nobody can say whether it is quiet with the others.
TELLS = 1.0
#: Of a single other one, whether it went on, and whether it did not.
ELSEWHERE_ONE = (told.ELSEWHERE_ONE_WENT_ON, told.ELSEWHERE_ONE_QUIET)
OTHERS_ONE = (told.OTHERS_ONE_WENT_ON, told.OTHERS_ONE_QUIET)
GROUP_ONE = (told.GROUP_ONE_WENT_ON, told.GROUP_ONE_QUIET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another channel, while the one in question is quiet."""

    channel_id: int
    name: str
    quiet: bool  #: it too is silent
    expected: float = 0.0  #: posts that were to be expected of it meanwhile
    country: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What bears on a finding besides the series itself."""

    name: str
    status: ChannelStatus
    seen: Seen  #: when the channel could be seen
    country: str | None = None
    siblings: tuple[Other, ...] = ()  #: channels of its group that could be seen
    others: tuple[Other, ...] = ()  #: channels of other groups that could be seen
    same_topic: tuple[Other, ...] = ()  #: channels that have the same topic by habit, and post
    announced: str = ""  #: the words of a last post by which it said that it would pause, or move
    reported: tuple[str, ...] = ()  #: what others say of an outage in its country at this time
    #: What nobody saw before this is left out of what speaks against it; None: nothing is.
    whole_from: datetime | None = None


class Heard(NamedTuple):
    """What came of many channels, one with another."""

    n: int
    quiet: int
    to_come: float  #: posts, of each channel no more than `AT_MOST`
    missing: float  #: of these, those of quiet channels

    @property
    def tells(self) -> bool:
        """Are they enough, and was enough to come from them, to say anything?"""
        return self.n >= OTHERS and self.to_come >= TELLING

    @property
    def share(self) -> float:
        """Which part stayed away."""
        return self.missing / self.to_come if self.to_come else 0.0


def hear(others: Iterable[Other]) -> Heard:
    """Take channels together."""
    them = list(others)
    quiet = [o for o in them if o.quiet]
    return Heard(
        len(them),
        len(quiet),
        sum(min(o.expected, AT_MOST) for o in them),
        sum(min(o.expected, AT_MOST) for o in quiet),
    )


def judge(finding: Finding, evidence: Evidence, now: datetime, rule: GroupRule | None = None) -> Verdict:
    """Is this silence the channel's, or ours? With sentences that a person can check."""
    rule = rule or GroupRule()
    whole_from = max(finding.since_at, evidence.whole_from or finding.since_at)
    if holes := evidence.seen.holes(whole_from, now):
        start, end = holes[0]
        return Verdict.blind(
            Cause.NOT_WATCHED,
            Sentence(told.NOT_SEEN, name=evidence.name, start=start, end=end),
        )
    watched = _watched(finding, evidence, now)
    if evidence.status is not ChannelStatus.OPEN:
        return Verdict.explained(
            Cause.CHANNEL_GONE,
            watched,
            Sentence(told.GONE, name=evidence.name, status=Sentence(told.STATUSES[evidence.status.value])),
        )
    if evidence.announced:
        return Verdict.explained(Cause.ANNOUNCED, watched, evidence.announced)
    if is_everyone(evidence.others):
        countries = {evidence.country, *(o.country for o in evidence.others if o.quiet)}
        only = evidence.country if len(countries) == 1 else None
        if only and evidence.reported:
            return country_cut(only, _with_itself(finding, evidence), watched, *evidence.reported)
        lines = [say_everyone(evidence.others), *([whether_country(only)] if only else [])]
        return Verdict.explained(Cause.EVERYONE_QUIET, watched, *lines)
    if is_country(evidence.country, [*evidence.siblings, *evidence.others], reported=bool(evidence.reported)):
        them = _with_itself(finding, evidence)
        return country_cut(evidence.country or "", them, watched, *evidence.reported)
    if is_over(evidence.same_topic):
        heard = hear(evidence.same_topic)
        return Verdict.explained(
            Cause.TOPIC_ENDED,
            watched,
            Sentence(
                told.TOPIC_ENDED,
                quiet=heard.quiet,
                n=heard.n,
                names=names([o.name for o in evidence.same_topic if o.quiet]),
            ),
        )
    return _own(evidence, rule, watched)


def _watched(finding: Finding, evidence: Evidence, now: datetime) -> str:
    """Since when it was watched, and how much of that was not."""
    since, span = finding.since_at, now - finding.since_at
    if left_out := evidence.seen.holes(since, now):
        watched = span - sum((end - start for start, end in left_out), timedelta())
        return Sentence(told.WATCHED_PARTLY, name=evidence.name, watched=watched, span=span, since=since)
    return Sentence(told.WATCHED, name=evidence.name, start=since, end=now, span=span)


def is_everyone(others: Sequence[Other]) -> bool:
    """Do channels that have nothing to do with each other stay away together?

    If those of one country alone go on, or those without one, it is not everyone.
    """
    heard = hear(others)
    if heard.quiet < OTHERS or heard.missing < TELLING or heard.share < EVERYONE:
        return False
    parts = (hear(o for o in others if o.country == country) for country in {o.country for o in others})
    return not any(part.tells and part.share <= ELSEWHERE for part in parts)


def is_undecided(evidence: Evidence) -> bool:
    """Does it look as if the others, or those of the country, were quiet too, and is it too soon to say?"""
    compatriots = [o for o in evidence.others if evidence.country and o.country == evidence.country]
    return any(
        heard.n >= OTHERS and heard.to_come >= HINTS and heard.share >= LEANS
        for heard in (hear(evidence.others), hear(compatriots))
    )


def is_over(same_topic: Sequence[Other]) -> bool:
    """Did all channels that had a topic drop it?"""
    heard = hear(same_topic)
    return heard.quiet >= OTHERS and heard.missing >= TELLING and heard.share >= EVERYONE


def is_country(country: str | None, others: Sequence[Other], *, reported: bool = False) -> bool:
    """Is the whole country quiet, while channels elsewhere go on, or while others report an outage there?"""
    if country is None:
        return False
    inside, outside = _by_country(country, others)
    if not inside.tells or inside.quiet < OTHERS or inside.share < CUT:
        return False
    if not reported and not _beyond_a_group([o for o in others if o.country == country]):
        return False
    return outside.share <= ELSEWHERE if outside.tells else reported


def country_cut(country: str, them: Sequence[Other], watched: str, *reported: str) -> Verdict:
    """The verdict on a country that is cut off, with `them` all counted that could be seen."""
    inside, outside = _by_country(country, them)
    lines: list[str] = [
        watched,
        Sentence(told.COUNTRY_QUIET, quiet=inside.quiet, n=inside.n, country=Country(country)),
    ]
    if outside.n:
        lines.append(_went_on(outside, told.ELSEWHERE_WENT_ON, ELSEWHERE_ONE))
    lines.append(Sentence(told.LIKE_ITS_INTERNET))
    return Verdict.explained(Cause.COUNTRY_CUT, *lines, *reported)


def say_everyone(others: Sequence[Other]) -> str:
    """Who is quiet with everyone, as a sentence."""
    quiet = [o for o in others if o.quiet]
    return Sentence(
        told.EVERYONE,
        quiet=len(quiet),
        n=len(others),
        expected=round(sum(o.expected for o in quiet)),
        names=names([o.name for o in quiet]),
    )


def everyone_quiet(them: Sequence[Other], since: datetime) -> Verdict:
    """The verdict on a silence of everyone, with `them` all counted that could be seen."""
    quiet = [o for o in them if o.quiet]
    countries = {o.country for o in quiet}
    country = countries.pop() if len(countries) == 1 else None
    return Verdict.explained(
        Cause.EVERYONE_QUIET,
        Sentence(
            told.EVERYONE_AT_ONCE,
            quiet=len(quiet),
            n=len(them),
            since=since,
            expected=round(sum(o.expected for o in quiet)),
            names=names([o.name for o in quiet]),
        ),
        whether_country(country) if country else Sentence(told.NOTHING_IN_COMMON),
    )


def _beyond_a_group(inside: Sequence[Other]) -> bool:
    """Are those of a country quiet that are not of the one group whose order it could be?"""
    for group in {o.group for o in inside if o.quiet and o.group}:
        rest = hear(o for o in inside if o.group != group)
        if rest.quiet < OTHERS or rest.to_come < TELLING / 2 or rest.share < CUT:
            return False
    return True


def whether_country(country: str) -> str:
    """What cannot be told where all that are watched are made in one country."""
    return Sentence(told.ONE_COUNTRY, country=Country(country))


def _own(evidence: Evidence, rule: GroupRule, watched: str) -> Verdict:
    """Nobody else's fault: the group's, or the channel's."""
    heard = hear(evidence.others)
    lines: list[str] = []
    if heard.n:
        lines.append(_went_on(heard, told.OTHERS_WENT_ON, OTHERS_ONE))
    if evidence.country and (
        quiet := [o for o in evidence.others if o.quiet and o.country == evidence.country]
    ):
        as_well = told.COUNTRY_AS_WELL if len(quiet) > 1 else told.COUNTRY_ONE_AS_WELL
        them = names([o.name for o in quiet])
        lines.append(Sentence(as_well, country=Country(evidence.country), names=them))
    lines += evidence.reported
    quiet_siblings = [o for o in evidence.siblings if o.quiet]
    telling = [o for o in evidence.siblings if o.quiet or o.expected >= TELLS]
    n, n_seen = len(quiet_siblings) + 1, len(telling) + 1
    if n >= rule.least and n >= rule.share * n_seen:
        return Verdict.confirmed(
            Cause.NETWORK_QUIET,
            watched,
            Sentence(told.GROUP_QUIET, quiet=n, n=n_seen, names=names([o.name for o in quiet_siblings])),
            *(lines or [Sentence(told.NO_OTHERS)]),
        )
    if evidence.siblings:
        lines.insert(0, _went_on(hear(evidence.siblings), told.GROUP_WENT_ON, GROUP_ONE))
    return Verdict.confirmed(Cause.UNEXPLAINED, watched, Sentence(told.THERE, name=evidence.name), *lines)


def _with_itself(finding: Finding, evidence: Evidence) -> list[Other]:
    """All that could be seen, the silent one among them."""
    itself = Other(
        channel_id=finding.series.channel_id,
        name=evidence.name,
        quiet=True,
        expected=finding.expected,
        country=evidence.country,
    )
    return [itself, *evidence.siblings, *evidence.others]


def _went_on(heard: Heard, some: str, only: tuple[str, str]) -> str:
    """How many of them went on; `only` are the words where there is but one, that did and that did not."""
    if heard.n > 1:
        return Sentence(some, on=heard.n - heard.quiet, n=heard.n)
    return Sentence(only[heard.quiet])


def _by_country(country: str, others: Sequence[Other]) -> tuple[Heard, Heard]:
    inside = hear(o for o in others if o.country == country)
    return inside, hear(o for o in others if o.country != country)


def names(them: Sequence[str], most: int = 5) -> tuple[str, ...] | Sentence:
    """The first few by name."""
    if len(them) <= most:
        return tuple(them)
    return Sentence(told.NAMES_AND_MORE, names=tuple(them[:most]), n=len(them) - most)
