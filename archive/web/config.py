"""`[web]`: the API and the pages over HTTP."""

from datetime import timedelta
from ipaddress import ip_network
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator

from storage.span import Span


class WebConfig(BaseModel, extra="forbid", frozen=True):
    """`[web]`"""

    listen: str = Field(
        "",
        description="Where the API and the pages are served: `127.0.0.1:8790`. Empty: nowhere. Anything but "
        "this machine itself belongs behind a proxy that speaks HTTPS.",
    )
    address: str = Field(
        "",
        description="By what address people reach it, for links and cookies: `https://archive.example.org`. "
        "Empty: `http://` and `listen`.",
    )
    proxies: tuple[str, ...] = Field(
        ("127.0.0.1", "::1"),
        description="Addresses and networks of proxies in front of it, whose X-Forwarded-For is believed.",
    )
    session: Span = Field(
        timedelta(days=7),
        ge=timedelta(minutes=5),
        le=timedelta(days=90),
        description="How long somebody stays signed in to the pages.",
    )
    link_expires: Span = Field(
        timedelta(minutes=15),
        ge=timedelta(minutes=1),
        le=timedelta(days=1),
        description="How long a link to sign in opens the door, if nobody used it before.",
    )
    per_minute: int = Field(
        120, ge=1, le=100_000, description="Requests a minute of one token or session, unless its own say."
    )
    wrong_per_minute: int = Field(
        10,
        ge=1,
        le=1000,
        description="Wrong tokens, links and sign-ins a minute of one address; then it waits.",
    )
    query_longest: Span = Field(
        timedelta(seconds=30),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=10),
        description="A question to the API, the pages or the bot's search that takes longer is broken off in "
        "the database, with an error that says what to narrow; exports have their own limit.",
    )
    exports_at_once: int = Field(
        2, ge=1, le=50, description="Exports under way at the same time, of all tokens together."
    )
    export_longest: Span = Field(
        timedelta(hours=2),
        ge=timedelta(seconds=10),
        le=timedelta(days=1),
        description="An export that takes longer is broken off: it keeps the archive from tidying up.",
    )
    patience: Span = Field(
        timedelta(seconds=20),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=5),
        description="Whoever sends or takes nothing for so long within a request is hung up on.",
    )
    connections: int = Field(
        200, ge=2, le=10_000, description="Connections at the same time; further ones are told to come back."
    )

    @field_validator("listen")
    @classmethod
    def _is_a_place(cls, listen: str) -> str:
        if listen:
            host_and_port(listen)
        return listen

    @field_validator("address")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        parts = urlsplit(address)
        plain = parts.path in ("", "/") and not parts.query and not parts.fragment and not parts.username
        if address and (parts.scheme not in ("http", "https") or not parts.hostname or not plain):
            raise ValueError(
                f"{address!r} is no address of a site: write https://archive.example.org, without a path"
            )
        return address.rstrip("/")

    @field_validator("proxies")
    @classmethod
    def _are_networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for each in proxies:
            try:
                ip_network(each)
            except ValueError:
                raise ValueError(f"{each!r} is neither an address nor a network; write 10.0.0.5") from None
        return proxies

    @property
    def base(self) -> str:
        """What every link begins with."""
        return self.address or (f"http://{self.listen}" if self.listen else "")

    @property
    def is_secure(self) -> bool:
        return self.base.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """What a request may name as the host it is for, without a port: no other site's name leads here."""
        names = {"localhost", "127.0.0.1", "::1"}
        if self.listen:
            names.add(host_and_port(self.listen)[0].casefold())
        if self.address:
            names.add((urlsplit(self.address).hostname or "").casefold())
        return frozenset(names - {"", "0.0.0.0", "::"})  # noqa: S104 - taken out, not listened at


def host_and_port(listen: str) -> tuple[str, int]:
    """`127.0.0.1:8790`, `[::1]:8790`. Raises ValueError when it is none."""
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{listen!r} is no place to listen at; write 127.0.0.1:8790")
    return host.strip("[]"), int(port)
