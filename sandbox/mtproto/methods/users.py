"""users.*: the account itself; nobody else exists here."""

from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.mtproto.call import Call, method
from sandbox.mtproto.factory import make
from sandbox.mtproto.fault import RpcFault


def _is_me(call: Call, who: Any) -> bool:
    return isinstance(who, (T.InputUserSelf, T.InputPeerSelf)) or (
        getattr(who, "user_id", None) == call.account.id and who.access_hash == call.account.access_hash
    )


@method("users.getUsers")
def get_users(call: Call, request: Any) -> Any:
    me = call.render.user(call.account)
    return [
        me if _is_me(call, who) else T.UserEmpty(id=getattr(who, "user_id", 0) or 0) for who in request.id
    ]


@method("users.getFullUser")
def get_full_user(call: Call, request: Any) -> Any:
    if not _is_me(call, request.id):
        raise RpcFault(400, "USER_ID_INVALID")
    full = make(T.UserFull, id=call.account.id)
    return T.users.UserFull(full_user=full, chats=[], users=[call.render.user(call.account)])
