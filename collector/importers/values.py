"""Numbers, instants and texts as files hold them."""

import math
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any, Never

from collector.importers.errors import Unusable
from domain.instant import FIRST as FIRST

_MOST = 2**63 - 1
_MOST_POST_ID = 2**31 - 1  # `id:int` in https://core.telegram.org/constructor/message
_MILLISECONDS = 10**11  # as seconds, the year 5138

#: Stands for bytes that are no UTF-8: a character that no text may hold (https://unicode.org/faq/private_use.html).
UNDECODABLE = "\ufdd0"


def shown(value: object) -> str:
    """A value as a reason quotes it: not more than is needed to find it."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def whole(value: Any) -> int | None:
    """An integer, also where it is written as text or as 12.0; None: it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= 40:
        try:
            return int(value)
        except ValueError:
            return None
    if isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value):
        return int(value)
    return None


def post_id(value: Any) -> int:
    """A post's number. Raises Unusable."""
    if value is None:
        raise Unusable("it has no id")
    number = whole(value)
    if number is None:
        raise Unusable(f"its id is no number: {shown(value)}")
    if not 0 < number <= _MOST_POST_ID:
        raise Unusable(f"no post of a channel has the id {shown(number)}")
    return number


def count(value: Any) -> int | None:
    """A count or a number of something that matters little: what is unfit is left out."""
    number = whole(value)
    return number if number is not None and 0 <= number <= _MOST else None


def channel_number(value: Any) -> int | None:
    """A channel's number without the -100 that the Bot API and Telethon put before it."""
    if isinstance(value, str):
        value = value.removeprefix("channel")
    number = whole(value)
    if number is None or number == 0 or abs(number) > _MOST:
        return None
    if number < 0:
        text = str(-number)
        return int(text[3:]) if text.startswith("100") and len(text) > 3 and int(text[3:]) else None
    return number


def instant(value: Any, zone: tzinfo | None, what: str = "date") -> datetime:
    """An instant in UTC, from ISO 8601 or seconds (or milliseconds) since 1970. Raises Unusable.

    One without a zone is read in `zone`; without that it is refused: nobody can say which instant it is.
    """
    if value is None or value == "":
        raise Unusable(f"it has no {what}")
    if isinstance(value, datetime):
        at = value
    elif (number := whole(value)) is not None:
        try:
            at = datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS else number, UTC)
        except (ValueError, OverflowError, OSError):
            _out_of_range(value, what)
    elif isinstance(value, str):
        try:
            at = datetime.fromisoformat(value.strip())
        except ValueError:
            raise Unusable(f"its {what} is none: {shown(value)}") from None
    else:
        raise Unusable(f"its {what} is none: {shown(value)}")
    if at.tzinfo is None:
        if zone is None:
            raise Unusable(
                f"its {what} {shown(value)} has no time zone; name one with `deadair import --zone`"
            )
        at = at.replace(tzinfo=zone)
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        _out_of_range(value, what)
    if at < FIRST or at.year > 2100:
        _out_of_range(value, what)
    return at


def _out_of_range(value: Any, what: str) -> Never:
    raise Unusable(f"its {what} {shown(value)} is not of Telegram's time")


def maybe_instant(value: Any, zone: tzinfo | None) -> datetime | None:
    """An instant that may be missing or unfit: then it is left out."""
    try:
        return instant(value, zone)
    except Unusable:
        return None


def text_of(value: Any) -> str:
    """A text that may be null. Raises Unusable when it is something else."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unusable(f"its text is no text: {shown(value)}")
    return value


def words(value: Any) -> str | None:
    """A name or signature; None where there is none. Of half a letter, which JSON can write, `?` remains."""
    if not isinstance(value, str):
        return None
    return value.encode("utf-8", "replace").decode().strip() or None


def records(value: Any) -> list[dict[str, Any]]:
    """The records of a list; none where it is no list, or holds something else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def truth(value: Any) -> bool:
    """Yes or no, also as CSV writes it."""
    if isinstance(value, str):
        return value.strip().lower() in ("true", "1", "yes")
    return value is True or value == 1


def plain(value: Any) -> Any:
    """The value with nothing in it that JSON could not hold."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
