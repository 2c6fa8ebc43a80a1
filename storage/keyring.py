"""Secret keys by which small things are kept encrypted: the first seals, and any of them opens.

What is sealed is a file of age (https://age-encryption.org/v1), as any tool that speaks it can make and open.
"""

from dataclasses import dataclass, field
from typing import Final

import pyrage

from domain.errors import DeadairError

#: How a file of age begins, as bytes and as text.
_BEGINS: Final = (b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----")
#: As it is called where it is given.
NAME: Final = "DEADAIR_KEY"
_HOW: Final = "give the key with which it was sealed: DEADAIR_KEY, or the file that [secrets] key_file names"


class Unopened(DeadairError):
    """What is sealed was not opened: no key is given, none that fits, or it is damaged."""


class BadKey(DeadairError):
    """What is given as a key is none."""


def is_sealed(content: bytes) -> bool:
    """Is it a file of age?"""
    return content.startswith(_BEGINS)


def new_key() -> tuple[str, str]:
    """A secret key, and the recipient that is encrypted for with it."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


@dataclass(frozen=True, slots=True)
class Keyring:
    """No key at all is a ring as well: it opens and seals nothing, and is false."""

    secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, text: str, place: str) -> "Keyring":
        """Keys as age-keygen writes them, one a line, newest first. `place`: where they are given.

        Raises BadKey, which never repeats what stands there.
        """
        lines = (line.strip() for line in text.splitlines())
        secrets = [word for line in lines if not line.startswith("#") for word in line.split()]
        for number, secret in enumerate(secrets, 1):
            try:
                pyrage.x25519.Identity.from_str(secret)
            except pyrage.IdentityError as error:
                raise BadKey(
                    f"key {number} of {place} is no key: {error}",
                    hint="it begins with AGE-SECRET-KEY-1; make one with: deadair key make FILE",
                ) from None
        if not secrets:
            raise BadKey(f"there is no key in {place}", hint="make one with: deadair key make FILE")
        return cls(tuple(secrets))

    def __bool__(self) -> bool:
        return bool(self.secrets)

    @property
    def recipient(self) -> str:
        """Whom is sealed for; without a key an empty string."""
        return str(self._identities()[0].to_public()) if self.secrets else ""

    def seal(self, content: bytes) -> bytes:
        """Encrypted for the first key. Raises BadKey when there is none."""
        if not self.secrets:
            raise BadKey("there is no key to seal with", hint=f"set {NAME}, or [secrets] key_file")
        sealed: bytes = pyrage.encrypt(content, [self._identities()[0].to_public()])
        return sealed

    def open(self, sealed: bytes, what: str) -> bytes:
        """What is in it. `what` it is, for the error. Raises Unopened."""
        if not self.secrets:
            raise Unopened(f"{what} is encrypted, and no key is given", hint=_HOW)
        try:
            content: bytes = pyrage.decrypt(sealed, self._identities())
        except pyrage.DecryptError as error:
            if "matching keys" in str(error):
                raise Unopened(f"{what} is encrypted for another key than is given", hint=_HOW) from None
            raise Unopened(
                f"{what} is damaged: {error}", hint="put back a copy of it, or make it anew"
            ) from None
        return content

    def is_newest_of(self, sealed: bytes) -> bool:
        """Does the first key open it, or only an older one?"""
        try:
            Keyring(self.secrets[:1]).open(sealed, "")
        except Unopened:
            return False
        return True

    def _identities(self) -> list[pyrage.x25519.Identity]:
        return [pyrage.x25519.Identity.from_str(secret) for secret in self.secrets]


NO_KEY: Final = Keyring()
