"""What the outside sees of a silence decides whose it is."""

from datetime import datetime, timedelta
from functools import cache

from alerts.config import AlertsConfig
from alerts.panel import Panel
from domain import testimony
from domain.episode import Move, Transition
from domain.finding import Cause, Kind, Ruling
from domain.testimony import Outside
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, told

STOP = MONDAY + WEEKS + 13 * HOUR
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
RATES = {1: 60, 2: 40, 3: 25}


@cache
def _found() -> tuple[Panel, datetime, datetime]:
    story = Story().posts(WEEKS + 13 * HOUR, 50).quiet(timedelta(days=2))
    panel = Panel([channel()], AlertsConfig())
    panel.watched(1, MONDAY, story.end)
    for reading in story.readings:
        panel.post(reading)
    now = STOP
    panel.advance(now)
    while not any(t.move is Move.FOUND and t.episode.kind is Kind.SILENCE for t in panel.advance(now)):
        now += MINUTE
    return panel, story.readings[-1].posted_at, now


def silent() -> tuple[Panel, datetime, datetime]:
    """A panel with a channel whose silence has just been found; since when, and the instant."""
    panel, since, now = _found()
    return panel.branch(), since, now


def answer(since: datetime, at: datetime, says: Outside, **more: object) -> testimony.Testimony:
    return testimony.Testimony(channel_id=1, since_at=since, asked_at=at, answered_at=at, says=says, **more)  # type: ignore[arg-type]


def test_each_silence_is_asked_about_once() -> None:
    panel, since, now = silent()
    assert panel.questions() == [(1, since)]
    assert panel.questions() == []
    panel.advance(now + HOUR)
    assert panel.questions() == []


def test_a_silence_that_the_outside_sees_too_is_told_with_that() -> None:
    panel, since, now = silent()
    panel.heard(answer(since, now, Outside.NO_MORE))
    [opened] = told(panel.advance(now + HOUR))
    assert opened.episode.verdict.ruling is Ruling.CONFIRMED
    assert opened.episode.verdict.evidence[-1].startswith("The public preview, asked at ")
    assert opened.episode.verdict.evidence[-1].endswith("shows no newer post of @invented_1 either.")


def test_posts_that_only_the_outside_sees_make_it_our_blindness_and_nobody_is_told_of_a_silence() -> None:
    panel, since, now = silent()
    panel.heard(answer(since, now, Outside.MORE, posts=(812, 813)))
    steps = [t for t in panel.advance(now + HOUR) if t.episode.kind is Kind.SILENCE]
    assert [t.move for t in steps] == [Move.DISMISSED]
    verdict = steps[0].episode.verdict
    assert (verdict.ruling, verdict.cause) == (Ruling.BLIND, Cause.NOT_WATCHED)
    assert "2 posts" in verdict.evidence[0]
    assert "(812, 813)" in verdict.evidence[0]


def test_an_answer_that_comes_after_it_was_told_takes_it_back() -> None:
    panel, since, now = silent()
    assert [t.move for t in told(panel.advance(now + HOUR))] == [Move.OPENED]
    panel.heard(answer(since, now + 2 * HOUR, Outside.MORE, posts=(812,)))
    [closed] = told(panel.advance(now + 3 * HOUR))
    assert closed.move is Move.CLOSED
    assert closed.episode.verdict.ruling is Ruling.BLIND
    assert closed.episode.ended.startswith("Revised: The public preview showed a post")


def test_an_answer_about_another_silence_weighs_nothing() -> None:
    panel, since, now = silent()
    panel.heard(answer(since - 5 * HOUR, now, Outside.MORE, posts=(800,)))
    [opened] = told(panel.advance(now + HOUR))
    assert opened.episode.verdict.ruling is Ruling.CONFIRMED
    assert not any("preview" in line for line in opened.episode.verdict.evidence)


def test_that_it_could_not_be_asked_is_said_and_changes_nothing() -> None:
    panel, since, now = silent()
    panel.heard(answer(since, now, Outside.UNKNOWN, detail="no answer within 20 s"))
    [opened] = told(panel.advance(now + HOUR))
    assert opened.episode.verdict.ruling is Ruling.CONFIRMED
    assert "could not be asked: no answer within 20 s" in opened.episode.verdict.evidence[-1]


def test_of_channels_that_are_quiet_together_each_is_asked_about_and_one_that_posts_unseen_is_proof() -> None:
    quiet = [Story(n, seed=5).posts(WEEKS + 14 * HOUR, rate).quiet(DAY) for n, rate in RATES.items()]
    known = Panel([channel(n, "net") for n in RATES], AlertsConfig(), decide_from=STOP)
    for story in quiet:
        known.watched(story.number, MONDAY, STOP + DAY)
        for reading in story.readings:
            known.post(reading)
    known.advance(STOP)

    def group(says: Outside, posts: tuple[int, ...] = ()) -> list[Transition]:
        panel = known.branch()
        lasts = {story.number: story.readings[-1].posted_at for story in quiet}
        now, steps, asked = STOP, list[Transition](), list[int]()
        while not told(steps) and now < STOP + DAY:
            now += 5 * MINUTE
            steps += panel.advance(now)
            for number, since in panel.questions():
                asked.append(number)
                assert since == lasts[number]
                panel.heard(
                    testimony.Testimony(
                        channel_id=number,
                        since_at=since,
                        asked_at=now,
                        answered_at=now,
                        says=says,
                        posts=posts,
                    )
                )
        assert len(asked) == len(set(asked)) >= 3
        return steps

    [opened] = [s for s in told(group(Outside.NO_MORE)) if s.move is Move.OPENED]
    assert opened.episode.subject.group == "net"
    assert any("shows no newer post of" in line for line in opened.episode.verdict.evidence)
    assert told(group(Outside.MORE, (900,))) == []
