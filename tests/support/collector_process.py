"""A collector in a process of its own, so that it can be killed as a machine kills it.

`python -m tests.support.collector_process ORDERS.json`: see `CollectorProcess`.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from collector.config import AccountConfig, App, ChannelConfig, CollectorConfig
from collector.run import collect
from domain.clock import WallClock
from domain.errors import DeadairError
from sandbox.channel import Channel
from storage.config import StorageConfig
from storage.keyring import NO_KEY, Keyring
from storage.store import open_store
from tests.support.collecting import hurried
from tests.support.forked import Forked
from tests.support.logs import log_plainly
from tests.support.telegram import API_HASH, API_ID, Telegram
from tests.support.warm import forked, warm_up


class CollectorProcess:
    """Starts and ends it. Its log is in `folder`."""

    def __init__(
        self,
        telegram: Telegram,
        folder: Path,
        url: str,
        channels: list[Channel],
        *,
        wanted: dict[str, Any] | None = None,
        keyring: Keyring = NO_KEY,
        **config: Any,
    ) -> None:
        """`wanted`: what each channel's config says besides; `keyring`: for its session."""
        warm_up()
        self.folder = folder
        self.log = folder / "collector.log"
        self._orders = folder / "orders.json"
        self._orders.write_text(
            json.dumps(
                {
                    "url": url,
                    "keys": keyring.secrets,
                    "session": str(telegram.session_file("main")),
                    "channels": [{"handle": c.handle, **(wanted or {})} for c in channels],
                    "collector": hurried(telegram, **config).model_dump(),
                },
                default=lambda span: f"{span.total_seconds()}s",
            )
        )
        self.process: Forked | None = None

    def start(self) -> Forked:
        with self.log.open("ab") as log:
            self.process = forked(
                "-m", "tests.support.collector_process", self._orders, stdout=log, stderr=log
            )
        return self.process

    def kill(self) -> None:
        """kill -9: no goodbye, nothing is saved."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """As Ctrl-C does. Gives the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGUSR1)  # its log then says where it hangs
            self.process.wait(2)
            raise


def _tell_where() -> None:
    for task in asyncio.all_tasks():
        task.print_stack(limit=4)
    sys.stderr.flush()


async def _run(orders: dict[str, Any]) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, _tell_where)
    async with open_store(StorageConfig(url=orders["url"], busy_timeout=5)) as store:
        await collect(
            CollectorConfig.model_validate(orders["collector"]),
            [AccountConfig(name="main", session=orders["session"])],
            [ChannelConfig.model_validate(each) for each in orders["channels"]],
            store,
            WallClock(),
            app=App(API_ID, API_HASH, Keyring(tuple(orders["keys"]))),
        )


def main() -> None:
    orders = json.loads(Path(sys.argv[1]).read_text())
    # Whoever was started in the background of a shell inherits that it is not to heed it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGXFSZ"):
        signal.signal(
            signal.SIGXFSZ, signal.SIG_IGN
        )  # a file that may not grow is then an error, as a full disk is
    try:
        asyncio.run(_run(orders))
    except KeyboardInterrupt:
        os._exit(0)
    except DeadairError as error:
        print(f"{error.what}\n{error.hint}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    log_plainly()
    main()
