"""Commands in processes of their own, forked from one that has loaded what they import:
`python -m tests.support.warm SOCKET` loads it once and forks for each.

Starting Python and importing what a command stands on takes a second of the processor, many times what most
commands take. What a test says about that start itself, or about how a process is set up, is asked of
`tests.support.console` instead.
"""

import atexit
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from tests.support.console import DEADAIR, environment

_ROOT = Path(__file__).resolve().parents[2]
#: Beside the commands: what they import when they are called.
_LOADED = ("storage.store", "rich.console", "rich.table", "archive.search", "claims.reading")


def deadair(
    *arguments: str | Path, cwd: Path, within: float = 60, said: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as `tests.support.console.deadair` does."""
    words = [str(DEADAIR), *map(str, arguments)]
    with (
        tempfile.TemporaryFile("w+b") as given,
        tempfile.TemporaryFile("w+b") as out,
        tempfile.TemporaryFile("w+b") as err,
        socket.socket(socket.AF_UNIX) as line,
    ):
        given.write(said.encode())
        given.seek(0)
        line.connect(_warm())
        line.settimeout(within)
        asked = json.dumps({"words": words, "cwd": str(cwd), "env": environment(**more)}).encode()
        socket.send_fds(line, [len(asked).to_bytes(4)], [given.fileno(), out.fileno(), err.fileno()])
        line.sendall(asked)
        pid = int.from_bytes(line.recv(4, socket.MSG_WAITALL))
        try:
            answer = line.recv(4)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(words, within) from None
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    assert answer, f"it was ended from outside: {texts}"
    return subprocess.CompletedProcess(words, int.from_bytes(answer, signed=True), *texts)


@cache
def _warm() -> str:
    """Where the process listens that has loaded everything; it ends with this one."""
    place = tempfile.mkdtemp(prefix="dawarm")
    path = f"{place}/s"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.warm", path],
        cwd=_ROOT,
        env=environment(),
        stdin=subprocess.PIPE,  # at whose end it ends too, however this process does
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"warm\n"

    def end() -> None:
        process.communicate()
        os.unlink(path)
        os.rmdir(place)

    atexit.register(end)
    return path


def main(path: str) -> None:
    """Fork for each who connects, until its standard input ends."""
    import deadair.cli
    import deadair.commands

    for found in pkgutil.iter_modules(deadair.commands.__path__):
        importlib.import_module(f"deadair.commands.{found.name}")
    for name in _LOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended: they say so themselves
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()
        print("warm", flush=True)
        while door in select.select([door, 0], [], [])[0]:
            line, _ = door.accept()
            if not os.fork():
                door.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _command(line)
            line.close()


def _command(line: socket.socket) -> None:
    head, files, _, _ = socket.recv_fds(line, 4, 3)
    line.sendall(os.getpid().to_bytes(4))
    asked = json.loads(line.recv(int.from_bytes(head), socket.MSG_WAITALL))
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = asked["words"]
    sys.modules["__main__"].__package__ = None  # by it a module tells usage apart from a script's
    sys.stdin, sys.stdout = open(0, encoding="utf-8"), open(1, "w", encoding="utf-8")  # noqa: SIM115 - until it ends
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 - the same
    code = 1
    try:
        from deadair.cli import main

        main()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        if isinstance(stop.code, str):
            print(stop.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]  # there is one
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        line.sendall(code.to_bytes(4, signed=True))
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
