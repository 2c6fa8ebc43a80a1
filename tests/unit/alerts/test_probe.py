"""What would be seen is tried out on the channel's own posts, by the panel that judges live."""

from datetime import timedelta

import pytest

from alerts.config import AlertsConfig, DropRule, SurgeRule
from alerts.panel import Panel
from alerts.probe import probe
from alerts.replay import whole
from alerts.strand import TOPIC, Strand
from domain.post import How
from domain.watch import WatchSpan
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel

DAY = timedelta(days=1)
ATTACKS = Strand(TOPIC, "attacks")


def story(per_day: float = 60) -> Story:
    return Story(seed=3).posts(WEEKS + 14 * DAY, per_day, topics={"attacks": 0.4, "rain": 0.3})


def test_the_nearer_to_nothing_the_sooner_it_is_seen() -> None:
    told = story().readings
    tried = {
        t.factor: t for t in probe(Panel([channel()], AlertsConfig()), told, whole(told)) if t.factor < 1
    }
    assert tried[0.1].is_seen
    assert tried[0.1].seen >= tried[0.4].seen
    assert tried[0.1].after is not None
    assert tried[0.1].after < 2 * DAY
    assert {t.within for t in tried.values()} == {7 * DAY}


def test_the_end_of_a_topic_is_seen_while_the_channel_goes_on() -> None:
    told = story().readings
    tried = {t.factor: t for t in probe(Panel([channel()], AlertsConfig()), told, whole(told), ATTACKS)}
    assert tried[0.0].seen == tried[0.0].tried > 0
    assert all(t.factor < 1 for t in tried.values())
    other = {
        t.factor: t for t in probe(Panel([channel()], AlertsConfig()), told, whole(told), Strand(TOPIC, "x"))
    }
    assert other[0.0].seen == 0


def test_what_was_not_watched_is_not_tried_on() -> None:
    told = story().readings
    end = told[-1].posted_at
    spans = [WatchSpan(channel_id=1, account="a", from_at=MONDAY, to_at=end - 20 * DAY, how=How.LIVE)]
    spans += [WatchSpan(channel_id=1, account="a", from_at=end - 3 * DAY, to_at=end, how=How.LIVE)]
    tried = probe(Panel([channel()], AlertsConfig()), told, spans)
    assert {t.tried for t in tried} <= {1}
    assert probe(Panel([channel()], AlertsConfig()), [], []) == ()


def test_the_same_is_tried_each_time() -> None:
    told = story(30).readings
    once, twice = (probe(Panel([channel()], AlertsConfig()), told, whole(told), ATTACKS) for _ in range(2))
    assert once == twice


@pytest.mark.parametrize(("seed", "up"), [(1, 1.6), (2, 2.5)])
def test_with_a_larger_budget_no_less_is_seen_though_the_channel_has_busy_days(seed: int, up: float) -> None:
    """Each trial begins in a busy stretch, which at the larger budgets is a surge by itself."""
    made = Story(seed=seed).posts(WEEKS - 24 * DAY, 60)
    for _ in range(8):
        made.posts(71 * HOUR, 60).posts(12 * HOUR, 60 * up)
    told = made.posts(7 * DAY, 60).readings
    before: dict[float, int] = {}
    for budget in (0.1, 1.0, 8.0, 30.0):
        rules = AlertsConfig(drop=DropRule(budget=budget), surge=SurgeRule(budget=budget))
        tried = {t.factor: t for t in probe(Panel([channel()], rules), told, whole(told))}
        seen = {factor: t.seen for factor, t in tried.items()}
        assert all(seen[factor] >= n for factor, n in before.items())
        assert [seen[f] for f in (1.5, 2.0, 4.0, 8.0)] == sorted(seen[f] for f in (1.5, 2.0, 4.0, 8.0))
        before = seen
    assert before[8.0] == 6
