"""Files of posts: fetched where they are asked for, once, within bounds, and gone on with after a kill."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from collector.config import ChannelConfig
from collector.disk import PIECE, Disk
from domain.file import FileState, PostFile
from domain.post import Media
from sandbox.channel import Channel
from sandbox.faults import Deed, Fault, LinkState
from sandbox.mtproto.methods.upload import content
from storage.proof import prove
from storage.store import Store
from tests.support.collecting import collecting, eventually, is_read
from tests.support.collector_process import CollectorProcess
from tests.support.telegram import Telegram, until

VIDEO = Media(kind="video", file_id="71", size=3 * PIECE + 77)
PHOTO = Media(kind="photo", file_id="72", size=2 * PIECE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=1)


def files(folder: Path, **more: Any) -> dict[str, Any]:
    """The collector's settings."""
    return {"files": {"folder": str(folder), "rate": 10**9, "reserve": 0, **more}, "reconcile_every": "0.1s"}


def asking(channel: Channel, **more: Any) -> ChannelConfig:
    return ChannelConfig(handle=channel.handle, files=True, **more)


async def test_what_had_come_of_a_file_that_is_whole_goes_with_the_next_start(
    telegram: Telegram, store: Store, channel: Channel, folder: Path
) -> None:
    telegram.world.post(channel, "a picture", media=PHOTO)
    telegram.world.post(channel, "one that is late", media=VIDEO)
    late = Fault(
        deed=Deed.ERROR,
        code=400,
        message="MEDIA_EMPTY",
        method="upload.getFile",
        times=None,
        when=lambda request: request.location.id == 71,
    )
    telegram.faults.calls.append(late)
    async with collecting(telegram, store, [asking(channel)], **files(folder)) as task:
        await eventually(store, settled(channel, 1), task=task)
        await eventually(store, tried(channel, 3), task=task)
    partial = folder / "partial"
    # As a process leaves it that is killed right after the file was put on record.
    (partial / "main.72").write_bytes(b"whole")
    (partial / "main.71").write_bytes(bytes(PIECE))
    (partial / "main.two.72").write_bytes(b"of an account of another name")
    async with collecting(telegram, store, [asking(channel)], **files(folder)):
        await until(lambda: not (partial / "main.72").exists())
    assert sorted(each.name for each in partial.iterdir()) == ["main.71", "main.two.72"]


def tried(channel: Channel, post_id: int) -> Any:
    async def true(tx: Any) -> bool:
        return any(f.post_id == post_id and f.tries for f in await tx.files.of(channel.id))

    return true


def settled(channel: Channel, n: int) -> Any:
    """So many files of which something has become."""

    async def true(tx: Any) -> dict[tuple[int, int], PostFile] | None:
        found = await tx.files.of(channel.id)
        done = [f for f in found if f.state is not FileState.WAITING]
        return {(f.post_id, f.version): f for f in done} if len(done) >= n else None

    return true


def put_off(channel: Channel, post_id: int) -> Any:
    """The file of that post, once it is said what it waits for."""

    async def true(tx: Any) -> PostFile | None:
        return next((f for f in await tx.files.of(channel.id) if f.post_id == post_id and f.why), None)

    return true


def bytes_of(folder: Path, file: PostFile) -> bytes:
    assert file.sha256 is not None
    return Disk(folder).path(file.sha256).read_bytes()


