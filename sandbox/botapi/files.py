"""Files the bot has sent: kept within a bound, served again by their id."""

import hashlib
import struct
from collections import OrderedDict
from dataclasses import dataclass, field

from sandbox.botapi.errors import Json, bad_request

LARGEST_PHOTO = 10 * 2**20  #: bytes (https://core.telegram.org/bots/api#sendphoto)
LARGEST_UPLOAD = 50 * 2**20  #: any other file
LARGEST_DOWNLOAD = 20 * 2**20  #: https://core.telegram.org/bots/api#getfile
WIDEST = 10_000  #: a photo's width and height together
STEEPEST = 20  #: a photo's longer side by the shorter


@dataclass(slots=True, kw_only=True)
class StoredFile:
    """One file. `body` is None once it had to make room for later ones."""

    id: str
    unique_id: str
    name: str
    size: int
    width: int = 0
    height: int = 0
    body: bytes | None = field(repr=False)

    @property
    def path(self) -> str:
        """Where it can be fetched, below `/file/bot<token>/`."""
        folder = "photos" if self.width else "documents"
        return f"{folder}/{self.unique_id}/{self.name}"

    def photo_to_api(self) -> list[Json]:
        """As the sizes of a photo: the sandbox makes no smaller ones."""
        size = {"width": self.width, "height": self.height, "file_size": self.size}
        return [{"file_id": self.id, "file_unique_id": self.unique_id, **size}]

    def document_to_api(self) -> Json:
        """As a document."""
        named = {"file_name": self.name, "file_size": self.size}
        return {"file_id": self.id, "file_unique_id": self.unique_id, **named}


class FileStore:
    """All files by id; the bodies of the oldest go when together they exceed `room` bytes."""

    def __init__(self, room: int = 128 * 2**20) -> None:
        self.room = room
        self._files: OrderedDict[str, StoredFile] = OrderedDict()
        self._held = 0
        self._count = 0

    def add_photo(self, name: str, body: bytes) -> StoredFile:
        """Raises Refused for what Telegram does not take as a photo."""
        if len(body) > LARGEST_PHOTO:
            too_big = f"file of size {len(body)} bytes is too big for a photo"
            raise bad_request(f"{too_big}; the maximum size is {LARGEST_PHOTO} bytes")
        _refuse_empty(body)
        size = picture_size(body)
        if size is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        width, height = size
        if not width or not height or width + height > WIDEST or max(size) > STEEPEST * min(size):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return self._add(name, body, width, height)

    def add_document(self, name: str, body: bytes) -> StoredFile:
        """Raises Refused for an empty file or one above Telegram's limit."""
        _refuse_empty(body)
        if len(body) > LARGEST_UPLOAD:
            raise bad_request("file is too big")
        return self._add(name, body, 0, 0)

    def known(self, file_id: str) -> StoredFile:
        """Raises Refused for an id that was never given out."""
        if file_id not in self._files:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return self._files[file_id]

    def at(self, path: str) -> StoredFile | None:
        """The file to be fetched at `path`."""
        return next((f for f in self._files.values() if f.path == path), None)

    def _add(self, name: str, body: bytes, width: int, height: int) -> StoredFile:
        self._count += 1
        digest = hashlib.blake2b(body, digest_size=9).hexdigest()
        file = StoredFile(
            id=f"SANDBOX{self._count:06d}{digest}",
            unique_id=digest,
            name=name.replace("/", "_") or "file",
            size=len(body),
            width=width,
            height=height,
            body=body,
        )
        self._files[file.id] = file
        self._held += file.size
        self._make_room()
        return file

    def _make_room(self) -> None:
        for file in list(self._files.values()):
            if self._held <= self.room or len(self._files) == 1:
                break
            self._held -= file.size
            file.body = None
            del self._files[file.id]


def _refuse_empty(body: bytes) -> None:
    if not body:
        raise bad_request("file must be non-empty")


def picture_size(body: bytes) -> tuple[int, int] | None:
    """Width and height from the head of a PNG, JPEG, GIF or WebP (VP8X) file; None if it is none of them."""
    if body.startswith(b"\x89PNG\r\n\x1a\n") and len(body) >= 24:
        width, height = struct.unpack(">II", body[16:24])
        return width, height
    if body[:6] in (b"GIF87a", b"GIF89a") and len(body) >= 10:
        width, height = struct.unpack("<HH", body[6:10])
        return width, height
    if body[:4] == b"RIFF" and body[8:16] == b"WEBPVP8X" and len(body) >= 30:
        return int.from_bytes(body[24:27], "little") + 1, int.from_bytes(body[27:30], "little") + 1
    return _jpeg_size(body) if body.startswith(b"\xff\xd8") else None


def _jpeg_size(body: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(body) and body[at] == 0xFF:
        marker = body[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # a start of frame
            height, width = struct.unpack(">HH", body[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(body[at + 2 : at + 4], "big")
    return None
