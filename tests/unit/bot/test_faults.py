"""What is wrong with Deadair itself: when it is news, to whom, and when its end is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.faults import Fault, followed, read
from bot.texts.faults import TITLES
from deadair.health.config import HealthConfig
from deadair.health.judge import judge
from deadair.health.vitals import Vitals
from domain.check import Check

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
AFTER = timedelta(minutes=5)
STUCK = Check.wrong("reader", "12 posts are unread", "see its log")
FULL, NEARLY = Check.wrong("room", "full"), Check.warning("room", "nearly full")


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def told(of: str, fault: Fault, *chats: int) -> dict[str, Fault]:
    both = frozenset(chats)
    return {of: replace(fault, chats=fault.chats | both, aware=fault.aware | both)}


def test_a_fault_begins_once_and_what_is_well_or_only_noted_is_none() -> None:
    checks = [STUCK, Check.well("bot", "it is"), Check.note("alerts", "learning")]
    first = followed({}, checks, at(0), AFTER)
    assert first == {"reader": Fault(since=at(0), is_grave=True)}
    assert followed(first, checks, at(3), AFTER) == first
    assert {of: read(fault.document()) for of, fault in first.items()} == first


def test_what_nobody_heard_of_leaves_no_trace() -> None:
    first = followed({}, [STUCK], at(0), AFTER)
    assert followed(first, [], at(1), AFTER) == {}


def test_an_end_is_news_once_it_has_lasted_and_a_relapse_is_the_same_fault() -> None:
    known = told("reader", followed({}, [STUCK], at(0), AFTER)["reader"], 1, 2)
    resting = followed(known, [], at(10), AFTER)
    assert not resting["reader"].is_over
    again = followed(resting, [STUCK], at(12), AFTER)
    assert again == known
    resting = followed(again, [], at(20), AFTER)
    over = followed(resting, [], at(25), AFTER)
    assert over["reader"].is_over
    assert over["reader"].aware == {1, 2}


def test_who_has_not_heard_of_the_end_yet_is_not_told_of_the_next_beginning() -> None:
    over = {
        "reader": Fault(since=at(0), is_grave=True, well_since=at(10), aware=frozenset({2}), is_over=True)
    }
    anew = followed(over, [STUCK], at(30), AFTER)
    assert anew == {"reader": Fault(since=at(30), is_grave=True, chats=frozenset({2}), aware=frozenset({2}))}


def test_a_warning_that_becomes_a_fault_is_told_once_more_and_its_end_to_all_who_heard() -> None:
    known = told("room", followed({}, [NEARLY], at(0), AFTER)["room"], 1, 2)
    grown = followed(known, [FULL], at(60), AFTER)
    assert grown["room"] == Fault(since=at(60), is_grave=True, aware=frozenset({1, 2}))
    assert followed(grown, [NEARLY], at(61), AFTER) == grown
    over = followed(followed(grown, [], at(70), AFTER), [], at(75), AFTER)
    assert (over["room"].is_over, over["room"].aware) == (True, {1, 2})


def test_everything_that_can_be_wrong_has_a_name_that_people_read() -> None:
    """The checks are those of health: this room may not import them."""
    nothing = Vitals(at=NOON, configs={"bot": {"version": "a", "refused": "b"}}, looked_whole_at=NOON)
    parts = ("collector", "reader", "indexer", "alerts", "bot", "jobs")
    found = judge(nothing, HealthConfig(), parts, backup_every=timedelta(days=1))
    assert {check.of for check in found} | {"room"} == set(TITLES)
