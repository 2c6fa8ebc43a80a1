"""What must not be read by others, taken out of texts: secrets that are known, and what looks like one."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

#: Stands where a secret stood.
MASK: Final = "***"
#: A shorter secret is a word like any other: to take it out everywhere would spoil texts and hide nothing.
_SHORTEST: Final = 8
#: So long a part of an address is chance, and so somebody's key to it.
_LONG_PART: Final = 16
_WEB: Final = ("http://", "https://")
#: Where the place of the user alone holds a key.
_KEY_AS_USER: Final = ("mtproxy", "http", "https")
#: What looks like a secret, whoever's it is.
_LOOKS = (
    (re.compile(r"\b(\d{5,}):[A-Za-z0-9_-]{20,}"), rf"\1:{MASK}"),  # a bot's token; its number is public
    (re.compile(r"\bAGE-SECRET-KEY-1[A-Z0-9]{20,}", re.IGNORECASE), f"AGE-SECRET-KEY-{MASK}"),
    (re.compile(r"\bdeadair_[A-Za-z0-9_-]{40,}"), f"deadair_{MASK}"),  # tokens of the API
    (re.compile(r"(/sign-in/)[A-Za-z0-9_-]{16,}"), rf"\1{MASK}"),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*:?//[^\s/:@'\"]*):[^\s@'\"]+@"), rf"\1:{MASK}@"),
    (re.compile(r"(\bmtproxy://)[^\s@'\"]+@"), rf"\1{MASK}@"),
    (re.compile(r"([?&](?:secret|pass|password|token|key)=)[^\s&'\"]+(?<!:)"), rf"\1{MASK}"),
)


def address_shown(address: str) -> str:
    """An address as it may be shown: its host, for its path or what it asks with may hold a key.

    What is no web address, as the path of a file, stays as it is.
    """
    if not address.startswith(_WEB):
        return address
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    except ValueError:
        return f"{address.partition('://')[0]}://{MASK}"
    rest = f"/{MASK}" if parts.path.strip("/") or parts.query or parts.username else ""
    return f"{parts.scheme}://{host}{port}{rest}"


def secrets_of_address(address: str) -> set[str]:
    """What of an address may be a key: its password; of a web address all after the host, and long parts."""
    if "://" not in address:
        return set()
    try:
        parts = urlsplit(address)
    except ValueError:
        return {address}
    asked = parse_qsl(parts.query)
    found = {value for name, value in asked if "pass" in name or "secret" in name}
    if address.startswith(_WEB):
        whole = parts.path + (f"?{parts.query}" if parts.query else "")
        found |= {part for part in (whole, *parts.path.split("/")) if len(part) >= _LONG_PART}
        found |= {value for _, value in asked}
    if parts.password:
        found.add(unquote(parts.password))
    elif parts.username and parts.scheme in _KEY_AS_USER:
        found.add(unquote(parts.username))
    return found


class Mask:
    """Knows the secrets of a process, and takes them out of what it says."""

    def __init__(self) -> None:
        self._known: re.Pattern[str] | None = None
        self._secrets: set[str] = set()

    def know(self, secrets: Iterable[str | None]) -> None:
        """These as well, from now on; what is shorter than eight letters is left alone."""
        for secret in secrets:
            if secret is not None and len(secret) >= _SHORTEST:
                self._secrets |= {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
        if self._secrets:
            longest_first = sorted(self._secrets, key=len, reverse=True)
            self._known = re.compile("|".join(map(re.escape, longest_first)))

    def cover(self, text: str) -> str:
        """The text without them, and without what looks like one."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for looks, instead in _LOOKS:
            text = looks.sub(instead, text)
        return text
