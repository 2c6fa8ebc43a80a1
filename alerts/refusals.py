"""Settings that would do nobody any good: those that never fire, and those that fire every day."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from alerts.calibrate import Calibration
from alerts.config import SilenceRule
from alerts.reach import TOO_LATE
from domain.sentence import Sentence

#: With more alarms a month than this, one comes nearly every day, and nobody looks any more.
DAILY = 20.0
#: Fewer alarms than these are no rate.
LEAST_ALARMS = 4
#: Budgets that are tried when a setting is refused.
LADDER = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


#: Why, with its numbers: templates, by which translations know them.
NOT_RIPE: Final = (
    "nothing can fire yet: {posts} posts in {watched} watched; a channel is fully judged with {ripe_posts} "
    "posts in {ripe_after}, and not at all before a quarter of both"
)
NO_HABIT: Final = (
    "it can never fire: it is no habit of the channel. {posts} posts on {days} days in eight weeks, "
    "first seen {known} ago; a habit is {habit_posts} posts on {habit_days} days, over {habit_for}"
)
FIRES_DAILY: Final = "it fires almost daily: {n} alarms in {judged}, {rate} a month"
WOULD_FIRE_DAILY: Final = (
    "it would fire almost daily: {budget} false alarms a month are accepted, all kinds together"
)
NEVER_FIRES: Final = (
    "it can never fire: whenever a silence began, it would have to last over {longest} to be told"
)


class Why(StrEnum):
    """In a word."""

    UNRIPE = "unripe"
    NO_HABIT = "no_habit"
    DAILY = "daily"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a setting is not saved."""

    why: Why
    what: str
    more: bool | None  #: whether a larger budget would help, or a smaller one; None: neither


def refusal(found: Calibration, rule: SilenceRule) -> Refusal | None:
    """What is wrong with a setting, with its numbers; None: it can be used."""
    return _not_ripe(found, rule) or _daily(found) or _never(found)


def _not_ripe(found: Calibration, rule: SilenceRule) -> Refusal | None:
    ripe = found.ripeness
    if ripe.part <= 0:
        return Refusal(
            why=Why.UNRIPE,
            what=Sentence(
                NOT_RIPE,
                posts=ripe.posts,
                watched=ripe.watched,
                ripe_posts=rule.ripe_posts,
                ripe_after=rule.ripe_after,
            ),
            more=None,
        )
    if ripe.habit is False:
        return Refusal(
            why=Why.NO_HABIT,
            what=Sentence(
                NO_HABIT,
                posts=ripe.posts,
                days=ripe.days,
                known=ripe.known,
                habit_posts=rule.habit_posts,
                habit_days=rule.habit_days,
                habit_for=rule.habit_for,
            ),
            more=None,
        )
    return None


def _daily(found: Calibration) -> Refusal | None:
    rate = found.per_month
    n = sum(each.counts for each in found.raised)
    if rate is not None and n >= LEAST_ALARMS and rate >= DAILY:
        return Refusal(
            why=Why.DAILY,
            what=Sentence(FIRES_DAILY, n=n, judged=found.judged, rate=round(rate)),
            more=False,
        )
    if found.nominal >= DAILY:
        return Refusal(
            why=Why.DAILY,
            what=Sentence(WOULD_FIRE_DAILY, budget=round(found.nominal)),
            more=False,
        )
    return None


def _never(found: Calibration) -> Refusal | None:
    if found.soonest is None:
        return Refusal(
            why=Why.NEVER,
            what=Sentence(NEVER_FIRES, longest=TOO_LATE),
            more=True,
        )
    return None
