"""One JSON document of any size: its messages, one after the other, each with what is known of its chat."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ijson

from collector.importers.record import Bad
from collector.importers.stream import Stream, marked


@dataclass(slots=True)
class Chat:
    """What the document says of the chat before its messages begin."""

    name: str | None = None
    kind: str | None = None  #: Telegram Desktop's type: public_channel, private_group, ...
    number: Any = None
    place: str = ""
    of_account: bool = False  #: one of the chats in an export of a whole account


#: Deeper than any message is nested; a parser that follows further runs out of memory.
DEEPEST = 100
_CHATS = (["chats", "list", "item"], ["left_chats", "list", "item"])
_FIELDS = {"name": "name", "type": "kind", "id": "number"}


def messages(stream: Stream) -> Iterator[tuple[str, Any, Chat] | Bad]:
    """Every element of an array at the top, of `messages`, or of the `messages` of each of its chats.

    Where the document breaks off or is no JSON, everything before is kept and the place is told.
    """
    stream = marked(stream)
    walk = _Walk()
    try:
        for event, value in ijson.basic_parse(stream, buf_size=1 << 16):
            if walk.take(event, value):
                yield walk.place, walk.value, walk.chat
    except (ijson.JSONError, ValueError) as error:
        reason = str(error).splitlines()[0].strip() if str(error) else type(error).__name__
        yield Bad(
            place=f"after {walk.place}", reason=f"the JSON breaks off here, about byte {stream.at}: {reason}"
        )


class _Walk:
    """Follows a document event by event: where are we, in which chat, and is a message whole?"""

    def __init__(self) -> None:
        self.chat = Chat()
        self.place = "the beginning"
        self.value: Any = None
        self._path: list[str] = []  # the key in each open object, `item` for each open array
        self._builder: _Builder | None = None
        self._n = 0

    def take(self, event: str, value: Any) -> bool:
        """Take an event; True when a message is whole."""
        if self._builder is not None:
            if not self._builder.take(event, value):
                return False
            self._n += 1
            self.place = f"{self.chat.place}message {self._n}"
            self.value, self._builder = self._builder.value, None
            return True
        path = self._path
        if event == "map_key":
            path[-1] = value
        elif event in ("end_map", "end_array"):
            path.pop()
        elif path[-1:] == ["item"] and self._is_message():
            self._builder = _Builder()
            return self.take(event, value)
        elif event in ("start_map", "start_array"):
            if event == "start_map" and path in _CHATS:
                self.chat, self._n = Chat(place="a chat without a name, ", of_account=True), 0
            if len(path) >= DEEPEST:
                raise ValueError("nested beyond reason")
            path.append("" if event == "start_map" else "item")
        elif path and path[-1] in _FIELDS and (len(path) == 1 or path[:-1] in _CHATS):
            setattr(self.chat, _FIELDS[path[-1]], value)
            if path[-1] == "name" and len(path) > 1 and value:
                self.chat.place = f"chat {str(value)[:40]!r}, "
        return False

    def _is_message(self) -> bool:
        path = self._path
        return len(path) == 1 or (path[-2] == "messages" and (len(path) == 2 or path[:-2] in _CHATS))


class _Builder:
    """Puts one value together from the events of a parser."""

    __slots__ = ("_key", "_open", "value")

    def __init__(self) -> None:
        self.value: Any = None
        self._open: list[Any] = []  # containers not yet ended, the outermost first
        self._key = ""

    def take(self, event: str, value: Any) -> bool:
        """Take an event; True when the value is whole."""
        if event == "map_key":
            self._key = value
            return False
        if event in ("end_map", "end_array"):
            self.value = self._open.pop()
            return not self._open
        made: Any = {} if event == "start_map" else [] if event == "start_array" else value
        if self._open:
            container = self._open[-1]
            if isinstance(container, dict):
                container[self._key] = made
            else:
                container.append(made)
        if event in ("start_map", "start_array"):
            if len(self._open) >= DEEPEST:
                raise ValueError("nested beyond reason")
            self._open.append(made)
            return False
        self.value = made
        return not self._open
