"""The panel heeds what people say of its episodes."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.config import AlertsConfig
from alerts.lessons import heard
from alerts.panel import Panel
from alerts.strand import TOPIC, Strand
from domain.episode import Episode, Move, State, Transition
from domain.finding import Kind
from domain.opinion import Opinion, Says
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, lasting, opened, run, turns
from tests.support.rhythms import told as told_steps

DAY = timedelta(days=1)
TALK = {"attacks": 0.4}


def twice_silent(topic: bool = False) -> Story:
    """Eight weeks, a silence of a day and a half, a week and a half, another such silence."""
    silence = 36 * HOUR
    story = Story(seed=5)
    for _ in range(2):
        story.posts(WEEKS if not story.readings else 10 * DAY + 11 * HOUR, 24, topics=TALK)
        if topic:
            story.posts(4 * silence, 24)
        else:
            story.quiet(silence)
    return story.posts(DAY, 24, topics=TALK)


def told(story: Story, judged: list[tuple[Episode, Says]]) -> list[Episode]:
    panel = Panel([channel()], AlertsConfig(), decide_from=MONDAY + WEEKS)
    panel.heed(judged)
    return opened(run([story], story.end, panel=panel))


def first_of(story: Story, *, topic: bool = False) -> Episode:
    """The first silence as it stood when it was over."""
    steps = run([story], story.end, decide_from=MONDAY + WEEKS)
    closed = [t.episode for t in steps if t.episode.state is State.CLOSED and t.episode.opened_at]
    return next(e for e in closed if bool(e.subject.topic) == topic)


def test_after_a_false_alarm_the_same_silence_takes_longer_to_be_told_and_after_a_real_one_it_does_not() -> (
    None
):
    story = twice_silent()
    first = first_of(story)
    waits = {}
    for says in Says:
        second = next(e for e in told(story, [(first, says)]) if e.since_at > first.since_at + DAY)
        assert second.opened_at is not None
        waits[says] = second.opened_at - second.since_at
    assert waits[Says.WRONG] > waits[Says.UNKNOWN] >= waits[Says.CONFIRMED]


def test_so_it_is_with_the_end_of_a_topic() -> None:
    story = twice_silent(topic=True)
    first = first_of(story, topic=True)
    tails = {}
    for says in (Says.WRONG, Says.CONFIRMED):
        panel = Panel([channel()], AlertsConfig(), decide_from=MONDAY + WEEKS)
        panel.heed([(first, says)])
        run([story], first.found_at + 10 * DAY, panel=panel)
        track = panel.track(1)
        assert track is not None
        tails[says] = track.shares[Strand(TOPIC, "attacks")].most
    assert tails[Says.WRONG] > tails[Says.CONFIRMED]


def test_what_was_confirmed_leaves_the_rhythm_as_if_nobody_had_watched() -> None:
    """A busy fortnight, too even for any detector."""
    story = Story(seed=6).posts(WEEKS / 2, 48).posts(14 * DAY, 75).posts(WEEKS / 4, 48)
    surge = replace(
        first_of(twice_silent()),
        since_at=MONDAY + WEEKS / 2,
        closed_at=MONDAY + WEEKS / 2 + 14 * DAY,
    )
    rates = []
    for judged in ([], [(surge, Says.CONFIRMED)]):
        panel = Panel([channel()], AlertsConfig())
        panel.heed(judged)
        run([story], story.end, panel=panel)
        track = panel.track(1)
        assert track is not None
        rates.append(track.rhythm.per_month / 30)
    assert abs(rates[1] - 48) < abs(rates[0] - 48)
    assert abs(rates[1] - 48) < 5


def test_only_the_channels_of_which_something_new_is_said_are_to_be_learned_anew() -> None:
    first = first_of(twice_silent())
    panel = Panel([channel(1), channel(2)], AlertsConfig())
    assert panel.heed([]) == frozenset()
    assert panel.heed([(first, Says.WRONG)]) == {1}
    assert panel.heed([(first, Says.WRONG)]) == frozenset()
    assert panel.heed([(first, Says.CONFIRMED)]) == {1}
    assert panel.heed([]) == {1}


def test_a_drop_that_people_call_normal_is_over_at_once_and_is_no_drop_from_then_on() -> None:
    begins = MONDAY + WEEKS / 2 + 10 * HOUR
    story = Story(seed=2).posts(WEEKS / 2 + 10 * HOUR, 120).posts(6 * DAY, 30)

    def heeding(says: Says | None) -> list[Transition]:
        panel = Panel([channel()], AlertsConfig(), decide_from=begins)
        asked = begins + 2 * DAY
        early = [r for r in story.readings if r.posted_at <= asked]
        steps = run([replace(story, readings=early)], asked, panel=panel)
        [drop] = [e for e in opened(steps) if e.kind is Kind.DROP]
        if says is not None:
            opinion = Opinion(episode_id=1, at=asked, says=says)
            panel.heed(heard([(drop, opinion)]))
        panel.watched(1, MONDAY, story.end)
        for reading in story.readings:
            if reading.posted_at > asked:
                panel.post(reading)
        return [s for s in turns(panel.advance(story.end)) if s.episode.kind is Kind.DROP]

    assert heeding(None) == heeding(Says.WRONG) == []
    [end] = heeding(Says.NORMAL)
    assert end.move is Move.CLOSED
    assert "from now on" in end.episode.ended
    assert end.at - (begins + 2 * DAY) < 6 * HOUR


def test_a_silence_that_people_call_normal_is_over_and_not_told_again_even_after_a_restart() -> None:
    story = Story(seed=2).posts(WEEKS / 2 + 10 * HOUR, 60).quiet(3 * DAY)
    begins = MONDAY + WEEKS / 2 + 10 * HOUR
    panel = Panel([channel()], AlertsConfig(), decide_from=begins)
    asked = begins + DAY
    [silence] = opened(run([story], asked, panel=panel))
    said = heard([(silence, Opinion(episode_id=1, at=asked, says=Says.NORMAL))])
    changed = panel.heed(said)
    assert changed == {1}
    panel.relearn(1, story.readings)
    panel.watched(1, MONDAY, story.end)
    [end] = told_steps(panel.advance(story.end))
    assert (end.move, end.at) == (Move.CLOSED, asked)

    again = Panel([channel()], AlertsConfig(), decide_from=begins)
    again.heed(said)
    again.watched(1, MONDAY, asked)
    for reading in story.readings:
        again.learn(reading)
    again.restore([], ended=[end.episode])
    again.watched(1, MONDAY, story.end)
    assert told_steps(again.advance(story.end)) == []


@settings(max_examples=6, deadline=None)
@given(st.sampled_from([Says.WRONG, Says.CONFIRMED]), st.integers(1, 30))
def test_learning_anew_comes_to_the_same_as_having_known_it_from_the_start(says: Says, seed: int) -> None:
    story = twice_silent()
    story.seed = seed
    first = first_of(story)
    knew = Panel([channel()], AlertsConfig(), decide_from=story.end)
    knew.heed([(first, says)])
    run([story], story.end, panel=knew)
    told_later = Panel([channel()], AlertsConfig(), decide_from=story.end)
    run([story], story.end, panel=told_later)
    told_later.heed([(first, says)])
    told_later.relearn(1, story.readings)
    after = story.end + 2 * DAY
    steps = []
    for panel in (knew, told_later):
        panel.watched(1, story.start, after)
        steps.append(lasting(panel.advance(after)))
    assert steps[0] == steps[1]
