"""messages.getDialogs and its kin: what the account is in, newest first."""

from datetime import datetime
from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.channel import Channel
from sandbox.mtproto.call import Call, method
from sandbox.mtproto.factory import make
from sandbox.mtproto.fault import RpcFault
from sandbox.mtproto.methods.updates import state

LARGEST_PAGE = 100


def _last_at(channel: Channel) -> datetime:
    newest = channel.newest()
    return newest.posted_at if newest else channel.created_at


def _parts(call: Call, channels: list[Channel]) -> dict[str, Any]:
    who = call.account.id
    newest = [post for c in channels if (post := c.newest(who)) is not None]
    return {
        "dialogs": [call.render.dialog(c, who) for c in channels],
        "messages": call.render.posts(newest),
        "chats": [call.render.channel(c, call.account.id) for c in channels],
        "users": [call.render.user(call.account)],
    }


@method("messages.getDialogs")
def get_dialogs(call: Call, request: Any) -> Any:
    """Channels the account is in. One that shut it out is not among them any more."""
    mine = [
        c
        for c in call.world.channels.values()
        if call.account.id in c.members and c.open_to(call.account.id) and not request.folder_id
    ]
    mine.sort(key=lambda c: (_last_at(c), c.id), reverse=True)
    rest = mine
    offset = getattr(request.offset_peer, "channel_id", None)
    if offset is not None:
        place = next((n for n, c in enumerate(mine) if c.id == offset), None)
        rest = mine[place + 1 :] if place is not None else []
    elif request.offset_date and request.offset_date.timestamp() > 0:
        rest = [c for c in mine if _last_at(c) < request.offset_date]
    page = rest[: min(request.limit or LARGEST_PAGE, LARGEST_PAGE)]
    if len(page) == len(mine):
        return T.messages.Dialogs(**_parts(call, page))
    return T.messages.DialogsSlice(count=len(mine), **_parts(call, page))


@method("messages.getPeerDialogs")
def get_peer_dialogs(call: Call, request: Any) -> Any:
    """The newest id and the pts of the peers asked for, in one call, members or not."""
    if len(request.peers) > LARGEST_PAGE:
        raise RpcFault(400, "INPUT_PEERS_TOO_MUCH")
    channels = [call.readable(each.peer) for each in request.peers]
    return make(T.messages.PeerDialogs, **_parts(call, channels), state=state(call))


@method("messages.getPinnedDialogs")
def get_pinned_dialogs(call: Call, _request: Any) -> Any:
    return make(T.messages.PeerDialogs, **_parts(call, []), state=state(call))
