"""Text as Telegram reads it: HTML to plain text with entities, counted in UTF-16 units.

The grammar and the words of its errors follow the parser of Telegram's own library
(https://github.com/tdlib/td, td/telegram/MessageEntity.cpp, parse_html).
"""

import re
from dataclasses import dataclass

from sandbox.botapi.errors import Json, bad_request

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
#: The only names Telegram knows; any other is left in the text as it stands, and so is a lone "&".
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
SPACES = " \t\r\n\0\v"
_CHARACTER = re.compile(
    r"&(?:#(?P<dec>[0-9]{1,7})(?![0-9])|#x(?P<hex>[0-9a-fA-F]{1,6})(?![0-9a-fA-F])|(?P<name>[A-Za-z]+));?"
)
_USER_LINK = re.compile(r"tg://user\?id=(\d+)")
_LINK = re.compile(r"(?:https?|ftp|tg|ton|tonsite|mailto|tel)[:/]|[^\s/]+\.[^\s.]{2,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Formatted:
    """What is left of a text once the markup is read."""

    text: str
    entities: tuple[Json, ...] = ()


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    at: int  #: where it begins, in UTF-16 units
    index: int  #: the same, in characters


def units(text: str) -> int:
    """The length of a text as Telegram counts it: an emoji beyond the basic plane counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(source: str) -> Formatted:
    """Raises Refused with "can't parse entities" and Telegram's reason, at a byte offset."""
    return _HtmlReader(source).read()


class _HtmlReader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def read(self) -> Formatted:
        while self.at < len(self.source):
            if self.source[self.at] == "&":
                self._put(self._character())
            elif self.source[self.at] != "<":
                self._put(self.source[self.at])
                self.at += 1
            elif self.source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise self._wrong(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        # The longer of two that begin together comes first, as an outer one does.
        self.entities.sort(key=lambda e: (e["offset"], -e["length"]))
        return Formatted("".join(self.out), tuple(self.entities))

    def _put(self, text: str) -> None:
        self.out.extend(text)
        self.length += units(text)

    def _character(self) -> str:
        """The character that a reference at `at` stands for; a lone "&" stands for itself."""
        found = _CHARACTER.match(self.source, self.at)
        meant = "" if found is None else _meaning(found)
        self.at = found.end() if found and meant else self.at + 1
        return meant or "&"

    def _peek(self) -> str:
        return self.source[self.at] if self.at < len(self.source) else ""

    def _until(self, stops: str) -> str:
        start = self.at
        while self._peek() and self._peek() not in stops:
            self.at += 1
        return self.source[start : self.at]

    def _skip_spaces(self) -> None:
        while self._peek() and self._peek() in SPACES:
            self.at += 1

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name = self._until(SPACES + ">").lower()
        if not self._peek():
            raise self._wrong("Unclosed start tag", begin)
        if name not in TAGS:
            raise self._wrong(f'Unsupported start tag "{name}"', begin)
        argument = ""
        while True:
            self._skip_spaces()
            if self._peek() == ">":
                break
            attribute = self._until(SPACES + "=>/\"'")
            if not attribute:
                if not self._peek():
                    raise self._wrong(f'Unclosed start tag "{name}"', begin)
                raise self._wrong(f'Empty attribute name in the tag "{name}"', begin)
            value = self._attribute_value(name, begin)
            if value is None and attribute.lower() != "expandable":
                what = f'Expected equal sign in declaration of an attribute of the tag "{name}"'
                raise self._wrong(what, begin)
            argument = _argument(name, attribute.lower(), value) or argument
        self.at += 1
        if name == "span" and argument != "spoiler":
            raise self._wrong('Tag "span" must have class "tg-spoiler"', begin)
        self.open.append(_Open(name, argument, self.length, len(self.out)))

    def _attribute_value(self, tag: str, begin: int) -> str | None:
        self._skip_spaces()
        if self._peek() != "=":
            return None
        self.at += 1
        self._skip_spaces()
        quote = self._peek()
        if quote and quote in "\"'":
            self.at += 1
            value = []
            while self._peek() and self._peek() != quote:
                if self._peek() == "&":
                    value.append(self._character())
                else:
                    value.append(self._peek())
                    self.at += 1
            if not self._peek():
                raise self._wrong("Unclosed start tag", begin)
            self.at += 1
            return "".join(value)
        start = self.at
        while self._peek() and ((self._peek().isascii() and self._peek().isalnum()) or self._peek() in ".-"):
            self.at += 1
        if not self._peek():
            raise self._wrong(f'Unclosed start tag "{tag}"', begin)
        if self._peek() not in SPACES + ">":
            raise self._wrong("Unexpected end of name token", start)
        return self.source[start : self.at].lower()

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise self._wrong("Unexpected end tag", begin)
        self.at += 2
        name = self._until(SPACES + ">").lower()
        self._skip_spaces()
        if self._peek() != ">":
            raise self._wrong("Unclosed end tag", begin)
        self.at += 1
        opened = self.open.pop()
        if name and name != opened.tag:
            what = f'Unmatched end tag at byte offset {self._bytes(begin)}, expected "</{opened.tag}>"'
            raise self._wrong(f'{what}, found "</{name}>"')
        if self.length > opened.at:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity: Json = {"type": TAGS[opened.tag], "offset": opened.at, "length": self.length - opened.at}
        if opened.tag == "a":
            url = opened.argument or "".join(self.out[opened.index :])
            if found := _USER_LINK.fullmatch(url):
                entity["type"] = "text_mention"
                entity["user"] = {"id": int(found[1]), "is_bot": False, "first_name": ""}
            elif _LINK.match(url):
                entity["url"] = url if ":" in url else f"http://{url}"
            else:
                return  # a link that leads nowhere is plain text
        elif opened.tag == "tg-emoji":
            if not opened.argument.isdigit():
                raise self._wrong("Invalid custom emoji identifier specified")
            entity["custom_emoji_id"] = opened.argument
        elif opened.tag == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        elif opened.tag == "pre":
            last = self.entities[-1] if self.entities else {}
            if (
                last.get("type") == "code"
                and last["offset"] == opened.at
                and last["length"] == entity["length"]
            ):
                self.entities.pop()
                if "language" in last:
                    entity["language"] = last["language"]
        elif opened.tag == "code" and opened.argument and self.open and self.open[-1].tag == "pre":
            entity["language"] = opened.argument
        self.entities.append(entity)

    def _bytes(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def _wrong(self, why: str, at: int | None = None) -> Exception:
        where = "" if at is None else f" at byte offset {self._bytes(at)}"
        return bad_request(f"can't parse entities: {why}{where}")


def _meaning(reference: re.Match[str]) -> str:
    """The character a reference stands for; empty for one that Telegram does not know."""
    if reference["name"]:
        return NAMED.get(reference["name"], "")
    code = int(reference["dec"]) if reference["dec"] else int(reference["hex"], 16)
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code <= 0xDFFF else ""


def _argument(tag: str, attribute: str, value: str | None) -> str:
    """What a tag's attribute tells; attributes that mean nothing to Telegram are passed over."""
    if tag == "blockquote" and attribute == "expandable":
        return "1"
    if value is None:
        return ""
    if (tag, attribute) in (("a", "href"), ("tg-emoji", "emoji-id")):
        return value
    for name, prefix in (("code", "language-"), ("span", "tg-")):
        if tag == name and attribute == "class" and value.startswith(prefix):
            return value.removeprefix(prefix)
    return ""
