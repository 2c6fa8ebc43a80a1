"""What would be seen is tried out on the channel's own posts, by the panel that judges live."""

from datetime import timedelta

from alerts.config import AlertsConfig
from alerts.panel import Panel
from alerts.probe import probe
from alerts.replay import whole
from alerts.strand import TOPIC, Strand
from domain.post import How
from domain.watch import WatchSpan
from tests.support.rhythms import MONDAY, WEEKS, Story, channel

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
