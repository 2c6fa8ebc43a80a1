"""The chart, by its pixels."""

import io
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.image import imread

from bot import axes, chart
from bot.drawable import drawable, left_to_right
from bot.payload import read_payload
from bot.telling import Reader
from domain.episode import Alert, Move, Subject
from domain.finding import Cause, Kind, Verdict
from tests.support.alerting import HOUR, NOON, a_member, a_payload, an_alert

UTC = Reader(zone=ZoneInfo("UTC"))
WIDTH = round(axes.WIDTH * axes.DPI)
HEIGHT = round(axes.HEIGHT * axes.DPI)


def picture(alert: Alert | None = None, reader: Reader = UTC, **payload: Any) -> np.ndarray[Any, Any]:
    """Red, green and blue of each pixel, 0 to 255."""
    png = chart.draw(alert or an_alert(), read_payload(a_payload(**payload)), reader)
    assert png.startswith(b"\x89PNG")
    return np.round(imread(io.BytesIO(png), format="png")[..., :3] * 255).astype(int)


def columns_of(pixels: np.ndarray[Any, Any], colour: str, least: int, off: int = 14) -> list[float]:
    """Where, from left (0) to right (1), at least so many pixels of a column have that colour."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    hits = (np.abs(pixels - wanted).max(axis=2) <= off).sum(axis=0)
    return [float(x) / pixels.shape[1] for x in np.flatnonzero(hits >= least)]


def in_chart(share: float) -> float:
    """A place along the time axis as a place in the picture."""
    return axes.LEFT + share / (1 + chart._MARGIN) * (axes.RIGHT - axes.LEFT)


def test_it_has_the_size_of_a_phones_screen() -> None:
    assert picture().shape[:2] == (HEIGHT, WIDTH)


def test_unwatched_time_is_shaded_and_watched_time_is_not() -> None:
    shade = axes.UNKNOWN_LOOK["facecolor"]
    shaded = columns_of(picture(unwatched=[(40, 60)], quiet=5), shade, least=100)
    assert min(shaded) == pytest.approx(in_chart(40 / 168), abs=0.01)
    assert max(shaded) == pytest.approx(in_chart(60 / 168), abs=0.01)
    assert columns_of(picture(quiet=5), shade, least=100) == []


def test_a_silence_is_no_shade_and_blindness_no_silence() -> None:
    """Twenty hours without a post are zero when watched, unknown when not: two different pictures."""
    watched, unwatched = picture(quiet=20), picture(quiet=20, unwatched=[(148, 168)])
    shade = axes.UNKNOWN_LOOK["facecolor"]
    assert columns_of(watched, shade, least=100) == []
    assert min(columns_of(unwatched, shade, least=100)) == pytest.approx(in_chart(148 / 168), abs=0.01)


def test_the_last_post_and_the_alert_are_marked() -> None:
    marked = columns_of(picture(), axes.ALARM, least=200)
    assert min(marked) == pytest.approx(in_chart(163 / 168), abs=0.006)
    assert max(marked) == pytest.approx(in_chart(1), abs=0.006)


def test_bars_stand_where_posts_came() -> None:
    bars = columns_of(picture(rate=4.0, quiet=48), axes.BAR, least=40)
    assert bars
    assert max(bars) < in_chart(120 / 168)


def test_a_withdrawn_silence_is_not_given_a_length(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    original = chart.Axes.annotate
    monkeypatch.setattr(
        chart.Axes,
        "annotate",
        lambda self, text, *a, **k: (said.append(text), original(self, text, *a, **k))[1],
    )
    picture(an_alert(Move.CLOSED, verdict=Verdict.blind(Cause.NOT_WATCHED)))
    assert said == []
    picture(an_alert())
    assert said == ["silent for 5 h", "last post Fri 07:00"]
    picture(an_alert(), reader=Reader(zone=ZoneInfo("Asia/Baghdad")))
    assert said[-1] == "last post Fri 10:00"


def test_the_channels_of_a_group_stand_below_one_another() -> None:
    members = [a_member(n, f"Channel {n}", NOON - (n + 3) * HOUR) for n in range(4)]
    alert = an_alert(subject=Subject(group="network"), members=(0, 1, 2, 3))
    pixels = picture(alert, channel=None, members=members)
    line = np.abs(pixels - np.array([0x8D, 0xB9, 0xDD])).max(axis=2) < 20
    rows = np.flatnonzero(line[:, : WIDTH // 2].sum(axis=1) > WIDTH // 3)
    groups = np.split(rows, np.flatnonzero(np.diff(rows) > 3) + 1)
    assert len(groups) == 4


@pytest.mark.parametrize(
    "title",
    [
        "",
        "$x$ ^ {",
        "إعلام كتائب الصقر (−94%)",
        "🚀🚀",
        "\u202eevil",
        "ایران ے ہ",
        "صدای رود",
        "A" * 4000,
        "\ud800",
    ],
)
def test_any_title_can_be_drawn(title: str) -> None:
    """Warnings are errors here: a letter without a glyph would be one."""
    picture(title=title, topic=title, channel={"id": 1, "title": title})


def test_arabic_is_joined_and_runs_right_to_left() -> None:
    """The same word, drawn joined, is narrower than its letters apart, and differs from its reversal."""

    def ink(text: str) -> np.ndarray[Any, Any]:
        head = picture(title=text)[: HEIGHT // 9]
        return np.flatnonzero((head.sum(axis=2) < 300).any(axis=0))

    joined, apart = ink("كتائب"), ink("ك ت ا ئ ب")
    assert 0 < np.ptp(joined) < np.ptp(apart)
    assert not np.array_equal(ink("كتائب"), ink("كتائب"[::-1]))


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("move", [Move.OPENED, Move.GREW, Move.CLOSED])
def test_every_kind_of_alert_can_be_drawn(kind: Kind, move: Move) -> None:
    picture(an_alert(move, kind=kind, subject=Subject()), channel=None)


def test_days_begin_at_the_readers_midnight_also_when_clocks_change() -> None:
    """30 March 2031: clocks in Berlin go forward."""
    at = NOON + timedelta(days=19)
    berlin = Reader(zone=ZoneInfo("Europe/Berlin"))
    picture(an_alert(at=at, since_at=at - 5 * HOUR), reader=berlin, at=at)


def test_what_is_missing_does_not_keep_it_from_being_drawn() -> None:
    document = a_payload()
    for key in ("start", "end", "title", "zone", "channel", "last_posts"):
        del document[key]
    assert chart.draw(an_alert(), read_payload(document), UTC).startswith(b"\x89PNG")


def test_one_chart_leaves_nothing_behind_for_the_next() -> None:
    """A canvas that was kept would add marks, and memory, with every alert."""
    alert, payload = an_alert(), read_payload(a_payload(unwatched=[(30, 50)]))
    first = chart.draw(alert, payload, UTC)
    chart.draw(an_alert(Move.CLOSED), read_payload(a_payload(quiet=48)), UTC)
    assert chart.draw(alert, payload, UTC) == first
    assert pyplot.get_fignums() == []


def test_emoji_are_left_out_and_mixed_lines_are_held_together() -> None:
    assert drawable("Falcon 🚀  Front\n") == "Falcon Front"
    assert left_to_right("a") == "\u2066a\u2069"
