"""Posts that are taken up before it is said that their time was watched."""

from datetime import timedelta

import pytest

from alerts.config import AlertsConfig
from alerts.panel import Panel
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel


@pytest.mark.parametrize(("late", "taught_little"), [(timedelta(minutes=30), False), (7 * HOUR, True)])
def test_a_channel_is_learned_anew_only_when_hours_were_said_to_be_watched_too_late(
    late: timedelta, taught_little: bool
) -> None:
    story = Story(seed=5).posts(WEEKS, 24)
    said = story.readings[-1].posted_at - late
    panel = Panel([channel()], AlertsConfig(), decide_from=MONDAY)
    panel.watched(1, MONDAY, said)
    for reading in story.readings:
        panel.post(reading)
    panel.advance(story.end)
    panel.watched(1, MONDAY, story.end)
    assert panel.taught_blind == (frozenset({1}) if taught_little else frozenset())
