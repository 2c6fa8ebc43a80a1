"""Invite links of private channels."""

from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.channel import Channel
from sandbox.mtproto.call import Call, method
from sandbox.mtproto.factory import make
from sandbox.mtproto.fault import RpcFault
from sandbox.mtproto.methods.channels import joined


def _invited(call: Call, link: str) -> Channel:
    channel = next((c for c in call.world.channels.values() if c.invite == link and not c.deleted), None)
    if channel is None:
        raise RpcFault(400, "INVITE_HASH_INVALID")
    if call.account.id in channel.banned:
        raise RpcFault(400, "INVITE_HASH_EXPIRED")
    return channel


@method("messages.checkChatInvite")
def check_chat_invite(call: Call, request: Any) -> Any:
    channel = _invited(call, request.hash)
    if call.account.id in channel.members:
        return T.ChatInviteAlready(chat=call.render.channel(channel, call.account.id))
    return make(
        T.ChatInvite,
        title=channel.title,
        photo=T.PhotoEmpty(id=0),
        participants_count=channel.audience,
        channel=True,
        broadcast=True,
        public=not channel.private or None,
        about=channel.about or None,
    )


@method("messages.importChatInvite")
def import_chat_invite(call: Call, request: Any) -> Any:
    channel = _invited(call, request.hash)
    if call.account.id in channel.members:
        raise RpcFault(400, "USER_ALREADY_PARTICIPANT")
    call.world.join(channel, call.account)
    return joined(call, channel)
