"""A process of the tests', and what it has said so far, line by line."""

import asyncio
import subprocess

from tests.support.forked import Forked


class Overheard:
    """From when it is made, which must be within a running loop."""

    def __init__(self, process: "subprocess.Popen[str] | Forked") -> None:
        self.process = process
        self.said: list[str] = []
        self._ear = asyncio.create_task(asyncio.to_thread(self._hear))

    def _hear(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())

    def has(self, word: str) -> bool:
        return any(line.startswith(word) for line in self.said)

    async def stop(self) -> None:
        self.process.kill()
        await asyncio.to_thread(self.process.wait)
        await self._ear
        assert self.process.stdout is not None
        self.process.stdout.close()
