"""The framings that no stock client speaks by itself, and what is no framing at all."""

import asyncio
import struct

import pytest

from sandbox.mtproto.transport import Framing, Garbled, Transport


class _Sink:
    """A writer that keeps what it is given."""

    def __init__(self) -> None:
        self.sent = b""

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        self.sent += data


def _transport(incoming: bytes) -> tuple[Transport, _Sink]:
    reader = asyncio.StreamReader()
    reader.feed_data(incoming)
    reader.feed_eof()
    sink = _Sink()
    return Transport(reader, sink), sink  # type: ignore[arg-type]  # all that a transport asks of a writer


async def test_the_padded_framing_drops_the_padding_and_adds_its_own() -> None:
    body = b"twelve bytes"
    transport, sink = _transport(b"\xdd" * 4 + struct.pack("<i", 15) + body + b"pad")
    await transport.detect()
    assert transport.framing is Framing.PADDED
    assert await transport.receive() == body
    transport.send(body)
    (size,) = struct.unpack("<i", sink.sent[:4])
    assert len(sink.sent) == 4 + size
    assert sink.sent[4:16] == body
    assert 12 <= size < 16


async def test_a_long_abridged_packet_has_a_long_length() -> None:
    body = bytes(range(256)) * 4
    transport, sink = _transport(b"\xef\x7f" + (len(body) // 4).to_bytes(3, "little") + body)
    await transport.detect()
    assert await transport.receive() == body
    transport.send(body)
    assert sink.sent == b"\x7f" + (len(body) // 4).to_bytes(3, "little") + body


async def test_a_damaged_full_packet_is_refused() -> None:
    packet = struct.pack("<ii", 16, 0) + b"data" + b"\0\0\0\0"
    transport, _ = _transport(packet)
    await transport.detect()
    assert transport.framing is Framing.FULL
    with pytest.raises(Garbled, match="checksum"):
        await transport.receive()


@pytest.mark.parametrize("size", [-5, 0, 1 << 30])
async def test_a_packet_of_an_absurd_size_is_refused(size: int) -> None:
    transport, _ = _transport(b"\xee" * 4 + struct.pack("<i", size))
    await transport.detect()
    with pytest.raises(Garbled, match="bytes"):
        await transport.receive()


async def test_sixty_four_bytes_that_hide_no_tag_are_no_transport() -> None:
    transport, _ = _transport(bytes(range(1, 65)))
    with pytest.raises(Garbled, match="tag"):
        await transport.detect()
