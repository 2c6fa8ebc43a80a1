"""contacts.*: from a handle to a channel."""

from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.mtproto.call import Call, method
from sandbox.mtproto.fault import RpcFault


@method("contacts.resolveUsername")
def resolve_username(call: Call, request: Any) -> Any:
    handle = request.username.lstrip("@")
    if not 4 <= len(handle) <= 32 or not handle.replace("_", "").isalnum() or not handle.isascii():
        raise RpcFault(400, "USERNAME_INVALID")
    for account in call.world.accounts.values():
        if (account.username or "").lower() == handle.lower():
            user = call.render.user(account, me=account is call.account)
            return T.contacts.ResolvedPeer(peer=T.PeerUser(account.id), chats=[], users=[user])
    channel = call.world.by_handle(handle)
    if channel is None:
        raise RpcFault(400, "USERNAME_NOT_OCCUPIED")
    chat = call.render.channel(channel, call.account.id)
    return T.contacts.ResolvedPeer(peer=T.PeerChannel(channel.id), chats=[chat], users=[])


@method("contacts.getContacts")
def get_contacts(_call: Call, _request: Any) -> Any:
    return T.contacts.Contacts(contacts=[], saved_count=0, users=[])
