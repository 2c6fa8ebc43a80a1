"""The sandbox's RSA key: for tests and demonstrations on loopback only.

It guards nothing: its private half is published here so that anybody can run the sandbox. A client that
trusts it must do so only while it talks to a sandbox.
"""

import base64
from typing import Final

from telethon.crypto.rsa import _compute_fingerprint

E: Final = 65537
N = int(
    "f36b1f5e2ddaaf8dcc82427bf4b4b4921e5e282850c89ac030832a458f83d13bcc472da71a5ff4ad677524966caa8b33"
    "f006a5015b37783777aa1775fdda1af47983cce28989e78eb663560435d4800f1e04ba0afe26d6480aeee3db53792a1e"
    "f567aab743c971a4263c555d74f869b5066ef2c673bc2c603d44b91106dd4c901fa326a505585cf1b85092edfce7c298"
    "2ff77c31897d3d049e8822091873cb22bac489a9741323755ae6d4801d9f729e77fab167fc1776a56450edd8b611a903"
    "99c4acc259205e6415d392b9293d5cacdcccc60e92a7d3eb40164a8a55a0d12bb1f1050949c6c8e942ea18b14bb141b3"
    "a81c45453b04ffdd0a7338b38d21f2ff",
    16,
)
D = int(
    "4eacaae0c7b54cd469eb180df4538ba1468b6c334b98eadb7f52859122079ad2d6fd9275d6027994aa41a467b20b951e"
    "5e4fe778fec078ec8492c72e6db3d6ce798fede2b24d8e38041f2b280535ff85e34fe7c9b1c75faebd49e4ff78854ae5"
    "e2af74eff2cae31e08f5ab299faac28faddaa2411e1b0dc462c873e6e5b07e98e58a11b16344b108394d10f181fdbb32"
    "59ec1de39621b2fe36a6a917af09c2c9cad2b2b17ca4c90c7a9bb68adf1e17bea3207f5638152bd2f99745eb227a2f2b"
    "88e0d4fb7019bb7ee7e5299a9bfc2f6cd586ee17a43ecaba0ef73dfd276819625283c31a1d498166ae27af5721eb4ba1"
    "ccb7895cb4b23d27058380c1bcf94861",
    16,
)


class _PublicKey:
    """What Telethon's fingerprint needs of a key."""

    n = N
    e = E


def _der(tag: int, body: bytes) -> bytes:
    if len(body) < 128:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + body


def _integer(value: int) -> bytes:
    return _der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _pkcs1(n: int, e: int) -> str:
    text = base64.b64encode(_der(0x30, _integer(n) + _integer(e))).decode("ascii")
    lines = "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
    return f"-----BEGIN RSA PUBLIC KEY-----\n{lines}\n-----END RSA PUBLIC KEY-----\n"


#: What a client must trust to log in: `telethon.crypto.rsa.add_key(SANDBOX_PUBLIC_KEY, old=False)`.
SANDBOX_PUBLIC_KEY: Final[str] = _pkcs1(N, E)

FINGERPRINT: Final[int] = _compute_fingerprint(_PublicKey)


def decrypt(block: bytes) -> bytes:
    """Undo the raw RSA of the handshake: 255 bytes of SHA1, data and padding."""
    return pow(int.from_bytes(block, "big"), D, N).to_bytes(256, "big")[1:]
