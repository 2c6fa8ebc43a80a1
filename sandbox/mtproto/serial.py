"""TL objects to bytes, and back."""

import struct
from typing import Any, Final, Protocol

from telethon.extensions import BinaryReader

VECTOR: Final = b"\x15\xc4\xb5\x1c"
TRUE: Final = struct.pack("<I", 0x997275B5)
FALSE: Final = struct.pack("<I", 0xBC799737)

#: No layer knows it: what a client of an older layer gets when Telegram sends something new.
UNKNOWN_CONSTRUCTOR: Final = struct.pack("<I", 0xDEADBEEF)


class Serialisable(Protocol):
    def _bytes(self) -> bytes: ...


class Encoded:
    """A TL object that has been serialised already; it may stand wherever a TL object may."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def _bytes(self) -> bytes:
        return self.data


def encode(value: Any) -> bytes:
    """The bytes of an answer: an object, a bool, or a vector of objects or integers."""
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, list):
        head = VECTOR + struct.pack("<i", len(value))
        return head + b"".join(struct.pack("<i", x) if isinstance(x, int) else x._bytes() for x in value)
    data: bytes = value._bytes()
    return data


def decode(data: bytes) -> Any:
    """The first object in `data`: a request or a type. Raises telethon's TypeNotFoundError when unknown."""
    return BinaryReader(data).tgread_object()