async def test_files_are_fetched_once_kept_by_their_content_and_part_of_the_proof(
    telegram: Telegram, store: Store, channel: Channel, folder: Path
) -> None:
    other = telegram.channel("Hawk News", "hawk_news")
    quiet = telegram.channel("Quiet News", "quiet_news")
    telegram.world.post(channel, "a clip", media=VIDEO)
    telegram.world.post(channel, "a picture", media=PHOTO)
    telegram.world.post(quiet, "nobody asked for it", media=Media(kind="photo", file_id="79"))
    wanted = [asking(channel), asking(other), ChannelConfig(handle="quiet_news")]
    async with collecting(telegram, store, wanted, **files(folder)) as task:
        kept = await eventually(store, settled(channel, 2), task=task)
        telegram.world.post(other, "the same clip, taken over", media=VIDEO)
        again = await eventually(store, settled(other, 1), task=task)
        telegram.world.edit(channel, 3, media=Media(kind="document", file_id="73", size=10))
        edited = await eventually(store, settled(channel, 3), task=task)
        await until(lambda: not list((folder / "partial").iterdir()))
    video, photo = kept[(2, 0)], kept[(3, 0)]
    assert {f.state for f in (*kept.values(), *again.values(), *edited.values())} == {FileState.KEPT}
    assert bytes_of(folder, video) == content(71, 3 * PIECE + 77)
    assert bytes_of(folder, photo) == content(72, 2 * PIECE)
    assert bytes_of(folder, edited[(3, 1)]) == content(73, 10)
    assert next(iter(again.values())).sha256 == video.sha256
    asked = [(e.request.location.id, e.request.offset) for e in telegram.log.of("upload.getFile")]
    assert [offset for number, offset in asked if number == 71] == [0, PIECE, 2 * PIECE, 3 * PIECE]
    async with store.read() as tx:
        assert await tx.files.of(quiet.id) == []
        assert await tx.files.kept_bytes() == 3 * PIECE + 77 + 2 * PIECE + 10
    found = await prove(store, channel.id)
    assert (found.broken, found.kinds["file"]) == (None, 3)


async def test_a_file_that_is_on_record_and_not_on_disk_is_fetched_when_it_is_shown_again(
    telegram: Telegram, store: Store, channel: Channel, folder: Path
) -> None:
    """As after a restore: a backup holds the archive, and not the files."""
    telegram.world.post(channel, "a clip", media=VIDEO)
    async with collecting(telegram, store, [asking(channel)], **files(folder)) as task:
        first = (await eventually(store, settled(channel, 1), task=task))[2, 0]
        assert first.sha256 is not None
        Disk(folder).remove(first.sha256)
        telegram.world.post(channel, "the same clip", media=VIDEO)
        again = (await eventually(store, settled(channel, 2), task=task))[3, 0]
    assert again.sha256 == first.sha256
    assert Disk(folder).holds(first.sha256)


async def test_a_file_of_another_data_centre_is_fetched_there(
    telegram: Telegram, store: Store, channel: Channel, folder: Path, trust_sandbox: str
) -> None:
    telegram.world.post(channel, "a clip", media=replace(VIDEO, detail={"centre": 4}))
    telegram.world.post(channel, "a picture", media=replace(PHOTO, detail={"centre": 4}))
    other = telegram.server.another_centre(4)
    async with (
        other,
        collecting(telegram, store, [asking(channel)], answer_within=5, **files(folder)) as task,
    ):
        kept = await eventually(store, settled(channel, 2), within=20, task=task)
    assert {f.state for f in kept.values()} == {FileState.KEPT}
    assert bytes_of(folder, kept[(2, 0)]) == content(71, 3 * PIECE + 77)
    assert len(telegram.log.of("auth.importAuthorization")) == 1
    assert telegram.account.id in other.logins.values()


async def test_a_line_to_another_data_centre_that_breaks_is_made_anew_and_the_file_gone_on_with(
    telegram: Telegram, store: Store, channel: Channel, folder: Path, trust_sandbox: str
) -> None:
    telegram.world.post(channel, "a clip", media=replace(VIDEO, detail={"centre": 4}))
    other = telegram.server.another_centre(4)
    telegram.faults.calls.append(
        Fault(deed=Deed.DROP_BEFORE, method="upload.getFile", when=lambda request: request.offset == PIECE)
    )
    async with (
        other,
        collecting(telegram, store, [asking(channel)], answer_within=5, **files(folder)) as task,
    ):
        waiting = await eventually(store, put_off(channel, 2), within=20, task=task)
        async with store.begin() as tx:
            await tx.files.settle(replace(waiting, again_at=waiting.at))
        kept = await eventually(store, settled(channel, 1), within=20, task=task)
    assert bytes_of(folder, kept[(2, 0)]) == content(71, 3 * PIECE + 77)
    asked = [e.request.offset for e in telegram.log.of("upload.getFile")]
    assert asked == [0, PIECE, PIECE, 2 * PIECE, 3 * PIECE]
    assert (other.link.taken, telegram.link.taken) == (2, 1)


