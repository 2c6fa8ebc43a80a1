"""What must hold of the panel whatever is posted and whatever is seen."""

from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.config import AlertsConfig
from alerts.cover import Cover
from alerts.hours import hours
from alerts.panel import Panel
from alerts.rhythm import Rhythm
from alerts.strand import Strand, strand_of
from alerts.tracks import Former
from domain.episode import Move, Transition
from domain.finding import Kind
from domain.reading import Reading
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, lasting

DAY = timedelta(days=1)
RULES = AlertsConfig()
GROUPS = {1: "net", 2: "net", 3: "net", 4: None}
END = MONDAY + WEEKS + 8 * DAY
few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def world() -> tuple[Reading, ...]:
    """Three channels of a group, one alone. A topic stops, then the group, then the one; all return.

    With the topic the claims end; of one claimant of two they do not return.
    """
    out: list[Reading] = []
    for number, rate in ((1, 40), (2, 25), (3, 18)):
        both, one = {"kh": 0.15, "nujaba": 0.1}, {"nujaba": 0.2}
        story = Story(number, seed=11)
        story.posts(WEEKS + 13 * HOUR, rate, topics={"attacks": 0.3}, claimants=both)
        if number == 1:
            story.posts(2 * DAY, rate)
        else:
            story.posts(2 * DAY, rate, topics={"attacks": 0.3}, claimants=both)
        story.quiet(DAY).posts(5 * DAY, rate, topics={"attacks": 0.3}, claimants=one)
        out += story.readings
    out += Story(4, seed=11).posts(WEEKS + 5 * DAY + 8 * HOUR, 30).quiet(DAY).posts(2 * DAY, 30).readings
    return tuple(sorted(out, key=lambda r: (r.posted_at, r.channel_id, r.post_id)))


def panel() -> Panel:
    return Panel([channel(n, g) for n, g in GROUPS.items()], RULES)


def play(instants: list[datetime], readings: tuple[Reading, ...] | None = None) -> list[Transition]:
    """Feed as it would have come, at these instants; each sees all up to itself."""
    made, out, n = panel(), [], 0
    posts = world() if readings is None else readings
    for now in [*sorted(set(instants)), END]:
        for number in GROUPS:
            made.watched(number, MONDAY, now)
        while n < len(posts) and posts[n].posted_at <= now:
            made.post(posts[n])
            n += 1
        out += made.advance(now)
    return out


@cache
def at_once() -> tuple[object, ...]:
    return tuple(lasting(play([])))


def test_the_world_of_these_tests_has_episodes_of_every_kind() -> None:
    opened = [t.episode for t in play([]) if t.move is Move.OPENED and not t.inhibited_by]
    subjects = [str(e.subject) for e in opened if e.kind is Kind.SILENCE]
    gone = [f"channel={n}:claimant=kh" for n in (1, 2, 3)]
    assert subjects == ["channel=1:topic=attacks", "group=net", "channel=4", *gone]


late_instants = st.lists(
    st.floats(0, 8 * 24).map(lambda h: MONDAY + WEEKS + timedelta(hours=h)), min_size=1, max_size=40
)


@few
@given(late_instants)
def test_how_often_one_looks_does_not_matter(instants: list[datetime]) -> None:
    assert tuple(lasting(play(instants))) == at_once()


def test_looking_every_few_minutes_does_not_matter() -> None:
    start = MONDAY + WEEKS + 14 * HOUR
    assert tuple(lasting(play([start + i * timedelta(minutes=7) for i in range(800)]))) == at_once()


