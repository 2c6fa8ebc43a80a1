"""Tells the sessions of members what happens, as it happens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.event import Event, Happening
from sandbox.faults import Upset
from sandbox.mtproto.serial import UNKNOWN_CONSTRUCTOR, Encoded

if TYPE_CHECKING:
    from sandbox.mtproto.server import MtprotoServer

#: So many updates at most travel in one message.
BATCH = 50

_Parcel = tuple[int, Encoded]  # channel, update


class Pusher:
    """Gathers the updates of one turn of the loop and sends them together, in order."""

    def __init__(self, server: MtprotoServer) -> None:
        self._server = server
        self._waiting: dict[int, list[list[_Parcel]]] = {}  # by account: messages of updates
        self._held: dict[tuple[int, int], list[_Parcel]] = {}  # reordered: out after the next one
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_due = False

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()

    def tell(self, event: Event) -> None:
        """The world's subscriber. Who is not connected hears nothing: that is what differences are for."""
        if self._loop is None:
            return
        present = {s.account_id for s in self._server.sessions if s.wants_updates} - {None}
        if not present:
            return
        channel = self._server.world.channels[event.channel_id]
        if event.accounts is not None:
            told = [a for a in event.accounts if a in present]
        elif event.kind is Happening.CHANNEL:
            told = [a for a in present if a in channel.members]
        else:
            told = channel.shared_with(a for a in present if a is not None and a not in channel.hidden)
        if not told or (channel.restriction and event.kind is not Happening.CHANNEL):
            return
        update = self._server.render.update(event)
        for account in told:
            if account is not None:
                self._queue(account, event.channel_id, update)
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._flush)

    def _queue(self, account: int, channel: int, update: Encoded) -> None:
        messages = self._waiting.setdefault(account, [])
        parcel = (channel, update)
        match self._server.faults.next_update(channel, account):
            case Upset.WITHHOLD:
                return
            case Upset.REORDER:
                self._held.setdefault((account, channel), []).append(parcel)
                return
            case Upset.DUPLICATE:
                messages.extend(([parcel], [parcel]))
            case Upset.GARBLE:
                messages.extend(([(channel, Encoded(UNKNOWN_CONSTRUCTOR))], []))
            case None if held := self._held.pop((account, channel), None):
                messages.append([parcel])
                messages.extend([each] for each in held)
                messages.append([])
            case None:
                if not messages or len(messages[-1]) >= BATCH:
                    messages.append([])
                messages[-1].append(parcel)

    def _flush(self) -> None:
        self._is_due = False
        waiting, self._waiting = self._waiting, {}
        for session in list(self._server.sessions):
            if session.wants_updates and session.account_id is not None:
                for parcels in waiting.get(session.account_id, ()):
                    if parcels:
                        session.push(self._together(session.account_id, parcels))

    def _together(self, account: int, parcels: list[_Parcel]) -> Any:
        world = self._server.world
        chats = [
            self._server.render.channel(world.channels[c], account)
            for c in dict.fromkeys(c for c, _ in parcels)
        ]
        return T.Updates(
            updates=[update for _, update in parcels], users=[], chats=chats, date=world.clock.now(), seq=0
        )
