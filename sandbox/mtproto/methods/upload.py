"""upload.*: the files of posts, in pieces."""

import random
from functools import lru_cache
from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from domain.post import Media
from sandbox.mtproto import media as parts
from sandbox.mtproto.call import Call, method
from sandbox.mtproto.centre import centre_of
from sandbox.mtproto.fault import RpcFault

#: https://core.telegram.org/api/files: pieces start at, and are, multiples of this; none is larger than that.
_STEP, _LARGEST = 4096, 1024 * 1024


@lru_cache(maxsize=32)
def content(number: int, size: int) -> bytes:
    """The bytes of a file: invented, and always the same for its number."""
    return random.Random(number).randbytes(size)  # noqa: S311 - a file of nothing


@method("upload.getFile")
def get_file(call: Call, request: Any) -> Any:
    """A piece of a file that is to be seen in a channel which is open to the account."""
    location, offset, limit = request.location, request.offset, request.limit
    if not isinstance(location, (T.InputDocumentFileLocation, T.InputPhotoFileLocation)):
        raise RpcFault(400, "LOCATION_INVALID")
    if limit <= 0 or limit % _STEP or limit > _LARGEST:
        raise RpcFault(400, "LIMIT_INVALID")
    if offset < 0 or offset % _STEP:
        raise RpcFault(400, "OFFSET_INVALID")
    if bytes(location.file_reference) != parts.REFERENCE:
        raise RpcFault(400, "FILE_REFERENCE_EXPIRED")
    found = _file(call, location.id)
    if found is None:
        raise RpcFault(400, "FILE_ID_INVALID")
    if (centre := centre_of(found)) != call.server.centre:
        raise RpcFault(303, f"FILE_MIGRATE_{centre}")
    whole = content(location.id, found.size or _size(found))
    return T.upload.File(
        type=T.storage.FileUnknown(), mtime=int(call.now.timestamp()), bytes=whole[offset : offset + limit]
    )


def _size(found: Media) -> int:
    return parts.PHOTO_SIZE if found.kind == "photo" else parts.DOCUMENT_SIZE


def _file(call: Call, number: int) -> Media | None:
    for channel in call.world.channels.values():
        if channel.open_to(call.account.id):
            for post in channel.posts.values():
                if post.media is not None and parts.number_of(post.media) == number:
                    return post.media
    return None
