"""A span of time as a config writes it. Here because every room with settings stands above this one."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from domain.instant import LONGEST, parse_span, write_span


def _parsed(value: object) -> object:
    return parse_span(value) if isinstance(value, str) else value


#: Written `45s`, `90m`, `6h`, `1h30m`, `2d`.
Span = Annotated[
    timedelta,
    BeforeValidator(_parsed),
    Field(ge=timedelta(0), le=LONGEST),
    PlainSerializer(write_span, return_type=str, when_used="json"),
]
