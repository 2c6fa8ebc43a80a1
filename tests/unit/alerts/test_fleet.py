"""What long-known channels have in common serves one that was found only lately."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from alerts.config import SilenceRule
from alerts.fleet import LEAST
from alerts.panel import Panel
from alerts.ripeness import Ripe, ripe
from domain.episode import Episode
from domain.finding import Kind
from domain.watch import Seen
from tests.support.rhythms import HOUR, MONDAY, Story, lived, opened

DAY = timedelta(days=1)
KNOWN = timedelta(weeks=4)
FOUND = MONDAY + KNOWN
NEW = 9


def with_others(
    n: int, days: float, *, rate: float = 60, quiet: timedelta = DAY
) -> tuple[Panel, list[Episode]]:
    """A channel that is found after four weeks of `n` others, and falls silent `days` days and 13 h later."""
    others = [Story(i, seed=4).posts(KNOWN + days * DAY + 13 * HOUR + quiet, 60) for i in range(1, n + 1)]
    new = Story(NEW, seed=4, start=FOUND).posts(days * DAY + 13 * HOUR, 60).quiet(quiet)
    stories = [*others, new]
    panel, steps = lived(stories, new.end, decide_from=FOUND + DAY)
    told = opened(steps)
    return panel, [e for e in told if e.subject.channel_id == NEW]


def test_a_channel_of_four_days_is_judged_where_others_are_known_and_not_alone() -> None:
    _, alone = with_others(0, 3.2, quiet=2 * DAY)
    _, beside = with_others(LEAST + 1, 3.2, quiet=2 * DAY)
    assert [e.kind for e in beside] == [Kind.SILENCE]
    assert alone == []


def test_of_nothing_that_is_younger_than_three_days_is_anything_said() -> None:
    _, beside = with_others(LEAST + 1, 2.0, quiet=DAY * 0.9)
    assert beside == []


def test_its_night_is_expected_before_it_was_seen_often() -> None:
    """The others are quiet by night: so is, one reckons, the new one."""
    panel, _ = with_others(LEAST + 1, 4.0, quiet=timedelta(0))
    lone, _ = with_others(0, 4.0, quiet=timedelta(0))
    true = np.exp(1.2 * np.cos(2 * np.pi * (np.arange(24) - 14) / 24))
    wrong = []
    for each in (panel, lone):
        track = each.track(NEW)
        assert track is not None
        start = track.rhythm.forecast.start
        day = np.array(
            [
                track.rhythm.forecast.reach(start + h + 1) - track.rhythm.forecast.reach(start + h)
                for h in range(24)
            ]
        )
        wrong.append(float(np.abs(np.log(day / day.mean() / (true / true.mean()))).mean()))
    assert wrong[0] < wrong[1]


def test_a_ripe_channel_is_judged_as_if_it_were_alone() -> None:
    story = Story(NEW, seed=4).posts(KNOWN, 60)
    rhythms = []
    for others in (0, LEAST + 1):
        stories = [story, *(Story(i, seed=i).posts(KNOWN, 20 * i) for i in range(1, others + 1))]
        panel, _ = lived(stories, story.end)
        track = panel.track(NEW)
        assert track is not None
        assert track.rhythm.ripe == 1
        assert track.rhythm.prior is None
        rhythms.append((track.rhythm.most, track.rhythm.level, track.rhythm.overdue_at))
    # What it learned of its level while it was young may differ by a trifle.
    assert rhythms[0] == pytest.approx(rhythms[1], rel=0.02)


@pytest.mark.parametrize(
    ("days", "posts", "words", "by"),
    [
        (20.0, 400, "ripe", "own"),
        (9.0, 400, "64%: 9 of 14 days", "fleet"),
        (20.0, 12, "40%: 12 of 30 posts", "fleet"),
        (2.0, 400, "14%: 2 of 14 days", "nothing"),
        (0.0, 0, "0%: 0 of 14 days", "nothing"),
    ],
)
def test_ripeness_in_words_and_number(days: float, posts: int, words: str, by: str) -> None:
    found = Ripe(days=days, posts=posts, of_days=14, of_posts=30, others=5)
    assert (found.words, found.judged_by) == (words, by)
    alone = Ripe(days=9, posts=400, of_days=14, of_posts=30, others=2)
    assert alone.judged_by == "own, asked for more"


def test_days_are_those_that_were_watched() -> None:
    now = datetime(2031, 3, 31, tzinfo=UTC)
    seen = Seen(((now - 70 * DAY, now - 53 * DAY), (now - 6 * DAY, now)))
    assert ripe(seen, 100, now, SilenceRule()).days == pytest.approx(9.0)
