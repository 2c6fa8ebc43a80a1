"""Folders that let every user of the machine through to a file, as those of a test do not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def let_through(path: Path) -> Iterator[None]:
    """The folder of the tests is for their user alone, so that nobody else gets to a file in it."""
    before = {each: each.stat().st_mode for each in path.resolve().parents if not each.stat().st_mode & 1}
    for each, mode in before.items():
        each.chmod(mode | 1)
    try:
        yield
    finally:
        for each, mode in before.items():
            each.chmod(mode)
