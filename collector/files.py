"""Fetches the files of posts, where a channel's config asks for them: one at a time, in the background.

What is wanted stands in the archive, what is there of a file on disk: a restart goes on where it stopped.
"""

import asyncio
import errno
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.archive import Archive
from collector.channels import Channels
from collector.client import Line
from collector.config import FETCHABLE, ChannelConfig, CollectorConfig, FilesConfig
from collector.disk import Disk
from collector.errors import CentreAway, Failed, Gone, Unanswered, Wait
from collector.history import by_number
from collector.media import largest
from collector.pieces import pieces
from collector.size import write_size
from collector.tasks import patiently, pause
from collector.watched import Roster, Watched
from domain.clock import Clock
from domain.file import FileState, PostFile
from domain.post import Media
from domain.use import LEAVES, Use
from storage.files import Shown
from storage.store import Transaction

log = structlog.get_logger(__name__)

#: Marks that say up to which stored post and revision it has been decided whether its file is wanted.
WANTED = "files.wanted."
_PORTION = 2_000
#: So often is a file tried before it counts as lost; the pause between two tries is doubled each time.
_TRIES = 8
_FIRST_PAUSE = timedelta(minutes=1)


async def begin(archive: Archive, accounts: Iterable[str], *, is_wanted: bool, now: datetime) -> None:
    """Called before anything is collected: files are wanted of what is stored from then on, not of all that
    an archive has held for years. `is_wanted`: of any channel.
    """

    async def deed(tx: Transaction) -> None:
        for account in accounts:
            name = f"{WANTED}{account}"
            mark = await tx.marks.get(name)
            if bool(mark.get("on")) is not is_wanted:
                await tx.marks.set(name, {**await tx.files.ends(), "on": is_wanted}, now)

    await archive.write(deed)


