"""The stock client, made to hand over what it throws away of a difference, and held to what it may ask."""

from collections.abc import Callable
from typing import Any

from telethon import TelegramClient
from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812

from collector.allowed import WATCHING, refuse


class StockClient(TelegramClient):  # type: ignore[misc]  # Telethon has no types
    """Telethon 1.45 takes over the counter of a difference before it looks at its edits and deletions, and so
    takes them for old; of a difference that is too long it delivers nothing (telethon/_updates/messagebox.py,
    `apply_channel_difference`). New posts of a difference it delivers.
    """

    _change: Callable[[Any], None] | None = None
    _skip: Callable[[int], None] | None = None

    may: frozenset[str] = WATCHING  #: the methods it may call

    async def _call(self, sender: Any, request: Any, *rest: Any, **more: Any) -> Any:
        """Everything that it asks comes through here, what it asks of its own accord too."""
        for each in request if isinstance(request, list | tuple) else [request]:
            refuse(each, self.may)
        return await super()._call(sender, request, *rest, **more)

    async def __call__(
        self, request: Any, ordered: bool = False, flood_sleep_threshold: int | None = None
    ) -> Any:
        answer = await super().__call__(request, ordered, flood_sleep_threshold)
        if isinstance(request, F.updates.GetChannelDifferenceRequest):
            self._look_through(request.channel.channel_id, answer)
        return answer

    def hand_over(self, change: Callable[[Any], None], skip: Callable[[int], None]) -> None:
        """`change` gets every edit, deletion and the like of a difference, if it is delivered as well or not;
        `skip` the number of a channel of which Telegram says only that too much has happened."""
        self._change, self._skip = change, skip

    def _look_through(self, channel_id: int, difference: Any) -> None:
        if isinstance(difference, T.updates.ChannelDifferenceTooLong) and self._skip is not None:
            self._skip(channel_id)
        elif isinstance(difference, T.updates.ChannelDifference) and self._change is not None:
            for update in difference.other_updates:
                self._change(update)
