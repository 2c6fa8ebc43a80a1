"""What opens the archive over HTTP: tokens, one-time links, and the sessions of those who signed in.

Of each secret only a hash is kept. They are 256 bits of chance, so that one SHA-256 hides them well enough.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.instant import refuse_naive
from domain.subscription import Role

#: How a token begins: so that scanners for leaked secrets know it, and people too.
TOKEN_PREFIX: Final = "deadair_"  # noqa: S105 - the beginning of each, and so no secret


class Scope(StrEnum):
    """What a token may ask for."""

    POSTS = "posts"  #: channels, posts and their versions, counts
    CLAIMS = "claims"  #: claims and incidents
    WATCH = "watch"  #: watch spans, gaps, coverage, activity
    EPISODES = "episodes"  #: episodes with their evidence and what people said of them
    EXPORT = "export"  #: whole tables
    PAGES = "pages"  #: signing in to the pages, in the token's role


def new_secret(prefix: str = "") -> str:
    """256 bits of chance as letters that need no escaping anywhere."""
    return prefix + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A way in for programs."""

    id: int = 0  #: 0 until stored
    secret_hash: str
    name: str  #: who uses it, for people
    scopes: frozenset[Scope]
    role: Role = Role.GUEST  #: what its holder may do on the pages
    per_minute: int | None = None  #: requests; None: as the config says
    made_at: datetime
    expires_at: datetime | None  #: None: never
    used_at: datetime | None = None  #: last, to within a minute
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        refuse_naive(self, "made_at", "expires_at", "used_at", "revoked_at")

    def is_open(self, now: datetime) -> bool:
        """Does it still open anything?"""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInLink:
    """A single-use way in for a person: of a chat of the bot (its role then counts), or of nobody in it."""

    code_hash: str
    name: str
    role: Role
    chat_id: int | None = None
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def __post_init__(self) -> None:
        refuse_naive(self, "made_at", "expires_at", "used_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSession:
    """Somebody who signed in. It ends with the chat or the token by which that was done."""

    secret_hash: str
    name: str
    role: Role
    chat_id: int | None = None
    token_id: int | None = None
    made_at: datetime
    expires_at: datetime

    def __post_init__(self) -> None:
        refuse_naive(self, "made_at", "expires_at")
