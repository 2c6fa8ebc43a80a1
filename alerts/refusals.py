"""Settings that would do nobody any good: those that never fire, and those that fire every day."""

from dataclasses import dataclass
from enum import StrEnum

from alerts.calibrate import Calibration
from alerts.config import SilenceRule
from alerts.reach import TOO_LATE
from domain.finding import Kind
from domain.instant import say_span

#: With more alarms a month than this, one comes nearly every day, and nobody looks any more.
DAILY = 20.0
#: Fewer alarms than these are no rate.
LEAST_ALARMS = 4
#: Budgets that are tried when a setting is refused.
LADDER = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


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
            what=(
                f"nothing can fire yet: {ripe.posts:,} posts in {say_span(ripe.watched)} watched; "
                f"a channel is fully judged with {rule.ripe_posts} posts in {say_span(rule.ripe_after)}, "
                "and not at all before a quarter of both"
            ),
            more=None,
        )
    if ripe.habit is False:
        return Refusal(
            why=Why.NO_HABIT,
            what=(
                f"it can never fire: it is no habit of the channel. {ripe.posts} posts on {ripe.days} days "
                f"in eight weeks, first seen {say_span(ripe.known)} ago; a habit is {rule.habit_posts} posts "
                f"on {rule.habit_days} days, over {say_span(rule.habit_for)}"
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
            what=f"it fires almost daily: {n} alarms in {say_span(found.judged)}, {rate:.0f} a month",
            more=False,
        )
    budget = found.budgets.get(Kind.SILENCE, 0.0)
    if budget >= DAILY:
        return Refusal(
            why=Why.DAILY,
            what=f"it would fire almost daily: {budget:g} false alarms a month are accepted of silence alone",
            more=False,
        )
    return None


def _never(found: Calibration) -> Refusal | None:
    if found.soonest is None:
        return Refusal(
            why=Why.NEVER,
            what=f"it can never fire: whenever a silence began, it would have to last over "
            f"{say_span(TOO_LATE)} to be told",
            more=True,
        )
    return None
