"""The store: one archive, opened, read and written in transactions."""

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain import complaint
from domain.sentence import Sentence
from storage.access import AccessRepository
from storage.accounts import AccountRepository
from storage.acknowledgements import AcknowledgementRepository
from storage.awaited import AwaitedRepository
from storage.candidates import CandidateRepository
from storage.chain import ChainRepository
from storage.changes import ChangeRepository
from storage.channels import ChannelRepository
from storage.claim_search import ClaimSearchRepository
from storage.claims import ClaimRepository
from storage.config import StorageConfig
from storage.counters import CounterRepository
from storage.credentials import CredentialRepository
from storage.engines import (
    parse_url,
    patient_engine,
    postgres_engine,
    refuse_no_folder,
    shown,
    sqlite_engine,
)
from storage.episodes import EpisodeRepository
from storage.errors import Damaged, StoreError, TooHeavy, is_broken_off, translated
from storage.exported import ExportedRepository
from storage.exporting import ExportRepository
from storage.fence import Fence
from storage.files import FileRepository
from storage.hushes import HushRepository
from storage.imports import ImportRepository
from storage.indexing import IndexRepository
from storage.learned import LearnedRepository
from storage.leases import LeaseRepository
from storage.limit import limited
from storage.marks import MarkRepository
from storage.notes import NoteRepository
from storage.notices import CHANNEL, Notice, Notices, PostgresNotices
from storage.opinions import OpinionRepository
from storage.outbox import OutboxRepository
from storage.overview import OverviewRepository
from storage.posts import PostRepository
from storage.raws import RawRepository
from storage.readings import ReadingRepository
from storage.removing import RemovalRepository
from storage.retention import RetentionRepository
from storage.room import Room, free
from storage.schema import ensure_schema, no_archive
from storage.search import SearchRepository
from storage.subscriptions import SubscriptionRepository
from storage.tallies import TallyRepository
from storage.testimonies import TestimonyRepository
from storage.tracker import TrackerRepository
from storage.watch import WatchRepository

# Serialises the commits of PostgreSQL's writers, so that a reader who follows a sequence never passes a
# number whose transaction is still under way. (SQLite has one writer anyway.)
_WRITER_LOCK = 0x0DEADA12
# A process that is paused, or cut off, in the middle of a transaction would keep all writers of all hosts
# waiting, and its lease from being taken: PostgreSQL ends a transaction in which so long nothing is done. So
# it does with each that the process had in the queue, one after the other: a third of a lease, that all of
# them are gone soon after the lease is.
_IDLE = 3
# For the same reason a process has no more in that queue than the one that writes and the next.
_AT_ONCE = 2
_UNQUEUED = text("SELECT set_config('idle_in_transaction_session_timeout', :idle, true)")
_QUEUED = text(
    "SELECT set_config('idle_in_transaction_session_timeout', :idle, true), "
    f"pg_advisory_xact_lock({_WRITER_LOCK})"
)


