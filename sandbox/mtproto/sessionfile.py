"""Telethon sessions that lead to a sandbox."""

from pathlib import Path

from telethon.sessions import SQLiteSession, StringSession

from sandbox.account import Account
from sandbox.mtproto.centre import HOME
from sandbox.mtproto.server import MtprotoServer

HOST = "127.0.0.1"


def write_session(path: Path, server: MtprotoServer, account: Account | None = None) -> Path:
    """A Telethon session file that leads to `server`, logged in as `account`, or not logged in when None.

    Returns the file's path: Telethon adds `.session` when the name has no such ending.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    session = SQLiteSession(str(path))
    session.set_dc(HOME, HOST, server.port)
    if account is not None:
        session.auth_key = server.authorise(account)
    session.save()
    session.close()
    return Path(session.filename)


def session_string(server: MtprotoServer, account: Account) -> str:
    """The same, logged in, as a string for Telethon's StringSession, which forgets the state of updates."""
    session = StringSession()
    session.set_dc(HOME, HOST, server.port)
    session.auth_key = server.authorise(account)
    return str(session.save())


def session_for(server: MtprotoServer) -> StringSession:
    """A session in memory that leads to `server` and is not logged in."""
    session = StringSession()
    session.set_dc(HOME, HOST, server.port)
    return session
