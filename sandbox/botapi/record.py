"""The record of a run: every call, every message the bot sent, and whoever looks on while it happens."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sandbox.botapi.call import Call, Upload
from sandbox.botapi.errors import Misused
from sandbox.botapi.messages import Message, Version

MOST_CALLS = 10_000
MOST_SENT = 20_000
MOST_ERRORS = 1_000
MOST_UNSEEN = 10_000  #: events that wait for one onlooker


class Deed(StrEnum):
    SENT = "sent"
    EDITED = "edited"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing the bot did to a chat, as its reader sees it."""

    deed: Deed
    at: datetime
    message: Message
    version: Version  #: what the message showed after it

    @property
    def chat_id(self) -> int:
        return self.message.chat_id


class Watch:
    """Events from the moment it was made: `async for event in watch`. Ends when the server stops."""

    def __init__(self, leave: Callable[["Watch"], None]) -> None:
        self.missed = 0  #: events that were dropped because nobody read them in time
        self._unseen: deque[Event] = deque()
        self._news = asyncio.Event()
        self._closed = False
        self._leave = leave

    def __aiter__(self) -> "Watch":
        return self

    async def __anext__(self) -> Event:
        while not self._unseen:
            if self._closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._unseen.popleft()

    def close(self) -> None:
        """Hear of nothing more; what has come may still be read."""
        self._closed = True
        self._news.set()
        self._leave(self)

    def tell(self, event: Event) -> None:
        self._unseen.append(event)
        if len(self._unseen) > MOST_UNSEEN:
            self._unseen.popleft()
            self.missed += 1
        self._news.set()


class Record:
    """All of it, within bounds: the oldest goes first."""

    def __init__(self) -> None:
        self.calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self.sent: deque[Message] = deque(maxlen=MOST_SENT)
        #: What should never happen: unknown methods, failures of the sandbox itself.
        self.errors: deque[str] = deque(maxlen=MOST_ERRORS)
        self._watches: list[Watch] = []
        self._change = asyncio.Event()

    def finish(self, call: Call) -> None:
        """A call is done: of its files only the names stay here; the files themselves are kept elsewhere."""
        call.uploads = {key: Upload(file.name, b"") for key, file in call.uploads.items()}
        self.changed()

    def note(self, deed: Deed, at: datetime, message: Message) -> None:
        """Keep what the bot did, and tell whoever watches."""
        if deed is Deed.SENT:
            self.sent.append(message)
        event = Event(deed=deed, at=at, message=message, version=message.now)
        for watch in list(self._watches):
            watch.tell(event)
        self.changed()

    def watch(self) -> Watch:
        watch = Watch(self._forget)
        self._watches.append(watch)
        return watch

    def close_watches(self) -> None:
        for watch in list(self._watches):
            watch.close()

    def changed(self) -> None:
        """Wake whoever waits in `until`."""
        self._change.set()
        self._change = asyncio.Event()

    async def until(self, done: Callable[[], bool], within: float) -> None:
        """Wait until `done()`, asked after each call and deed. Raises Misused after `within` real seconds."""
        try:
            async with asyncio.timeout(within):
                while not done():
                    await self._change.wait()
        except TimeoutError:
            last = "; ".join(f"{c.method}: {c.outcome or 'running'}" for c in list(self.calls)[-5:])
            raise Misused(
                f"what was waited for did not happen within {within:g} s",
                hint=f"the last calls were {last or 'none'}",
            ) from None

    def _forget(self, watch: Watch) -> None:
        if watch in self._watches:
            self._watches.remove(watch)
