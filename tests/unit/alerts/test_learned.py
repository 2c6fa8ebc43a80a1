"""What a panel has learned is put away and taken up by another, which goes on as if it had learned it all."""

import contextlib
import pickle
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from alerts.config import AlertsConfig
from alerts.crowd import Crowd
from alerts.fleet import Fleet
from alerts.hours import hours
from alerts.learned import _CROWD, _TRACK
from alerts.panel import Panel
from alerts.plain import MOST, Unreadable, packed, unpacked
from alerts.pulse import Pulse
from alerts.strand import Strand, strand_of
from alerts.tracks import HIDDEN, Former, Track
from domain.episode import TOLD, Episode, Move, Subject, Transition
from domain.finding import Kind
from domain.reading import Reading
from tests.support.rhythms import HOUR, MONDAY, Story, channel, lasting

DAY = timedelta(days=1)
WEEKS = timedelta(weeks=5)
RULES = AlertsConfig()
COUNTRIES = {1: "IQ", 2: "IQ", 3: "IQ", 4: None, 5: "LB"}
CHANNELS = [
    replace(channel(n, group, zone), country=COUNTRIES[n])
    for n, group, zone in (
        (1, "net", "UTC"),
        (2, "net", "Asia/Baghdad"),
        (3, "net", "UTC"),
        (4, None, "Asia/Tehran"),
        (5, None, "UTC"),
    )
]
END = MONDAY + WEEKS + 8 * DAY
few = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to find a smaller example takes many minutes
)


