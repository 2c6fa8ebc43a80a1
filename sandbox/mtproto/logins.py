"""Logins under way: codes sent, passwords asked for, QR codes shown."""

import base64
import os
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.mtproto.srp import Challenge

#: So many wrong codes make the code worthless.
PATIENCE = 5


@dataclass(slots=True, kw_only=True)
class SentCode:
    account_id: int
    hash: str = field(default_factory=lambda: os.urandom(9).hex())
    wrong: int = 0


@dataclass(slots=True, kw_only=True)
class LoginToken:
    """What a QR code shows; a person accepts it on a device that is logged in."""

    token: bytes
    key_id: int
    expires_at: datetime
    accepted_by: int | None = None


def read_token(shown: str | bytes) -> bytes:
    """The token in `tg://login?token=…`, or the token itself."""
    if isinstance(shown, bytes):
        return shown
    text = shown.rpartition("token=")[2]
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


@dataclass(slots=True)
class Logins:
    """By auth key."""

    codes: dict[int, SentCode] = field(default_factory=dict)
    need_password: dict[int, int] = field(default_factory=dict)  #: key -> account whose password is asked for
    challenges: dict[int, tuple[int, Challenge]] = field(default_factory=dict)  #: by SRP id: account, offer
    tokens: dict[bytes, LoginToken] = field(default_factory=dict)

    def token_of(self, key_id: int) -> LoginToken | None:
        return next((t for t in self.tokens.values() if t.key_id == key_id), None)

    def forget(self, key_id: int) -> None:
        self.codes.pop(key_id, None)
        self.need_password.pop(key_id, None)
        self.tokens = {k: t for k, t in self.tokens.items() if t.key_id != key_id}
