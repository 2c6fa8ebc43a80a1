"""Files on disk, each under the hash of its bytes; those on their way in a folder of their own."""

import os
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

#: So many bytes are asked for at once; what is there already of a file is a whole number of them.
PIECE = 128 * 1024


class Disk:
    """A folder of files. What blocks is done in a thread by whoever calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Where a file is, by its SHA-256 in hexadecimal."""
        return self.folder / digest[:2] / digest[2:4] / digest

    def partial(self, name: str) -> Path:
        return self.folder / "partial" / name

    def underway(self, prefix: str) -> list[str]:
        """The names, beginning so, of which something has come."""
        folder = self.folder / "partial"
        return sorted(each.name for each in folder.glob("*") if each.name.startswith(prefix))

    def begun(self, name: str) -> int:
        """How much of a file is there from an earlier try: whole pieces only, the rest is cut off."""
        path = self.partial(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            return 0
        size = path.stat().st_size
        whole = size - size % PIECE
        os.truncate(path, whole)
        return whole

    def add(self, name: str, at: int, piece: bytes) -> None:
        """Write a piece of a file that is on its way."""
        with self.partial(name).open("r+b" if at else "wb") as file:
            file.seek(at)
            file.write(piece)

    def finish(self, name: str) -> tuple[str, int]:
        """Move a file that is whole to its place. Returns SHA-256 and size; its partial copy stays until
        `drop`, so that a crash in between costs nothing."""
        path, digest, size = self.partial(name), sha256(), 0
        if not path.exists():
            path.touch()
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
            os.fsync(file.fileno())
        target = self.path(digest.hexdigest())
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, target)
            except OSError:  # a file system without hard links
                copy = target.with_suffix(".new")
                shutil.copyfile(path, copy)
                copy.replace(target)
            _sync(target.parent)
        return digest.hexdigest(), size

    def drop(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self.partial(name).unlink()

    def remove(self, digest: str) -> int:
        """Remove a file. Returns how many bytes that freed."""
        path = self.path(digest)
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        return size

    def free(self) -> int:
        """Bytes that are free where the folder is, or would be."""
        place = self.folder
        while not place.exists() and place != place.parent:
            place = place.parent
        return shutil.disk_usage(place).free

    def holds(self, digest: str) -> bool:
        """Is the file there, with the bytes that its name says?"""
        found = sha256()
        try:
            with self.path(digest).open("rb") as file:
                while chunk := file.read(1 << 20):
                    found.update(chunk)
        except OSError:
            return False
        return found.hexdigest() == digest


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