class Files:
    """The loop of one connection."""

    def __init__(
        self,
        line: Line,
        account: str,
        roster: Roster,
        archive: Archive,
        channels: Channels,
        clock: Clock,
        config: CollectorConfig,
    ) -> None:
        self._line = line
        self._account = account
        self._roster = roster
        self._archive = archive
        self._channels = channels
        self._clock = clock
        self._config = config
        self._disk = Disk(Path(config.files.folder))
        self._is_full = False  #: it has been said that there is no room
        self._away: set[int] = set()  #: the data centres of which it has been said that they are

    async def run(self) -> None:
        """Fetch what is wanted, for ever."""
        await self._tidy()
        while True:
            wanting = [w for w in self._roster.open if w.config.files]
            file = None
            if wanting:
                await self._decide()
                ids, now = [w.id for w in wanting], self._clock.now()
                file = await self._archive.read(lambda tx, ids=ids, now=now: tx.files.next(ids, now))  # type: ignore[misc]
            watched = self._roster.get(file.channel_id) if file is not None else None
            if file is None or watched is None:
                await pause(self._clock, min(self._config.reconcile_every, timedelta(minutes=1)))
                continue
            await self._turn(watched, file)

    async def _tidy(self) -> None:
        """Drop what had come of files that are whole or given up: whoever was ended in between left it."""
        prefix = f"{self._account}."
        names = await asyncio.to_thread(self._disk.underway, prefix)
        # Telegram's numbers: another account may be named after this one and a dot.
        ids = [name for each in names if (name := each.removeprefix(prefix)).lstrip("-").isdigit()]
        wanted = await self._archive.read(lambda tx: tx.files.wanted(ids)) if ids else ()
        for file_id in ids:
            if file_id not in wanted:
                await asyncio.to_thread(self._disk.drop, f"{prefix}{file_id}")

    async def _turn(self, watched: Watched, file: PostFile) -> None:
        try:
            await self.fetch(watched, file)
        except Wait as wait:
            await patiently(self._clock, wait)
        except CentreAway as away:
            await self._put_off(watched, file, away)
        except (Failed, Unanswered) as error:
            await self._failed(watched, file, str(error))
        except Gone as gone:
            await self._channels.gone(self._line, watched, gone)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            await self._hold(file, "the disk is full" if full else f"it cannot be written: {error.strerror}")

    # -- what is wanted

    async def _decide(self) -> None:
        """Look at every version that was stored since the last time."""

        async def deed(tx: Transaction) -> int:
            name = f"{WANTED}{self._account}"
            mark = {"posts": 0, "revisions": 0, **await tx.marks.get(name)}
            posts = await tx.files.posts_after(mark["posts"], _PORTION)
            revisions = await tx.files.revisions_after(mark["revisions"], _PORTION)
            for each in (*posts, *revisions):
                watched = self._roster.get(each.channel_id)
                if watched is not None and watched.config.files and each.media is not None:
                    await self._put_down(tx, watched.config, each, each.media)
            if posts or revisions:
                mark["posts"] = posts[-1].seq if posts else mark["posts"]
                mark["revisions"] = revisions[-1].seq if revisions else mark["revisions"]
                await tx.marks.set(name, mark, self._clock.now())
            return max(len(posts), len(revisions))

        while await self._archive.read(self._is_behind):
            if await self._archive.write(deed) < _PORTION:
                return

    async def _is_behind(self, tx: Transaction) -> bool:
        mark = {"posts": 0, "revisions": 0, **await tx.marks.get(f"{WANTED}{self._account}")}
        return bool(
            await tx.files.posts_after(mark["posts"], 1)
            or await tx.files.revisions_after(mark["revisions"], 1)
        )

    async def _put_down(self, tx: Transaction, config: ChannelConfig, shown: Shown, media: Media) -> None:
        if media.file_id is None or media.kind not in FETCHABLE:
            return
        now = self._clock.now()
        why = self._unwanted(config, media.kind, media.size)
        file = PostFile(
            channel_id=shown.channel_id,
            post_id=shown.post_id,
            version=shown.version,
            file_id=media.file_id,
            kind=media.kind,
            size=media.size,
            state=FileState.SKIPPED if why else FileState.WAITING,
            at=now,
            why=why,
            again_at=now,
        )
        await tx.files.add([file])

    def _unwanted(self, config: ChannelConfig, kind: str, size: int | None) -> str:
        """Why a file is not wanted; empty when it is."""
        kinds = self._config.files.kinds if config.file_kinds is None else config.file_kinds
        most = self._config.files.largest if config.file_largest is None else config.file_largest
        if kind not in kinds:
            return f"a {kind} is not among the kinds that are kept"
        if size is not None and size > most:
            return f"{write_size(size)} is more than the {write_size(most)} that a file may have"
        return ""

    # -- one file

    async def fetch(self, watched: Watched, file: PostFile) -> None:
        """Fetch a file, or say why not. Raises Trouble and OSError; what has come stays for the next try."""
        same = await self._archive.read(lambda tx: tx.files.same_as(file.file_id))
        if same is not None and await asyncio.to_thread(self._disk.path(same[0]).exists):
            await self._kept(file, *same)
            return
        if why := await self._no_room(file.size or 0):
            await self._hold(file, why)
            return
        asked = self._clock.now()
        there, empty = await by_number(self._line, watched, [file.post_id], background=True)
        if empty:
            await self._archive.write(lambda tx: tx.posts.missed(watched.id, empty, asked))
            await self._settle(file, FileState.LOST, "the post was deleted before it was fetched")
            return
        found = next((f for m in there if (f := located(m)) is not None), None)
        if found is None or found[0] != file.file_id:
            await self._settle(file, FileState.LOST, "the post shows another file by now")
            return
        _, location, size, dc = found
        if why := self._unwanted(watched.config, file.kind, size):
            await self._settle(file, FileState.SKIPPED, why)
            return
        name = f"{self._account}.{file.file_id}"
        come = await self._pieces(name, location, size, dc)
        if size is not None and come != size:
            await asyncio.to_thread(self._disk.drop, name)
            await self._failed(watched, file, f"{come} bytes came of {size}")
            return
        if dc in self._away:
            log.info("files are fetched again", centre=dc)
            self._away.discard(dc)
        digest, true = await asyncio.to_thread(self._disk.finish, name)
        await self._kept(file, digest, true)
        # Not in a thread: who is stopped while it waits for one would leave it there until the next start.
        self._disk.drop(name)

    async def _pieces(self, name: str, location: Any, size: int | None, dc: int) -> int:
        """What is missing of a file, piece by piece. Returns how many bytes there are then."""
        at = await asyncio.to_thread(self._disk.begun, name)
        if at:
            log.info("a file is gone on with", at=at, of=size)
        if size is not None and at >= size and at:
            return at
        async for piece in pieces(self._line, location, at, dc):
            await asyncio.to_thread(self._disk.add, name, at, piece)
            at += len(piece)
            await pause(self._clock, timedelta(seconds=len(piece) / max(1, self._config.files.rate)))
            if size is not None and at >= size:
                break
        return at

    async def _no_room(self, size: int) -> str:
        """Why there is none; empty when there is."""
        kept = await self._archive.read(lambda tx: tx.files.kept_bytes())
        free = await asyncio.to_thread(self._disk.free)
        return why_no_room(self._config.files, kept=kept + size, free=free - size)

    # -- what becomes of it

    async def _kept(self, file: PostFile, digest: str, size: int | None) -> None:
        self._is_full = False
        done = replace(
            file,
            state=FileState.KEPT,
            why="",
            sha256=digest,
            size=file.size if size is None else size,
            at=self._clock.now(),
        )
        await self._archive.write(lambda tx: tx.files.settle(done))

    async def _settle(self, file: PostFile, state: FileState, why: str) -> None:
        done = replace(file, state=state, why=why, at=self._clock.now())
        await self._archive.write(lambda tx: tx.files.settle(done))

    async def _hold(self, file: PostFile, why: str) -> None:
        """There is no room: nothing is given up, and it is said once."""
        if not self._is_full:
            log.warning("files of posts wait for room", why=why, folder=str(self._disk.folder))
        self._is_full = True
        now = self._clock.now()
        held = replace(file, state=FileState.HELD, why=why, at=now, again_at=now + self._config.return_every)
        await self._archive.write(lambda tx: tx.files.settle(held))

    async def _put_off(self, watched: Watched, file: PostFile, away: CentreAway) -> None:
        """It is no fault of the file's, so it loses none of its tries; said once until it is over."""
        if away.centre not in self._away:
            log.warning("files wait", channel=watched.name, post=file.post_id, why=str(away))
        self._away.add(away.centre)
        now = self._clock.now()
        later = replace(file, why=str(away), at=now, again_at=now + _FIRST_PAUSE)
        await self._archive.write(lambda tx: tx.files.settle(later))

    async def _failed(self, watched: Watched, file: PostFile, why: str) -> None:
        tries, now = file.tries + 1, self._clock.now()
        log.info("a file could not be fetched", channel=watched.name, post=file.post_id, error=why)
        state = FileState.WAITING if tries < _TRIES else FileState.LOST
        again = now + _FIRST_PAUSE * 2 ** (tries - 1)
        failed = replace(file, state=state, why=why, tries=tries, at=now, again_at=again)
        await self._archive.write(lambda tx: tx.files.settle(failed))


