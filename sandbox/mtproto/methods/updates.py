"""updates.*: how a client makes up for what it missed.

https://core.telegram.org/api/updates
"""

from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.channel import Channel
from sandbox.event import Event, Happening
from sandbox.mtproto.call import Call, method
from sandbox.mtproto.fault import RpcFault

#: After so many seconds a client that looks at a channel should ask again.
ASK_AGAIN = 30


def state(call: Call) -> Any:
    # pts 0 would mean "no state": the client then forgets what it knew of every channel.
    return T.updates.State(pts=1, qts=0, date=call.now, seq=0, unread_count=0)


@method("updates.getState")
def get_state(call: Call, _request: Any) -> Any:
    call.account  # noqa: B018 - raises when nobody is logged in
    return state(call)


@method("updates.getDifference")
def get_difference(call: Call, _request: Any) -> Any:
    """Nothing happens to the account itself; channels are named, for the client to ask each."""
    mine = [c for c in call.world.channels.values() if call.account.id in c.members and c.log]
    if not mine:
        return T.updates.DifferenceEmpty(date=call.now, seq=0)
    return T.updates.Difference(
        new_messages=[],
        new_encrypted_messages=[],
        other_updates=[T.UpdateChannelTooLong(channel_id=c.id, pts=c.pts) for c in mine],
        chats=[call.render.channel(c, call.account.id) for c in mine],
        users=[],
        state=state(call),
    )


@method("updates.getChannelDifference")
def get_channel_difference(call: Call, request: Any) -> Any:
    """In slices of `limit`; too far behind, only the newest posts and where to go on from."""
    channel = call.named(request.channel)
    if not channel.open_to(call.account.id):
        raise RpcFault(406, "CHANNEL_PRIVATE")  # this method has a code of its own for it
    if request.pts <= 0:
        raise RpcFault(400, "PERSISTENT_TIMESTAMP_EMPTY")
    if request.pts > channel.pts:
        raise RpcFault(400, "PERSISTENT_TIMESTAMP_INVALID")
    if request.pts == channel.pts:
        return T.updates.ChannelDifferenceEmpty(pts=channel.pts, final=True, timeout=ASK_AGAIN)
    if call.account.id in channel.hidden:
        return T.updates.ChannelDifferenceEmpty(pts=channel.pts, final=True, timeout=ASK_AGAIN)
    limit = min(max(request.limit, 1), 100)
    missed = channel.since(request.pts)
    if missed is None or channel.pts - request.pts > call.server.too_long_after:
        return T.updates.ChannelDifferenceTooLong(
            dialog=call.render.dialog(channel),
            messages=call.render.posts(channel.page(limit=limit)),
            chats=[call.render.channel(channel, call.account.id)],
            users=[],
            final=True,
            timeout=ASK_AGAIN,
        )
    return _slice(call, channel, missed[:limit], final=len(missed) <= limit)


def _slice(call: Call, channel: Channel, events: list[Event], *, final: bool) -> Any:
    """New posts as they are now: without those that have been deleted since, with the text after an edit."""
    new = [
        call.render.post(channel.posts[e.post.id])
        for e in events
        if e.kind is Happening.NEW and e.post is not None and e.post.id in channel.posts
    ]
    return T.updates.ChannelDifference(
        pts=events[-1].pts,
        new_messages=new,
        other_updates=[
            call.render.update_now(e) for e in events if e.kind is not Happening.NEW and _stands(channel, e)
        ],
        chats=[call.render.channel(channel, call.account.id)],
        users=[],
        final=final or None,
        timeout=ASK_AGAIN if final else None,
    )


def _stands(channel: Channel, event: Event) -> bool:
    return event.post is None or event.post.id in channel.posts
