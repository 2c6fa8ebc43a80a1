"""Texts of posts with passages marked: always as text, whatever stands in them."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from archive.history import Change, Piece
from archive.sighting import Snippet


def marked(text: str, marks: Iterable[tuple[int, int]]) -> Markup:
    """With these stretches of it marked; overlapping ones are one."""
    out, at = [], 0
    for start, end in sorted(marks):
        start, end = max(start, at), min(end, len(text))
        if end <= start:
            continue
        out.append(escape(text[at:start]))
        out.append(Markup("<mark>{}</mark>").format(text[start:end]))
        at = end
    out.append(escape(text[at:]))
    return Markup("").join(out)


def excerpt(snippet: Snippet) -> Markup:
    """A part of a text, with dots where it was cut."""
    before, after = ("… " if snippet.cut_before else ""), (" …" if snippet.cut_after else "")
    return Markup("{}{}{}").format(before, marked(snippet.text, snippet.marks), after)


def compared(pieces: Sequence[Piece]) -> Markup:
    """What was taken out of a text, and what was put in."""
    shown = {Change.SAME: "{}", Change.ADDED: "<ins>{}</ins>", Change.REMOVED: "<del>{}</del>"}
    return Markup("").join(Markup(shown[piece.change]).format(piece.text) for piece in pieces)  # noqa: S704
