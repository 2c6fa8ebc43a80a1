"""`deadair run` in a process of its own, by the clock of another: `python -m tests.support.deadair_process
CLOCK`, in the folder of its config. CLOCK is the file of a `LeadingClock`.
"""

import asyncio
import contextlib
import faulthandler
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deadair.commands.run import run_by
from deadair.config import Setup, load
from deadair.log import set_up
from deadair.wiring import PARTS, load_code
from domain.errors import DeadairError
from tests.support.clocks import FollowingClock
from tests.support.console import environment
from tests.support.forked import Forked
from tests.support.warm import forked, warm_up

_ROOT = Path(__file__).resolve().parents[2]


class DeadairProcess:
    """Starts and ends it, as often as wanted. Its log is in `folder`."""

    def __init__(self, folder: Path, clock: Path, *, afresh: bool, **secrets: str) -> None:
        """`afresh`: nothing is loaded in it beforehand, so that its memory is its own."""
        if not afresh:
            warm_up()
        self.folder = folder
        self.log = folder / "deadair.log"
        self._clock = clock
        self._afresh = afresh
        self._env = environment(**secrets, PYTHONPATH=str(_ROOT))
        self._process: subprocess.Popen[bytes] | Forked | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            words = ("-m", "tests.support.deadair_process", str(self._clock))
            how: dict[str, Any] = {"cwd": self.folder, "env": self._env, "stdout": log, "stderr": log}
            self._process = (
                subprocess.Popen([sys.executable, *words], **how) if self._afresh else forked(*words, **how)
            )

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def refuse_dead(self) -> None:
        """Raises AssertionError when it ended by itself."""
        if self._process is not None and (code := self._process.poll()) is not None:
            raise AssertionError(f"deadair has ended with {code}: {self.log.read_text()[-3000:]}")

    def tell(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def end(self, number: signal.Signals = signal.SIGTERM, within: float = 60) -> int:
        """As `number` ends it. Gives the exit code."""
        assert self._process is not None
        process, self._process = self._process, None
        process.send_signal(number)
        try:
            return process.wait(within)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGUSR2)
            process.send_signal(signal.SIGUSR1)  # its log then says where it hangs
            time.sleep(1)
            process.kill()
            process.wait()
            raise AssertionError(f"it did not stop: {self.log.read_text()[-3000:]}") from None

    @property
    def is_up(self) -> bool:
        return self._process is not None

    def memory(self) -> float:
        """Resident, in MB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def _tell_where() -> None:
    for task in asyncio.all_tasks():
        task.print_stack(limit=4)
    sys.stderr.flush()


async def _run(clock: FollowingClock, setup: Setup, only: Sequence[str]) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, _tell_where)
    following = asyncio.create_task(clock.follow())
    try:
        await run_by(clock, None, setup, only)
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following


def main() -> None:
    faulthandler.register(signal.SIGUSR1)
    try:
        setup = load(None)
        set_up(setup.config.log)
        load_code(PARTS)
        asyncio.run(_run(FollowingClock(Path(sys.argv[1])), setup, PARTS))
    except DeadairError as error:
        print(f"{error.what}\n{error.hint}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
