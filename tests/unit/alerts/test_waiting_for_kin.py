"""What is decided of one channel of a group waits until it is known whether the others could be seen."""

from datetime import timedelta

from alerts.config import AlertsConfig
from alerts.hours import hours, instant
from alerts.panel import Panel
from alerts.tracks import FOUND, RUNNING, Track
from domain.finding import Kind
from domain.reading import Reading
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, opened

MINUTE = timedelta(minutes=1)


def two_of_a_group() -> tuple[Panel, Track]:
    """Eight weeks of two channels, everything known of both up to their last posts."""
    stories = [Story(n, seed=5 + n).posts(WEEKS + 12 * HOUR, 40) for n in (1, 2)]
    panel = Panel([channel(n, "net") for n in (1, 2)], AlertsConfig(), decide_from=MONDAY)
    for story in stories:
        panel.watched(story.number, MONDAY, story.end)
    for reading in sorted((r for s in stories for r in s.readings), key=lambda r: r.posted_at):
        panel.learn(reading)
    panel.restore([])
    panel.advance(stories[0].end)
    track = panel.track(1)
    assert track is not None
    return panel, track


def test_a_pause_that_ended_while_it_waited_is_no_silence() -> None:
    panel, track = two_of_a_group()
    due = instant(max(track.rhythm.overdue_at, track.due))
    # Of the other nothing is known from just before the deadline on; this one posts just after it.
    panel.watched(2, MONDAY, due - 2 * MINUTE)
    panel.watched(1, MONDAY, due + MINUTE)
    panel.advance(due + MINUTE)
    assert track.phase < FOUND
    after = due + 3 * MINUTE
    panel.watched(1, MONDAY, after)
    panel.post(Reading(channel_id=1, post_id=99_999, posted_at=after, reader_version=1))
    panel.advance(after)
    for number in (1, 2):
        panel.watched(number, MONDAY, after + MINUTE)
    panel.advance(after + MINUTE)
    assert (track.phase, track.rhythm.last) == (RUNNING, hours(after))


def test_word_is_awaited_of_those_who_hold_it_up_and_of_nobody_else() -> None:
    panel, track = two_of_a_group()
    due = instant(max(track.rhythm.overdue_at, track.due))
    assert panel.awaited == {}
    panel.watched(2, MONDAY, due - 2 * MINUTE)
    panel.watched(1, MONDAY, due + MINUTE)
    panel.advance(due + MINUTE)
    assert set(panel.awaited) == {2}
    assert due - 2 * MINUTE < panel.awaited[2] <= due
    panel.watched(2, MONDAY, due)
    assert panel.awaited == {}


def test_word_is_awaited_of_the_channel_itself_until_it_comes() -> None:
    panel, track = two_of_a_group()
    due = instant(max(track.rhythm.overdue_at, track.due))
    for number in (1, 2):
        panel.watched(number, MONDAY, due - 2 * MINUTE)
    panel.advance(due + MINUTE)
    assert track.phase < FOUND
    assert panel.awaited[1] == due
    panel.watched(1, MONDAY, due - MINUTE)
    assert panel.awaited[1] == due
    panel.watched(1, MONDAY, due)
    assert 1 not in panel.awaited


def test_one_that_is_lost_for_good_holds_nobody_up_for_long() -> None:
    panel, track = two_of_a_group()
    due = instant(max(track.rhythm.overdue_at, track.due))
    panel.watched(2, MONDAY, due - 2 * MINUTE)
    steps = []
    for n in range(1, 13):
        now = due + n * 10 * MINUTE
        panel.watched(1, MONDAY, now)
        steps += panel.advance(now)
    [silence] = [e for e in opened(steps) if e.kind is Kind.SILENCE and e.subject.channel_id == 1]
    assert silence.opened_at is not None
    assert silence.opened_at - due <= AlertsConfig().silence.hold + AlertsConfig().blind.after
