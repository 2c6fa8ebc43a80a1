"""One call of a method: who asks, and what of the world it may name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.account import Account
from sandbox.channel import Channel
from sandbox.mtproto.fault import RpcFault
from sandbox.mtproto.render import Renderer
from sandbox.mtproto.session import Session
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.mtproto.server import MtprotoServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    server: MtprotoServer
    session: Session

    @property
    def world(self) -> World:
        return self.server.world

    @property
    def render(self) -> Renderer:
        return self.server.render

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    @property
    def account(self) -> Account:
        """Who asks. Raises RpcFault when nobody is logged in."""
        number = self.session.account_id
        if number is None:
            raise RpcFault(401, "AUTH_KEY_UNREGISTERED")
        return self.world.accounts[number]

    def named(self, peer: Any) -> Channel:
        """The channel that an InputPeer or InputChannel names, be it open to the account or not."""
        number = getattr(peer, "channel_id", None)
        if number is None:
            raise RpcFault(400, "PEER_ID_INVALID")
        channel = self.world.channels.get(number)
        if isinstance(peer, T.InputChannelFromMessage):
            # Known by a post that was forwarded from it.
            post = self.readable(peer.peer).posts.get(peer.msg_id)
            if channel is None or post is None or post.forward is None or post.forward.channel_id != number:
                raise RpcFault(400, "CHANNEL_INVALID")
            return channel
        if channel is None or peer.access_hash != self.world.access_hash(channel, self.account.id):
            raise RpcFault(400, "CHANNEL_INVALID")
        return channel

    def readable(self, peer: Any) -> Channel:
        """The same, and it must be open to the account."""
        channel = self.named(peer)
        if not channel.open_to(self.account.id):
            raise RpcFault(400, "CHANNEL_PRIVATE")
        return channel


Handler = Callable[[Call, Any], Any | Awaitable[Any]]

METHODS: dict[str, Handler] = {}
WITHOUT_LOGIN: set[str] = set()


def method(name: str, *, without_login: bool = False) -> Callable[[Handler], Handler]:
    """The function below answers this method of Telegram's API."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = handler
        if without_login:
            WITHOUT_LOGIN.add(name)
        return handler

    return register


def name_of(request: Any) -> str:
    """`functions.messages.GetHistoryRequest` -> messages.getHistory"""
    module = type(request).__module__.rpartition(".")[2]
    name = type(request).__name__.removesuffix("Request")
    name = name[0].lower() + name[1:]
    return name if module == "functions" else f"{module}.{name}"


def channel_of(request: Any) -> int | None:
    """The channel a request is about, where it is about one."""
    for field in ("channel", "peer"):
        number = getattr(getattr(request, field, None), "channel_id", None)
        if isinstance(number, int):
            return number
    return None
