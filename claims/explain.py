"""A post with its evidence underlined, rule by rule: for those who improve the lexicon."""

from collections.abc import Callable, Iterator
from dataclasses import fields

from domain.claim import Claim, Span, Understanding

_SHOWN = (
    "claimant", "target", "target_type", "location", "country", "action", "weapons", "date", "casualties",
    "n_operations", "assertion", "repeat",
)  # fmt: skip


#: Where a value comes from that no words of its own gave.
_DERIVED = {
    "country": "where the place lies",
    "target_type": "what stands at the place",
    "action": "no verb says more",
    "target": "whom the claimant fights there",
    "assertion": "the post's own word",
}


#: How the lines of a text are shown with the evidence in them; `underlined` when not given.
Mark = Callable[[str, tuple[Span, ...]], Iterator[str]]


def explain(text: str, read: Understanding, *, mark: Mark | None = None) -> str:
    """The reading of a post in words: every value with the words that gave it and the rule that read them."""
    return "\n".join(_lines(text, read, mark or underlined)) + "\n"


def _lines(text: str, read: Understanding, mark: Mark) -> Iterator[str]:
    yield f"language  {read.language or 'unknown'}"
    for topic in read.topics:
        why = "   [from the record]" if read.claims else "   [no other topic was met]"
        if topic.span:
            why = f"   {_quote(text, topic.span)}  [{topic.span.rule}]"
        yield f"topic     {topic.name}{why}"
    if not read.claims:
        yield "claims    none"
    for number, claim in enumerate(read.claims, 1):
        yield ""
        yield f"{number}. {claim.kind}{'' if claim.kind.is_attack else '  (not counted as an attack)'}"
        yield from _claim(text, claim)
        yield from mark(text, claim.evidence)


def _claim(text: str, claim: Claim) -> Iterator[str]:
    by_field: dict[str, list[Span]] = {}
    for span in claim.evidence:
        by_field.setdefault({"weapon": "weapons"}.get(span.field, span.field), []).append(span)
    for span in by_field.get("kind", []):
        yield f"   kind          {claim.kind}   {_quote(text, span)}  [{span.rule}]"
    names = {f.name for f in fields(claim)}
    for name in _SHOWN:
        assert name in names  # noqa: S101 - a field that was renamed would otherwise vanish from here
        value = getattr(claim, name)
        if value is None or value == () or value is False:
            continue
        said = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        if name == "casualties":
            said = f"killed {_count(value.killed)}, wounded {_count(value.wounded)}"
        if name == "date":
            said = f"{value} ({claim.date_source})"
        spans = by_field.get(name, [])
        why = "".join(f"   {_quote(text, span)}  [{span.rule}]" for span in spans)
        if not spans and name in _DERIVED:
            why = f"   [{_DERIVED[name]}]"
        yield f"   {name:<13} {said}{why}"


def _count(n: int | None) -> str:
    return "no number" if n is None else str(n)


def _quote(text: str, span: Span) -> str:
    return f"“{text[span.start : span.end]}”" if span.end > span.start else "(nothing)"


def used(text: str, spans: tuple[Span, ...]) -> list[bool]:
    """For each character of the text: was it used as evidence?"""
    out = [False] * len(text)
    for span in spans:
        for i in range(span.start, min(span.end, len(text))):
            out[i] = True
    return out


def underlined(text: str, spans: tuple[Span, ...]) -> Iterator[str]:
    """The lines of the text, each with a line below that marks what was used as evidence."""
    marked = used(text, spans)
    at = 0
    for line in text.split("\n"):
        marks = "".join("^" if marked[at + i] else " " for i in range(len(line)))
        yield f"   | {line}"
        if marks.strip():
            yield f"   | {marks.rstrip()}"
        at += len(line) + 1
