"""Plots stand by themselves: whole SVG, with their own colours, and unwatched time shaded."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from archive.pages import charts
from archive.pages.voice import Voice, voice_of
from archive.plots import AT_LEAST, BAND, UNKNOWN, Plot, plot
from archive.usual import Hour
from domain.errors import DeadairError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
UTC_ZONE = ZoneInfo("UTC")
SVG = "{http://www.w3.org/2000/svg}"
DAYS = [(date(2026, 3, 1), 4, True), (date(2026, 3, 2), 0, True), (date(2026, 3, 3), 2, False)]


def hours(*observed: int | None, known: Sequence[int] = ()) -> list[Hour]:
    """An hour for each; those whose place is in `known` with what is ordinary, 1 to 3."""
    return [
        Hour(start=NOON + n * HOUR, observed=seen, expected=2.0, lower=1.0, upper=3.0)
        if n in known
        else Hour(start=NOON + n * HOUR, observed=seen)
        for n, seen in enumerate(observed)
    ]


def shapes(made: Plot, name: str) -> list[ElementTree.Element]:
    """What is drawn of one class, without the legend."""
    chart = ElementTree.fromstring(made.svg).find(f"{SVG}svg")  # noqa: S314 - our own
    assert chart is not None
    return [each for each in chart.iter() if each.get("class") == name]


def drawn(points: Sequence[Hour], voice: Voice | None = None) -> Plot:
    voice = voice or Voice()
    chart = charts.activity(points, UTC_ZONE, voice, label="Posts")
    return plot(chart, "Falcon <&>", voice, (BAND, UNKNOWN))


def test_a_plot_is_whole_by_itself(tmp_path: Path) -> None:
    made = drawn(hours(2, 0, 1, known=range(3)))
    assert made._repr_svg_() == made.svg
    path = made.save(tmp_path / "falcon.svg")
    root = ElementTree.fromstring(path.read_bytes())  # noqa: S314 - our own
    assert root.tag == f"{SVG}svg"
    assert root.findtext(f"{SVG}title") == "Falcon <&>"
    style = root.findtext(f"{SVG}style") or ""
    # No variable, as not every reader of SVG has them; and no rule that colours the page around it.
    assert "var(" not in style
    assert ".deadair-plot .bar {fill: #2a6fb0;}" in style
    assert all(rule.strip().startswith(".deadair-plot") for rule in re.findall(r"[^{}]+(?=\{)", style))
    used = {each.get("class") for each in root.iter() if each.get("class")} - {"deadair-plot"}
    coloured = {name.split()[0] for name in used if name} - {"date"}  # dates are like any text
    assert all(f".{name}" in style for name in coloured), coloured


def test_unwatched_hours_are_shaded_and_without_a_bar() -> None:
    made = drawn(hours(2, None, None, 1))
    (shade,) = shapes(made, "unknown")
    assert len(re.findall("M", shade.get("d") or "")) == 1  # one stretch
    (bars,) = shapes(made, "bar")
    assert len(re.findall("M", bars.get("d") or "")) == 2
    assert shapes(drawn(hours(0, 0, 0)), "unknown") == []


def test_the_band_is_drawn_only_where_it_is_known() -> None:
    assert shapes(drawn(hours(2, 1)), "band") == []
    (band,) = shapes(drawn(hours(2, 1, 1, 2, 1, known=(1, 2, 4))), "band")
    assert len(re.findall("M", band.get("d") or "")) == 2


def test_days_that_were_not_wholly_watched_are_shaded() -> None:
    voice = Voice()
    made = plot(charts.days(DAYS, voice, label="Posts"), "drones", voice, (AT_LEAST,))
    assert len(shapes(made, "unknown")) == 1
    bars = shapes(made, "bar")
    assert [bar.findtext(f"{SVG}title") for bar in bars] == ["2026-03-01: 4", "2026-03-03: 2"]
    heights = [float(bar.get("height") or 0) for bar in bars]
    assert abs(heights[0] / heights[1] - 2) < 0.01
    assert "a bar here says at least" in made.svg


def test_weeks_have_a_row_for_each_claimant() -> None:
    voice = Voice()
    mondays = [(date(2026, 2, 16), False), (date(2026, 2, 23), True)]
    made = plot(charts.weeks([("KH", [3, 6]), ("<b>", [0, 1])], mondays, voice, label="Acts"), "Acts", voice)
    assert len(shapes(made, "unknown")) == 2
    assert [bar.findtext(f"{SVG}title") for bar in shapes(made, "bar")] == [
        "2026-02-16: 3",
        "2026-02-23: 6",
        "2026-02-23: 1",
    ]
    assert "<b>" not in made.svg


def test_plots_speak_the_language_they_are_asked_in() -> None:
    made = drawn(hours(2, None), voice_of("fa"))
    assert "پایش‌نشده" in made.svg
    assert "۲" in "".join(each.text or "" for each in shapes(made, "tick"))


def test_what_cannot_be_drawn_or_saved_is_said(tmp_path: Path) -> None:
    with pytest.raises(DeadairError, match="nothing to draw"):
        drawn([])
    made = drawn(hours(1))
    with pytest.raises(DeadairError, match="a plot is SVG") as refused:
        made.save(tmp_path / "falcon.png")
    assert "save('falcon.svg')" in refused.value.hint
    assert "rsvg-convert -z 2 falcon.svg -o falcon.png" in refused.value.hint
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DeadairError, match="cannot write"):
        made.save(tmp_path / "nowhere" / "falcon.svg")