@pytest.mark.parametrize("line", [LinkState.REFUSED, LinkState.RESET, LinkState.BLACK_HOLE])
async def test_a_data_centre_that_cannot_be_reached_holds_up_its_files_and_nothing_else(
    telegram: Telegram,
    store: Store,
    channel: Channel,
    folder: Path,
    trust_sandbox: str,
    line: LinkState,
    capsys: pytest.CaptureFixture[str],
) -> None:
    telegram.world.post(channel, "a clip", media=replace(VIDEO, detail={"centre": 4}))
    telegram.world.post(channel, "a picture", media=PHOTO)
    other = telegram.server.another_centre(4)
    async with other:
        other.link.set(line)
        settings = {**files(folder), "answer_within": 3}
        async with collecting(telegram, store, [asking(channel)], **settings) as task:
            await eventually(store, settled(channel, 1), task=task, within=20)
            taken = telegram.link.taken
            await until(lambda: other.link.taken > 0 or line is LinkState.REFUSED)
            late = telegram.world.post(channel, "news meanwhile")
            await eventually(store, lambda tx: is_read(tx, channel.id, late.id), task=task)
            waiting = await eventually(store, put_off(channel, 2), within=20, task=task)
            async with store.read() as tx:
                gaps = await tx.watch.gaps(channel.id)
            assert (waiting.state, waiting.tries) == (FileState.WAITING, 0)
            assert waiting.why.startswith("data centre 4, where it lies, cannot be reached: ")
            assert telegram.link.taken == taken, "the account's own connection is left alone"
            assert not gaps
            telegram.world.post(channel, "another picture", media=replace(PHOTO, file_id="74"))
            await eventually(store, settled(channel, 2), task=task, within=20)
            assert "files are fetched again" not in capsys.readouterr().out, (
                "those of one that was never away"
            )
            other.link.set(LinkState.OPEN)
            async with store.begin() as tx:
                await tx.files.settle(replace(waiting, again_at=waiting.at))
            kept = await eventually(store, settled(channel, 3), task=task, within=30)
    assert capsys.readouterr().out.count("files are fetched again") == 1
    assert kept[(2, 0)].state is FileState.KEPT
    assert bytes_of(folder, kept[(2, 0)]) == content(71, 3 * PIECE + 77)


async def test_what_is_not_fetched_is_on_record_with_the_reason(
    telegram: Telegram, store: Store, channel: Channel, folder: Path
) -> None:
    world = telegram.world
    world.post(channel, "too large", media=Media(kind="video", file_id="81", size=5_000_000))
    world.post(channel, "of no kind that is kept", media=Media(kind="voice", file_id="82"))
    world.post(channel, "deleted too soon", media=Media(kind="photo", file_id="83"))
    world.post(channel, "another by now", media=Media(kind="photo", file_id="84"))
    wanted = asking(channel, file_kinds=("video", "photo"), file_largest="1MB")

    no_room = files(folder, quota=0)
    async with collecting(telegram, store, [wanted], recheck_posts=0, **no_room) as task:
        await eventually(store, settled(channel, 4), task=task)
    world.delete(channel, 4, log=False)
    world.edit(channel, 5, media=Media(kind="photo", file_id="85"), push=False)

    async def given_up(tx: Any) -> Any:
        lost = [f for f in await tx.files.of(channel.id) if f.state is FileState.LOST]
        return await settled(channel, 4)(tx) if len(lost) == 2 else None

    more = {**files(folder), "return_every": "0.1s"}
    async with collecting(telegram, store, [wanted], recheck_posts=0, **more) as task:
        found = await eventually(store, given_up, task=task)
    why = {number: (f.state, f.why) for (number, version), f in found.items() if version == 0}
    assert why == {
        2: (FileState.SKIPPED, "5MB is more than the 1MB that a file may have"),
        3: (FileState.SKIPPED, "a voice is not among the kinds that are kept"),
        4: (FileState.LOST, "the post was deleted before it was fetched"),
        5: (FileState.LOST, "the post shows another file by now"),
    }
    async with store.read() as tx:
        assert [d.post_id for d in await tx.posts.deletions(channel.id)] == [4]


async def test_files_are_wanted_from_then_on_and_not_of_years_that_are_stored(
    telegram: Telegram, store: Store, channel: Channel, folder: Path
) -> None:
    telegram.world.post(channel, "old", media=VIDEO)

    async def stored(tx: Any) -> bool:
        return bool(await tx.posts.count(channel.id) == 2)

    async with collecting(telegram, store, [ChannelConfig(handle=channel.handle)]) as task:
        await eventually(store, stored, task=task)
    telegram.world.post(channel, "new", media=PHOTO)
    for _ in range(2):  # a restart changes nothing about it
        async with collecting(telegram, store, [asking(channel)], **files(folder)) as task:
            found = await eventually(store, settled(channel, 1), task=task)
    assert [key[0] for key in found] == [3]


