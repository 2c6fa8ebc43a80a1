"""An export as one stream: a ZIP archive of its files, and of the manifest that was known only at the end.

Nothing in it is compressed, so that the same export is the same bytes wherever it is made; what carries it
over a slow line may compress it.
"""

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from archive.export.make import Order, described, stream
from archive.export.manifest import NAME, File, Manifest
from archive.export.tables import Source

MEDIA_TYPE: Final = "application/zip"
_UNIX: Final = 3
_FIRST_YEAR: Final = 1980  #: no date in a ZIP archive is older


async def packed(
    source: Source, order: Order, whole: Callable[[Manifest], None] = lambda _: None
) -> AsyncIterator[bytes]:
    """The bytes as they come: each table of the order, then the manifest, of which `whole` is told."""
    sink, files = _Sink(), []
    with ZipFile(sink, mode="w", compression=ZIP_STORED) as pack:
        for table in order.tables:
            name = f"{table}.{order.format.value}"
            digest, size, rows = hashlib.sha256(), 0, 0
            with pack.open(_entry(name, source.at), "w", force_zip64=True) as out:
                async for data, n in stream(source, table, order.format):
                    out.write(data)
                    digest.update(data)
                    size += len(data)
                    rows += n
                    if part := sink.taken():
                        yield part
            files.append(File(name=name, table=table, rows=rows, bytes=size, sha256=digest.hexdigest()))
        manifest = await described(source, order, files)
        whole(manifest)
        pack.writestr(_entry(NAME, source.at), manifest.text().encode())
    yield sink.taken()


def _entry(name: str, at: datetime) -> ZipInfo:
    """The same on every machine."""
    year, *rest = at.timetuple()[:6]
    entry = ZipInfo(name, (max(year, _FIRST_YEAR), rest[0], rest[1], rest[2], rest[3], rest[4]))
    entry.create_system = _UNIX
    entry.external_attr = 0o644 << 16
    return entry


class _Sink:
    """What was written since it was last asked; that it cannot tell where it is says that it is a stream."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return None

    def close(self) -> None:
        return None

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)
