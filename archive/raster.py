"""The SVG of a plot as PNG, the same picture, by the matplotlib that draws the charts of alerts.

It knows what archive/pages/charts.py draws and nothing else; of anything else it says so.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree

from matplotlib import get_data_path
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline

_SVG: Final = "{http://www.w3.org/2000/svg}"
_PER_INCH: Final = 96  #: units of an SVG
_POINT: Final = 72 / _PER_INCH
_LTR, _RTL, _END = "\u2066", "\u2067", "\u2069"
_STEP = re.compile(r"([MLHVz])([^MLHVz]*)")
_CODES: Final = {"z": int(Outline.CLOSEPOLY), "M": int(Outline.MOVETO)} | dict.fromkeys(
    "LHV", int(Outline.LINETO)
)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_MOVED = re.compile(r"translate\(([-\d.]+)(?:[ ,]+([-\d.]+))?\)")

#: The classes that a rule asks for ("" is the element's own name), and what it says.
Rules = Sequence[tuple[str, frozenset[str], Mapping[str, str]]]


def png(svg: str, *, scale: float) -> bytes:
    """`scale`: pixels for each unit of the SVG."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own: archive/plots.py wrote it
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    figure = Figure(figsize=(width / _PER_INCH, height / _PER_INCH), dpi=scale * _PER_INCH)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    rules = _rules(root.findtext(f"{_SVG}style") or "")
    for n, (shape, x, y) in enumerate(_shapes(root, 0, 0)):
        _draw(axes, shape, x, y, _looks(rules, shape), n)
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Software": "Deadair"})
    return out.getvalue()


def _shapes(
    parent: ElementTree.Element, x: float, y: float
) -> Iterator[tuple[ElementTree.Element, float, float]]:
    """All that is to be seen, with where its own units begin."""
    for each in parent:
        kind = each.tag.removeprefix(_SVG)
        if kind in ("rect", "path", "text"):
            yield each, x, y
        elif kind == "svg":
            yield from _shapes(each, x + float(each.get("x", 0)), y + float(each.get("y", 0)))
        elif kind == "g":
            moved = _MOVED.fullmatch(each.get("transform", "translate(0)"))
            if moved is None:
                raise ValueError(f"a plot has a group that is moved by {each.get('transform')!r}")
            yield from _shapes(each, x + float(moved[1]), y + float(moved[2] or 0))
        elif kind not in ("title", "style"):
            raise ValueError(f"a plot has a {kind!r}, which nobody draws")


def _rules(style: str) -> Rules:
    out = []
    for selector, body in _RULE.findall(style):
        own = (
            selector.split()[-1] if " " in selector.strip() else ""
        )  # what stands before it is the plot's own
        name, *classes = own.split(".")
        said = dict(part.split(":", 1) for part in body.split(";") if ":" in part)
        out.append((name, frozenset(classes), {k.strip(): v.strip() for k, v in said.items()}))
    return out


def _looks(rules: Rules, shape: ElementTree.Element) -> Mapping[str, str]:
    """What the rules say of it; as in CSS more classes outdo fewer, and later rules earlier ones."""
    kind, classes = shape.tag.removeprefix(_SVG), frozenset((shape.get("class") or "").split())
    fit = [
        (len(asked), n) for n, (name, asked, _) in enumerate(rules) if name in ("", kind) and asked <= classes
    ]
    out: dict[str, str] = {}
    for _, n in sorted(fit):
        if rules[n][0] or rules[n][1]:
            out |= rules[n][2]
    return out


def _draw(
    axes: Axes, shape: ElementTree.Element, x: float, y: float, looks: Mapping[str, str], order: int
) -> None:
    if shape.tag == f"{_SVG}text":
        _write(axes, shape, x, y, looks, order)
        return
    fill, stroke = looks.get("fill", "#000"), looks.get("stroke", "none")
    dashes = [float(n) for n in looks.get("stroke-dasharray", "").split()]
    how: dict[str, Any] = {
        "facecolor": fill,
        "edgecolor": stroke,
        "linewidth": 0 if stroke == "none" else _POINT,
        "linestyle": (0, [n * _POINT for n in dashes]) if dashes and stroke != "none" else "solid",
        "zorder": order,
    }
    if shape.tag == f"{_SVG}rect":
        left, top = x + float(shape.get("x", 0)), y + float(shape.get("y", 0))
        size = float(shape.attrib["width"]), float(shape.attrib["height"])
        axes.add_patch(Rectangle((left, top), *size, **how))
    else:
        axes.add_patch(PathPatch(_outline(shape.attrib["d"], x, y), **how))


def _outline(d: str, x: float, y: float) -> Outline:
    points: list[tuple[float, float]] = []
    codes: list[int] = []
    at = begun = (0.0, 0.0)
    for step, numbers in _STEP.findall(d):
        given = [float(n) for n in numbers.replace(",", " ").split()]
        if step in "ML":
            at = (given[0], given[1])
            begun = at if step == "M" else begun
        elif step == "H":
            at = (given[0], at[1])
        elif step == "V":
            at = (at[0], given[0])
        else:
            at = begun
        points.append((at[0] + x, at[1] + y))
        codes.append(_CODES[step])
    return Outline(points, codes)


def _write(
    axes: Axes, shape: ElementTree.Element, x: float, y: float, looks: Mapping[str, str], order: int
) -> None:
    runs_left = looks.get("direction") == "rtl"
    ends = looks.get("text-anchor") == "end"
    line = drawable(shape.text or "")
    axes.text(
        x + float(shape.get("x", 0)),
        y + float(shape.get("y", 0)),
        f"{_RTL if runs_left else _LTR}{line}{_END}" if line else "",
        color=looks.get("fill", "#000"),
        fontsize=float(looks.get("font-size", "16px").removesuffix("px")) * _POINT,
        ha="right" if runs_left != ends else "left",
        va="baseline",
        zorder=order,
        parse_math=False,
    )


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    """What DejaVu Sans can draw, which comes with matplotlib: every machine draws alike."""
    return frozenset(FT2Font(f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf").get_charmap())


def drawable(text: str) -> str:
    """Somebody's text without what the font has no letter for, emoji say; signs of direction stay."""
    line = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(c for c in line if ord(c) in _glyphs() or unicodedata.category(c) == "Cf").strip()
