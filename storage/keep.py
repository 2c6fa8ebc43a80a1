"""How long what posts say may stay, as a config writes it."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator

from domain.instant import write_span
from storage.span import Span

#: From the posts of eight weeks a rhythm is learned, of a topic too that was named only since: nothing may be
#: missing in what they say.
LEAST: Final = timedelta(weeks=9)


def _long_enough(value: timedelta) -> timedelta:
    if timedelta() < value < LEAST:
        raise ValueError(
            f"{write_span(value)} is too short: rhythms are learned from what eight weeks of posts say; "
            "write 9w or more, or 0s to keep them for ever"
        )
    return value


#: `0s`: for ever.
Keep = Annotated[Span, AfterValidator(_long_enough)]
