"""An export once more, from the word by which its manifest names all that this takes."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from archive.errors import FilterError
from archive.export.columns import TABLES
from archive.export.make import Order
from archive.export.writers import Format
from archive.query import LARGEST, Query
from domain.instant import utc

_PARTS: Final = ("post", "revision", "claim")


def read_again(word: str) -> tuple[Order, Mapping[str, Any]]:
    """The order without its query, and the query as the manifest had it, which is still to be proved.

    Raises FilterError for what no manifest holds.
    """
    try:
        packed = base64.b64decode(word.encode("ascii") + b"=" * (-len(word) % 4), b"-_", validate=True)
        document = json.loads(packed)
        at = utc(datetime.fromisoformat(document["at"]))
        reader, query = document["reader"], document["query"]
        upto = dict(zip(_PARTS, document["upto"], strict=True))
        tables = list(dict.fromkeys(document["tables"]))
        order = Order(
            query=Query(),
            tables=tables,
            format=Format(document["format"]),
            at=at,
            reader_version=reader,
            upto=upto,
        )
    except (ValueError, TypeError, KeyError, OverflowError, binascii.Error, RecursionError):
        raise _unreadable() from None
    numbers = [*upto.values(), *([] if reader is None else [reader])]
    is_sound = (
        bool(tables)
        and set(tables) <= set(TABLES)
        and isinstance(query, dict)
        and all(type(n) is int and 0 <= n < LARGEST for n in numbers)
    )
    if not is_sound:
        raise _unreadable()
    return order, query


def _unreadable() -> FilterError:
    return FilterError(
        "it is none that a manifest holds", hint="take it from the manifest.json of an export, as it is"
    )
