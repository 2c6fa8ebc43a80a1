"""Theirs or ours? What a finding means, once we know what we could see and what the others did."""

from dataclasses import dataclass
from datetime import datetime

from alerts.config import GroupRule
from domain.channel import ChannelStatus
from domain.finding import Cause, Finding, Verdict
from domain.instant import say_span
from domain.watch import Seen

#: So much of what channels of other groups were to post meanwhile must have stayed away: then it is the
#: platform or our line, whatever our own records say.
EVERYONE = 0.9
#: Fewer posts than this to be expected of them, or fewer of them, prove nothing about everyone.
TELLING, OTHERS = 6.0, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another channel, while the one in question is quiet."""

    channel_id: int
    name: str
    quiet: bool  #: it too is silent
    expected: float = 0.0  #: posts that were to be expected of it meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What bears on a finding besides the series itself."""

    name: str
    status: ChannelStatus
    seen: Seen  #: when the channel could be seen
    siblings: tuple[Other, ...] = ()  #: channels of its group that could be seen
    others: tuple[Other, ...] = ()  #: channels of other groups that could be seen


def judge(finding: Finding, evidence: Evidence, now: datetime, rule: GroupRule | None = None) -> Verdict:
    """Is this silence the channel's, or ours? With sentences that a person can check."""
    rule = rule or GroupRule()
    if holes := evidence.seen.holes(finding.since_at, now):
        start, end = holes[0]
        return Verdict.blind(
            Cause.NOT_WATCHED,
            f"We could not see {evidence.name} from {_at(start)} to {_at(end)}: it may have posted.",
        )
    watched = (
        f"We watched {evidence.name} without a break from {_at(finding.since_at)} to {_at(now)} "
        f"({say_span(now - finding.since_at)})."
    )
    if evidence.status is not ChannelStatus.OPEN:
        return Verdict.explained(
            Cause.CHANNEL_GONE,
            watched,
            f"{evidence.name} can no longer be read: it is {evidence.status.value}.",
        )
    quiet_others = [o for o in evidence.others if o.quiet]
    n_others = len(evidence.others)
    to_come, missing = (sum(o.expected for o in them) for them in (evidence.others, quiet_others))
    if len(quiet_others) >= OTHERS and missing >= TELLING and missing >= EVERYONE * to_come:
        return Verdict.explained(
            Cause.EVERYONE_QUIET,
            watched,
            f"Channels that have nothing to do with it are quiet too, {len(quiet_others)} of {n_others}: "
            f"{missing:.0f} posts were to be expected of {_names(quiet_others)}. "
            "This looks like Telegram or our own line.",
        )
    others = [f"{n_others - len(quiet_others)} of {n_others} other channels went on."] if n_others else []
    quiet_siblings = [o for o in evidence.siblings if o.quiet]
    n, n_seen = len(quiet_siblings) + 1, len(evidence.siblings) + 1
    if n >= rule.least and n >= rule.share * n_seen:
        return Verdict.confirmed(
            Cause.NETWORK_QUIET,
            watched,
            f"{n} of {n_seen} channels of its group are quiet together: {_names(quiet_siblings)} as well.",
            *others,
        )
    if evidence.siblings:
        going_on = len(evidence.siblings) - len(quiet_siblings)
        others.insert(0, f"{going_on} of {len(evidence.siblings)} other channels of its group went on.")
    return Verdict.confirmed(
        Cause.UNEXPLAINED, watched, f"{evidence.name} is there and can be read.", *others
    )


def _at(instant: datetime) -> str:
    return f"{instant:%d %b %H:%M} UTC"


def _names(others: list[Other], most: int = 5) -> str:
    names = ", ".join(o.name for o in others[:most])
    return names if len(others) <= most else f"{names} and {len(others) - most} more"