class Transaction:
    """Everything that can be read and written, all or nothing."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.channels = ChannelRepository(connection)
        self.accounts = AccountRepository(connection)
        self.candidates = CandidateRepository(connection)
        self.testimonies = TestimonyRepository(connection)
        self.posts = PostRepository(connection)
        self.raws = RawRepository(connection)
        self.chain = ChainRepository(connection)
        self.files = FileRepository(connection)
        self.counters = CounterRepository(connection)
        self.retention = RetentionRepository(connection)
        self.removals = RemovalRepository(connection)
        self.exported = ExportedRepository(connection)
        self.watch = WatchRepository(connection)
        self.awaited = AwaitedRepository(connection)
        self.readings = ReadingRepository(connection)
        self.tallies = TallyRepository(connection)
        self.claims = ClaimRepository(connection)
        self.claim_search = ClaimSearchRepository(connection)
        self.episodes = EpisodeRepository(connection)
        self.opinions = OpinionRepository(connection)
        self.outbox = OutboxRepository(connection)
        self.subscriptions = SubscriptionRepository(connection)
        self.access = AccessRepository(connection)
        self.credentials = CredentialRepository(connection)
        self.changes = ChangeRepository(connection)
        self.hushes = HushRepository(connection)
        self.acknowledgements = AcknowledgementRepository(connection)
        self.notes = NoteRepository(connection)
        self.imports = ImportRepository(connection)
        self.marks = MarkRepository(connection)
        self.learned = LearnedRepository(connection)
        self.leases = LeaseRepository(connection)
        self.index = IndexRepository(connection)
        self.search = SearchRepository(connection)
        self.export = ExportRepository(connection)
        self.overview = OverviewRepository(connection)
        self.tracker = TrackerRepository(connection)
        self.notices: set[str] = set()

    async def move_chat(self, old: int, new: int) -> None:
        """A group became a supergroup: all that is known of it, or on its way to it, has a new number."""
        await self.subscriptions.move(old, new)
        await self.outbox.move_chat(old, new)
        await self.hushes.move(old, new)
        await self.acknowledgements.move(old, new)
        self.notify("deliveries")

    def notify(self, *names: str) -> None:
        """Give notice once this is committed: `posts`, `watch`, `channels`, `readings`, `opinions`,
        `deliveries`, `questions`, `candidates`, `requests`, `budgets`, `wants`, `notes`, `awaited`, `leases`.
        """
        self.notices.update(names)


class Store:
    """An open archive."""

    def __init__(
        self,
        url: URL,
        writer: AsyncEngine,
        reader: AsyncEngine,
        busy_timeout: float,
        *,
        aside: AsyncEngine | None = None,
        lease: timedelta = timedelta(seconds=15),
        within: timedelta | None = None,
        unhurried: AsyncEngine | None = None,
    ) -> None:
        """`aside`: for what must not wait for a free connection of `writer`; `lease`: a writer that does
        nothing keeps all others waiting for a third of that; `within`: how long a statement may take;
        `unhurried`: to read with where it may take as long as it needs.
        """
        self.url = url
        self._busy_timeout = busy_timeout
        self.name = shown(url)
        self.lease = lease
        self._writer = writer
        self._reader = reader
        self._aside = aside or writer
        self._within = within
        self._unhurried = unhurried or reader
        self._longest: timedelta | None = None
        self._fence: Fence | None = None
        self._one_writer = asyncio.Lock() if url.drivername.startswith("sqlite") else None
        self._queueing = asyncio.Semaphore(_AT_ONCE)
        self._board = Notices()
        self.room: Room = free

    @property
    def is_postgres(self) -> bool:
        return self._one_writer is None

    @property
    def folder(self) -> Path | None:
        """Where the file of the archive lies; None: in a database that may be anywhere."""
        return None if self.is_postgres else Path(str(self.url.database)).absolute().parent

    @property
    def _idle(self) -> str:
        return f"{int(self.lease.total_seconds() * 1000 / _IDLE)}ms"

    def hurried(self, longest: timedelta) -> "Store":
        """The same archive, for those who will not wait: what takes longer to read raises TooHeavy."""
        is_within = self._within is None or longest < self._within
        other = copy.copy(self) if is_within else self.patient()
        other._longest = longest
        return other

    def patient(self) -> "Store":
        """The same archive, for what may take as long as it needs to be read, as a backup does."""
        other = copy.copy(self)
        other._reader, other._longest = self._unhurried, None
        return other

    def fenced(self, fence: Fence) -> "Store":
        """The same archive, for who works under a lease: once another process has it, writing raises
        LeaseLost. Reading is as ever.
        """
        other = copy.copy(self)
        other._fence = fence
        return other

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """A transaction that may write; committed when the block ends well, else nothing of it is kept.

        Raises Unreachable, Busy or DiskFull when the database cannot be used just now, LeaseLost when the
        store is fenced and the lease another's.
        """
        async with self._writing(self._writer, queues=True) as tx:
            # Whoever takes a lease does so in a transaction of this very kind, and these follow one another:
            # on PostgreSQL by the lock just had, on SQLite because it has one writer. So what is found here
            # stands until we have committed, and no row need be locked. It is a statement of its own because
            # it must see what was committed while we waited for the lock.
            if self._fence is not None:
                await self._fence.prove(tx.leases)
            yield tx

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[Transaction]:
        """A transaction for signs of life only, in no queue: on PostgreSQL it waits neither for other writers
        nor for a free connection. Nothing that anybody follows by a growing number may be written so.
        """
        async with self._writing(self._aside, queues=False) as tx:
            yield tx

    @asynccontextmanager
    async def _writing(self, engine: AsyncEngine, *, queues: bool) -> AsyncIterator[Transaction]:
        async with AsyncExitStack() as stack:
            if self._one_writer is not None:
                await stack.enter_async_context(self._one_writer)
            elif queues:
                await stack.enter_async_context(self._queueing)
            with self._translating():
                async with engine.begin() as connection:
                    if self._one_writer is None:
                        await connection.execute(_QUEUED if queues else _UNQUEUED, {"idle": self._idle})
                    tx = Transaction(connection)
                    yield tx
                    if self._one_writer is None:
                        for name in sorted(tx.notices):
                            await connection.execute(
                                text("SELECT pg_notify(:channel, :name)"), {"channel": CHANNEL, "name": name}
                            )
        self._board.publish(tx.notices)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A transaction that only reads: one consistent picture, in nobody's way.

        Raises TooHeavy when it takes longer than a `hurried` store allows.
        """
        with self._translating():
            async with self._reader.connect() as connection:
                if self._one_writer is None:
                    connection = await connection.execution_options(
                        isolation_level="REPEATABLE READ", postgresql_readonly=True
                    )
                async with connection.begin(), self._limited(connection):
                    yield Transaction(connection)

    def listen(self, *names: str) -> Notice:
        """An ear for notices: `with store.listen("posts") as notice: await notice.woken(clock, poll)`."""
        return Notice(self._board, names)

    async def checkpoint(self) -> None:
        """SQLite: bring the write-ahead log back into the file, so that it does not grow without end."""
        if self._one_writer is None:
            return
        async with self._one_writer:
            with self._translating():
                async with self._writer.connect() as connection:
                    raw = (await connection.get_raw_connection()).driver_connection
                    assert raw is not None  # noqa: S101 - a connection just taken from the pool has its driver's
                    # It waits for whoever reads, and has everybody wait who would write: a backup reads for
                    # minutes. So it does not wait: it brings back what nobody reads any more.
                    for pragma in (
                        "busy_timeout = 0",
                        "wal_checkpoint(TRUNCATE)",
                        f"busy_timeout = {int(self._busy_timeout * 1000)}",
                    ):
                        cursor = await raw.execute(f"PRAGMA {pragma}")
                        await cursor.close()

    async def damage(self) -> str:
        """SQLite: the first thing that is found wrong with the file; empty: it is whole.

        It is read from end to end, which of a large one takes minutes, in nobody's way.
        """
        if self._one_writer is None:
            return ""
        try:
            with self._translating():
                async with self._reader.connect() as connection:
                    found = await connection.execute(text("PRAGMA quick_check(1)"))
                    said = " ".join(str(found.scalar_one()).split())
        except Damaged as error:
            return error.what
        return "" if said == "ok" else said

    def _limited(self, connection: AsyncConnection) -> AbstractAsyncContextManager[None]:
        if self._longest is None:
            return nullcontext()
        return limited(connection, self._longest, is_postgres=self.is_postgres)

    def _translating(self) -> "_Translating":
        return _Translating(self.name, self._longest)


