"""The exchange in which client and server agree on an auth key.

https://core.telegram.org/mtproto/auth_key
"""

import os
from hashlib import sha1
from typing import Any, Final

from telethon import helpers
from telethon.crypto import AES, AuthKey
from telethon.crypto.rsa import get_byte_array
from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812

from sandbox.mtproto import keys
from sandbox.mtproto.serial import decode
from sandbox.mtproto.srp import PRIME
from sandbox.mtproto.transport import Garbled

GENERATOR: Final = 3
# Any two primes below 2**31: the client factorises their product.
P: Final = 1229739323
Q: Final = 1402015859


class Handshake:
    """One client's way to an auth key, over one connection. Feed it the plain requests in turn."""

    def __init__(self) -> None:
        self.key: AuthKey | None = None  #: agreed on, once the last step is done
        self._server_nonce = int.from_bytes(os.urandom(16), "little", signed=True)
        self._new_nonce = 0
        self._secret = 0
        self._aes = b""
        self._iv = b""

    def answer(self, request: Any, server_time: int) -> Any:
        """The answer to one step. Raises Garbled when the step does not fit."""
        if isinstance(request, (F.ReqPqMultiRequest, F.ReqPqRequest)):
            return T.ResPQ(
                nonce=request.nonce,
                server_nonce=self._server_nonce,
                pq=get_byte_array(P * Q),
                server_public_key_fingerprints=[keys.FINGERPRINT],
            )
        if isinstance(request, F.ReqDHParamsRequest):
            return self._offer(request, server_time)
        if isinstance(request, F.SetClientDHParamsRequest) and self._aes:
            return self._agree(request)
        raise Garbled(f"{type(request).__name__} has no place in a handshake")

    def _offer(self, request: Any, server_time: int) -> Any:
        if request.public_key_fingerprint != keys.FINGERPRINT:
            raise Garbled("the client used another key than the sandbox's")
        inner = _hashed(keys.decrypt(request.encrypted_data))
        self._new_nonce = inner.new_nonce
        self._aes, self._iv = helpers.generate_key_data_from_nonce(self._server_nonce, self._new_nonce)
        # 256 bits are plenty on loopback, and eight times as fast as 2048.
        self._secret = int.from_bytes(os.urandom(32), "big")
        offer = T.ServerDHInnerData(
            nonce=request.nonce,
            server_nonce=self._server_nonce,
            g=GENERATOR,
            dh_prime=get_byte_array(PRIME),
            g_a=get_byte_array(pow(GENERATOR, self._secret, PRIME)),
            server_time=server_time,
        )._bytes()
        plain = sha1(offer, usedforsecurity=False).digest() + offer
        plain += os.urandom(-len(plain) % 16)
        return T.ServerDHParamsOk(
            nonce=request.nonce,
            server_nonce=self._server_nonce,
            encrypted_answer=AES.encrypt_ige(plain, self._aes, self._iv),
        )

    def _agree(self, request: Any) -> Any:
        inner = _hashed(AES.decrypt_ige(request.encrypted_data, self._aes, self._iv))
        shared = pow(int.from_bytes(inner.g_b, "big"), self._secret, PRIME)
        # Not widened to 256 bytes, as the stock Telethon does not: one key in 256 is a byte shorter.
        self.key = AuthKey(get_byte_array(shared))
        return T.DhGenOk(
            nonce=request.nonce,
            server_nonce=self._server_nonce,
            new_nonce_hash1=self.key.calc_new_nonce_hash(self._new_nonce, 1),
        )


def _hashed(plain: bytes) -> Any:
    """The object behind its SHA1, which covers the object alone: the padding after it is random."""
    inner = decode(plain[20:])
    if sha1(inner._bytes(), usedforsecurity=False).digest() != plain[:20]:
        raise Garbled("an encrypted part of the handshake is damaged")
    return inner
