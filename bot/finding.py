"""What the bot asks of a search: whoever wires it hands in one that can answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A post that was found."""

    channel_id: int
    post_id: int
    posted_at: datetime
    words: str  #: the part of its text that says what was sought
    is_gone: bool = False  #: deleted since


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of them, the newest first."""

    hits: tuple[Hit, ...]
    after: str | None = None  #: what to ask with for the next page; None: that was the last
    not_yet: int = 0  #: posts that the search does not know yet


#: The words, where to go on (None: from the newest), how many. Raises DeadairError that says what is wrong
#: with the words.
Search: TypeAlias = Callable[[str, str | None, int], Awaitable[Found]]
