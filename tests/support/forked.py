"""A process that another one has forked for us, as `subprocess.Popen` has one that was started."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Sequence
from typing import TextIO


class Forked:
    """What tests ask of a process. `line`: by which comes its number, and how it ended when it has."""

    def __init__(
        self,
        words: Sequence[str],
        line: socket.socket,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        self.args = words
        self.stdout = stdout
        self.stderr = stderr
        self.returncode: int | None = None
        self._line = line
        self._asking = threading.Lock()
        self.pid = self._hear()

    def _hear(self) -> int:
        answer = self._line.recv(4, socket.MSG_WAITALL)
        assert answer, f"what forks has ended: {self.args}"
        return int.from_bytes(answer, signed=True)

    def _look(self, within: float | None) -> int | None:
        if self.returncode is None:
            self._line.settimeout(within)
            with contextlib.suppress(TimeoutError, BlockingIOError):
                self.returncode = self._hear()
                self._line.close()
        return self.returncode

    def poll(self) -> int | None:
        """How it ended; None: not yet, or somebody waits for it."""
        if self._asking.acquire(blocking=False):
            try:
                return self._look(0)
            finally:
                self._asking.release()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        with self._asking:
            code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it still says until it ends."""
        texts = ["", ""]

        def read(n: int, file: TextIO) -> None:
            with file:
                texts[n] = file.read()

        ears = [
            threading.Thread(target=read, args=(n, file), daemon=True)
            for n, file in enumerate((self.stdout, self.stderr))
            if file is not None
        ]
        for ear in ears:
            ear.start()
        self.wait(timeout)
        for ear in ears:
            ear.join()
        return texts[0], texts[1]

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
