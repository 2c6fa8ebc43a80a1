"""Which channel is it? Telegram's number where a file has it, else one invented from the name."""

import re
from hashlib import blake2b

from collector.importers.record import Origin
from collector.importers.values import channel_number

_HANDLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_LINK = re.compile(r"^(?:https?://)?(?:t|telegram)\.me/(?:s/)?", re.IGNORECASE)


def origin_of(name: str | None, number: int | None = None, title: str | None = None) -> Origin | None:
    """What a name from a file or a command line says: a handle, a link, a number, or a title.

    A bare word is a handle, unless the number is known: then the name need not lead anywhere.
    """
    name = (name or "").strip()
    bare = _LINK.sub("", name).removeprefix("@").rstrip("/")
    if _HANDLE.fullmatch(bare) and (number is None or bare != name):
        return Origin(number=number, handle=bare, title=title)
    if number is None and (found := channel_number(bare)) is not None:
        return Origin(number=found, title=title)
    if not name and number is None and not title:
        return None
    return Origin(number=number, title=title or name or None)


def invented(name: str) -> int:
    """A number for a channel of which only the name is known.

    The same name always gives the same number. It is negative, so that it never meets one of Telegram's,
    and it fits what every database and every reader of JSON can hold.
    """
    digest = blake2b(name.strip().removeprefix("@").casefold().encode("utf-8", "replace"), digest_size=6)
    return -(int.from_bytes(digest.digest(), "big") or 1)


def number_of(origin: Origin) -> int:
    """The number that a channel's posts are given when no archive knows better."""
    return origin.number if origin.number is not None else invented(origin.handle or origin.title or "")
