"""Other processes that help to read while much is unread: Python reads on one core alone."""

import asyncio
import os
import pickle
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog

from claims.helper import LENGTH, framed
from claims.interpreter import Interpreter, Read, Usage, Words

log = structlog.get_logger(__name__)

#: So many posts are given to a helper at once: enough that sending them is little, few enough to be shared.
_PIECE = 50
#: With fewer posts than this nobody is asked: to hand them over takes as long as reading them.
_WORTH_IT = 2 * _PIECE
#: Seconds after which helpers that nothing was asked of are let go: each holds some 60 MB.
_IDLE = 30.0
#: Seconds for which none is started after one was lost: what ended it may be the machine's lack of memory.
_AFTER_LOSS = 3600.0
#: Seconds after which one that does not answer is given up: a piece takes hundredths of one.
_PATIENCE = 60.0
_MOST = 4
#: Bytes that may wait to be taken from a helper: an answer fits.
_ROOM = 2**20


class Lost(Exception):
    """A helper has ended, or could not read what it was given."""


class Helpers:
    """Reads posts by an interpreter, in this process or, while there is much to read, in others too.

    What is read is the same either way. Helpers are started once `much` was unread, and let go when nothing
    was asked of them for a while; one that ends for whatever reason costs nothing but time.
    """

    def __init__(self, interpreter: Interpreter, n: int | None = None) -> None:
        """`n` of them at most; None: one for each core but the first, four at most."""
        self._interpreter = interpreter
        self._n = min((os.cpu_count() or 1) - 1, _MOST) if n is None else n
        self._running: list[_Helper] = []
        self._starting: asyncio.Task[None] | None = None
        self._not_before = float("-inf")
        self._letting_go: asyncio.TimerHandle | None = None

    @property
    def there(self) -> tuple[int, ...]:
        """The processes that help now."""
        return tuple(helper.process.pid for helper in self._running)

    def much(self) -> None:
        """More is unread than is soon read: see to it that there are helpers."""
        if self._n <= 0 or self._running or self._starting is not None:
            return
        if asyncio.get_running_loop().time() >= self._not_before:
            self._starting = asyncio.create_task(self._start())

    async def read(self, words: Sequence[Words], usages: Mapping[int, Usage]) -> list[Read]:
        """What each of these says by itself."""
        self._running = [helper for helper in self._running if not helper.is_over]
        if not self._running or len(words) < _WORTH_IT:
            return await asyncio.to_thread(self._interpreter.read_each, words, usages)
        pieces = [words[at : at + _PIECE] for at in range(0, len(words), _PIECE)]
        found: list[list[Read] | None] = [None] * len(pieces)
        left = iter(range(len(pieces)))

        async def work(helper: _Helper) -> None:
            for at in left:
                of = {w.channel_id: usages[w.channel_id] for w in pieces[at] if w.channel_id in usages}
                try:
                    found[at] = await helper.read(pieces[at], of)
                    self._stay()
                except Lost as why:
                    log.warning(
                        "reader: a helper is gone; what it was given is read without it", why=str(why)
                    )
                    self._none_for_now()
                    await self._let_go(helper)
                    return

        await asyncio.gather(*map(work, list(self._running)))
        out: list[Read] = []
        for piece, reads in zip(pieces, found, strict=True):
            if reads is None:
                reads = await asyncio.to_thread(self._interpreter.read_each, piece, usages)
            out += reads
        return out

    async def close(self) -> None:
        """Let all helpers go."""
        if self._letting_go is not None:
            self._letting_go.cancel()
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
            self._starting = None
        for helper in list(self._running):
            await self._let_go(helper)

    async def _start(self) -> None:
        said = await asyncio.to_thread(framed, self._interpreter)
        try:
            for _ in range(self._n):
                helper = await _Helper.started(said)
                self._running.append(helper)  # to what list that is now: meanwhile there may be another
        except (OSError, Lost) as why:
            log.warning("reader: no helper could be started; texts are read without", why=str(why))
            self._none_for_now()
        finally:
            self._starting = None
        if self._running:
            log.info("reader: much is unread, and others help", helpers=len(self._running))
            self._stay()

    def _none_for_now(self) -> None:
        self._not_before = asyncio.get_running_loop().time() + _AFTER_LOSS

    def _stay(self) -> None:
        if self._letting_go is not None:
            self._letting_go.cancel()
        self._letting_go = asyncio.get_running_loop().call_later(_IDLE, self._no_longer)

    def _no_longer(self) -> None:
        for helper in self._running:
            helper.end()
        self._running.clear()

    async def _let_go(self, helper: "_Helper") -> None:
        if helper in self._running:
            self._running.remove(helper)
        await helper.ended()


class _Helper:
    """One other process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.is_over = False  #: it was told to end
        self._one = asyncio.Lock()

    @classmethod
    async def started(cls, interpreter: bytes) -> "_Helper":
        """It has been told by which `interpreter` it reads. Raises OSError, or Lost."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "claims.helper"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_ROOM,
            # What is secret is told by such names, and it needs none of it.
            env={name: value for name, value in os.environ.items() if not name.startswith("DEADAIR_")},
        )
        helper = cls(process)
        try:
            await helper._say(interpreter)
            await helper.read([], {})  # until then it may still be loading, or not come up at all
        except BaseException:
            await helper.ended()
            raise
        return helper

    async def read(self, words: Sequence[Words], usages: Mapping[int, Usage]) -> list[Read]:
        """Raises Lost."""
        async with self._one:
            try:
                async with asyncio.timeout(_PATIENCE):
                    found = await self._answer(framed((words, usages)))
            except TimeoutError as error:
                raise Lost(f"no answer within {_PATIENCE:g} s") from error
            except asyncio.CancelledError:
                self.end()  # an answer that nobody waits for would pass for that to the next question
                raise
        if isinstance(found, str):
            raise Lost(found)
        reads: list[Read] = found
        return reads

    async def _answer(self, question: bytes) -> Any:
        await self._say(question)
        assert self.process.stdout is not None  # noqa: S101 - it was started with one
        try:
            length = int.from_bytes(await self.process.stdout.readexactly(LENGTH), "big")
            answer = await self.process.stdout.readexactly(length)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Lost(f"it has ended ({self.process.returncode})") from error
        return pickle.loads(answer)  # noqa: S301 - of a process of our own, started by us

    async def _say(self, what: bytes) -> None:
        assert self.process.stdin is not None  # noqa: S101 - it was started with one
        try:
            self.process.stdin.write(what)
            await self.process.stdin.drain()
        except (OSError, RuntimeError) as error:
            raise Lost(f"it has ended ({error})") from error

    def end(self) -> None:
        """It ends by itself once nobody can ask it any more; one that hangs is not waited for."""
        self.is_over = True
        if self.process.stdin is not None:
            self.process.stdin.close()
        with suppress(ProcessLookupError):
            self.process.kill()

    async def ended(self) -> None:
        """End it, and wait until it is gone."""
        self.end()
        await self.process.wait()
