"""Files into the archive: in batches, resumable, as often as one likes."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from collector.importers.errors import Unreadable
from collector.importers.identity import invented, origin_of
from collector.importers.read import read_records
from collector.importers.record import Bad, Origin, Record
from collector.importers.stretches import Stretches
from domain.channel import Channel, ChannelStatus
from domain.clock import Clock
from domain.errors import DeadairError
from domain.post import Deletion, How, Post
from domain.watch import WatchSpan
from storage.imports import ImportProgress
from storage.store import Store, Transaction

#: Under this name imported stretches stand beside those of Telegram accounts.
ACCOUNT = "import"
_BATCH = 2000
_FORM = 1  # counts up when reading changes so much that files already taken in are worth reading again


@dataclass(slots=True)
class FileImport:
    """One file on its way in; the same object is handed to `progress` as it goes, and returned at the end."""

    path: Path
    size: int = 0  #: bytes
    read: int = 0  #: bytes read so far
    records: int = 0  #: good and bad
    added: int = 0
    revised: int = 0
    same: int = 0
    bad: int = 0
    done: bool = False
    before: bool = False  #: had been taken in as a whole before: nothing was read
    channels: dict[int, str] = field(default_factory=dict)
    error: DeadairError | None = None  #: why nothing (more) of it was taken


async def import_files(
    paths: Sequence[Path],
    store: Store,
    clock: Clock,
    *,
    channel: str | None = None,
    zone: tzinfo | None = None,
    progress: Callable[[FileImport], None] | None = None,
    bad: Callable[[Path, Bad], None] | None = None,
) -> Sequence[FileImport]:
    """Take in posts from files. What is there already stays; what is interrupted goes on where it stopped.

    A file is known by its content, so a second run costs a glance, also under another name. A file that
    cannot be read has its `error` set and stops no other. Each bad record is told to `bad` and counted.
    Cursors are left as they are: a file does not say how far Telegram has been read.

    Raises StoreError when the archive fails; run again, it goes on from the last batch.
    """
    out: list[FileImport] = []
    for path in paths:
        job = FileImport(path)
        out.append(job)
        try:
            await _Import(job, store, clock, channel, zone, progress, bad).run()
        except DeadairError as error:
            if not type(error).__module__.startswith("collector."):
                raise
            job.error = error
        if progress is not None:
            progress(job)
    return out


class _Import:
    def __init__(
        self,
        job: FileImport,
        store: Store,
        clock: Clock,
        channel: str | None,
        zone: tzinfo | None,
        progress: Callable[[FileImport], None] | None,
        bad: Callable[[Path, Bad], None] | None,
    ) -> None:
        self._job = job
        self._store = store
        self._clock = clock
        self._channel = channel
        self._zone = zone
        self._progress = progress
        self._bad = bad
        self._ids: dict[Origin, int] = {}
        self._stretches: dict[int, Stretches] = {}

    async def run(self) -> None:
        job = self._job
        mark = await asyncio.to_thread(fingerprint, job.path, f"{_FORM}|{self._channel}|{self._zone}")
        async with self._store.read() as tx:
            known = await tx.imports.get(mark)
        if known is not None and known.done:
            job.before = job.done = True
            job.records, job.bad = known.records, known.bad
            return
        skip = known.records if known is not None else 0
        if known is not None:
            job.added, job.revised, job.bad = known.added, known.revised, known.bad
        records = read_records(
            job.path,
            channel=self._channel,
            zone=self._zone,
            until=self._clock.now() + timedelta(days=1),
            heard=self._heard,
        )
        while batch := await asyncio.to_thread(_take, records):
            await self._store_batch(mark, batch, skip)
        await self._finish(mark)

    def _heard(self, read: int, size: int) -> None:
        self._job.read, self._job.size = read, size

    async def _store_batch(self, mark: str, batch: Sequence[Record | Bad], skip: int) -> None:
        job = self._job
        already = max(0, min(len(batch), skip - job.records))
        async with self._store.begin() as tx:
            now = self._clock.now()
            posts: list[Post] = []
            deletions: list[Deletion] = []
            n_bad = 0
            for n, record in enumerate(batch):
                if isinstance(record, Bad):
                    n_bad += n >= already
                    for stretches in self._stretches.values():
                        stretches.tear()
                    continue
                channel_id = self._ids.get(record.origin)
                if channel_id is None:
                    channel_id = await self._channel_id(tx, record.origin, now)
                self._stretches[channel_id].add(record.post.id, record.post.posted_at)
                if n < already:
                    continue
                posts += [
                    post if post.channel_id == channel_id else replace(post, channel_id=channel_id)
                    for post in (record.post, *record.later)
                ]
                if record.deleted is not None:
                    deletions.append(
                        Deletion(
                            channel_id=channel_id,
                            post_id=record.post.id,
                            last_seen_at=record.deleted[0],
                            first_missed_at=record.deleted[1],
                        )
                    )
            stored = await tx.posts.put(posts)
            await tx.posts.delete_known(deletions)
            counts = replace(
                self._progress_of(mark),
                records=max(skip, job.records + len(batch)),
                added=job.added + len(stored.added),
                revised=job.revised + len(stored.revised),
                bad=job.bad + n_bad,
            )
            await tx.imports.save(counts, now)
            tx.notify("posts", "channels")
        # Only what is committed is counted.
        job.records += len(batch)
        job.added, job.revised, job.bad = counts.added, counts.revised, counts.bad
        job.same += stored.same
        if self._bad is not None:
            for record in batch[already:]:
                if isinstance(record, Bad):
                    self._bad(job.path, record)
        if self._progress is not None:
            self._progress(job)

    async def _finish(self, mark: str) -> None:
        async with self._store.begin() as tx:
            for channel_id, stretches in self._stretches.items():
                held = await tx.posts.posted_at(channel_id, stretches.wanted())
                for start, end in stretches.found(held):
                    await tx.watch.extend(
                        WatchSpan(
                            channel_id=channel_id,
                            account=ACCOUNT,
                            from_at=start,
                            to_at=end,
                            how=How.IMPORTED,
                        )
                    )
            await tx.imports.save(replace(self._progress_of(mark), done=True), self._clock.now())
            tx.notify("posts", "watch")
        self._job.done = True

    def _progress_of(self, mark: str) -> ImportProgress:
        job = self._job
        return ImportProgress(
            fingerprint=mark,
            name=job.path.name,
            records=job.records,
            added=job.added,
            revised=job.revised,
            bad=job.bad,
        )

    async def _channel_id(self, tx: Transaction, origin: Origin, now: datetime) -> int:
        """The number under which the archive keeps the channel; one it does not know is added."""
        found: Channel | None = None
        given = origin_of(self._channel) if self._channel else None
        if origin.handle and (given is not None or origin.number == invented(origin.handle)):
            found = await tx.channels.by_handle(origin.handle)
        channel_id = found.id if found is not None else origin.number
        assert channel_id is not None  # noqa: S101 - read_records gives every origin a number
        if found is None and (found := await tx.channels.get(channel_id)) is None:
            # Nobody watches it yet, so it cannot fall silent: the collector opens it when it finds it.
            found = Channel(
                id=channel_id,
                title=origin.title or origin.handle or str(channel_id),
                handle=origin.handle,
                status=ChannelStatus.RETIRED,
                added_at=now,
            )
            await tx.channels.save(found, now)
        self._ids[origin] = channel_id
        self._stretches.setdefault(channel_id, Stretches())
        self._job.channels[channel_id] = found.name
        return channel_id


def _take(records: Iterator[Record | Bad]) -> list[Record | Bad]:
    return list(islice(records, _BATCH))


def fingerprint(path: Path, salt: str) -> str:
    """What is in the file, as one word. Raises Unreadable."""
    digest = blake2b(salt.encode(), digest_size=24)
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except FileNotFoundError:
        raise Unreadable(f"there is no file {path}", hint="check the path") from None
    except IsADirectoryError:
        hint = "name the file in it, for a Telegram Desktop export result.json"
        raise Unreadable(f"{path} is a folder", hint=hint) from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}", hint="check who may read it") from None
    return digest.hexdigest()
