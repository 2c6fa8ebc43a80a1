"""What `deadair evaluate` shows of labels and false alarms."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.evaluate import Label, evaluate
from deadair.commands.evaluate import show
from domain.episode import Episode, State, Subject
from domain.finding import Kind, Verdict

NOON = datetime(2031, 3, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def false_alarm(subject: Subject, members: tuple[int, ...] = ()) -> Episode:
    return Episode(
        id=1,
        kind=Kind.SURGE,
        subject=subject,
        state=State.OPEN,
        since_at=NOON - HOUR,
        found_at=NOON,
        opened_at=NOON,
        verdict=Verdict.confirmed(),
        members=members,
    )


def test_each_is_told_in_the_zone_of_its_channel_which_is_named_where_they_differ(
    capsys: pytest.CaptureFixture[str],
) -> None:
    label = Label(kind=Kind.SILENCE, channel_id=1, start=NOON - 10 * HOUR, end=NOON - 9 * HOUR)
    told = [false_alarm(Subject(channel_id=2)), false_alarm(Subject(group="net"), (1, 2))]
    names, zones = {1: "@a", 2: "@b"}, {1: "Asia/Baghdad", 2: "Asia/Tehran"}
    show(evaluate([label], told), 1.0, names, zones)
    shown = capsys.readouterr().out
    assert "silence of @a, 2031-03-14 05:00 - 03-14 06:00 Asia/Baghdad" in shown
    assert "surge of @b, told 2031-03-14 15:30 Asia/Tehran" in shown
    assert "surge of the group net, told 2031-03-14 12:00 UTC" in shown
    assert "times, and labels that name no zone, are in each channel's own zone;" in shown
