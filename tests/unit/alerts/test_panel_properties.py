"""What must hold of the panel whatever is posted and whatever is seen."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from alerts.config import AlertsConfig
from alerts.cover import Cover
from alerts.hours import hours
from alerts.panel import Panel
from alerts.rhythm import Rhythm
from alerts.strand import Strand, strand_of
from alerts.tracks import Former
from domain.episode import TOLD, Move, Subject, Transition
from domain.finding import Kind
from domain.reading import Reading
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, lasting

DAY = timedelta(days=1)
RULES = AlertsConfig()
GROUPS = {1: "net", 2: "net", 3: "net", 4: None}
END = MONDAY + WEEKS + 8 * DAY
few = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to find a smaller example takes many minutes
)


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


@cache
def before() -> tuple[Panel, list[Transition]]:
    """The weeks in which nothing happens, lived once."""
    made = panel()
    for number in GROUPS:
        made.watched(number, MONDAY, MONDAY + WEEKS)
    for reading in world():
        if reading.posted_at <= MONDAY + WEEKS:
            made.post(reading)
    return made, made.advance(MONDAY + WEEKS)


def play(instants: list[datetime], readings: tuple[Reading, ...] | None = None) -> list[Transition]:
    """Feed as it would have come, at these instants after those weeks; each sees all up to itself."""
    known, steps = before()
    made, out, n = known.branch(), [*steps], 0
    posts = [r for r in (world() if readings is None else readings) if r.posted_at > MONDAY + WEEKS]
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


def decided(steps: Iterable[Any]) -> list[tuple[Move, datetime, Kind, Subject]]:
    return [(move, at, episode.kind, episode.subject) for move, at, episode in steps]


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


def test_how_late_it_is_said_what_was_watched_does_not_matter() -> None:
    """As a collector tells it: by looks at one channel after the other, and by each post until it came."""
    step, start = timedelta(minutes=5), MONDAY + WEEKS
    made, out = panel(), []
    for number in GROUPS:
        made.watched(number, MONDAY, start)
    posts = deque(world())
    for i in range((END - start) // step + 2):
        now = start + i * step
        for number in GROUPS:
            if i % 3 == number % 3:
                made.watched(number, start, min(now, END))
        while posts and posts[0].posted_at <= now:
            made.watched(posts[0].channel_id, start, max(start, posts[0].posted_at))
            made.post(posts.popleft())
        out += made.advance(min(now, END))
    for number in GROUPS:
        made.watched(number, start, END)
    out += made.advance(END)
    assert made.taught_blind == frozenset()
    # The numbers in what is told may be those of a few posts later; what, of whom and when may not.
    assert decided(lasting(out)) == decided(at_once())


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
    told = [step for step in at_once() if step[1] <= cut]  # type: ignore[index]  # (move, at, episode)
    changed = lasting(play([cut], tuple(kept + other)))
    assert [step for step in changed if step[1] <= cut] == told


@few
@given(st.floats(0, 8 * 24))
def test_a_restart_neither_repeats_nor_loses(after: float) -> None:
    """The panel is rebuilt from posts, what was seen, and open episodes, and goes on unharmed."""
    assert tuple(restarted(MONDAY + WEEKS + timedelta(hours=after))) == at_once()


@few
@given(st.floats(0, 8 * 24), st.floats(0, 24))
def test_a_restart_from_what_was_put_away_neither_repeats_nor_loses(after: float, earlier: float) -> None:
    """What was learned is taken up as it was before the stop, and only the posts since are learned."""
    stop = MONDAY + WEEKS + timedelta(hours=after)
    kept_at = max(MONDAY + WEEKS, stop - timedelta(hours=earlier))
    assert tuple(restarted(stop, kept_at)) == at_once()


def restarted(stop: datetime, kept_at: datetime | None = None) -> list[Any]:
    """What is told when one panel was stopped and another goes on, from what was put away if it was."""
    lived, steps = before()
    first, known = lived.branch(), [*steps]
    learned_until, parts = MONDAY - DAY, tuple[bytes, ...]()
    posts = deque(r for r in world() if r.posted_at > MONDAY + WEEKS)
    for now in (stop,) if kept_at is None else (kept_at, stop):
        for number in GROUPS:
            first.watched(number, MONDAY, now)
        while posts and posts[0].posted_at <= now:
            first.post(posts.popleft())
        known += first.advance(now)
        if now == kept_at:
            learned_until, parts = now, first.put_away()
    stored = {t.episode.id: t.episode for t in known if t.move in TOLD}

    second = panel()
    for number in GROUPS:
        second.watched(number, MONDAY, stop)
    ended = [e for e in stored.values() if e.closed_at is not None]
    second.recall(ended)
    taking = second.taking()
    for part in parts:
        taking.take(part)
    assert taking.taken == (set() if kept_at is None else set(GROUPS))
    for reading in world():
        if learned_until < reading.posted_at <= stop:
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
    return lasting(known + second.advance(END))


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


MONTH = timedelta(weeks=4)
STILL = MONDAY + MONTH + 7 * DAY


@cache
def a_month_and_a_week() -> Story:
    return Story(1, seed=9).posts(MONTH + 7 * DAY, 40)


@cache
def after_a_month() -> Panel:
    made = Panel([channel(1)], RULES, decide_from=MONDAY + MONTH)
    made.watched(1, MONDAY, MONDAY + MONTH)
    for reading in a_month_and_a_week().readings:
        if reading.posted_at <= MONDAY + MONTH:
            made.post(reading)
    made.advance(MONDAY + MONTH)
    return made


def the_week_after(
    spans: list[tuple[datetime, datetime]], *, without: tuple[datetime, datetime] | None = None
) -> list[Transition]:
    """What is told when it was watched in these stretches, or when it did not post in one of them."""
    made = after_a_month().branch()
    for start, stop in spans:
        made.watched(1, start, stop)
    for reading in a_month_and_a_week().readings:
        at = reading.posted_at
        is_there = without is None or not without[0] < at < without[1]
        if at > MONDAY + MONTH and is_there and any(a <= at <= b for a, b in spans):
            made.post(reading)
    return made.advance(STILL)


def silences(steps: list[Transition]) -> list[datetime]:
    return [s.at for s in steps if s.move in (Move.OPENED, Move.REOPENED) and s.episode.kind is Kind.SILENCE]


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 6 * 24), st.floats(1, 24))
def test_a_hole_in_the_watch_raises_no_silence_and_hides_none_of_before(start: float, lasts: float) -> None:
    """Whatever was posted in the hole is not known: what is told before it stays, within it nothing is."""
    a = MONDAY + MONTH + timedelta(hours=start)
    b = min(a + timedelta(hours=lasts), STILL)
    whole = silences(the_week_after([(MONDAY, STILL)], without=(a, b)))
    holed = silences(the_week_after([(MONDAY, a), (b, STILL)]))
    assert [at for at in holed if at <= a] == [at for at in whole if at <= a]
    assert [at for at in holed if a < at < b] == []


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 6 * 24), st.floats(2, 30), st.floats(1, 30))
def test_a_silence_is_told_at_the_same_instant_however_long_it_lasts_on(
    begins: float, lasts: float, more: float
) -> None:
    start = MONDAY + MONTH + timedelta(hours=begins)
    short, longer = (
        silences(the_week_after([(MONDAY, STILL)], without=(start, start + timedelta(hours=h))))
        for h in (lasts, lasts + more)
    )
    until = start + timedelta(hours=lasts)
    assert [at for at in longer if at < until] == [at for at in short if at < until]


@pytest.mark.parametrize("zone", [timezone(timedelta(hours=-11)), ZoneInfo("America/New_York")])
def test_the_machines_zone_and_how_instants_are_written_do_not_matter(zone: tzinfo) -> None:
    """Instants are instants: written in whichever zone, over a change of clocks too, they decide the same."""
    quiet = (MONDAY + MONTH + 2 * DAY, MONDAY + MONTH + 3 * DAY)
    made = Panel([channel(1)], RULES, decide_from=(MONDAY + MONTH).astimezone(zone))
    made.watched(1, MONDAY.astimezone(zone), STILL.astimezone(zone))
    for reading in a_month_and_a_week().readings:
        if not quiet[0] < reading.posted_at < quiet[1]:
            made.post(replace(reading, posted_at=reading.posted_at.astimezone(zone)))
    steps = made.advance(STILL.astimezone(zone))
    assert silences(steps)
    assert lasting(steps) == lasting(the_week_after([(MONDAY, STILL)], without=quiet))


def test_when_its_clocks_change_a_channel_that_keeps_its_hours_raises_nothing() -> None:
    """It posts every half hour from eight to eight by its own clock, which goes on an hour in March."""
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2031, 2, 3, tzinfo=berlin)
    made = Panel([channel(1, zone="Europe/Berlin")], RULES, decide_from=start + MONTH)
    n, last = 0, start
    for day in range(70):
        for half in range(24):
            last = start + timedelta(days=day, hours=8, minutes=30 * half)  # of the wall, as it has a zone
            n += 1
            made.watched(1, start, last)
            made.post(Reading(channel_id=1, post_id=n, posted_at=last.astimezone(UTC), reader_version=1))
    assert datetime(2031, 3, 30, tzinfo=berlin) < last
    assert [s for s in made.advance(last) if s.move is Move.OPENED] == []


def test_a_panel_can_be_put_away_and_taken_up_again() -> None:
    """All that it knows can be written down; what was written goes on as if nothing had happened."""
    import pickle

    half = MONDAY + WEEKS + 2 * DAY
    made = Panel([channel(1), channel(4)], RULES)
    for number in (1, 4):
        made.watched(number, MONDAY, half)
    mine = [r for r in world() if r.channel_id in (1, 4)]
    for reading in mine:
        if reading.posted_at <= half:
            made.post(reading)
    made.advance(half)
    state = [(made.track(n).rhythm, made.track(n).pulse, made.track(n).cover) for n in (1, 4)]  # type: ignore[union-attr]  # both are watched
    for (rhythm, _, _), (again, _, _) in zip(state, pickle.loads(pickle.dumps(state)), strict=True):  # noqa: S301 - our own, just written
        assert again.overdue_at == rhythm.overdue_at
        assert again.expected(hours(END)) == rhythm.expected(hours(END))
        assert again.scan.next == rhythm.scan.next


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


def test_ten_years_with_topics_silences_and_a_channel_that_comes_and_goes_leave_the_panel_small() -> None:
    """What is kept of topics and of episodes that are over does not grow with the years either."""
    import pickle

    rng = np.random.default_rng(3)
    made = Panel([channel(1)], RULES)
    at, n, sizes, closed = MONDAY, 0, [], 0
    for year in range(10):
        end = MONDAY + (year + 1) * timedelta(days=365)
        while at < end:
            away = 8.0 if rng.random() < 0.004 else 0.0  # a silence of days, now and then
            at += timedelta(hours=float(rng.exponential(7.0)), days=away)
            n += 1
            topics = (f"t{(at.year * 12 + at.month) // 4 % 3}",) if rng.random() < 0.4 else ()
            made.watched(1, MONDAY, at)
            made.post(Reading(channel_id=1, post_id=n, posted_at=at, reader_version=1, topics=topics))
        closed += sum(step.move is Move.CLOSED for step in made.advance(at))
        if year in (1, 9):
            track, docket = made.track(1), made._board.docket
            assert track is not None
            kept = (track.rhythm, track.pulse, track.cover, track.shares, docket.live, docket.over)
            sizes.append(len(pickle.dumps(kept)))
    assert closed > 10
    assert sizes[1] < 1.5 * sizes[0]
