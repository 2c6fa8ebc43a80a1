"""The same panel over a record."""

import random
from datetime import timedelta

from alerts.config import AlertsConfig
from alerts.replay import replay
from domain.channel import ChannelStatus
from domain.episode import Move
from domain.finding import Kind
from domain.post import How
from domain.watch import WatchSpan
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, lasting, opened, run, told, turns

DAY = timedelta(days=1)
RULES = AlertsConfig()


def span(start, end, number=1):  # type: ignore[no-untyped-def]  # a shorthand
    return WatchSpan(channel_id=number, account="looks", from_at=start, to_at=end, how=How.POLLED)


def silent_for_a_day() -> Story:
    return Story().posts(WEEKS + 13 * HOUR, 50).quiet(DAY).posts(3 * DAY, 50)


def test_replay_decides_as_the_live_panel_does() -> None:
    story = silent_for_a_day()
    end = story.readings[-1].posted_at
    live = run([story], end, instants=[MONDAY + i * timedelta(minutes=40) for i in range(1, 2150)])
    replayed = replay([channel()], story.readings, RULES, spans=[span(MONDAY, end)])
    assert lasting(replayed) == lasting(live)


def test_the_order_of_the_record_does_not_matter() -> None:
    story = silent_for_a_day()
    mixed = list(story.readings)
    random.Random(1).shuffle(mixed)
    assert lasting(replay([channel()], mixed, RULES)) == lasting(replay([channel()], story.readings, RULES))


def test_nothing_is_said_of_the_time_after_the_last_post() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 50)
    assert told(replay([channel()], story.readings, RULES)) == []


def test_with_a_record_of_looks_a_silence_at_the_end_stays_open() -> None:
    story = Story().posts(WEEKS + 13 * HOUR, 50)
    looks = [span(MONDAY, story.end + DAY)]
    steps = turns(replay([channel()], story.readings, RULES, spans=looks))
    assert [(s.move, s.episode.kind) for s in steps] == [(Move.OPENED, Kind.SILENCE)]


def test_with_a_record_of_looks_blind_time_is_blindness_and_no_silence() -> None:
    story = silent_for_a_day()
    stop = MONDAY + WEEKS + 13 * HOUR
    looks = [span(MONDAY, stop), span(stop + DAY, story.end)]
    steps = told(replay([channel()], story.readings, RULES, spans=looks))
    assert [(s.move, s.episode.kind) for s in steps] == [(Move.OPENED, Kind.BLIND), (Move.CLOSED, Kind.BLIND)]
    assert steps[0].at == stop + RULES.blind.after
    assert steps[0].episode.since_at == stop


def test_without_a_record_of_looks_a_file_that_ends_sooner_is_no_blindness() -> None:
    long, short = Story(1).posts(WEEKS, 50), Story(2).posts(WEEKS / 2, 50)
    assert told(replay([channel(1), channel(2)], long.readings + short.readings, RULES)) == []


def test_a_channel_that_has_gone_since_is_replayed_as_it_was() -> None:
    from dataclasses import replace

    story = silent_for_a_day()
    gone = replace(channel(), status=ChannelStatus.RETIRED)
    assert len(opened(replay([gone], story.readings, RULES))) == 1


def test_an_empty_record_has_no_episodes() -> None:
    assert list(replay([channel()], [], RULES)) == []