class World:
    """Posts of all channels, and when each of them could be seen."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        out: list[Reading] = []
        both, one = {"kh": 0.15, "nujaba": 0.1}, {"nujaba": 0.2}
        for number, rate in ((1, 40), (2, 25), (3, 18)):
            story = Story(number, seed=seed)
            story.posts(WEEKS + 13 * HOUR, rate, topics={"attacks": 0.3}, claimants=both)
            if number == 1:  # one topic ends for two days, with the claims; of these one for good
                story.posts(2 * DAY, rate)
            else:
                story.posts(2 * DAY, rate, topics={"attacks": 0.3}, claimants=both)
            story.quiet(DAY).posts(5 * DAY, rate, topics={"attacks": 0.3}, claimants=one)
            out += story.readings
        alone = Story(4, seed=seed).posts(WEEKS + 5 * DAY + 8 * HOUR, 30, topics={"weather": 0.2}).quiet(DAY)
        out += alone.posts(2 * DAY, 30).readings
        # Found only lately: judged by what is common to the others. It posts far less, then far more.
        young = Story(5, seed=seed, start=MONDAY + WEEKS - 12 * DAY)
        young.posts(14 * DAY, 60).posts(DAY, 9).posts(DAY, 60).posts(DAY, 260).posts(3 * DAY, 60)
        out += young.readings
        holes = [sorted(rng.uniform(0, 8 * 24, 2)) for _ in range(2)]
        self.holes = {
            int(rng.integers(1, 6)): (MONDAY + WEEKS + a * HOUR, MONDAY + WEEKS + min(b, a + 9) * HOUR)
            for a, b in holes
        }
        unseen = [r for r in out if (h := self.holes.get(r.channel_id)) and h[0] < r.posted_at < h[1]]
        posts = sorted(
            (r for r in out if r not in unseen), key=lambda r: (r.posted_at, r.channel_id, r.post_id)
        )
        self.posts = tuple(replace(r, seq=n) for n, r in enumerate(posts, 1))

    def see(self, panel: Panel, until: datetime) -> None:
        for each in CHANNELS:
            start, end = self.holes.get(each.id, (until, until))
            panel.watched(each.id, MONDAY, min(start, until))
            if end < until:
                panel.watched(each.id, end, until)

    def between(self, start: datetime, end: datetime) -> Iterable[Reading]:
        return (r for r in self.posts if start < r.posted_at <= end)


@cache
def world(seed: int) -> World:
    return World(seed)


def panel(**options: Any) -> Panel:
    return Panel(CHANNELS, RULES, **options)


@cache
def before(seed: int) -> tuple[Panel, list[Transition]]:
    """The weeks in which nothing happens, lived once."""
    made, told = panel(), world(seed)
    told.see(made, MONDAY + WEEKS)
    for reading in told.between(MONDAY - DAY, MONDAY + WEEKS):
        made.post(reading)
    return made, made.advance(MONDAY + WEEKS)


def undisturbed(seed: int, *instants: datetime) -> list[tuple[Move, datetime, Episode]]:
    """What is told when one and the same panel looks at these instants, after some weeks, and at the end."""
    known, steps = before(seed)
    made, told, since, out = known.branch(), world(seed), MONDAY + WEEKS, [*steps]
    for until in (*instants, END):
        told.see(made, until)
        for reading in told.between(since, until):
            made.post(reading)
        out += made.advance(until)
        since = until
    return lasting(out)


class Stopped:
    """A panel that was stopped at an instant, with what the archive then holds of what it decided."""

    def __init__(self, seed: int, kept_at: datetime, stop: datetime) -> None:
        self.world, self.stop, self.kept_at = world(seed), stop, kept_at
        lived, steps = before(seed)
        made, told = lived.branch(), self.world
        self.known = [*steps]
        self.parts: tuple[bytes, ...] = ()
        for until, since in ((kept_at, MONDAY + WEEKS), (stop, kept_at)):
            told.see(made, until)
            for reading in told.between(since, until):
                made.post(reading)
            self.known += made.advance(until)
            self.parts = self.parts or made.put_away()
        self.stored = {t.episode.id: t.episode for t in self.known if t.move in TOLD}
        self.held = {each.id: held(made, each.id) for each in CHANNELS}

    def begun(self, *, anew: bool) -> Panel:
        """Another one, begun from what was put away, or by learning all."""
        second, told = panel(), self.world
        told.see(second, self.stop)
        ended = [e for e in self.stored.values() if e.closed_at is not None]
        second.recall(ended)
        if not anew:
            taking = second.taking()
            for part in self.parts:
                taking.take(part)
            assert taking.taken == {each.id for each in CHANNELS}
        for reading in told.between(MONDAY - DAY if anew else self.kept_at, self.stop):
            second.learn(reading)
        second.restore(
            [e for e in self.stored.values() if e.closed_at is None],
            ended=ended,
            former={n: (Former(until=hours(self.stop), held=held),) for n, held in self.held.items()},
        )
        return second

    def goes_on(self, second: Panel) -> list[tuple[Move, datetime, Episode]]:
        self.world.see(second, END)
        for reading in self.world.between(self.stop, END):
            second.post(reading)
        return lasting(self.known + second.advance(END))


def held(made: Panel, number: int) -> frozenset[Strand]:
    strands = (strand_of(subject) for subject in made.held if subject.channel_id == number)
    return frozenset(strand for strand in strands if strand is not None)


Told = dict[tuple[Kind, Subject], list[tuple[Move, datetime]]]


def by_subject(steps: Iterable[tuple[Move, datetime, Episode]]) -> Told:
    """What is told of each, and when."""
    out: Told = defaultdict(list)
    for move, at, episode in steps:
        out[episode.kind, episode.subject].append((move, at))
    return out


def test_the_world_of_these_tests_has_episodes_of_every_kind() -> None:
    opened = [e for seed in range(3) for move, _, e in undisturbed(seed) if move is Move.OPENED]
    subjects = {(e.kind, str(e.subject)) for e in opened}
    assert {Kind.SILENCE, Kind.DROP, Kind.SURGE} <= {kind for kind, _ in subjects}
    for subject in ("channel=1:topic=attacks", "group=net", "channel=4", "channel=1:claimant=kh"):
        assert (Kind.SILENCE, subject) in subjects


@few
@given(st.integers(0, 2), st.floats(0, 8 * 24), st.floats(0, 24))
def test_what_goes_on_from_what_was_put_away_decides_as_if_it_had_learned_it_all_or_never_stopped(
    seed: int, kept: float, later: float
) -> None:
    """Put away at some moment, stopped some time after.

    Where one that learned all anew would find something that one which never stopped does not, or the other
    way round, either will do.
    """
    kept_at = MONDAY + WEEKS + timedelta(hours=kept)
    stopped = Stopped(seed, kept_at, min(END, kept_at + timedelta(hours=later)))
    never = by_subject(undisturbed(seed, kept_at, stopped.stop))
    anew = by_subject(stopped.goes_on(stopped.begun(anew=True)))
    taken = by_subject(stopped.goes_on(stopped.begun(anew=False)))
    assert {*never, *anew} >= {*taken}
    for case in {*never, *anew}:
        assert taken[case] in (never[case], anew[case]), case


def test_what_was_put_away_is_what_would_have_been_learned() -> None:
    """While one topic tells of the silence of others, which would have been found by themselves later."""
    stop = MONDAY + WEEKS + 84.5 * HOUR
    stopped = Stopped(2, stop, stop)
    taken, anew = stopped.begun(anew=False), stopped.begun(anew=True)
    for each in CHANNELS:
        ours, theirs = taken.track(each.id), anew.track(each.id)
        assert ours is not None
        assert theirs is not None
        assert ours.rhythm.overdue_at == pytest.approx(theirs.rhythm.overdue_at, abs=1e-6)
        assert ours.rhythm.level == pytest.approx(theirs.rhythm.level)
        assert ours.pulse.count == theirs.pulse.count
        assert {s: (x.phase, x.found_at) for s, x in ours.shares.items()} == {
            s: (x.phase, x.found_at) for s, x in theirs.shares.items()
        }
    first = taken.track(1)
    assert first is not None
    assert [s.name for s, x in sorted(first.shares.items()) if x.phase == HIDDEN] == ["kh", "conflict"]


def test_a_channel_that_something_waits_for_is_left_out() -> None:
    """A post of the future, as of a clock that is wrong, is not learned yet: it must not be passed over."""
    made = Panel([channel(1), channel(2)], RULES)
    for number in (1, 2):
        made.watched(number, MONDAY, MONDAY + DAY)
    made.post(Reading(channel_id=1, post_id=1, posted_at=MONDAY + 2 * DAY, reader_version=1))
    made.advance(MONDAY + DAY)
    second = Panel([channel(1), channel(2)], RULES)
    taking = second.taking()
    for part in made.put_away():
        taking.take(part)
    assert taking.taken == {2}


def lived() -> tuple[Panel, datetime]:
    """Two channels in a group of which one hour, in the past, was not known to have been watched."""
    made, until = Panel([channel(1, "net"), channel(2, "net")], RULES), MONDAY + 20 * DAY
    for number in (1, 2):
        made.watched(number, MONDAY, until - 2 * DAY)
        made.watched(number, until - DAY, until)
        for reading in Story(number).posts(20 * DAY, 30).readings:
            if not until - 2 * DAY < reading.posted_at < until - DAY:
                made.post(reading)
    made.advance(until)
    return made, until


def taken(made: Panel, second: Panel) -> set[int]:
    taking = second.taking()
    for part in made.put_away():
        taking.take(part)
    return taking.taken


def test_a_channel_whose_hole_was_filled_since_is_learned_anew() -> None:
    made, until = lived()
    second = Panel([channel(1, "net"), channel(2, "net")], RULES)
    second.watched(1, MONDAY, until)  # now it is known that nothing was posted in it
    second.watched(2, MONDAY, until - 2 * DAY)
    second.watched(2, until - DAY, until)
    assert taken(made, second) == {2}


def test_what_is_seen_and_not_told_yet_is_known_from_what_was_put_away() -> None:
    made, until = lived()
    second = Panel([channel(1, "net"), channel(2, "net")], RULES)
    assert taken(made, second) == {1, 2}
    second.restore(())
    second.wake(until)
    for number in (1, 2):
        second.watched(number, MONDAY, until - 2 * DAY)
        second.watched(number, until - DAY, until)
    assert second.taught_blind == frozenset()
    assert second.next_due() is not None


def test_a_channel_of_another_zone_is_learned_anew() -> None:
    made, _ = lived()
    second = Panel([channel(1, "net", zone="Asia/Tehran"), channel(2, "net")], RULES)
    assert taken(made, second) == {2}


def test_channels_in_other_groups_than_they_were_are_learned_with_all_others() -> None:
    """What a group posts together is learned with all of its channels, or not at all."""
    made, _ = lived()
    with pytest.raises(Unreadable, match="other groups"):
        taken(made, Panel([channel(1, "net"), channel(2, "other")], RULES))


def test_onsets_that_windows_share_are_shared_again() -> None:
    """A post that comes to light is counted once in each, and not once in each window."""
    made, _ = lived()
    track = made.track(1)
    assert track is not None
    scan, again = track.rhythm.scan, unpacked(packed(track.rhythm.scan))

    def distinct(windows: Any) -> tuple[int, int]:
        onsets = [onset for window in windows for onset in window.onsets]
        return len(onsets), len({id(onset) for onset in onsets})

    assert distinct(again._windows) == distinct(scan._windows)
    assert distinct(scan._windows)[1] < distinct(scan._windows)[0]


class Runs:
    """Would be run while unpickling, if anything were."""

    def __init__(self, *how: Any) -> None:
        self.how = how

    def __reduce__(self) -> tuple[Any, ...]:
        return self.how[0], self.how[1:]


ATTACKS = {
    "a command": Runs(eval, "1 + 1"),
    "a class of ours": Path("/"),
    "a class that was learned, under another name": Subject(channel_id=1),
    "an array of anything": np.array([object], dtype=object),
    "a partial": partial(print, "ran"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_bytes_that_name_anything_else_are_refused(name: str) -> None:
    with pytest.raises(Unreadable):
        unpacked(zlib.compress(pickle.dumps(ATTACKS[name])))
    with pytest.raises(pickle.PicklingError):
        packed(ATTACKS[name])


@pytest.mark.parametrize("protocol", range(6))
def test_they_are_refused_whatever_the_protocol(protocol: int) -> None:
    with pytest.raises(Unreadable, match=r"names builtins\.eval|names __builtin__\.eval"):
        unpacked(zlib.compress(pickle.dumps(Runs(eval, "1 + 1"), protocol)))


def test_what_reads_them_cannot_be_changed_by_them() -> None:
    """The format can put attributes on whatever it has at hand."""
    code = b"calerts.pulse\nPulse\n(N}V_make\ncbuiltins\nint\nstb."
    with pytest.raises(Unreadable):
        unpacked(zlib.compress(code))
    assert unpacked(packed(made := MADE)).count == made.count


MADE = Pulse()


def test_what_unpacks_to_more_than_anything_that_was_learned_is_refused() -> None:
    with pytest.raises(Unreadable, match="larger"):
        unpacked(zlib.compress(b"\0" * (MOST + 1)))


@given(st.binary(max_size=200))
def test_bytes_that_are_nothing_are_refused_or_hold_plain_values(content: bytes) -> None:
    for each in (content, zlib.compress(content)):
        with contextlib.suppress(Unreadable):
            unpacked(each)


def test_every_field_of_what_is_learned_is_put_away_or_made_of_others() -> None:
    """Whoever adds one must say which: what is forgotten here is silently lost at every start."""
    assert set(Track.__slots__) - set(_TRACK) == {
        "ahead", "asked", "case", "channel", "cover", "crowds", "decide_from", "ended", "former", "found_at",
        "key", "not_before", "parked", "phase", "rhythm", "rules", "schooling", "shares", "testimony",
    }  # fmt: skip
    # `_part` and `_places` are there only while history is learned, when nothing is put away.
    assert set(Crowd.__slots__) - set(_CROWD) == {
        "_part",
        "_places",
        "key",
        "members",
        "name",
        "plan",
        "sort",
    }
    assert {f.name for f in fields(Fleet)} == {"known", "common", "day"}