class _Translating:
    """Turns the database's errors into ours; lets every other error through."""

    def __init__(self, name: str, longest: timedelta | None = None) -> None:
        self._name = name
        self._longest = longest

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(error, StoreError) or not isinstance(error, Exception):
            return
        ours = translated(error, self._name)
        if self._longest is not None and is_broken_off(error):
            ours = TooHeavy(
                Sentence(complaint.TOO_HEAVY, span=self._longest), hint=Sentence(complaint.NARROW)
            )
        if ours is not None:
            raise ours from error


@asynccontextmanager
async def open_store(
    config: StorageConfig,
    *,
    create: bool = True,
    earlier: bool = False,
    longest: timedelta | None = None,
) -> AsyncIterator[Store]:
    """Open the archive named by the config; a new one is set up, an outdated one refused, but for who only
    copies what is there (`earlier`). On PostgreSQL a statement that takes `longest` raises Busy, or
    Unreachable when nothing is heard at all; None: it may take as long as it needs.

    Raises StoreError when the url is wrong, Unreachable when nobody answers, SchemaMismatch when the archive
    was written by another version (the hint names the command that migrates it).
    """
    url = parse_url(config.url)
    async with AsyncExitStack() as stack:
        if url.drivername.startswith("sqlite"):
            await asyncio.to_thread(refuse_no_folder, url)
            if not create and not await asyncio.to_thread(Path(str(url.database)).exists):
                raise no_archive(shown(url))  # to look for one leaves none behind
            writer = sqlite_engine(url, config, writes=True)
            reader = sqlite_engine(url, config, writes=False)
            stack.push_async_callback(reader.dispose)
            aside, unhurried = writer, None
        else:
            writer = reader = postgres_engine(url, config, longest=longest)
            # A sign of life that takes longer than a lease is none.
            aside = postgres_engine(url, config, connections=1, longest=longest and config.lease)
            unhurried = patient_engine(url) if longest else None
            stack.push_async_callback(aside.dispose)
        stack.push_async_callback(writer.dispose)
        store = Store(
            url,
            writer,
            reader,
            config.busy_timeout,
            aside=aside,
            lease=config.lease,
            within=longest if unhurried else None,
            unhurried=unhurried,
        )
        with _Translating(store.name):
            await ensure_schema(writer, store.name, create=create, earlier=earlier)
        if store.is_postgres:
            await stack.enter_async_context(PostgresNotices(url, store._board))
        yield store