def located(message: Any) -> tuple[str, Any, int | None, int] | None:
    """The file of a message: Telegram's number, where to ask for it, its size, its data centre."""
    media = getattr(message, "media", None)
    if isinstance(media, T.MessageMediaPhoto) and isinstance(photo := media.photo, T.Photo):
        best = largest(photo)
        if not isinstance(best, T.PhotoSize | T.PhotoSizeProgressive):
            return None
        place = T.InputPhotoFileLocation(photo.id, photo.access_hash, photo.file_reference, best.type)
        size = max(best.sizes, default=None) if isinstance(best, T.PhotoSizeProgressive) else best.size
        return str(photo.id), place, size, photo.dc_id
    if isinstance(media, T.MessageMediaDocument) and isinstance(document := media.document, T.Document):
        place = T.InputDocumentFileLocation(document.id, document.access_hash, document.file_reference, "")
        return str(document.id), place, document.size, document.dc_id
    return None


def why_no_room(config: FilesConfig, *, kept: int, free: int) -> str:
    """For a file with which so many bytes would be kept, and so many left free; empty when there is room."""
    if kept > config.quota:
        return f"the quota of {write_size(config.quota)} is used up"
    reserve = max(config.reserve, LEAVES[Use.FILES])
    return f"less than {write_size(reserve)} would be left free on the disk" if free < reserve else ""
