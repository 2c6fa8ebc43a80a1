"""Proxies between an account and Telegram: as they are written, as the client takes them, what ails them."""

import asyncio
import base64
import binascii
import os
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from domain.errors import DeadairError

#: What a proxy listens on when its port is not written.
_PORTS = {"socks5": 1080, "socks4": 1080, "http": 8080, "mtproxy": 443}
_SHARED = re.compile(r"^(tg://|https?://(t|telegram)\.me/)(proxy|socks)\?")
_WRITTEN = (
    "a proxy is written socks5://host:port, socks4://host:port, http://host:port, with user:password@ before "
    "the host where it asks for them, or mtproxy://SECRET@host:port"
)


class BadProxy(DeadairError):
    """The proxy is of no use: it cannot be reached, lets us not in, or leads nowhere."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy as it is configured. `secret`: the 16 bytes of an MTProxy's, as hex."""

    kind: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """Without what is secret."""
        return f"{self.kind}://{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> "Proxy":
        """As in config.toml, or as Telegram's apps share them (tg://proxy?..., https://t.me/socks?...).

        Raises ValueError that says what is allowed, and never repeats what is secret.
        """
        text = text.strip()
        if _SHARED.match(text):
            return cls._shared(text)
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise ValueError(_WRITTEN) from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
            raise ValueError(_WRITTEN)
        port = port or _PORTS[parts.scheme]
        if parts.scheme == "mtproxy":
            secret = _secret(unquote(parts.username or ""))
            return cls(parts.scheme, parts.hostname, port, secret=secret)
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        return cls(parts.scheme, parts.hostname, port, user, password)

    @classmethod
    def _shared(cls, text: str) -> "Proxy":
        given = {name: values[0] for name, values in parse_qs(urlsplit(text).query).items()}
        port = given.get("port", "")
        if not given.get("server") or not port.isdecimal():
            raise ValueError("this shared proxy names no server and port")
        if "proxy?" in text:
            return cls("mtproxy", given["server"], int(port), secret=_secret(given.get("secret", "")))
        return cls("socks5", given["server"], int(port), given.get("user"), given.get("pass"))

    @property
    def for_client(self) -> Any:
        """As Telethon takes it."""
        if self.secret is not None:
            # It takes away a leading dd or ee, be it part of the secret or not.
            return self.host, self.port, f"dd{self.secret}"
        return {
            "proxy_type": self.kind,
            "addr": self.host,
            "port": self.port,
            "rdns": True,
            "username": self.user,
            "password": self.password,
        }

    def trouble(self, error: BaseException, whither: str) -> BadProxy:
        """What a failure on the way through it to `whither` means, and what to do."""
        said = str(error) or type(error).__name__
        low = said.lower()
        code = getattr(error, "error_code", None)
        if code == 407 or "authenticat" in low or "auth" in low.split():
            return BadProxy(
                f"the proxy {self} does not let us in: {said}",
                hint="check user and password in `proxy` or `proxy_file`: socks5://user:password@host:port",
            )
        if isinstance(error, (TimeoutError, asyncio.TimeoutError)):
            return BadProxy(
                f"the proxy {self} takes no connection, or leads nowhere: no answer in time",
                hint="is it running, and its address right? Try another; whether Telegram is blocked behind "
                "it only its owner knows",
            )
        if "could not connect to proxy" in low or (isinstance(error, OSError) and _is_systems(error)):
            return BadProxy(
                f"the proxy {self} cannot be reached: {_reason(error)}",
                hint="is it running? Check host and port of `proxy` in [[accounts]]",
            )
        if self.secret is not None:
            return BadProxy(
                f"the proxy {self} hangs up on us: {said}",
                hint="its secret is probably another: copy the proxy's link once more",
            )
        if any(word in low for word in ("invalid", "unexpected", "malformed", "0 bytes read", "closed")):
            return BadProxy(
                f"what answers at {self.host}:{self.port} does not speak {self.kind}: {said}",
                hint="is it another kind of proxy? There are socks5://, socks4://, http:// and mtproxy://",
            )
        return BadProxy(
            f"the proxy {self} does not let us through to {whither}: {said}",
            hint="its rules, or the net behind it, keep Telegram out: use another one",
        )


def _is_systems(error: OSError) -> bool:
    return error.errno is not None


def _reason(error: BaseException) -> str:
    number = getattr(error, "errno", None)
    if isinstance(number, int) and number > 0:
        return os.strerror(number)
    return str(error) or type(error).__name__


def _secret(text: str) -> str:
    """The 16 bytes in a secret as it is shared, in hex. Raises ValueError."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        try:
            raw = base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            raw = b""
    if raw[:1] == b"\xee" and len(raw) > 16:
        raise ValueError(
            "this MTProxy's secret (ee...) asks for fake TLS, which the client cannot speak: use one with "
            "a secret of dd and 32 hexadecimal digits"
        )
    if len(raw) == 17 and raw[0] == 0xDD:
        raw = raw[1:]
    if len(raw) != 16:
        raise ValueError("an MTProxy's secret is 32 hexadecimal digits, with or without dd before them")
    return raw.hex()
