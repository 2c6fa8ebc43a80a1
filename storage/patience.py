"""How long is waited for PostgreSQL, and how it is found out that nobody is at the other end any more.

What takes too long is broken off by the server. A server that hangs, or a network that swallows what is sent,
does not do so: then the line is given up here, a while later. Either is an outage that passes.
"""

import socket
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

#: So long somebody at a shell waits who only wants to know whether it answers.
BRIEF: Final = timedelta(seconds=30)
#: So long the server is left, at the most, to break it off by itself.
_GRACE: Final = timedelta(seconds=30)
#: When nothing is heard, the other end is asked for a sign of life after so many seconds, so often, so many
#: times; and what was sent and not taken for so long (milliseconds) ends the line.
_IDLE, _EVERY, _TIMES, _UNTAKEN = 30, 10, 3, 60_000


def given_up_after(longest: timedelta) -> float:
    """After how many seconds a line is given up on which nothing has come for a statement."""
    return (longest + min(longest, _GRACE)).total_seconds()


def is_patient_for(engine: AsyncEngine, longest: timedelta | None) -> None:
    """Statements of its connections may take so long; None: as long as they need."""

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        keep_alive(connection.driver_connection)
        if longest is not None:
            # Not as it connects: a pooler between us takes no setting there that it does not know.
            cursor = connection.cursor()
            cursor.execute(f"SET statement_timeout = {max(1, round(longest.total_seconds() * 1000))}")
            cursor.close()
            connection.commit()


def keep_alive(connection: Any) -> None:
    """Have the system find out that the other end of a connection of the driver is gone."""
    line = connection._transport.get_extra_info("socket")
    if line is None or line.family not in (socket.AF_INET, socket.AF_INET6):
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _IDLE),
        ("TCP_KEEPALIVE", _IDLE),  # as macOS calls it
        ("TCP_KEEPINTVL", _EVERY),
        ("TCP_KEEPCNT", _TIMES),
        ("TCP_USER_TIMEOUT", _UNTAKEN),
    ):
        if (option := getattr(socket, name, None)) is not None:
            line.setsockopt(socket.IPPROTO_TCP, option, value)
