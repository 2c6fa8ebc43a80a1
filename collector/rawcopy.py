"""Raw copies of messages: made when a message comes, read again when somebody asks for it."""

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from telethon.extensions import BinaryReader
from telethon.tl import TLObject
from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl.alltlobjects import LAYER

from domain.post import RawCopy

log = structlog.get_logger(__name__)

#: Bytes that say of what kind an object is, and have been read before it is.
_CONSTRUCTOR = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """A raw copy as this version of Telethon reads it."""

    layer: int
    message: Mapping[str, Any] | None  #: None: it cannot be read any more
    trouble: str = ""  #: why not, or why it may not be all
    data: bytes = field(default=b"", repr=False)


def _keep_bytes(kind: Any) -> None:
    """Have every message of a kind keep the bytes that it was read from: just as Telegram sent them, and
    cheaper than writing them anew."""
    read = kind.from_reader.__func__

    def from_reader(cls: Any, reader: Any) -> Any:
        start = reader.position - _CONSTRUCTOR
        message = read(cls, reader)
        message._came_as = bytes(reader.stream[start : reader.position])
        return message

    kind.from_reader = classmethod(from_reader)


for _kind in (T.Message, T.MessageService):
    _keep_bytes(_kind)


def raw_copy(message: Any) -> RawCopy | None:
    """The bytes of a message. None, and a word in the log, when they are not known and Telethon cannot write
    what it has read.
    """
    try:
        return RawCopy(LAYER, getattr(message, "_came_as", None) or bytes(message._bytes()))
    except Exception as error:  # a copy that cannot be made must not cost the post
        log.warning("no raw copy of a message", kind=type(message).__name__, error=repr(error))
        return None


def reread(copy: RawCopy) -> Reread:
    """What a copy says. The bytes stay as they are, whatever comes of reading them."""
    try:
        found = BinaryReader(copy.data).tgread_object()
        is_whole = bytes(found._bytes()) == copy.data
        message = shown(found)
    except Exception as why:  # what is no message of this layer ends in whatever the client comes upon first
        trouble = (
            f"written in layer {copy.layer}, not readable in layer {LAYER}: {str(why) or type(why).__name__}"
        )
        return Reread(layer=copy.layer, message=None, trouble=trouble, data=copy.data)
    trouble = ""
    if not is_whole:
        trouble = f"written in layer {copy.layer}; layer {LAYER} reads it, but not all of it, or otherwise"
    return Reread(layer=copy.layer, message=message, trouble=trouble, data=copy.data)


def shown(value: Any) -> Any:
    """A TL object as JSON can hold it; bytes in base64. What says nothing is left out."""
    if isinstance(value, TLObject):
        said = value.to_dict()
        return {**shown(said), "_": type(value).__name__}
    if isinstance(value, dict):
        # Telethon makes no difference between an empty list and none.
        return {str(k): shown(v) for k, v in value.items() if v is not None and v is not False and v != []}
    if isinstance(value, (list, tuple)):
        return [shown(each) for each in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
