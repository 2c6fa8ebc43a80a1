"""What a call to Telegram can come to, by what the caller can do about it."""

import errno
import re
import sqlite3
from asyncio import IncompleteReadError

from telethon import errors as E  # noqa: N812 - as everywhere in Telethon's world

from domain.channel import ChannelStatus
from domain.errors import DeadairError


class Trouble(Exception):
    """A call did not bring what it was to bring. Each kind below says what may be done."""


class Wait(Trouble):
    """Telegram asks for patience: this kind of call only after so many seconds of real time."""

    def __init__(self, seconds: float, method: str = "") -> None:
        super().__init__(f"Telegram wants us to wait {seconds:.0f} s before the next {method or 'call'}")
        self.seconds = seconds
        self.method = method


class Gone(Trouble):
    """The channel can no longer be read by this account; the status says how."""

    def __init__(self, status: ChannelStatus, evidence: str) -> None:
        super().__init__(evidence)
        self.status = status
        self.evidence = evidence


class Nobody(Trouble):
    """The handle leads nowhere, or to no channel."""


class Unanswered(Trouble):
    """This one call was not answered in time; others may be."""


class Failed(Trouble):
    """Telegram refused or stumbled over this one call; the same may work later."""


class CentreAway(Trouble):
    """The data centre in which a file lies cannot be reached; the account's own may be."""

    def __init__(self, centre: int, why: str) -> None:
        super().__init__(f"data centre {centre}, where it lies, cannot be reached: {why}")
        self.centre = centre


class Unreachable(Trouble):
    """There is no way to Telegram: a new connection is needed."""


class Stumbled(Trouble):
    """Something has gone wrong that nobody has thought of. The same may work on a new connection."""


class LoggedOut(DeadairError, Trouble):
    """The account cannot be used until a person has done something about it."""

    state = "logged_out"


class Banned(LoggedOut):
    """Telegram has shut the account."""

    state = "banned"


class Duplicated(LoggedOut):
    """The session was used from two places at once, and Telegram has destroyed it."""

    state = "duplicated"


class NotLoggedIn(LoggedOut):
    """Nobody has logged in with this account yet."""

    state = "not_logged_in"


class Locked(LoggedOut):
    """The session is encrypted, and the key is not given, or another one."""

    state = "locked"


class Unusable(LoggedOut):
    """The session's file cannot be read or written, or is none."""

    state = "unusable"


_HUMP = re.compile(r"(?<!^)(?=[A-Z])")
_GONE: tuple[tuple[type[Exception], ChannelStatus], ...] = (
    (E.ChannelPrivateError, ChannelStatus.PRIVATE),
    (E.ChatForbiddenError, ChannelStatus.PRIVATE),
    (E.UserBannedInChannelError, ChannelStatus.BANNED),
    (E.ChannelBannedError, ChannelStatus.BANNED),
    (E.ChannelInvalidError, ChannelStatus.DELETED),
    (E.ChannelIdInvalidError, ChannelStatus.DELETED),
)
_NOBODY = (E.UsernameNotOccupiedError, E.UsernameInvalidError)
_WAIT = (E.FloodWaitError, E.FloodPremiumWaitError, E.SlowModeWaitError)
_LOST = (
    E.AuthKeyUnregisteredError,
    E.AuthKeyInvalidError,
    E.AuthKeyPermEmptyError,
    E.SessionRevokedError,
    E.SessionExpiredError,
    E.AuthKeyNotFound,
)


def is_passing(error: BaseException) -> bool:
    """A session file that is locked, or on a full disk, is as good as ever once that is over."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)
    return isinstance(error, sqlite3.OperationalError) and any(
        word in str(error) for word in ("locked", "full", "disk I/O")
    )


def said(error: BaseException) -> str:
    """What Telegram said, in its own word where it has one: CHANNEL_PRIVATE."""
    if isinstance(error, E.RPCError):
        kind = type(error)
        if kind.__module__.endswith("rpcerrorlist"):  # Telethon knows it, and names its class after it
            return _HUMP.sub("_", kind.__name__.removesuffix("Error")).upper()
        return str(error.message or kind.__name__)
    if isinstance(error, IncompleteReadError):  # of a length that was never one
        return "what answered is not Telegram, or the line broke within an answer"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def trouble(error: BaseException, account: str, method: str = "") -> Trouble | None:
    """Telethon's error in our terms; None when it is none of Telegram's."""
    if isinstance(error, Trouble):
        return error
    if isinstance(error, _WAIT):
        return Wait(max(1, error.seconds), method)
    for kind, status in _GONE:
        if isinstance(error, kind):
            return Gone(status, said(error))
    if isinstance(error, _NOBODY):
        return Nobody(said(error))
    if isinstance(error, (E.UserDeactivatedBanError, E.UserDeactivatedError)):
        return Banned(
            f"Telegram has shut the account {account!r} ({said(error)})",
            hint="appeal to recover@telegram.org, or put another account into config.toml",
        )
    if isinstance(error, E.AuthKeyDuplicatedError):
        return Duplicated(
            f"the session of account {account!r} was used from two addresses at once, so Telegram ended it",
            hint=f"run it in one place only, then log in anew: deadair login {account}",
        )
    if isinstance(error, _LOST):
        return LoggedOut(
            f"the account {account!r} is not logged in any more ({said(error)})",
            hint=f"log in anew: deadair login {account}",
        )
    if is_passing(error):
        return Unreachable(f"the session file cannot be written just now: {error}")
    if isinstance(error, sqlite3.Error):
        return LoggedOut(
            f"the session file of account {account!r} cannot be used: {error}",
            hint=f"check its owner and its disk; if it is damaged, log in anew: deadair login {account}",
        )
    if isinstance(error, (E.BadMessageError, E.SecurityError, E.InvalidBufferError, E.InvalidChecksumError)):
        return Unreachable(said(error))
    if isinstance(error, TimeoutError):
        return Unanswered(f"no answer to {method or 'a call'} in time")
    if isinstance(error, ConnectionError) and "Connection to Telegram failed" in str(error):
        return Unreachable(
            "the connection is refused, or nobody answers"
        )  # Telethon keeps the reason to itself
    if isinstance(error, (OSError, EOFError)):  # ConnectionError and IncompleteReadError among them
        return Unreachable(said(error))
    if isinstance(error, (E.RPCError, E.TypeNotFoundError)):
        return Failed(f"{method or 'a call'}: {said(error)}")
    return None
