"""What silences many at once without their having chosen it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.config import AlertsConfig
from alerts.outages import Outage
from alerts.panel import Panel
from domain.channel import Channel
from domain.episode import Episode, Move, State, Subject, Transition
from domain.finding import Cause, Kind, Ruling
from domain.reading import Reading
from tests.support.rhythms import HOUR, MONDAY, Story, channel, lived, opened, run, told

DAY = timedelta(days=1)
WEEKS = timedelta(weeks=4)
#: Six channels of Iraq, of two groups and of none, and three made elsewhere.
RATES = {1: 70, 2: 45, 3: 35, 4: 30, 5: 20, 6: 8, 7: 60, 8: 40, 9: 30}
COUNTRY = dict.fromkeys((1, 2, 3, 4, 5, 6), "IQ") | dict.fromkeys((7, 8, 9), "LB")
GROUP = {1: "a", 2: "a", 3: "a", 4: "b"}
STOP = MONDAY + WEEKS + 12 * HOUR


def channels(country: dict[int, str] | None = None) -> list[Channel]:
    known = COUNTRY if country is None else country
    return [
        Channel(id=n, title=f"Channel {n}", handle=f"invented_{n}", group=GROUP.get(n), country=known.get(n))
        for n in RATES
    ]


def stories(*silent: int, lasts: timedelta = 8 * HOUR, leak: float = 0.0, jump: bool = False) -> list[Story]:
    """The silent ones stop at noon, but for a few posts that leak; then all go on for two days."""
    out = []
    for number, rate in RATES.items():
        story = Story(number, seed=4).posts(WEEKS + 12 * HOUR, rate)
        if number in silent:
            story = story.posts(lasts, rate * leak) if leak else story.quiet(lasts)
        else:
            story = story.posts(lasts, rate)
        n = len(story.readings)
        story.posts(2 * DAY, rate)
        if jump and number in silent:
            lost = round(rate * lasts / DAY * 1.5)  # noon is busier than the mean
            story.readings[n:] = [_numbered(r, r.post_id + lost) for r in story.readings[n:]]
        out.append(story)
    return out


def _numbered(reading: Reading, number: int) -> Reading:
    return replace(reading, post_id=number)


def play(
    made: list[Story], *, country: dict[int, str] | None = None, panel: Panel | None = None
) -> list[Transition]:
    if panel is None:
        return told(run(made, STOP + 2 * DAY, channels=channels(country), decide_from=STOP))
    return told(run(made, STOP + 2 * DAY, panel=panel))


def silences(steps: list[Transition]) -> list[Episode]:
    return [e for e in opened(steps) if e.kind is Kind.SILENCE]


def test_a_country_that_is_cut_off_is_told_once_and_soon_and_as_no_order_of_anyone() -> None:
    steps = play(stories(1, 2, 3, 4, 5, 6))
    [cut] = silences(steps)
    assert (cut.subject.country, cut.subject.channel_id, cut.subject.group) == ("IQ", None, None)
    assert (cut.verdict.ruling, cut.verdict.cause) == (Ruling.EXPLAINED, Cause.COUNTRY_CUT)
    assert cut.opened_at is not None
    assert STOP < cut.opened_at < STOP + 3 * HOUR
    assert abs(cut.since_at - STOP) < HOUR
    assert set(cut.members) <= {1, 2, 3, 4, 5, 6}
    said = " ".join(cut.verdict.evidence)
    assert "channels made in IQ are quiet at once" in said
    assert "3 of 3 channels made elsewhere went on" in said


def counted_in(lines: Iterable[str]) -> list[int]:
    """How many channels these sentences call quiet."""
    found = [re.search(r"(\d+) (?:of \d+ )?channels .*quiet at once", line) for line in lines]
    return [int(each[1]) for each in found if each]


@pytest.mark.parametrize("slower", [1, 3])
@pytest.mark.parametrize("silent", [(1, 2, 3, 4, 5, 6), tuple(RATES)])
def test_a_cut_counts_those_whom_it_lists_whichever_way_it_is_found(
    slower: int, silent: tuple[int, ...]
) -> None:
    """Found in all of them together, or first in a group or a channel; those that stop later join it."""
    made = []
    for number, rate in RATES.items():
        story = Story(number, seed=2).posts(WEEKS + 12 * HOUR, rate / slower)
        if number in silent:
            story.posts(number % 3 * HOUR, rate / slower).quiet(16 * HOUR)
        made.append(story.posts(2 * DAY, rate / slower))
    steps = [s for s in play(made) if s.episode.subject.country or s.episode.subject == Subject()]
    assert [s.move for s in steps].count(Move.OPENED) == 1
    for step in steps:
        assert counted_in(step.episode.verdict.evidence) == [len(step.episode.members)]
        assert counted_in([step.episode.reason]) == [len(step.episode.members)]
        assert step.episode.observed <= 1


def test_who_was_no_part_of_a_cut_after_all_is_not_counted_in_it_either() -> None:
    made = stories(1, 2, 3, 4, 5, 6, lasts=2 * DAY)
    panel, steps = lived(made, STOP + 4 * HOUR, channels=channels(), decide_from=STOP)
    [cut] = silences(told(steps))
    panel.post(_numbered(Story(1).at(STOP + HOUR).readings[0], 10**6))
    later = told(panel.advance(STOP + 4 * HOUR + HOUR / 60))
    revised, *again = [step for step in later if step.episode.subject.country]
    assert set(cut.members) - set(revised.episode.members) == {1}
    assert counted_in(cut.verdict.evidence) == [len(cut.members)]
    for step in (revised, *again):
        assert counted_in(step.episode.verdict.evidence) == [len(step.episode.members)]
    assert [step.episode.members for step in again] == [cut.members]  # silent since that post, it joins
    assert again[0].episode.reason == "6 channels of IQ are quiet at once"


def test_posts_that_get_through_do_not_hide_a_cut() -> None:
    [cut] = silences(play(stories(1, 2, 3, 4, 5, 6, leak=0.05)))
    assert cut.subject.country == "IQ"


def test_a_cut_is_over_when_they_post_again_and_none_of_them_is_blamed_for_it_afterwards() -> None:
    steps = play(stories(1, 2, 3, 4, 5, 6))
    [end] = [s for s in steps if s.move is Move.CLOSED and s.episode.subject.country]
    assert STOP + 8 * HOUR < end.at < STOP + 11 * HOUR
    assert "Posts come again as usual" in end.episode.ended
    assert [s.episode.subject for s in steps if s.episode.kind is not Kind.SILENCE] == []


def test_the_slow_ones_are_not_blamed_for_an_outage_when_the_fast_ones_are_back() -> None:
    """Ten hours in which nobody could be heard; one of eight posts a day is quiet for a while more."""
    made = stories(*RATES, lasts=10 * HOUR)
    steps = play(made)
    assert [(e.subject.channel_id, e.verdict.cause) for e in silences(steps)] == [
        (None, Cause.EVERYONE_QUIET)
    ]


def test_who_stays_silent_after_an_outage_is_told_of_from_there_on() -> None:
    made = stories(*RATES)
    first = made[0]
    first.readings[:] = [r for r in first.readings if r.posted_at < STOP]
    steps = play(made)
    everyone, single = silences(steps)
    assert everyone.verdict.cause is Cause.EVERYONE_QUIET
    assert single.subject.channel_id == 1
    assert single.opened_at is not None
    assert single.opened_at > STOP + 9 * HOUR


def test_one_group_of_a_country_is_no_cut_of_it() -> None:
    found = silences(play(stories(1, 2, 3)))
    assert found[-1].subject.group == "a"
    assert {e.subject.country for e in found} == {None}
    assert {e.verdict.ruling for e in found} == {Ruling.CONFIRMED}


def test_when_all_are_of_one_country_it_takes_a_report_to_call_it_a_cut() -> None:
    all_of_it = dict.fromkeys(RATES, "IQ")
    [episode] = silences(play(stories(*RATES), country=all_of_it))
    assert episode.verdict.cause is Cause.EVERYONE_QUIET
    assert "All of them are made in IQ" in " ".join(episode.verdict.evidence)

    panel = Panel(channels(all_of_it), AlertsConfig(), decide_from=STOP)
    panel.reported([Outage(source="IODA", country="IQ", from_at=STOP, to_at=None, what="bgp")])
    [cut] = silences(play(stories(*RATES), panel=panel))
    assert (cut.verdict.cause, cut.subject.country) == (Cause.COUNTRY_CUT, "IQ")
    assert any(line.startswith("IODA reports an outage of IQ since") for line in cut.verdict.evidence)


def test_a_report_that_comes_later_is_told_to_those_who_know_of_the_cut_once() -> None:
    made = stories(1, 2, 3, 4, 5, 6, lasts=2 * DAY)
    panel, steps = lived(made, STOP + 4 * HOUR, channels=channels(), decide_from=STOP)
    steps = told(steps)
    assert [e.subject.country for e in silences(steps)] == ["IQ"]
    report = Outage(source="IODA", country="IQ", from_at=STOP, to_at=None, what="bgp")
    elsewhere = Outage(source="IODA", country="SD", from_at=STOP, to_at=None, what="bgp")
    panel.reported([report, elsewhere])
    [step] = told(panel.advance(STOP + 4 * HOUR))
    assert step.move is Move.GREW
    assert "IODA reports an outage of IQ" in step.episode.verdict.evidence[-1]
    panel.reported([report, elsewhere])
    assert told(panel.advance(STOP + 4 * HOUR)) == []


def test_numbers_that_went_by_meanwhile_show_that_it_was_our_own_gap() -> None:
    steps = play(stories(*RATES, jump=True))
    [end] = [s for s in steps if s.move is Move.CLOSED and str(s.episode.subject) == "deadair"]
    assert (end.episode.verdict.ruling, end.episode.verdict.cause) == (Ruling.BLIND, Cause.NOT_WATCHED)
    assert "post numbers went on" in end.episode.ended

    steps = play(stories(*RATES))
    [end] = [s for s in steps if s.move is Move.CLOSED and str(s.episode.subject) == "deadair"]
    assert end.episode.verdict.ruling is Ruling.EXPLAINED
    assert "nothing was posted meanwhile" in end.episode.ended


def test_posts_of_an_outage_that_are_read_later_revise_it_though_it_is_over() -> None:
    made = stories(*RATES)
    panel, steps = lived(made, STOP + 2 * DAY, channels=channels(), decide_from=STOP)
    steps = told(steps)
    assert steps[-1].episode.state is State.CLOSED
    for number in RATES:
        late = Story(number, seed=4, start=STOP + 3 * HOUR).at(STOP + 3 * HOUR)
        panel.post(_numbered(late.readings[0], 10**6))
    [revised] = told(panel.advance(STOP + 2 * DAY + HOUR / 60))
    assert revised.move is Move.GREW
    assert revised.episode.state is State.CLOSED
    assert revised.episode.verdict.ruling is Ruling.BLIND
    assert "have been read since" in revised.episode.ended


def test_a_silence_that_is_over_is_withdrawn_when_its_posts_are_read_later() -> None:
    story = Story(1, seed=4).posts(WEEKS + 12 * HOUR, 60).quiet(DAY).posts(2 * DAY, 60)
    panel, steps = lived([story], STOP + 3 * DAY, decide_from=STOP)
    steps = [s for s in told(steps) if s.episode.kind is Kind.SILENCE]
    assert [s.move for s in steps] == [Move.OPENED, Move.ESCALATED, Move.CLOSED]
    assert steps[1].episode.verdict.ruling is Ruling.CONFIRMED
    for n, hours in enumerate(range(1, 24)):
        panel.post(_numbered(Story(1).at(STOP + hours * HOUR).readings[0], 10**6 + n))
    panel.watched(1, MONDAY, STOP + 3 * DAY + HOUR)
    [revised] = told(panel.advance(STOP + 3 * DAY + HOUR))
    assert (revised.move, revised.episode.state) == (Move.GREW, State.CLOSED)
    assert revised.episode.verdict.ruling is Ruling.BLIND


def test_a_single_late_post_leaves_a_long_silence_what_it_was() -> None:
    story = Story(1, seed=4).posts(WEEKS + 12 * HOUR, 60).quiet(3 * DAY).posts(2 * DAY, 60)
    panel, _ = lived([story], STOP + 5 * DAY, decide_from=STOP)
    panel.post(_numbered(Story(1).at(STOP + HOUR).readings[0], 10**6))
    panel.watched(1, MONDAY, STOP + 5 * DAY + HOUR)
    assert told(panel.advance(STOP + 5 * DAY + HOUR)) == []


def test_a_silence_whose_first_post_back_has_a_number_far_on_was_our_own_gap() -> None:
    story = Story(1, seed=4).posts(WEEKS + 12 * HOUR, 60).quiet(DAY)
    n = len(story.readings)
    story.posts(DAY, 60)
    story.readings[n:] = [_numbered(r, r.post_id + 58) for r in story.readings[n:]]
    steps = told(run([story], STOP + 2 * DAY, decide_from=STOP))
    assert [s.move for s in steps] == [Move.OPENED, Move.ESCALATED, Move.CLOSED]
    assert steps[-1].at == story.readings[n].posted_at
    assert (steps[-1].episode.verdict.ruling, steps[-1].episode.verdict.cause) == (
        Ruling.BLIND,
        Cause.NOT_WATCHED,
    )
    assert "post numbers went on by about 5" in steps[-1].episode.ended


def after_an_album(lost: int = 0) -> Story:
    """Ten numbers are taken by an album, of which the first part counts; then a silence with so many lost."""
    story = Story(1, seed=1).posts(WEEKS, 20).quiet(16 * HOUR)
    n, last = len(story.readings), story.readings[-1]
    story.posts(2 * DAY, 20)
    parts = [replace(last, post_id=last.post_id + part, counts=False) for part in range(1, 10)]
    story.readings[n:] = [*parts, *(_numbered(r, r.post_id + 9 + lost) for r in story.readings[n:])]
    return story


def test_the_parts_of_an_album_before_a_silence_are_no_posts_that_were_missed_in_it() -> None:
    steps = told(run([after_an_album()], STOP + 2 * DAY, decide_from=MONDAY + WEEKS))
    assert steps[-1].move is Move.CLOSED
    assert steps[-1].episode.verdict.ruling is Ruling.CONFIRMED
    steps = told(run([after_an_album(lost=12)], STOP + 2 * DAY, decide_from=MONDAY + WEEKS))
    assert "post numbers went on by about 1" in steps[-1].episode.ended


@pytest.mark.parametrize("anew", [True, False])
def test_the_parts_of_an_album_are_known_after_a_restart(anew: bool) -> None:
    story, stop = after_an_album(), MONDAY + WEEKS + 15 * HOUR
    past = [r for r in story.readings if r.posted_at <= stop]
    first, steps = lived([story], stop, decide_from=MONDAY + WEEKS)
    again = Panel([channel(1)], AlertsConfig(), decide_from=MONDAY + WEEKS)
    again.watched(1, MONDAY, stop)
    taking = again.taking()
    for part in () if anew else first.put_away():
        taking.take(part)
    for reading in past if anew else ():
        again.learn(reading)
    again.restore([step.episode for step in told(steps) if step.move is Move.OPENED])
    again.watched(1, MONDAY, story.end)
    for reading in story.readings[len(past) :]:
        again.post(reading)
    assert told(again.advance(story.end))[-1].episode.verdict.ruling is Ruling.CONFIRMED


def test_what_takes_a_number_long_after_a_post_does_not_hide_what_was_missed_before_it() -> None:
    """A new title is numbered as posts are, but says nothing of the numbers between."""
    story = after_an_album(lost=30)
    n = next(n for n, r in enumerate(story.readings) if r.posted_at > MONDAY + WEEKS)
    titled = replace(
        story.readings[n],
        post_id=story.readings[n].post_id - 1,
        posted_at=MONDAY + WEEKS + 2 * HOUR,
        counts=False,
    )
    story.readings.insert(n, titled)
    steps = told(run([story], STOP + 2 * DAY, decide_from=MONDAY + WEEKS))
    assert steps[-1].episode.verdict.ruling is Ruling.BLIND
