"""An episode in the terminal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from deadair.episode_view import head, numbers, own_zone
from domain.channel import Channel
from domain.episode import Episode, State, Subject
from domain.finding import Cause, Kind, Verdict
from domain.sentence import Sentence

AT = datetime(2031, 3, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", [Kind.SILENCE, Kind.DROP, Kind.SURGE])
def test_how_improbable_it_is_is_said_of_a_stretch_like_it(kind: Kind) -> None:
    """The archive keeps the chance of so few or so many posts in one such stretch, not how many a month."""
    episode = Episode(
        id=1,
        kind=kind,
        subject=Subject(channel_id=1),
        state=State.OPEN,
        since_at=AT,
        found_at=AT,
        verdict=Verdict.confirmed(),
        observed=14,
        expected=82.84,
        probability=0.0018,
    )
    assert numbers(episode) == "14 posts, 82.8 expected, p = 0.002"


def test_of_what_began_several_times_it_is_said_which_time_the_numbers_are_of() -> None:
    again_at = AT + timedelta(hours=9)
    episode = Episode(
        id=1,
        kind=Kind.SILENCE,
        subject=Subject(group="net"),
        state=State.OPEN,
        since_at=AT,
        found_at=AT + timedelta(hours=3),
        opened_at=AT + timedelta(hours=3),
        verdict=Verdict.confirmed(),
        observed=1,
        expected=5.2,
        members=(1, 2),
        times=2,
        again_at=again_at,
        reason="no post since 21:00",
    )
    rows = list(head(episode, {1: "@a", 2: "@b"}, ZoneInfo("UTC"), title="Episode 1"))
    assert "  since    Fri 2031-03-14 12:00, the last post before it" in rows
    assert "  news at  Fri 2031-03-14 15:00" in rows
    assert "  again    Fri 2031-03-14 21:00, 2 times in all" in rows
    assert "  reason   no post since 21:00 (the last time)" in rows
    assert "  numbers  1 post, 5.2 expected (the last time)" in rows
    assert "  verdict  confirmed: unexplained (the last time)" in rows
    assert "  channels of all times together: @a, @b" in rows
    once = list(head(replace(episode, times=1, again_at=None), {}, ZoneInfo("UTC"), title="Episode 1"))
    assert "  reason   no post since 21:00" in once
    assert "  numbers  1 post, 5.2 expected" in once


def test_evidence_is_told_in_the_zone_of_the_table_beneath_it() -> None:
    since = Sentence("We watched it since {at}.", at=AT)
    over = Sentence("Posts come again since {at}.", at=AT + timedelta(hours=10))
    episode = Episode(
        id=1,
        kind=Kind.SILENCE,
        subject=Subject(channel_id=1),
        state=State.CLOSED,
        since_at=AT,
        found_at=AT,
        opened_at=AT,
        closed_at=AT + timedelta(hours=10),
        verdict=Verdict.confirmed(Cause.UNEXPLAINED, since),
        ended=over,
    )
    title, *rows = head(episode, {1: "@a"}, ZoneInfo("Asia/Baghdad"), title="Episode 1", width=120)
    assert title == "Episode 1: silence of @a (times in Asia/Baghdad)"
    assert "           We watched it since 14 Mar 15:00 UTC+3." in rows
    assert any("after 10 h. Posts come again since 15 Mar 01:00 UTC+3." in row for row in rows)


def test_several_channels_of_one_zone_are_told_in_it_and_those_of_several_in_utc() -> None:
    def zone_of_all(*zones: str) -> str:
        channels = [Channel(id=n, title="", zone=zone) for n, zone in enumerate(zones, 1)]
        episode = Episode(
            id=1,
            kind=Kind.SILENCE,
            subject=Subject(group="net"),
            state=State.OPEN,
            since_at=AT,
            found_at=AT,
            verdict=Verdict.confirmed(),
            members=(1, 2),
        )
        return own_zone(episode, channels)

    assert zone_of_all("Asia/Baghdad", "Asia/Baghdad", "Asia/Tehran") == "Asia/Baghdad"
    assert zone_of_all("Asia/Baghdad", "Asia/Tehran") == "UTC"


def test_what_was_told_once_more_says_why_beside_that_and_of_when_its_numbers_are() -> None:
    """The reason is of the instant of telling, not of that at which it became news."""
    episode = Episode(
        id=1,
        kind=Kind.SILENCE,
        subject=Subject(channel_id=1),
        state=State.OPEN,
        since_at=AT,
        found_at=AT + timedelta(hours=2),
        opened_at=AT + timedelta(hours=3),
        escalated_at=AT + timedelta(hours=15),
        verdict=Verdict.confirmed(),
        expected=47.2,
        probability=6e-18,
        reason="no post for 3 h; then no post in the last 15 h, far less probable than when it was told",
    )
    rows = list(head(episode, {1: "@a"}, ZoneInfo("UTC"), title="Episode 1", width=200))
    assert "  news at  Fri 2031-03-14 14:00" in rows
    again = "no post in the last 15 h, far less probable than when it was told"
    assert f"  graver   Sat 2031-03-15 03:00, told once more: {again}" in rows
    assert "  reason   no post for 3 h" in rows
    assert "  numbers  0 posts, 47.2 expected, p < 1e-06 (when it was told once more)" in rows
