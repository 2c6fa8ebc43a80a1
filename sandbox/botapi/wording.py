"""The text of a call: markup read, trimmed, links and commands found, held to Telegram's limits."""

import re

from sandbox.botapi.call import Call
from sandbox.botapi.errors import Json, bad_request
from sandbox.botapi.markup import Formatted, parse_html, units

LONGEST_TEXT = 4096  #: UTF-16 units after the markup is read
LONGEST_CAPTION = 1024
MOST_ENTITIES = 100  #: Telegram drops the rest without a word

_BLANK = " \n\t\r\v\f\u200b\u200c\u200d\u2060\ufeff"
_FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/]))"
    r"|(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)\]])"
    r"|(?P<mention>(?<!\w)@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w))"
    r"|(?P<hashtag>(?<!\w)#\w*[^\W\d]\w*)"
)


def find_entities(text: str) -> tuple[Json, ...]:
    """Commands, addresses, mentions and hashtags, which Telegram marks by itself."""
    return tuple(
        {"type": str(m.lastgroup), "offset": units(text[: m.start()]), "length": units(m[0])}
        for m in _FOUND.finditer(text)
    )


def read_text(call: Call) -> Formatted:
    """The `text` of a message. Raises Refused when it is empty, too long or badly marked up."""
    read = _read(call.text("text"), call.text("parse_mode"), call.thing("entities"))
    if not read.text:
        raise bad_request("message text is empty")
    if units(read.text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return read


def read_caption(source: Json) -> Formatted:
    """The caption in a call's or a medium's fields; it may be empty."""
    entities = source.get("caption_entities")
    read = _read(str(source.get("caption") or ""), str(source.get("parse_mode") or ""), entities)
    if units(read.text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    return read


def _read(source: str, mode: str, given: object) -> Formatted:
    match mode.lower():
        case "html":
            read = parse_html(source)
        case "" | "none":
            read = Formatted(source, _given(given, source))
        case _:
            # Markdown is left out on purpose: its escaping rules are a trap, our bot speaks HTML.
            raise bad_request("unsupported parse_mode")
    return _mark(_trim(read))


def _given(entities: object, text: str) -> tuple[Json, ...]:
    if not isinstance(entities, list):
        return ()
    length = units(text)
    for entity in entities:
        if not isinstance(entity, dict) or not {"type", "offset", "length"} <= entity.keys():
            raise bad_request("can't parse MessageEntity: Can't find field \"type\"")
        if entity["offset"] < 0 or entity["offset"] + entity["length"] > length:
            raise bad_request("entity beyond the end of the text")
    return tuple(entities)


def _trim(read: Formatted) -> Formatted:
    """Without blanks at the ends; an entity keeps those before it, as Telegram does it."""
    text = read.text.replace("\r", "").rstrip(_BLANK)
    first = min((e["offset"] for e in read.entities), default=len(text))
    lead = min(len(text) - len(text.lstrip(" \n")), first)
    text, length = text[lead:], units(text[lead:])
    entities = [e | {"offset": e["offset"] - lead} for e in read.entities]
    entities = [
        e | {"length": min(e["length"], length - e["offset"])} for e in entities if e["offset"] < length
    ]
    return Formatted(text, tuple(entities))


def _mark(read: Formatted) -> Formatted:
    taken = [
        (e["offset"], e["offset"] + e["length"])
        for e in read.entities
        if e["type"] in ("code", "pre", "text_link")
    ]
    found = [
        e
        for e in find_entities(read.text)
        if not any(e["offset"] < end and start < e["offset"] + e["length"] for start, end in taken)
    ]
    every = sorted([*read.entities, *found], key=lambda e: (e["offset"], -e["length"]))
    return Formatted(read.text, tuple(every[:MOST_ENTITIES]))
