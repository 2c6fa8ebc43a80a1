"""What was told, held against what is known to have been."""

from datetime import timedelta

import pytest

from alerts.evaluate import Label, Score, evaluate
from alerts.strand import TOPIC, Strand
from domain.episode import Subject
from domain.finding import Cause, Kind, Verdict
from tests.support.alerting import HOUR, NOON, an_episode

ATTACKS = Strand(TOPIC, "attacks")


def label(kind: Kind = Kind.SILENCE, strand: Strand | None = None, channel: int = 1001) -> Label:
    return Label(kind=kind, channel_id=channel, strand=strand, start=NOON - 5 * HOUR, end=NOON + 5 * HOUR)


def only(scores: list[Score]) -> Score:
    [score] = scores
    return score


def test_a_labelled_episode_is_found_by_the_first_that_tells_of_it() -> None:
    score = only(evaluate([label()], [an_episode(opened_at=NOON + HOUR), an_episode()]))
    assert (score.found, score.missed, score.delay, score.false) == (1, 0, 5 * HOUR, [])


@pytest.mark.parametrize(
    "episode",
    [
        an_episode(opened_at=NOON + 6 * HOUR, since_at=NOON),
        an_episode(subject=Subject(channel_id=1001, topic="attacks")),
        an_episode(subject=Subject(channel_id=1002)),
        an_episode(kind=Kind.SURGE),
        an_episode(opened_at=None),
    ],
)
def test_what_comes_too_late_or_is_of_another_does_not_find_it(episode: object) -> None:
    scores = evaluate([label()], [episode])  # type: ignore[list-item]  # episodes
    assert next(s for s in scores if s.about == "channel" and s.kind is Kind.SILENCE).missed == 1


def test_a_silence_told_as_a_drop_and_a_group_that_tells_of_its_members_are_found() -> None:
    assert only(evaluate([label(Kind.DROP)], [an_episode()])).found == 1
    group = an_episode(subject=Subject(group="hawks"), members=(1000, 1001))
    assert only(evaluate([label()], [group])).found == 1


def test_what_was_explained_is_missed_and_said_so() -> None:
    quiet = an_episode(verdict=Verdict.explained(Cause.EVERYONE_QUIET))
    [outcome] = only(evaluate([label()], [quiet])).outcomes
    assert (outcome.episode, outcome.explained) == (None, quiet)


def test_an_alarm_that_no_label_of_its_channel_touches_is_false() -> None:
    early = an_episode(since_at=NOON - 100 * HOUR, opened_at=NOON - 90 * HOUR, closed_at=NOON - 80 * HOUR)
    other = an_episode(subject=Subject(channel_id=2))
    explained = an_episode(subject=Subject(channel_id=3), verdict=Verdict.blind(Cause.LINK_DOWN))
    score = only(evaluate([label()], [an_episode(), early, other, explained]))
    assert score.false == [early, other]


def test_topics_are_scored_apart_from_their_channel() -> None:
    topic = an_episode(subject=Subject(channel_id=1001, topic="attacks"))
    scores = evaluate([label(), label(strand=ATTACKS)], [topic])
    assert [(s.about, s.found) for s in scores] == [("channel", 0), ("topic", 1)]


def test_a_label_that_ends_before_it_begins_is_no_label() -> None:
    with pytest.raises(ValueError, match="ends after it begins"):
        Label(kind=Kind.DROP, channel_id=1, start=NOON, end=NOON - timedelta(1))
