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


def messages(stream: Stream) -> Iterator[tuple[str, Any, Chat] | Bad]:
    """Every element of an array at the top, of `messages`, or of the `messages` of each of its chats.

    Where the document breaks off or is no JSON, everything before is kept and the place is told.
    """
    stream = marked(stream)
    chat, n, last = Chat(), 0, "the beginning"
    builder: _Builder | None = None
    fields: dict[str, str] = {"name": "name", "type": "kind", "id": "number"}
    try:
        for prefix, event, value in ijson.parse(stream, buf_size=1 << 16):
            if builder is not None:
                if not builder.take(event, value):
                    continue
                n += 1
                last = f"{chat.place}message {n}"
                yield last, builder.value, chat
                builder = None
            elif prefix.endswith(".item") or prefix == "item":
                if prefix == "item" or prefix.endswith("messages.item"):
                    builder = _Builder()
                    if builder.take(event, value):
                        n += 1
                        last = f"{chat.place}message {n}"
                        yield last, builder.value, chat
                        builder = None
                elif event == "start_map" and prefix in ("chats.list.item", "left_chats.list.item"):
                    chat, n = Chat(), 0
                    last = f"the beginning of a chat after {last}"
            elif value is not None and event in ("string", "number"):
                parent, _, key = prefix.rpartition(".")
                if key in fields and parent in ("", "chats.list.item", "left_chats.list.item"):
                    setattr(chat, fields[key], value)
                    if key == "name" and parent:
                        chat.place = f"chat {str(value)[:40]!r}, "
    except (ijson.JSONError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0].strip() if str(error) else type(error).__name__
        yield Bad(place=f"after {last}", reason=f"the JSON breaks off here, about byte {stream.at}: {reason}")


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
            self._open.append(made)
            return False
        self.value = made
        return not self._open
