"""A drop while something explains it: it is put down to that, and told if it outlives it."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.config import AlertsConfig
from alerts.departure import Departure
from alerts.excuse import Excuse, of_many
from alerts.hours import hours
from alerts.outages import Outage
from alerts.panel import Panel
from domain.channel import Channel
from domain.episode import Episode, Move, State, Subject, Transition
from domain.finding import Cause, Kind, Ruling, Verdict
from tests.support.rhythms import HOUR, MONDAY, Story, lasting, opened, told

DAY = timedelta(days=1)
WEEKS = timedelta(weeks=4)
STOP = MONDAY + WEEKS + 12 * HOUR
#: Of Iraq, the first of them a faster one; and three made elsewhere.
RATES = {1: 150, 2: 45, 3: 35, 4: 30, 5: 40, 6: 30, 7: 60, 8: 40, 9: 30}


def channels(group: str | None = None) -> list[Channel]:
    return [
        Channel(
            id=n,
            title=f"Channel {n}",
            handle=f"invented_{n}",
            group=group if n < 7 else None,
            country=("IQ" if n < 7 else "LB") if group is None else None,
        )
        for n in RATES
    ]


def lived(
    first: Story,
    lasts: timedelta,
    *,
    group: str | None = None,
    looks: list[datetime] | None = None,
    reports: tuple[Outage, ...] = (),
    before: timedelta = timedelta(),
    rates: dict[int, int] = RATES,
) -> list[Transition]:
    """The others of the country, or of the group, are silent for so long; the first as its story has it."""
    stories = [first]
    for n, rate in list(rates.items())[1:]:
        story = Story(n, seed=4).posts(WEEKS + 12 * HOUR + before, rate)
        story = story.quiet(lasts) if n < 7 else story.posts(lasts, rate)
        stories.append(story.posts(3 * DAY, rate))
    end = max(story.end for story in stories)
    panel = Panel(channels(group), AlertsConfig(), decide_from=STOP)
    panel.reported(reports)
    out: list[Transition] = []
    posts = sorted((r for s in stories for r in s.readings), key=lambda r: r.posted_at)
    for now in [*(looks or [STOP + k * HOUR for k in range(int((end - STOP) / HOUR))]), end]:
        for n in RATES:
            panel.watched(n, MONDAY, now)
        while posts and posts[0].posted_at <= now:
            panel.post(posts.pop(0))
        out += panel.advance(now)
    return out


def dropping(*parts: tuple[timedelta, float], rate: float = RATES[1]) -> Story:
    """The first channel, with this part of its posts for so long each."""
    story = Story(1, seed=4).posts(WEEKS + 12 * HOUR, rate)
    for span, part in parts:
        story = story.posts(span, rate * part)
    return story


def of(kind: Kind, steps: list[Transition]) -> list[Episode]:
    return [e for e in opened(steps) if e.kind is kind and e.subject.channel_id in (1, None)]


#: The first by far the fastest.
UNEVEN = {1: 400, **dict.fromkeys(range(2, 7), 20), 7: 60, 8: 40, 9: 30}
#: More than of one that counts as quiet itself.
THROUGH = dropping((20 * HOUR, 0.35), (3 * DAY, 1))


def test_a_drop_that_falls_into_the_cut_of_its_country_is_not_told_as_its_own() -> None:
    steps = lived(THROUGH, 20 * HOUR)
    [cut] = of(Kind.SILENCE, steps)
    assert (cut.subject.country, cut.verdict.cause) == ("IQ", Cause.COUNTRY_CUT)
    assert of(Kind.DROP, steps) == []
    alone = lived(THROUGH, timedelta())
    assert len(of(Kind.DROP, alone)) == 1  # without the cut it is


def test_what_it_is_put_down_to_is_written_down_once() -> None:
    steps = lived(THROUGH, 20 * HOUR)
    dismissed = [t.episode for t in steps if t.move is Move.DISMISSED and t.episode.kind is Kind.DROP]
    [drop] = [e for e in dismissed if e.subject.channel_id == 1]
    assert (drop.verdict.ruling, drop.verdict.cause) == (Ruling.EXPLAINED, Cause.COUNTRY_CUT)
    assert any("made in IQ are quiet at once" in line for line in drop.verdict.evidence)
    assert drop.observed < drop.expected / 2


def test_a_drop_that_goes_on_after_the_cut_is_told_then() -> None:
    steps = lived(dropping((4 * DAY, 0.35)), 20 * HOUR)
    [drop] = of(Kind.DROP, steps)
    [cut] = [t for t in steps if t.move is Move.CLOSED and t.episode.subject.country == "IQ"]
    assert drop.verdict.ruling is Ruling.CONFIRMED
    assert drop.opened_at is not None
    assert cut.at + 3 * HOUR <= drop.opened_at < cut.at + 24 * HOUR
    said = [
        line for line in drop.verdict.evidence if "It began while the channels made in IQ were quiet" in line
    ]
    assert len(said) == 1
    assert "goes on" in said[0]


def test_how_often_one_looks_does_not_matter() -> None:
    first = dropping((4 * DAY, 0.35))
    once = lasting(lived(first, 20 * HOUR, looks=[STOP]))
    assert lasting(lived(first, 20 * HOUR)) == once
    assert lasting(lived(first, 20 * HOUR, looks=[STOP + k * 37 * HOUR / 60 for k in range(99)])) == once


def test_a_drop_that_was_told_before_the_cut_was_known_is_hidden_behind_it() -> None:
    """Of a fast channel a drop is found before so much is missing of five slow ones that it is a cut."""
    steps = lived(dropping((20 * HOUR, 0.3), (3 * DAY, 1), rate=400), 20 * HOUR, rates=UNEVEN)
    [cut] = [e for e in of(Kind.SILENCE, steps) if e.subject.country]
    mine = [t for t in steps if t.episode.kind is Kind.DROP and t.episode.subject.channel_id == 1]
    [opening] = [t for t in mine if t.move is Move.OPENED]
    assert cut.since_at - HOUR < opening.episode.found_at < cut.opened_at
    [end] = [t for t in mine if t.move is Move.CLOSED]
    assert (end.at, end.inhibited_by) == (cut.opened_at, cut.id)


def test_a_drop_that_was_found_before_the_cut_stays_the_channels_own() -> None:
    steps = lived(dropping((4 * DAY, 0.35)), 20 * HOUR, before=30 * HOUR)
    [drop] = of(Kind.DROP, steps)
    assert drop.opened_at is not None
    assert drop.opened_at < STOP + 20 * HOUR
    assert not any("It began while" in line for line in drop.verdict.evidence)


def test_what_others_report_of_an_outage_is_said_of_a_drop() -> None:
    outage = Outage(source="IODA", country="IQ", from_at=STOP, to_at=None, what="bgp")
    [drop] = of(Kind.DROP, lived(THROUGH, timedelta(), reports=(outage,)))
    assert any(line.startswith("IODA reports an outage of IQ") for line in drop.verdict.evidence)


def test_a_drop_of_long_before_is_still_followed_when_a_cut_that_its_channel_was_part_of_is_over() -> None:
    """It must end, or it would stay open for ever."""
    first = dropping((2 * DAY, 0.25), (20 * HOUR, 0.0), (2 * DAY, 1))
    steps = told(lived(first, 20 * HOUR, before=2 * DAY))
    mine = [t for t in steps if t.episode.kind is Kind.DROP and t.episode.subject.channel_id == 1]
    assert [t.move for t in mine if t.move in (Move.OPENED, Move.CLOSED)] == [Move.OPENED, Move.CLOSED]


# -- as a rule of its own

NOON = datetime(2031, 4, 1, 12, tzinfo=UTC)


def departure(found: float = 5.0, since: float = 1.0) -> Departure:
    """Instants in hours after noon."""
    return Departure(
        kind=Kind.DROP, since=hours(NOON) + since, found=hours(NOON) + found, hours=4.0, level=5.0, before=0,
        unseen=0.0, observed=4, expected=20.0, until=hours(NOON) + found, per_month=0.1,
    )  # fmt: skip


def silence(
    subject: Subject, since: float, until: float | None = None, cause: Cause = Cause.COUNTRY_CUT
) -> Episode:
    return Episode(
        id=1,
        kind=Kind.SILENCE,
        subject=subject,
        state=State.OPEN if until is None else State.CLOSED,
        since_at=NOON + since * HOUR,
        found_at=NOON + since * HOUR,
        opened_at=NOON + since * HOUR,
        closed_at=None if until is None else NOON + until * HOUR,
        verdict=Verdict.explained(cause, "They are quiet."),
    )


IRAQI = Channel(id=1, title="One", handle="one", group="net", country="IQ")


def found(*episodes: Episode, of: Departure | None = None) -> Excuse | None:
    live = {(e.kind, e.subject): e for e in episodes if e.state is State.OPEN}
    over = {(e.kind, e.subject): e for e in episodes if e.state is State.CLOSED}
    return of_many(live, over, IRAQI, of or departure())


@pytest.mark.parametrize("subject", [Subject(), Subject(country="IQ"), Subject(group="net")])
def test_everyone_the_country_and_the_group_explain_it(subject: Subject) -> None:
    excuse = found(silence(subject, since=2))
    assert excuse is not None
    assert excuse.until is None
    assert excuse.verdict.ruling is Ruling.EXPLAINED


def test_what_began_after_it_was_found_or_is_of_others_explains_nothing() -> None:
    assert found(silence(Subject(country="IQ"), since=6)) is None
    assert found(silence(Subject(country="LB"), since=2)) is None
    assert found(silence(Subject(channel_id=2), since=2)) is None
    assert found(silence(Subject(country="IQ"), since=-9, until=0.5)) is None  # over before it began
    assert found() is None


def test_what_lasts_counts_before_what_is_over_and_the_last_that_ends_before_the_others() -> None:
    over, later = silence(Subject(), since=2, until=3), silence(Subject(group="net"), since=2, until=4)
    excuse = found(over, later)
    assert excuse is not None
    assert excuse.until == pytest.approx(hours(NOON) + 4)
    lasting_one = found(over, later, silence(Subject(country="IQ"), since=3))
    assert lasting_one is not None
    assert lasting_one.until is None


def test_that_we_were_blind_to_all_of_them_is_no_cause_of_theirs() -> None:
    blind = silence(Subject(), since=2, until=4)
    verdict = Verdict.blind(Cause.NOT_WATCHED, "They did post.")
    excuse = found(Episode(**{**{f: getattr(blind, f) for f in blind.__slots__}, "verdict": verdict}))
    assert excuse is not None
    assert excuse.verdict.ruling is Ruling.BLIND


def test_it_has_gone_on_only_when_enough_was_to_come_since_and_did_not() -> None:
    excuse = found(silence(Subject(), since=2, until=4))
    assert excuse is not None
    at = hours(NOON) + 4
    assert not excuse.went_on(departure(), 2, 20, at + 2, 3)  # too soon
    assert not excuse.went_on(departure(), 2, 11, at + 4, 3)  # too few were to come
    assert not excuse.went_on(departure(), 19, 20, at + 4, 3)  # as usual again
    assert excuse.went_on(departure(), 4, 20, at + 4, 3)
    lasts = found(silence(Subject(), since=2))
    assert lasts is not None
    assert not lasts.went_on(departure(), 0, 90, at + 90, 3)
