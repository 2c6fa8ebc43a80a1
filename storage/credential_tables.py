"""The tables of what opens the archive over HTTP. Nobody outside this room imports them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.table import Table
from storage.types import Sequence


class Tokens(Table):
    __tablename__ = "tokens"
    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    scopes: Mapped[list[Any]]
    role: Mapped[str] = mapped_column(String(12))
    per_minute: Mapped[int | None]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInLinks(Table):
    __tablename__ = "sign_in_links"
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(12))
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSessions(Table):
    __tablename__ = "web_sessions"
    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(12))
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    token_id: Mapped[int | None] = mapped_column(ForeignKey("tokens.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