@few
@given(st.floats(0, 8 * 24), st.integers(0, 9))
def test_no_later_post_changes_what_was_decided_before(after: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cut = MONDAY + WEEKS + timedelta(hours=after)
    kept = [r for r in world() if r.posted_at <= cut]
    other = [
        Reading(channel_id=r.channel_id, post_id=r.post_id, posted_at=r.posted_at, reader_version=1)
        for r in world()
        if r.posted_at > cut and rng.random() < 0.5
    ]
    before = [step for step in at_once() if step[1] <= cut]  # type: ignore[index]  # (move, at, episode)
    changed = lasting(play([cut], tuple(kept + other)))
    assert [step for step in changed if step[1] <= cut] == before


@few
@given(st.floats(0, 8 * 24))
def test_a_restart_neither_repeats_nor_loses(after: float) -> None:
    """The panel is rebuilt from posts, what was seen, and open episodes, and goes on unharmed."""
    stop = MONDAY + WEEKS + timedelta(hours=after)
    first = panel()
    known: list[Transition] = []
    for number in GROUPS:
        first.watched(number, MONDAY, stop)
    for reading in world():
        if reading.posted_at <= stop:
            first.post(reading)
    known += first.advance(stop)
    stored = {t.episode.id: t.episode for t in known if t.move in (Move.OPENED, Move.GREW, Move.CLOSED)}

    second = panel()
    for number in GROUPS:
        second.watched(number, MONDAY, stop)
    ended = [e for e in stored.values() if e.closed_at is not None]
    second.recall(ended)
    for reading in world():
        if reading.posted_at <= stop:
            second.learn(reading)
    second.restore(
        [e for e in stored.values() if e.closed_at is None],
        ended=ended,
        former={n: (Former(until=hours(stop), held=held(first, n)),) for n in GROUPS},
    )
    for number in GROUPS:
        second.watched(number, MONDAY, END)
    for reading in world():
        if reading.posted_at > stop:
            second.post(reading)
    assert tuple(lasting(known + second.advance(END))) == at_once()


def held(made: Panel, number: int) -> frozenset[Strand]:
    strands = (strand_of(subject) for subject in made.held if subject.channel_id == number)
    return frozenset(strand for strand in strands if strand is not None)


def rhythm_at(seed: int, rate: float) -> tuple[Rhythm, Cover]:
    rhythm, cover = Rhythm("UTC", RULES), Cover()
    cover.add(hours(MONDAY), hours(END))
    for reading in Story(1, seed=seed).posts(4 * 7 * DAY, rate).readings:
        rhythm.post(hours(reading.posted_at), cover)
    return rhythm, cover


@cache
def some_rhythms() -> tuple[Rhythm, ...]:
    return tuple(rhythm_at(seed, rate)[0] for seed, rate in ((1, 4), (2, 20), (3, 90)))


@settings(deadline=None)
@given(st.sampled_from([0, 1, 2]), st.floats(0, 400), st.floats(0, 48))
def test_a_further_quiet_hour_never_makes_a_silence_less_surprising(
    which: int, quiet: float, more: float
) -> None:
    rhythm = some_rhythms()[which]
    a, b = rhythm.last + quiet, rhythm.last + quiet + more
    assert rhythm.expected(b) >= rhythm.expected(a) - 1e-9
    assert rhythm.tail.survival(rhythm.expected(b)) <= rhythm.tail.survival(rhythm.expected(a)) + 1e-12


@settings(deadline=None)
@given(st.sampled_from([0, 1, 2]), st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_unwatched_time_never_makes_a_silence_more_surprising(
    which: int, seen: float, blind: float, again: float
) -> None:
    rhythm = some_rhythms()[which]
    at = rhythm.last + seen + blind + again
    whole = rhythm.expected(at)
    try:
        rhythm.resume(rhythm.last + seen + blind)
        assert rhythm.expected(at) <= whole + 1e-9
        assert rhythm.overdue_at >= rhythm.last
    finally:
        rhythm.resume(rhythm.last)
    assert rhythm.expected(at) == pytest.approx(whole)


@pytest.mark.parametrize("rate", [3, 30, 300])
def test_the_deadline_is_when_the_pause_becomes_news(rate: int) -> None:
    rhythm, _ = rhythm_at(7, rate)
    assert rhythm.expected(rhythm.overdue_at) >= rhythm.most * (1 - 1e-6)
    if rhythm.overdue_at > rhythm.last + 1.0:
        assert rhythm.expected(rhythm.overdue_at - 0.01) < rhythm.most


def test_ten_years_of_posts_leave_the_state_small() -> None:
    import pickle

    rhythm, cover = Rhythm("Asia/Tehran", RULES), Cover()
    rng = np.random.default_rng(1)
    at, sizes = hours(MONDAY), []
    for year in range(10):
        start = at
        while at < start + 24 * 365:
            at += float(rng.exponential(6.0))
            if rng.random() < 0.01:
                cover.add(at - 0.2, at)
            elif cover.starts:
                cover.add(cover.until, at)
            else:
                cover.add(start, at)
            rhythm.post(at, cover)
        if year in (1, 9):
            state = [getattr(rhythm, n) for n in Rhythm.__slots__ if n not in ("_rules", "_zone", "forecast")]
            sizes.append(len(pickle.dumps((state, cover.starts, cover.ends))))
    assert sizes[1] < 1.5 * sizes[0]
