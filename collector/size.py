"""A number of bytes as a config writes it."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?B?)\s*", re.IGNORECASE)


def parse_size(text: str) -> int:
    """`20MB` -> 20 000 000. Raises ValueError that says what is allowed."""
    found = _SIZE.fullmatch(text)
    unit = found[2].upper() if found else ""
    if found is None or (unit := unit if unit in _UNITS else f"{unit}B") not in _UNITS:
        raise ValueError(f"{text!r} is no size: write it like 500KB, 20MB or 1.5GB")
    return round(float(found[1]) * _UNITS[unit])


def write_size(size: int) -> str:
    """20 000 000 -> `20MB`; what is no whole number of a unit is given in a smaller one."""
    for unit in ("TB", "GB", "MB", "KB"):
        if size and size % _UNITS[unit] == 0:
            return f"{size // _UNITS[unit]}{unit}"
    return f"{size}B"


def _parsed(value: object) -> object:
    return parse_size(value) if isinstance(value, str) else value


#: Written `500KB`, `20MB`, `1.5GB`; powers of ten.
Size = Annotated[
    int,
    BeforeValidator(_parsed),
    Field(ge=0),
    PlainSerializer(write_size, return_type=str, when_used="json"),
]
