"""Posts in and rows out, a line of JSON each: from a file or a pipe, never more than one line in memory."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from claims.reading import BadRow, PostRow, parse_row
from deadair.plural import plural
from domain.errors import DeadairError

#: A longer line is no post: Telegram's longest have 4 096 characters.
LONGEST = 4 * 1024 * 1024


class Lines:
    """The posts of a JSONL input; bad lines are told of on stderr, counted and passed over."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.read = 0  #: lines that held a post
        self.bad = 0

    def posts(self, also: Callable[[int, PostRow], None] | None = None) -> Iterator[PostRow]:
        """Post by post, in order. `also` may refuse one by raising BadRow; it is given the line's number."""
        for number, line in enumerate(iter(self._line, b""), 1):
            try:
                if not (text := _decoded(number, line)).strip():
                    continue
                post = parse_row(number, text)
                if also is not None:
                    also(number, post)
            except BadRow as error:
                self.bad += 1
                hint = f" ({error.hint})" if error.hint else ""
                print(f"{error.what}{hint}", file=sys.stderr, flush=True)
            else:
                self.read += 1
                yield post

    def _line(self) -> bytes:
        """The next line; of one that is too long only the beginning, one byte over the limit."""
        line = rest = self._source.readline(LONGEST + 1)
        while len(rest) > LONGEST and not rest.endswith(b"\n"):
            rest = self._source.readline(LONGEST + 1)
        return line

    def finish(self) -> None:
        """The end of a command: exit status 1 when there were bad lines."""
        if self.bad:
            read = plural(self.read, "post")
            print(f"{plural(self.bad, 'line')} left out, {read} read", file=sys.stderr)
            sys.exit(1)


def _decoded(number: int, line: bytes) -> str:
    if len(line) > LONGEST:
        raise BadRow(number, f"is longer than {LONGEST:,} bytes", hint="One post a line.")
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise BadRow(
            number,
            f"is not UTF-8: byte {error.start + 1} is 0x{line[error.start]:02x}",
            hint="Convert the file to UTF-8.",
        ) from error


@contextmanager
def opened(path: Path | None) -> Iterator[Lines]:
    """The file, or standard input for None and `-`. Raises DeadairError when it cannot be read."""
    if path is None or str(path) == "-":
        if sys.stdin.isatty():
            print("one post a line, as JSON; Ctrl-D ends", file=sys.stderr)
        yield Lines(sys.stdin.buffer)
        return
    try:
        source = path.open("rb")
    except OSError as error:
        raise DeadairError(
            f"cannot read {path}: {error.strerror or error}",
            hint="name a file of posts, one JSON object a line, or - for standard input",
        ) from error
    with source:
        yield Lines(source)


def put(row: Mapping[str, Any]) -> None:
    """Write a row to standard output, in UTF-8 whatever the locale, at once: the next in the pipe waits."""
    try:
        line = json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can write and UTF-8 cannot
        line = json.dumps(row).encode()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()
