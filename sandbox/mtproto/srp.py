"""Two-step verification by SRP: the server's half.

https://core.telegram.org/api/srp
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from hashlib import pbkdf2_hmac, sha256
from typing import Any, Final

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

#: Telegram's own 2048-bit safe prime; clients know it and skip the slow proof that it is one.
PRIME: Final = int(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4db"
    "fa336f6e0ac925139543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64"
    "2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b41"
    "0dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4"
    "e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf"
    "6f4fadf034b10403119cd8e3b92fcc5b",
    16,
)
G: Final = 3
ROUNDS: Final = 100_000

# One salt for all: two-step verification in the sandbox protects nothing, and a fixed verifier can be kept.
SALT1: Final = b"sandbox salt one"
SALT2: Final = b"sandbox salt two"


def _wide(number: int) -> bytes:
    return number.to_bytes(256, "big")


def _hash(*parts: bytes) -> bytes:
    return sha256(b"".join(parts)).digest()


@lru_cache(maxsize=64)
def _verifier(password: str) -> int:
    first = _hash(SALT2, _hash(SALT1, password.encode(), SALT1), SALT2)
    stretched = pbkdf2_hmac("sha512", first, SALT1, ROUNDS)
    return pow(G, int.from_bytes(_hash(SALT2, stretched, SALT2), "big"), PRIME)


_K: Final = int.from_bytes(_hash(_wide(PRIME), _wide(G)), "big")


def algorithm() -> Any:
    """The parameters a client needs to hash a password."""
    return T.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
        salt1=SALT1, salt2=SALT2, g=G, p=_wide(PRIME)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One offer of the server (its B), good for one attempt."""

    id: int
    secret: int
    verifier: int

    @classmethod
    def about(cls, password: str) -> "Challenge":
        number = int.from_bytes(os.urandom(8), "little", signed=True)
        return cls(
            id=number, secret=int.from_bytes(os.urandom(256), "big") % PRIME, verifier=_verifier(password)
        )

    @property
    def public(self) -> bytes:
        """B = k·v + g^b"""
        return _wide((_K * self.verifier + pow(G, self.secret, PRIME)) % PRIME)

    def proves(self, client_public: bytes, proof: bytes) -> bool:
        """Does `proof` (M1) show that the client knows the password?"""
        a = int.from_bytes(client_public, "big")
        if not 0 < a < PRIME:
            return False
        ours = self.public
        u = int.from_bytes(_hash(_wide(a), ours), "big")
        shared = _hash(_wide(pow(a * pow(self.verifier, u, PRIME), self.secret, PRIME)))
        mixed = bytes(x ^ y for x, y in zip(_hash(_wide(PRIME)), _hash(_wide(G)), strict=True))
        return proof == _hash(mixed, _hash(SALT1), _hash(SALT2), _wide(a), ours, shared)
