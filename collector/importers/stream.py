"""A file's bytes: unpacked, one member after the other, as far as they can be read."""

import codecs
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from collector.importers.errors import Unreadable
from collector.importers.values import UNDECODABLE

_CHUNK = 1 << 18
_PACKED = {
    b"PK\x03\x04": "a zip archive",
    b"\xfd7zXZ\x00": "xz-compressed",
    b"BZh": "bzip2-compressed",
    b"\x28\xb5\x2f\xfd": "zstd-compressed",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
}


class Stream:
    """Bytes that come in chunks, with a look ahead. What `ijson` and `tarfile` read from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._ahead = b""
        self.at = 0  #: how many bytes were taken out

    def peek(self, n: int) -> bytes:
        """The next `n` bytes, or as many as there are; they stay where they are."""
        parts, held = [self._ahead], len(self._ahead)
        while held < n and (chunk := next(self._chunks, None)) is not None:
            parts.append(chunk)
            held += len(chunk)
        self._ahead = b"".join(parts)
        return self._ahead[:n]

    def read(self, n: int = -1) -> bytes:
        if n == 0:
            return b""
        taken = self.peek(n if n > 0 else 1 << 62)
        self._ahead = self._ahead[len(taken) :]
        self.at += len(taken)
        return taken

    def chunks(self) -> Iterator[bytes]:
        """All that is left."""
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            self.at += len(ahead)
            yield ahead
        for chunk in self._chunks:
            self.at += len(chunk)
            yield chunk


class Source:
    """A file, opened for reading once. `broken` says why it ended early."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0  #: bytes of the file read so far
        self.broken: str | None = None
        try:
            if path.is_dir():
                hint = "name the file in it, for a Telegram Desktop export result.json"
                raise Unreadable(f"{path} is a folder", hint=hint)
            self._file = path.open("rb", buffering=0)
            self.size = os.fstat(self._file.fileno()).st_size
        except FileNotFoundError:
            raise Unreadable(f"there is no file {path}", hint="check the path") from None
        except OSError as error:
            raise Unreadable(
                f"{path} cannot be read: {error.strerror}", hint="check who may read it"
            ) from None

    def close(self) -> None:
        self._file.close()

    def members(self) -> Iterator[tuple[str, Stream]]:
        """The file's content, or each file of a tar archive with its name. Each is read before the next."""
        stream = Stream(self._raw())
        if stream.peek(2) == b"\x1f\x8b":
            stream = Stream(self._unzipped(stream))
        if stream.peek(512)[257:262] != b"ustar":
            yield "", stream
            return
        try:
            with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
                for member in archive:
                    if member.isfile() and (held := archive.extractfile(member)) is not None:
                        yield member.name.removeprefix("./"), Stream(iter(lambda: held.read(_CHUNK), b""))
        except tarfile.TarError as error:
            self.broken = self.broken or f"the archive is damaged: {error}"

    def _raw(self) -> Iterator[bytes]:
        while True:
            try:
                chunk = self._file.read(_CHUNK)
            except OSError as error:
                self.broken = f"the disk could not read on: {error.strerror}"
                return
            if not chunk:
                return
            self.position += len(chunk)
            yield chunk

    def _unzipped(self, packed: Stream) -> Iterator[bytes]:
        unpacker, begun = zlib.decompressobj(wbits=31), False
        held: list[bytes] = []
        size = 0
        try:
            for small in _slices(packed):
                rest = small
                while rest:
                    begun = True
                    held.append(unpacker.decompress(rest, _CHUNK))
                    size += len(held[-1])
                    if size >= _CHUNK:
                        yield b"".join(held)
                        held, size = [], 0
                    rest = unpacker.unconsumed_tail
                    if unpacker.eof:  # a further member may follow, or zeros that fill a block
                        rest = unpacker.unused_data.lstrip(b"\0")
                        unpacker, begun = zlib.decompressobj(wbits=31), False
            if begun:
                held.append(unpacker.flush())
        except zlib.error as error:
            self.broken = f"the compressed data is damaged ({error})"
        else:
            if begun and not unpacker.eof:
                self.broken = "the compressed data ends in the middle: was the file copied as a whole?"
        yield b"".join(held)


def _slices(stream: Stream) -> Iterator[bytes]:
    """In small pieces: of the one in which an unpacker finds damage nothing can be had."""
    for chunk in stream.chunks():
        for at in range(0, len(chunk), 1024):
            yield chunk[at : at + 1024]


def packed_as(head: bytes) -> str | None:
    """What another packer made of it, in words."""
    return next((name for magic, name in _PACKED.items() if head.startswith(magic)), None)


def in_utf8(stream: Stream) -> Stream:
    """The stream as UTF-8 without a byte order mark, whichever UTF it is in."""
    head = stream.peek(4)
    if head.startswith(codecs.BOM_UTF8):
        stream.read(3)
        return stream
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Stream(_recoded(stream, "utf-16"))
    if head[1:2] == b"\0" and head[3:4] == b"\0":
        return Stream(_recoded(stream, "utf-16-le"))
    if head[0:1] == b"\0" and head[2:3] == b"\0":
        return Stream(_recoded(stream, "utf-16-be"))
    return stream


def marked(stream: Stream) -> Stream:
    """The stream with every undecodable byte replaced, so that only the record that holds it is lost.

    Numbers of thousands of digits are replaced too, so that the document is found broken there: Python
    refuses to make an int of them, and ijson 3.6's parser in C does not survive that refusal.
    """
    return Stream(_harmless(_recoded(stream, "utf-8")))


def without_endless_numbers(data: bytes) -> bytes:
    return _ENDLESS.sub(UNDECODABLE.encode(), data)


#: Python's limit is 4300 digits (sys.int_info); a text of Telegram's is no longer than 4096 characters.
_ENDLESS = re.compile(rb"[0-9]{4200,}")
_DIGITS_AT_END = re.compile(rb"[0-9]+\Z")


def _harmless(chunks: Iterator[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in chunks:
        data = without_endless_numbers(held + chunk)
        # A number may go on in the next chunk.
        tail = _DIGITS_AT_END.search(data, max(0, len(data) - 4200))
        held = data[tail.start() :] if tail else b""
        yield data[: len(data) - len(held)]
    yield held


def _recoded(stream: Stream, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("mark_undecodable")
    for chunk in stream.chunks():
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNDECODABLE, error.end


codecs.register_error("mark_undecodable", _mark)
