"""channels.*: channels themselves, and posts by id."""

from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.channel import Channel
from sandbox.mtproto.call import Call, method
from sandbox.mtproto.factory import make
from sandbox.mtproto.fault import RpcFault
from sandbox.mtproto.serial import Encoded, decode
from sandbox.post import Post

#: https://core.telegram.org/method/channels.joinChannel: an account may be in so many channels.
JOINED_AT_MOST = 500


def page_of(call: Call, channel: Channel, posts: list[Any], count: int | None = None) -> Any:
    """Posts in the shape that tells the client there may be more: with the count of all."""
    return make(
        T.messages.ChannelMessages,
        pts=channel.pts,
        count=len(channel.ids) if count is None else count,
        messages=posts,
        chats=[call.render.channel(channel, call.account.id)],
    )


def changed(call: Call, channel: Channel) -> Any:
    return T.Updates(
        updates=[T.UpdateChannel(channel_id=channel.id)],
        users=[],
        chats=[call.render.channel(channel, call.account.id)],
        date=call.now,
        seq=0,
    )


@method("channels.getChannels")
def get_channels(call: Call, request: Any) -> Any:
    """One that is closed to the account comes as ChannelForbidden, not as an error."""
    return T.messages.Chats(
        chats=[call.render.channel(call.named(each), call.account.id) for each in request.id]
    )


@method("channels.getFullChannel")
def get_full_channel(call: Call, request: Any) -> Any:
    channel = call.readable(request.channel)
    pinned = next((i for i in reversed(channel.ids) if channel.posts[i].pinned), None)
    full = make(
        T.ChannelFull,
        id=channel.id,
        about=channel.about,
        pts=channel.pts,
        participants_count=channel.audience,
        pinned_msg_id=pinned,
    )
    return T.messages.ChatFull(
        full_chat=full, chats=[call.render.channel(channel, call.account.id)], users=[]
    )


@method("channels.joinChannel")
def join_channel(call: Call, request: Any) -> Any:
    channel = call.readable(request.channel)
    if sum(call.account.id in c.members for c in call.world.channels.values()) >= JOINED_AT_MOST:
        raise RpcFault(400, "CHANNELS_TOO_MUCH")
    call.world.join(channel, call.account)
    return joined(call, channel)


def joined(call: Call, channel: Channel) -> Any:
    """Since layer 21x a join answers with the updates inside another object."""
    constructor = getattr(T.messages, "ChatInviteJoinResultOk", None)
    updates = changed(call, channel)
    return updates if constructor is None else constructor(updates=updates)


@method("channels.leaveChannel")
def leave_channel(call: Call, request: Any) -> Any:
    channel = call.readable(request.channel)
    if call.account.id not in channel.members:
        raise RpcFault(400, "USER_NOT_PARTICIPANT")
    call.world.leave(channel, call.account)
    return changed(call, channel)


@method("channels.getMessages")
def get_messages(call: Call, request: Any) -> Any:
    """By id; what is not there comes as MessageEmpty in its place."""
    channel = call.readable(request.channel)
    if len(request.id) > 100:
        raise RpcFault(400, "MESSAGE_IDS_TOO_MUCH")
    wanted = [getattr(each, "id", each) for each in request.id]
    shown = (
        {}
        if channel.history_hidden
        else {i: channel.posts.get(i) for i in wanted if channel.shows(i, call.account.id)}
    )
    return page_of(call, channel, [_or_empty(call, shown.get(i), i) for i in wanted])


def _or_empty(call: Call, post: Post | None, number: int) -> Any:
    return call.render.post(post) if post is not None else _empty(number)


def _empty(number: int) -> Encoded:
    return Encoded(make(T.MessageEmpty, id=number, peer_id=None)._bytes())


def hollow(message: Encoded) -> Encoded:
    """The place of a post, without the post."""
    return _empty(decode(message._bytes()).id)
