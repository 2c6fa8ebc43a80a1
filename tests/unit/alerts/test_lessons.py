"""What people say of episodes: what happened is no part of the rhythm, a false alarm is."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from alerts.hours import hours
from alerts.lessons import heard, schooling
from alerts.strand import TOPIC, Strand
from domain.episode import Episode, State, Subject
from domain.finding import Kind
from domain.opinion import Fault, Opinion, Says
from tests.support.alerting import an_episode
from tests.support.rhythms import HOUR, MONDAY

DAY = timedelta(days=1)


def over(**changes: object) -> Episode:
    episode = an_episode(
        state=State.CLOSED, since_at=MONDAY, found_at=MONDAY + 5 * HOUR, opened_at=MONDAY + 5 * HOUR,
        closed_at=MONDAY + DAY, subject=Subject(channel_id=1),
    )  # fmt: skip
    return replace(episode, **changes)  # type: ignore[arg-type]  # fields of Episode


def test_what_happened_is_left_out_from_its_last_post_to_its_end() -> None:
    lessons = schooling([(over(), Says.CONFIRMED)])[1].series(None)
    start = hours(MONDAY)
    assert lessons.leaves_out(start, start + 20)
    assert lessons.leaves_out(start + 20, start + 24)
    assert not lessons.leaves_out(start - 1, start)
    assert not lessons.leaves_out(start - 1, start + 30)
    assert not lessons.is_habit(start, start + 20)
    watched = np.ones(48)
    lessons.mask(watched, int(start) - 12)
    assert watched[:12].all()
    assert not watched[12:36].any()
    assert watched[36:].all()


def test_a_false_alarm_is_habit_and_nobody_knows_is_nothing() -> None:
    start = hours(MONDAY)
    wrong = schooling([(over(), Says.WRONG)])[1].series(None)
    assert wrong.is_habit(start, start + 30)
    assert not wrong.is_habit(start + 24, start + 30)
    assert not wrong.leaves_out(start, start + 20)
    assert schooling([(over(), Says.UNKNOWN)]) == {}


def test_of_what_lasts_and_of_our_own_blindness_nothing_is_learned() -> None:
    assert schooling([(over(state=State.OPEN, closed_at=None), Says.CONFIRMED)]) == {}
    assert schooling([(over(kind=Kind.BLIND), Says.CONFIRMED)]) == {}


def test_each_series_has_its_own_and_a_group_speaks_of_each_member() -> None:
    topic = over(subject=Subject(channel_id=1, topic="attacks"))
    group = over(subject=Subject(group="hawks"), members=(1, 2))
    found = schooling([(topic, Says.CONFIRMED), (group, Says.WRONG)])
    assert found[1].series(Strand(TOPIC, "attacks")).left_out
    assert not found[1].series(None).left_out
    assert found[1].series(None).habit == found[2].series(None).habit != ()


def test_an_alarm_that_was_wrong_for_a_cause_of_its_own_shows_no_habit() -> None:
    """Blindness, an announcement or a feast is left out of the rhythm; what is not interesting is a habit."""
    told = over()
    for fault, says in (
        (Fault.BLIND, Says.CONFIRMED),
        (Fault.ANNOUNCED, Says.CONFIRMED),
        (Fault.HOLIDAY, Says.CONFIRMED),
        (Fault.NOT_INTERESTING, Says.WRONG),
        (None, Says.WRONG),
    ):
        opinion = Opinion(episode_id=told.id, at=MONDAY, says=Says.WRONG, fault=fault)
        assert heard([(told, opinion)]) == [(told, says)]
