"""The charts, as PNGs; for threads. matplotlib, which takes 24 MB, is loaded with the first of them."""

from collections.abc import Sequence
from datetime import datetime

from bot.payload import Payload
from bot.telling import Reader
from domain.episode import Alert
from domain.series import Expected


def draw(alert: Alert, payload: Payload, reader: Reader, *, simulated: bool = False) -> bytes:
    """Of an alert. Needs `payload.has_chart`."""
    from bot import chart

    return chart.draw(alert, payload, reader, simulated=simulated)


def draw_span(
    title: str, points: Sequence[Expected], at: datetime, reader: Reader, *, simulated: bool = False
) -> bytes:
    """Of some hours of a channel. There must be one at least."""
    from bot import channel_chart

    return channel_chart.draw_span(title, points, at, reader, simulated=simulated)


def draw_profile(
    title: str,
    week: Sequence[Expected],
    today: Sequence[Expected],
    at: datetime,
    reader: Reader,
    *,
    simulated: bool = False,
) -> bytes:
    """Of a channel's last days above today, whose hours to come show only what is to be expected."""
    from bot import channel_chart

    return channel_chart.draw_profile(title, week, today, at, reader, simulated=simulated)
