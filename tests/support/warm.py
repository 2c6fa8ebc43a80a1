"""Commands and helpers in processes of their own, forked from one that has loaded what they import:
`python -m tests.support.warm PLACE` loads it once and forks for each.

Starting Python and importing what a command stands on takes seconds of the processor, many times what most
commands take. All workers of a run share one. What a test says about that start itself, or about how a
process is set up, is asked of `tests.support.console` instead.
"""

import asyncio
import atexit
import contextlib
import fcntl
import importlib
import json
import os
import pkgutil
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import BinaryIO, TextIO

from tests.support.console import DEADAIR, environment
from tests.support.forked import Forked

_ROOT = Path(__file__).resolve().parents[2]
#: In the environment: the folder by which all workers of a run find the one that forks.
_PLACE = "WARM_PLACE"
#: Beside the commands and the parts: what they import when they are called, and what helpers stand on.
_LOADED = (
    "deadair.cli",
    "alembic.command",
    "bot.chart",
    "storage.store",
    "rich.console",
    "rich.table",
    "archive.search",
    "claims.reading",
    "tests.support.collector_process",
    "tests.support.deadair_process",
    "tests.support.keeper_process",
    "tests.support.models",
    "tests.support.reader_process",
    "tests.support.writer_process",
)


def deadair(
    *arguments: str | Path, cwd: Path, within: float = 60, said: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as `tests.support.console.deadair` does."""
    with (
        tempfile.TemporaryFile("w+b") as given,
        tempfile.TemporaryFile("w+b") as out,
        tempfile.TemporaryFile("w+b") as err,
    ):
        given.write(said.encode())
        given.seek(0)
        process = forked(
            str(DEADAIR), *arguments, cwd=cwd, env=environment(**more), stdin=given, stdout=out, stderr=err
        )
        try:
            code = process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(process.args, code, *texts)


def started(*arguments: str | Path, cwd: Path, **more: str) -> Forked:
    """Start a command that goes on until it is stopped, as `tests.support.console.started` does."""
    return forked(str(DEADAIR), *arguments, cwd=cwd, env=environment(**more))


def forked(
    *words: str | Path,
    cwd: Path = _ROOT,
    env: dict[str, str] | None = None,
    stdin: BinaryIO | None = None,
    stdout: BinaryIO | None = None,
    stderr: BinaryIO | None = None,
    strict: bool = False,
) -> Forked:
    """What `words` run: the console script, or `-m` and a module, with arguments. What it says goes into
    pipes where no file is given; `strict`: a warning is an error to it.
    """
    with contextlib.ExitStack() as stack:

        def way(file: BinaryIO | None) -> tuple[int, TextIO | None]:
            if file is not None:
                return file.fileno(), None
            ours, theirs = os.pipe()
            stack.callback(os.close, theirs)
            return theirs, open(ours, encoding="utf-8")

        (out, heard), (err, overheard) = way(stdout), way(stderr)
        given = stdin or stack.enter_context(open(os.devnull, "rb"))
        said = [str(word) for word in words]
        asked = {
            "words": said,
            "cwd": str(cwd),
            "env": dict(os.environ) if env is None else env,
            "strict": strict,
        }
        line = socket.socket(socket.AF_UNIX)
        line.connect(warm_up())
        letter = json.dumps(asked).encode()
        socket.send_fds(line, [len(letter).to_bytes(4)], [given.fileno(), out, err])
        line.sendall(letter)
        return Forked(said, line, heard, overheard)


def prepare() -> None:
    """By whoever starts workers, before it does: all of them then share what forks, as long as it is here."""
    if _PLACE in os.environ:
        return
    place = tempfile.mkdtemp(prefix="dawarm")
    os.mkfifo(f"{place}/until")
    held = os.open(f"{place}/until", os.O_RDWR)
    os.environ[_PLACE] = place

    def end() -> None:
        os.close(held)
        shutil.rmtree(place)

    atexit.register(end)


@cache
def warm_up() -> str:
    """Where the process listens that has loaded everything; who comes first starts it, and waits for it. To
    be called beforehand where time counts.
    """
    prepare()
    place = os.environ[_PLACE]
    path = f"{place}/s"
    with open(f"{place}/lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(path):
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.warm", place],
                cwd=_ROOT,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
            )
            assert process.stdout is not None
            with process.stdout as said:
                assert said.readline() == b"warm\n"
            process.returncode = 0  # it outlives whoever happened to start it
    return path


def main(place: str) -> None:
    """Fork for each who connects, until nobody holds `place`/until."""
    import deadair.commands
    from deadair.wiring import load_code

    until = os.open(f"{place}/until", os.O_RDONLY)
    load_code()
    for found in pkgutil.iter_modules(deadair.commands.__path__):
        importlib.import_module(f"deadair.commands.{found.name}")
    for name in _LOADED:
        importlib.import_module(name)
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        asyncio.run(_open_one())
    _read_some()
    ended, end = os.pipe()
    os.set_blocking(ended, False)
    os.set_blocking(end, False)
    signal.set_wakeup_fd(end)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # that one has ended wakes us, no more
    lines: dict[int, socket.socket] = {}
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(f"{place}/s")
        door.listen(100)
        print("warm", flush=True)
        while until not in (ready := select.select([door, until, ended], [], [])[0]):
            if ended in ready:
                os.read(ended, 1000)
                _tell_of_ends(lines)
            if door in ready:
                line, _ = door.accept()
                if pid := os.fork():
                    line.sendall(pid.to_bytes(4))
                    lines[pid] = line
                    continue
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for number in (until, ended, end):
                    os.close(number)
                for each in (door, *lines.values()):
                    each.close()
                _run(line)


async def _open_one() -> None:
    """Set up an archive, and read in it, as nearly every command does: what that needs to be told once only,
    as what statements read like, whoever is forked knows then.
    """
    from storage.config import StorageConfig
    from storage.store import open_store

    with tempfile.TemporaryDirectory() as folder:
        async with open_store(StorageConfig(url=f"sqlite:///{folder}/deadair.db")) as store:
            async with store.begin() as tx:
                await tx.marks.set("warm", {}, datetime(2031, 3, 3, tzinfo=UTC))
            async with store.read() as tx:
                await tx.marks.all("")
                await tx.channels.all()
                await tx.watch.until()


def _read_some() -> None:
    """Have the words at hand that posts are read by, and what languages look like: a second's work."""
    from claims.lexicon.load import load
    from claims.reading import read_post

    for text in ("مباراة اليوم في الملعب", "بازی امروز در ورزشگاه است", "Bugün maç var", "A match today"):
        read_post(load(), text, posted=datetime(2031, 3, 3, tzinfo=UTC))


def _tell_of_ends(lines: dict[int, socket.socket]) -> None:
    while lines:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            break
        with lines.pop(pid) as line, contextlib.suppress(OSError):  # nobody need wait for it
            line.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, signed=True))


def _run(line: socket.socket) -> None:
    head, files, _, _ = socket.recv_fds(line, 4, 3)
    asked = json.loads(line.recv(int.from_bytes(head), socket.MSG_WAITALL))
    line.close()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.stdin, sys.stdout = open(0, encoding="utf-8"), open(1, "w", encoding="utf-8")  # noqa: SIM115 - until it ends
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 - the same
    if asked["strict"]:
        warnings.simplefilter("error")
    code = 1
    try:
        _do(asked["words"])
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        if isinstance(stop.code, str):
            print(stop.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]  # there is one
    finally:
        threading._shutdown()  # type: ignore[attr-defined]  # as Python ends
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _do(words: list[str]) -> None:
    if words[0] == "-m":
        sys.argv = words[1:]
        sys.modules.pop(words[1], None)
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        return
    from deadair.cli import main

    sys.argv = words
    sys.modules["__main__"].__package__ = None  # by it a module tells usage apart from a script's
    main()


if __name__ == "__main__":
    main(sys.argv[1])
