"""The charts of the pages as plots: with a title and a legend, in one piece, for notebooks and papers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from markupsafe import escape

from archive.pages.charts import Drawing
from archive.pages.voice import Voice
from domain.errors import DeadairError

#: Every rule is of this class only: an SVG within a page would else colour all of it.
_CLASS: Final = "deadair-plot"
_TITLE, _LEGEND, _MARGIN = 26, 24, 10

#: What a legend says of each class of a chart, as the pages say it.
UNKNOWN: Final = ("unknown", "not watched: unknown")
AT_LEAST: Final = ("unknown", "not wholly watched: a bar here says at least")
BAND: Final = ("band", "ordinary: nine hours of ten lie in here")
HOURLY: Final = ("bar", "posts in an hour")
DAILY: Final = "Posts by the day"
#: What is said here and on no page.
WORDS: Final = (AT_LEAST[1], DAILY)


@dataclass(frozen=True, slots=True)
class Plot:
    """An SVG that stands by itself. A notebook shows it as it is."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def png(self, *, scale: float = 2) -> bytes:
        """The same picture with so many pixels for each unit."""
        from archive.raster import png  # matplotlib takes 24 MB

        return png(self.svg, scale=scale)

    def save(self, path: str | Path) -> Path:
        """Write it to `path`, which ends in .svg or .png; what is there is replaced. A PNG has twice as many
        pixels as the plot has units.

        Raises DeadairError when it cannot be written.
        """
        path = Path(path)
        kind = path.suffix.lower()
        if kind == ".svg":
            data = f'<?xml version="1.0" encoding="UTF-8"?>\n{self.svg}\n'.encode()
        elif kind == ".png":
            data = self.png()
        else:
            raise DeadairError(
                f"a plot is saved as SVG or PNG, and {path.name!r} says otherwise",
                hint=f"save({path.with_suffix('.svg').name!r}); rsvg-convert and Inkscape make PDF of it",
            )
        try:
            path.write_bytes(data)
        except OSError as error:
            raise DeadairError(
                f"cannot write the plot to {path}: {error.strerror or error}", hint="choose another place"
            ) from error
        return path


def plot(drawing: Drawing, title: str, voice: Voice, legend: Sequence[tuple[str, str]] = ()) -> Plot:
    """`legend`: classes and what each means. Raises DeadairError where there is nothing to draw."""
    if not drawing:
        raise DeadairError(
            "there is nothing to draw", hint="ask for a longer time, or for less to be left out"
        )
    width, height = drawing.width + 2 * _MARGIN, drawing.height + _TITLE + 2 * _MARGIN
    parts = [
        f'<rect class="sheet" width="{width:g}" height="{height + bool(legend) * _LEGEND:g}"/>',
        _line(title, "title", _MARGIN, width - _MARGIN, _MARGIN + 12, voice),
        f'<svg x="{_MARGIN}" y="{_MARGIN + _TITLE}" width="{drawing.width:g}" height="{drawing.height:g}">'
        f"{drawing.inner}</svg>",
    ]
    x: float = _MARGIN
    for name, said in legend:
        words = voice.word(said)
        parts.append(f'<rect class="{name}" x="{x:g}" y="{height + 2:g}" width="14" height="10"/>')
        parts.append(f'<text x="{x + 20:g}" y="{height + 11:g}">{escape(voice.isolated(words))}</text>')
        x += 50 + 6.5 * len(words)
    height += bool(legend) * _LEGEND
    return Plot(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{_CLASS}" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title><style>{_style()}</style>{''.join(parts)}</svg>"
    )


def _line(text: str, name: str, left: float, right: float, y: float, voice: Voice) -> str:
    """A line of text from where the language begins."""
    x = left if voice.direction == "ltr" else right
    return f'<text class="{name} {voice.direction}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


@lru_cache(maxsize=1)
def _style() -> str:
    """The rules of the pages' charts for this plot alone, with colours put in: not every reader of SVG knows
    variables."""
    css = files("archive.pages").joinpath("static", "charts.css").read_text("utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    colours = dict(re.findall(r"(--[\w-]+):\s*([^;}]+)", css))
    rules = [(".sheet", "fill: var(--paper);"), (".title", "fill: var(--ink); font-size: 14px;")]
    rules += [(".title.rtl", "direction: rtl;")]
    rules = [r for r in re.findall(r"([^{}]+)\{([^{}]*)\}", css) if r[0].strip() != ":root"] + rules
    out = [f".{_CLASS} {{ font-family: system-ui, 'Noto Sans', 'DejaVu Sans', sans-serif; }}"]
    for selector, body in rules:
        filled = re.sub(r"var\((--[\w-]+)\)", lambda found: colours[found[1]], body)
        out.append(f".{_CLASS} {selector.strip()} {{{filled.strip()}}}")
    return " ".join(out)
