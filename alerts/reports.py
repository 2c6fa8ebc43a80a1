"""Fetches what others say of outages, from files and addresses: seldom, and in the background."""

import asyncio
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from alerts.outages import Outage, UnknownForm, read_outages
from domain.errors import DeadairError
from domain.mask import address_shown
from domain.place import place

log = structlog.get_logger(__name__)

TIMEOUT = 20.0  #: seconds
MOST = 8 * 1024 * 1024  #: bytes; more is no record of outages
#: What an address may ask for, as `{from}` and `{until}` in seconds since 1970.
ASKED = timedelta(days=2)
_WEB = ("http://", "https://")


class Unreachable(DeadairError):
    """A record of outages could not be fetched."""


@dataclass(slots=True)
class _Source:
    name: str
    outages: tuple[Outage, ...] = ()
    failing: bool = False
    etag: str = ""
    modified: str = ""


class Reports:
    """The records of outages that the config names, as they were when last fetched."""

    def __init__(self, sources: Sequence[str], every: timedelta, folder: Path | None = None) -> None:
        """A path counts from `folder`; nothing is fetched again before `every` has passed."""
        self._sources = [_Source(name) for name in sources]
        self._every, self._folder = every, folder or Path()
        self._due: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None
        self.fetched = 0  #: rises with every round, so that one sees whether there is anything new

    @property
    def outages(self) -> list[Outage]:
        """Everything that is known now; of a source that fails, what it said last."""
        return [outage for source in self._sources for outage in source.outages]

    def look(self, now: datetime) -> None:
        """Begin to fetch when it is time. Returns at once."""
        busy = self._fetching is not None and not self._fetching.done()
        if not self._sources or busy or (self._due is not None and now < self._due):
            return
        self._due = now + self._every
        self._fetching = asyncio.create_task(self._fetch(now), name="reports of outages")

    async def done(self) -> None:
        """Wait until what is being fetched has been."""
        if self._fetching is not None:
            await self._fetching

    async def close(self) -> None:
        """Fetch nothing more."""
        if self._fetching is not None:
            self._fetching.cancel()
            with suppress(asyncio.CancelledError):
                await self._fetching

    async def _fetch(self, now: datetime) -> None:
        for source in self._sources:
            try:
                await asyncio.to_thread(self._understood, source, now)
            except DeadairError as error:
                if not source.failing:
                    log.warning(
                        "alerts: outages cannot be read",
                        source=address_shown(source.name),
                        reason=error.what,
                    )
                source.failing = True
            else:
                if source.failing:
                    log.info("alerts: outages can be read again", source=address_shown(source.name))
                source.failing = False
        self.fetched += 1

    def _understood(self, source: _Source, now: datetime) -> None:
        """Raises DeadairError, whatever the source may say: it must not cost the others."""
        try:
            self._read(source, now)
        except DeadairError:
            raise
        except Exception as error:
            raise UnknownForm(f"cannot be understood: {error!r}") from error

    def _read(self, source: _Source, now: datetime) -> None:
        """Raises DeadairError."""
        raw = self._web(source, now) if source.name.startswith(_WEB) else self._file(source.name)
        if raw is None:
            return  # as it was
        try:
            document = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise UnknownForm(f"is no JSON: {error}") from error
        source.outages = tuple(read_outages(document))

    def _file(self, name: str) -> bytes:
        path = place(self._folder, name)

        def read() -> bytes:
            with path.open("rb") as file:
                return file.read(MOST + 1)

        return _tried(read)

    def _web(self, source: _Source, now: datetime) -> bytes | None:
        address = source.name.replace("{from}", str(int((now - ASKED).timestamp())))
        address = address.replace("{until}", str(int(now.timestamp())))
        says = {"User-Agent": "deadair", "Accept": "application/json"}
        request = urllib.request.Request(address, headers=says)  # noqa: S310 - http or https, as looked at
        if source.etag:
            request.add_header("If-None-Match", source.etag)
        if source.modified:
            request.add_header("If-Modified-Since", source.modified)

        def fetch() -> bytes:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - as above
                raw: bytes = answer.read(MOST + 1)
                source.etag = answer.headers.get("ETag") or ""
                source.modified = answer.headers.get("Last-Modified") or ""
                return raw

        try:
            return _tried(fetch)
        except _NotModified:
            return None


class _NotModified(Exception):
    """The source has nothing new."""


def _tried(read: Callable[[], bytes]) -> bytes:
    """Raises Unreachable, or _NotModified."""
    try:
        raw = read()
    except urllib.error.HTTPError as error:
        if error.code == 304:
            raise _NotModified from None
        raise Unreachable(f"answers {error.code} {error.reason}") from error
    except http.client.InvalidURL:
        # What it says repeats the address, which may hold a key.
        raise Unreachable("is no address: it holds a space or a port that is none") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unreachable(f"cannot be fetched: {error}") from error
    if len(raw) > MOST:
        raise Unreachable(f"is larger than {MOST // 1024 // 1024} MB")
    return raw
