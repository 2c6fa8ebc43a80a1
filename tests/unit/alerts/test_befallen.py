"""What befalls a channel is told at once, on its own terms, whether it is there or gone."""

from datetime import datetime, timedelta
from functools import cache

import pytest

from alerts.config import AlertsConfig
from alerts.panel import Panel
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.episode import Move, State
from domain.finding import Cause, Kind
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel, told

STOP = MONDAY + WEEKS + 13 * HOUR


@cache
def _panel() -> Panel:
    story = Story().posts(WEEKS + 13 * HOUR, 50)
    panel = Panel([channel()], AlertsConfig())
    panel.watched(1, MONDAY, STOP + timedelta(days=1))
    for reading in story.readings:
        panel.post(reading)
    panel.advance(STOP)
    return panel


def panel_of_a_channel() -> Panel:
    """Eight weeks of it are known, and it has just posted."""
    return _panel().branch()


#: What becomes of a channel because its operators want it so.
BY_US = (ChannelChange.PAUSED, ChannelChange.RETIRED)


def event(change: ChannelChange, at: datetime = STOP, **more: object) -> ChannelEvent:
    fields: dict[str, object] = {"status": ChannelStatus.OPEN, "before": "this", "after": "that", **more}
    return ChannelEvent(channel_id=1, at=at, change=change, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    sorted(set(ChannelChange) - {ChannelChange.FOUND, ChannelChange.GONE, ChannelChange.BACK, *BY_US}),
)
def test_every_change_is_told_once_and_is_over(change: ChannelChange) -> None:
    panel = panel_of_a_channel()
    panel.befell(event(change, evidence="first line\nsecond line"))
    [step] = told(panel.advance(STOP + HOUR / 60))
    assert (step.move, step.episode.kind, step.episode.state) == (Move.OPENED, Kind.CHANNEL, State.CLOSED)
    assert "that" in step.episode.reason or "this" in step.episode.reason
    assert step.episode.verdict.evidence == ("First line", "Second line")
    assert told(panel.advance(STOP + HOUR / 30)) == []


@pytest.mark.parametrize("change", BY_US)
def test_what_ops_want_of_a_channel_is_no_news_and_no_silence(change: ChannelChange) -> None:
    panel = panel_of_a_channel()
    panel.befell(event(change, status=ChannelStatus(change.value)))
    assert told(panel.advance(STOP + timedelta(days=3))) == []


@pytest.mark.parametrize(
    "status", sorted(s for s in ChannelStatus if s is not ChannelStatus.OPEN and not s.is_unwatched)
)
def test_every_end_is_told_in_words_of_its_own_and_is_no_silence(status: ChannelStatus) -> None:
    panel = panel_of_a_channel()
    panel.befell(event(ChannelChange.GONE, status=status, evidence="SAID_SO"))
    [step] = told(panel.advance(STOP + timedelta(days=1)))
    assert (step.episode.kind, step.episode.verdict.cause) == (Kind.CHANNEL, Cause.CHANNEL_GONE)
    assert not step.episode.reason.endswith(f"read: {status.value}.")
    assert step.episode.verdict.evidence == ("Telegram said: SAID_SO",)


def test_who_takes_over_from_a_channel_that_is_gone_is_told_beside_that() -> None:
    panel = panel_of_a_channel()
    panel.befell(event(ChannelChange.GONE, status=ChannelStatus.DELETED, evidence="CHANNEL_INVALID"))
    panel.befell(
        event(
            ChannelChange.CANDIDATE,
            at=STOP + HOUR,
            status=ChannelStatus.DELETED,
            before=None,
            after="@falcon_reserve",
        )
    )
    steps = told(panel.advance(STOP + 2 * HOUR))
    assert [s.episode.state for s in steps] == [State.OPEN, State.CLOSED]
    assert "@falcon_reserve may be taking the place of" in steps[1].episode.reason
    back = event(ChannelChange.BACK, at=STOP + 3 * HOUR, before="deleted", after="open")
    panel.befell(back)
    [closed] = told(panel.advance(STOP + 4 * HOUR))
    assert (closed.move, closed.episode.id) == (Move.CLOSED, steps[0].episode.id)


def test_what_befalls_a_channel_at_one_instant_is_told_in_the_order_in_which_it_was_noticed() -> None:
    panel = panel_of_a_channel()
    noticed = [
        event(ChannelChange.RENAMED, after="Falcon Front"),
        event(ChannelChange.MARKED, after="scam"),
        event(ChannelChange.HANDLE_CHANGED, after="falcon_front"),
    ]
    for each in noticed:
        panel.befell(each)
    steps = told(panel.advance(STOP + HOUR / 60))
    assert [step.befell for step in steps] == noticed
