"""HTTP/1.1 connections that wait for nobody for ever: for no request that drips in, and for no reader."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Patient(H11Protocol):
    """uvicorn's connection, hung up on when a request or a reader takes longer than `patience`.

    uvicorn itself ends only connections that are idle between requests. Here a request must be in, head and
    body, `patience` seconds after its first byte (of the connection's first: after it was made), and whoever
    reads an answer must take some of it every `patience` seconds.
    """

    patience = 20.0

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._receiving: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._receiving = self._hang_up_later()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._receiving, self._writing, self._closing):
            if timer is not None:
                timer.cancel()
        self._receiving = self._writing = self._closing = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        state = self.conn.their_state
        if state is h11.SEND_BODY or (state is h11.IDLE and self.conn.trailing_data[0]):
            if self._receiving is None:
                self._receiving = self._hang_up_later()
        elif self._receiving is not None:
            self._receiving.cancel()
            self._receiving = None

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._writing is None:
            self._writing = self._hang_up_later()

    def resume_writing(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        super().resume_writing()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing() and self._closing is None:
            self._closing = self._hang_up_later()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        if self._closing is None:
            self._closing = self._hang_up_later()

    def _hang_up_later(self) -> asyncio.TimerHandle:
        return self.loop.call_later(self.patience, self.transport.abort)


def patient(seconds: float) -> type[Patient]:
    """Connections of so much patience."""
    return type("Patient", (Patient,), {"patience": seconds})