async def test_without_room_files_wait_and_posts_come_all_the_same(
    telegram: Telegram, store: Store, channel: Channel, folder: Path
) -> None:
    telegram.world.post(channel, "a clip", media=VIDEO)
    more = files(folder, quota="100KB")
    async with collecting(telegram, store, [asking(channel)], **more) as task:
        (held,) = (await eventually(store, settled(channel, 1), task=task)).values()
        telegram.world.post(channel, "goes on")

        async def there(tx: Any) -> bool:
            return await tx.posts.get(channel.id, 3) is not None

        await eventually(store, there, task=task)
    assert (held.state, held.why) == (FileState.HELD, "the quota of 100KB is used up")
    assert telegram.log.of("upload.getFile") == []
    more = {**files(folder), "return_every": "0.1s"}

    async def kept(tx: Any) -> bool:
        return [f.state for f in await tx.files.of(channel.id)] == [FileState.KEPT]

    async with collecting(telegram, store, [asking(channel)], **more) as task:
        await eventually(store, kept, task=task)


async def test_a_file_that_cannot_be_fetched_stops_no_other(
    telegram: Telegram, store: Store, channel: Channel, folder: Path
) -> None:
    telegram.world.post(channel, "cannot be had", media=VIDEO)
    telegram.world.post(channel, "can be had", media=PHOTO)

    def is_video(request: Any) -> bool:
        return bool(request.location.id == 71)

    telegram.faults.calls.append(
        Fault(
            deed=Deed.ERROR,
            method="upload.getFile",
            code=400,
            message="FILE_REFERENCE_EXPIRED",
            times=None,
            when=is_video,
        )
    )
    async with collecting(telegram, store, [asking(channel)], **files(folder)) as task:
        found = await eventually(store, settled(channel, 1), task=task)
        assert [(key[0], f.state) for key, f in found.items()] == [(3, FileState.KEPT)]

        async def tried(tx: Any) -> Any:
            return next((f for f in await tx.files.of(channel.id, 2) if f.tries), None)

        waits = await eventually(store, tried, task=task)
    assert (waits.state, waits.tries) == (FileState.WAITING, 1)
    assert "FILE_REFERENCE_EXPIRED" in waits.why


async def test_a_kill_in_the_middle_of_a_file_costs_no_piece_of_it(
    telegram: Telegram, store: Store, channel: Channel, folder: Path, store_url: str, tmp_path: Path
) -> None:
    pieces = 12
    telegram.world.post(channel, "long", media=Media(kind="video", file_id="71", size=pieces * PIECE + 5))
    # Slow enough that the kill falls into it: from the fifth piece on nothing is answered.
    telegram.faults.calls.append(
        Fault(
            deed=Deed.SWALLOW,
            method="upload.getFile",
            times=None,
            when=lambda request: request.offset >= 5 * PIECE,
        )
    )
    process = CollectorProcess(
        telegram, tmp_path, store_url, [channel], wanted={"files": True}, answer_within=60, **files(folder)
    )
    process.start()
    partial = folder / "partial" / "main.71"
    await until(lambda: len(telegram.log.of("upload.getFile")) == 6, within=20)  # the last is not answered
    assert partial.stat().st_size == 5 * PIECE
    process.kill()
    with partial.open("ab") as file:
        file.write(b"half a piece")
    telegram.faults.clear()
    before = len(telegram.log.of("upload.getFile"))
    process.start()
    (kept,) = (await eventually(store, settled(channel, 1), within=20)).values()
    await until(lambda: not partial.exists(), within=20)  # once it is kept, at once; a stop may come before
    assert process.stop() == 0, process.log.read_text()
    assert kept.sha256 == sha256(content(71, pieces * PIECE + 5)).hexdigest()
    assert Disk(folder).holds(kept.sha256)
    offsets = [e.request.offset for e in telegram.log.of("upload.getFile")[before:]]
    assert offsets == [n * PIECE for n in range(5, pieces + 1)]
