"""Telegram's HTML: escaping, measuring, cutting it where nothing breaks, and turning it back into plain text.

Lengths are UTF-16 units of what is left when the markup is read, as Telegram counts them
(https://core.telegram.org/bots/api#sendmessage).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape as _escape
from html import unescape

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_ANSWER = 200  #: to a pressed button

# Directional controls of a foreign text could turn ours around; what is left is put between isolates.
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])
FIRST_STRONG_ISOLATE, LEFT_TO_RIGHT_ISOLATE, POP_ISOLATE = "\u2068", "\u2066", "\u2069"
# What Unicode calls surrogates and controls, for all time (https://www.unicode.org/policies/stability_policy.html),
# but for the line's end and the tab.
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_MARK = r"<[^<>]*>|&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);"
_MARKS = re.compile(_MARK)
_TOKEN = re.compile(f"{_MARK}|[^<&]|[<&]", re.DOTALL)
_TAG_NAME = re.compile(r"</?\s*([a-z-]+)", re.IGNORECASE)


class Html(str):
    """Text that is marked up and safe to send; any other str is somebody's text and must be escaped."""

    __slots__ = ()

    def __add__(self, other: str) -> "Html":
        return Html(str.__add__(self, html(other)))


def html(value: object) -> Html:
    """A value as HTML: markup stays, everything else is escaped."""
    return value if isinstance(value, Html) else Html(_escape(clean(str(value)), quote=True))


def clean(text: str) -> str:
    """Without what cannot be sent or would garble the line: lone surrogates, control characters."""
    return _UNSENDABLE.sub("", text)


def foreign(text: str, longest: int = 0) -> Html:
    """A name or words of somebody else within our sentence: one line, kept apart whatever way it runs."""
    line = " ".join(clean(text).translate(_BIDI).split())
    if longest and len(line) > longest:
        line = line[: longest - 1].rstrip() + "…"
    return Html(f"{FIRST_STRONG_ISOLATE}{html(line)}{POP_ISOLATE}") if line else Html("")


def bold(value: object) -> Html:
    return Html(f"<b>{html(value)}</b>")


def italic(value: object) -> Html:
    return Html(f"<i>{html(value)}</i>")


def link(value: object, url: str) -> Html:
    return Html(f'<a href="{html(url)}">{html(value)}</a>')


def joined(parts: list[Html], by: str = "\n") -> Html:
    """Several pieces as one, without the empty ones."""
    return Html(html(by).join(part for part in parts if part))


def paragraphs(blocks: Iterable[Sequence[Html]]) -> Html:
    """Blocks of lines with an empty line between them; empty blocks are left out."""
    return Html("\n\n".join("\n".join(block) for block in blocks if block))


def plain(marked: str) -> str:
    """What a reader sees of it."""
    return _MARKS.sub(lambda mark: "" if _is_tag(mark[0]) else unescape(mark[0]), marked)


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def length(marked: str) -> int:
    """Length as Telegram counts it."""
    return units(plain(marked))


def shortened(text: str, longest: int) -> str:
    """Plain text of at most `longest` UTF-16 units; an ellipsis says that it goes on."""
    if units(text) <= longest:
        return text
    out, used = [], 1
    for c in text:
        used += units(c)
        if used > longest:
            break
        out.append(c)
    while out and _belongs_to_the_one_before(out[-1]):
        out.pop()
    return "".join(out).rstrip() + "…"


def split(marked: str, longest: int = LONGEST_TEXT) -> list[Html]:
    """Cut into pieces of at most `longest` units: at a line's end, else between words, else anywhere.

    What is open at a cut is closed and opened again in the next piece. Pieces without a visible character
    are left out, for Telegram refuses them.
    """
    pieces: list[Html] = []
    rest = _TOKEN.findall(marked)
    opened: list[str] = []  # start tags open where `rest` begins
    while rest:
        cut = _cut(rest, longest)
        head, rest = rest[:cut], rest[cut:]
        tags = list(opened)
        for token in head:
            if _is_tag(token):
                _follow(tags, token)
        body = "".join([*opened, *head]) + "".join(f"</{_name(tag)}>" for tag in reversed(tags))
        if plain(body).strip():
            pieces.append(Html(body.strip("\n ")))
        opened = tags
    return pieces


def _cut(tokens: list[str], longest: int) -> int:
    """How many tokens fit, ending at the best place."""
    used, line, word = 0, 0, 0
    for n, token in enumerate(tokens):
        used += 0 if _is_tag(token) else units(unescape(token))
        if used > longest:
            enough = n // 2  # a cut earlier than this would waste the message
            if line > enough:
                return line
            if word > enough:
                return word
            while n > 1 and _belongs_to_the_one_before(tokens[n]):
                n -= 1
            return max(n, 1)
        if token == "\n":  # noqa: S105 - a line's end, no secret
            line = n + 1
        elif token.isspace():
            word = n + 1
    return len(tokens)


def _belongs_to_the_one_before(token: str) -> bool:
    """Accents, joiners and variation selectors, which would stand alone after a cut."""
    if _is_tag(token):
        return False
    first = unescape(token)[:1]
    return unicodedata.combining(first) > 0 or first in "\u200d\ufe0f\ufe0e" if first else False


def _is_tag(token: str) -> bool:
    return len(token) > 2 and token[0] == "<"


def _name(tag: str) -> str:
    found = _TAG_NAME.match(tag)
    return found[1].lower() if found else ""


def _follow(tags: list[str], token: str) -> None:
    if not token.startswith("</"):
        tags.append(token)
    elif tags:
        tags.pop()
