"""Plots stand by themselves: whole SVG, with their own colours, and unwatched time shaded."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from matplotlib.image import imread

from archive.pages import charts
from archive.pages.voice import Voice, voice_of
from archive.plots import AT_LEAST, BAND, UNKNOWN, Plot, plot
from archive.raster import _outline
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
    mondays = [date(2026, 2, 16), date(2026, 2, 23)]
    rows = [("KH", [(3, False), (6, True)]), ("<b>", [(0, False), (1, False)])]
    made = plot(charts.weeks(rows, mondays, voice, label="Acts"), "Acts", voice)
    assert len(shapes(made, "unknown")) == 3
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
    with pytest.raises(DeadairError, match="saved as SVG or PNG") as refused:
        made.save(tmp_path / "falcon.pdf")
    assert "save('falcon.svg')" in refused.value.hint
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DeadairError, match="cannot write"):
        made.save(tmp_path / "nowhere" / "falcon.svg")
    with pytest.raises(DeadairError, match="cannot write"):
        made.save(tmp_path / "nowhere" / "falcon.png")


def test_a_png_is_the_same_picture(tmp_path: Path) -> None:
    """Each shape of the SVG has its colour in the middle of where it stands, at twice the size."""
    made = drawn(hours(2, None, 1, 3, known=(0,)))
    pixels = imread(made.save(tmp_path / "falcon.png"))
    root = ElementTree.fromstring(made.svg)  # noqa: S314 - our own
    size = float(root.attrib["width"]), float(root.attrib["height"])
    assert pixels.shape[:2] == (round(2 * size[1]), round(2 * size[0]))

    def colour(x: float, y: float) -> str:
        return "#" + "".join(f"{round(255 * part):02x}" for part in pixels[round(2 * y), round(2 * x), :3])

    chart = root.find(f"{SVG}svg")
    assert chart is not None
    left, top = float(chart.attrib["x"]), float(chart.attrib["y"])

    def first_box(name: str) -> tuple[float, float]:
        """The middle of the first piece of a path."""
        (shape,) = shapes(made, name)
        outline = _outline(shape.attrib["d"].split("z")[0], left, top).vertices
        return float(outline[:, 0].mean()), float((outline[:, 1].min() + outline[:, 1].max()) / 2)

    assert colour(*first_box("bar")) == "#2a6fb0"
    assert colour(*first_box("unknown")) == "#cfd2d6"
    assert colour(2, 2) == "#ffffff"
    swatches = [each for each in root.findall(f"{SVG}rect") if each.get("class") != "sheet"]
    assert [each.get("class") for each in swatches] == ["band", "unknown"]
    for each, expected in zip(swatches, ("#c9dcef", "#cfd2d6"), strict=True):
        assert colour(float(each.attrib["x"]) + 7, float(each.attrib["y"]) + 5) == expected


def test_a_png_has_columns_and_rows_where_the_svg_has_them(tmp_path: Path) -> None:
    """Groups that are moved, and nothing that another shape hides."""
    voice = Voice()
    mondays = [date(2026, 2, 16), date(2026, 2, 23)]
    made = plot(charts.weeks([("KH", [(3, False), (6, True)])], mondays, voice, label="Acts"), "Acts", voice)
    pixels = imread(made.save(tmp_path / "weeks.png"))
    height, width, _ = pixels.shape
    row = pixels[2 * (10 + 26 + 30), :, :3]
    seen = ["#" + "".join(f"{round(255 * c):02x}" for c in each) for each in row]
    bar, unknown = (
        [n for n, c in enumerate(seen) if c == "#2a6fb0"],
        [n for n, c in enumerate(seen) if c == "#cfd2d6"],
    )
    step = 670 / 2
    assert abs(bar[0] - 2 * 230) <= 1  # the first claimant's first week begins right of his name
    assert abs(bar[-1] - 2 * (230 + 2 * step - 1)) <= 2
    assert len(unknown) <= 4  # the bar stands on it
    assert (width, height) == (1960, 2 * (60 + 26 + 20))


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_a_png_has_words_of_every_language_and_names_with_anything_in_them(
    language: str, tmp_path: Path
) -> None:
    """A letter that the font lacks is a warning, and so an error here."""
    voice = voice_of(language)
    chart = charts.activity(hours(2, None), UTC_ZONE, voice, label="Posts")
    titled = plot(chart, "صابرين نيوز 🚀 $x$ 中文", voice, (BAND, UNKNOWN)).save(tmp_path / "a.png")
    bare = plot(chart, " ", voice, (BAND, UNKNOWN)).save(tmp_path / "b.png")
    line = slice(2 * 10, 2 * 30)
    dark = (imread(titled)[line, :, :3] < 0.5).all(axis=2)
    columns = dark.any(axis=0).nonzero()[0]
    assert columns[-1] - columns[0] > 200  # all of it, and not its first letter alone
    assert not (imread(bare)[line, :, :3] < 0.5).all(axis=2).any()
    assert dark[:, dark.shape[1] // 2 :].sum() == dark.sum()  # from the right, as the language runs
