"""The stock client, made to hand over what it throws away of a difference, and held to what it may ask."""

from collections.abc import Callable
from typing import Any

from telethon import TelegramClient
from telethon.network import MTProtoSender
from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812
from telethon.tl.alltlobjects import LAYER
from telethon.utils import get_input_peer

from collector.allowed import WATCHING, refuse


def forget_end(sender: Any) -> None:
    """How a connection ended, it keeps as an error; asyncio would tell it with a traceback, for nobody asked
    it.
    """
    end = sender._disconnected
    if end.done() and not end.cancelled():
        end.exception()


_EARLY = (T.UpdateNewChannelMessage, T.UpdateEditChannelMessage)


#: Stands in a list of dialogs for what is none; the client passes over one with somebody it knows nothing of.
_NONE = T.Dialog(
    peer=T.PeerUser(0),
    top_message=0,
    read_inbox_max_id=0,
    read_outbox_max_id=0,
    unread_count=0,
    unread_mentions_count=0,
    unread_reactions_count=0,
    unread_poll_votes_count=0,
    notify_settings=T.PeerNotifySettings(),
)


def _make_listable(answer: Any) -> None:
    """Telethon 1.45 stumbles over a folder or a community among the dialogs, and over whoever has no access
    hash, and lists none then (telethon/client/dialogs.py, `_load_next_chunk`). From how many there are on a
    page it sees whether there are more.
    """
    answer.dialogs = [each if isinstance(each, T.Dialog) else _NONE for each in answer.dialogs]
    answer.chats = [each for each in answer.chats if _has_access(each)]
    answer.users = [each for each in answer.users if _has_access(each)]


def _has_access(found: Any) -> bool:
    try:
        get_input_peer(found)
    except TypeError:
        return False
    return True


class StockClient(TelegramClient):  # type: ignore[misc]  # Telethon has no types
    """Telethon 1.45 takes over the counter of a difference before it looks at its edits and deletions, and so
    takes them for old; of a difference that is too long it delivers nothing (telethon/_updates/messagebox.py,
    `apply_channel_difference`). New posts of a difference it delivers.
    """

    _change: Callable[[Any], None] | None = None
    _skip: Callable[[int], None] | None = None
    _forget: Callable[[int], None] | None = None
    _early: Callable[[Any], None] | None = None

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
        elif isinstance(request, F.messages.GetDialogsRequest):
            _make_listable(answer)
        return answer

    def hand_over(
        self,
        change: Callable[[Any], None],
        skip: Callable[[int], None],
        forget: Callable[[int], None],
        early: Callable[[Any], None],
    ) -> None:
        """`change` gets every edit, deletion and the like of a difference, if it is delivered as well or not;
        `skip` the number of a channel of which Telegram says only that too much has happened; `forget` that
        of one in which posts are gone: how they read before, a difference does not say. `early` gets every
        post and edit that is pushed while something before it is missing: Telethon holds it back, and where
        it is gone by the time at which the missing is asked for, nobody hears of it.
        """
        self._change, self._skip, self._forget, self._early = change, skip, forget, early
        self._overheard: dict[int, int] = {}  # by channel, the counter after what was pushed without a hole
        queue = self._updates_queue
        put = queue.put_nowait

        def overheard(pushed: Any) -> None:
            self._overhear(pushed)
            put(pushed)

        queue.put_nowait = overheard

    async def _create_exported_sender(self, dc_id: int) -> Any:
        """The line to another data centre, where a file lies. Telethon's own tries five times without a
        limit, reconnects in a hot loop, stays behind when it is given up halfway, and goes by addresses that
        were asked for once in the life of the process.
        """
        type(self)._config = None
        there = await self._get_dc(dc_id)
        sender = MTProtoSender(
            None, loggers=self._log, retries=0, auto_reconnect=False, connect_timeout=self._timeout
        )
        try:
            await sender.connect(
                self._connection(
                    there.ip_address,
                    there.port,
                    there.id,
                    loggers=self._log,
                    proxy=self._proxy,
                    local_addr=self._local_addr,
                )
            )
            ticket = await self(F.auth.ExportAuthorizationRequest(dc_id))
            refuse(entry := F.auth.ImportAuthorizationRequest(ticket.id, ticket.bytes), self.may)
            self._init_request.query = entry
            await sender.send(F.InvokeWithLayerRequest(LAYER, self._init_request))
        except BaseException:
            await sender.disconnect()
            forget_end(sender)
            raise
        return sender

    async def leave_centre(self, dc_id: int) -> None:
        """Hang up on another data centre; the next file that lies there makes a new line."""
        async with self._borrow_sender_lock:
            _, sender = self._borrowed_senders.pop(dc_id, (None, None))
        if sender is not None:
            await sender.disconnect()
            forget_end(sender)

    def _overhear(self, pushed: Any) -> None:
        """As it comes from the line, before Telethon puts it into its place."""
        for each in getattr(pushed, "updates", None) or [getattr(pushed, "update", None)]:
            message = getattr(each, "message", None)
            number = getattr(each, "channel_id", None) or getattr(
                getattr(message, "peer_id", None), "channel_id", None
            )
            state = self._message_box.map.get(number)
            after, count = getattr(each, "pts", None), getattr(each, "pts_count", None)
            if number is None or state is None or not (isinstance(after, int) and isinstance(count, int)):
                continue
            before = max(state.pts, self._overheard.get(number, 0))
            if after <= before + count:
                self._overheard[number] = max(before, after)
            elif isinstance(each, _EARLY) and self._early is not None:
                self._early(each)

    def _look_through(self, channel_id: int, difference: Any) -> None:
        if isinstance(difference, T.updates.ChannelDifferenceTooLong) and self._skip is not None:
            self._skip(channel_id)
        elif isinstance(difference, T.updates.ChannelDifference) and self._change is not None:
            for update in difference.other_updates:
                self._change(update)
            gone = any(isinstance(each, T.UpdateDeleteChannelMessages) for each in difference.other_updates)
            if gone and self._forget is not None:
                self._forget(channel_id)
