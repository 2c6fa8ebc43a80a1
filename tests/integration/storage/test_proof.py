# ruff: noqa: S608 - the statements are the test's own
"""The chain of a channel: what was stored is proven untouched, and whatever is touched is found."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.channel import Channel
from domain.post import Details, Entity, Forward, How, Media, Post, RawCopy
from storage.config import StorageConfig
from storage.migrate import migrate
from storage.proof import Proof, channels_of, prove
from storage.sealing import seal
from storage.store import Store, open_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DOCS = Path(__file__).resolve().parents[3] / "docs" / "archive.md"


def post(id_: int = 1, words: str = "first", **more: Any) -> Post:
    given = {"channel_id": 7, "posted_at": NOON, "seen_at": NOON, "how": How.LIVE, **more}
    return Post(id=id_, text=words, **given)


def copied(n: int) -> RawCopy:
    return RawCopy(229, b"telegram's own bytes " * 9 + bytes([n]))


async def fill(store: Store, c: int = 7) -> None:
    """Posts, an edit, a deletion that was none, a deletion, and a raw copy that came late."""
    hour = timedelta(hours=1)

    def post(id_: int, words: str, **more: Any) -> Post:
        return of(id_, words, channel_id=c, **more)

    async with store.begin() as tx:
        posts = [post(n, f"صواريخ {n}", copy=copied(n)) for n in range(1, 6)]
        await tx.posts.put(posts)
        await tx.posts.put([replace(posts[0], text="edited", edited_at=NOON + MINUTE, copy=copied(50))])
        await tx.posts.put([post(9, "from a file", how=How.IMPORTED)])
        await tx.posts.put([post(9, "from a file", seen_at=NOON + hour, copy=copied(9))])
        await tx.posts.missed(c, [2, 3], NOON + hour)
        await tx.posts.put([replace(posts[1], seen_at=NOON + 2 * hour)])


of = post


async def proven(store: Store, channel_id: int = 7, **more: Any) -> Proof:
    return await prove(store, channel_id, **more)


async def test_an_archive_that_nobody_touched_is_proven(store: Store) -> None:
    await fill(store)
    async with store.begin() as tx:
        await tx.posts.put([post(n, "other", channel_id=8) for n in range(1, 4)])
    assert await channels_of(store) == [7, 8]
    found = await proven(store)
    assert (found.broken, found.unsealed) == (None, 0)
    assert found.kinds == {"post": 6, "revision": 1, "copy": 1, "deletion": 2, "return": 1}
    assert found.links == 11
    assert (await proven(store, 8)).kinds == {"post": 3}


async def test_the_chain_goes_on_from_every_hash_it_ever_had(store: Store) -> None:
    await fill(store)
    then = await proven(store)
    async with store.begin() as tx:
        await tx.posts.put([post(20)])
    now = await proven(store, contains=then.digest)
    assert (now.links, now.contains) == (12, 11)
    assert now.digest != then.digest
    assert (await proven(store, contains=hashlib.sha256(b"another").digest())).contains is None


async def test_an_order_of_arrival_is_part_of_what_is_proven(store: Store) -> None:
    async with store.begin() as tx:
        await tx.posts.put([post(1, channel_id=7), post(2, channel_id=7)])
        await tx.posts.put([post(2, channel_id=8), post(1, channel_id=8)])
    assert (await proven(store, 7)).digest != (await proven(store, 8)).digest


EVERYTHING = post(
    4,
    "link and \U0001f680",
    entities=(Entity(kind="text_url", offset=0, length=4, url="https://example.org", detail="x"),),
    media=Media(
        kind="video",
        size=9,
        duration=2.0,
        width=3,
        file_id="5",
        thumbs=("a",),
        detail={"lat": 1e22, "b": 0.1},
    ),
    forward=Forward(channel_id=9, post_id=2, name="other", posted_at=NOON),
    edited_at=NOON + MINUTE,
    album_id=4,
    reply_to=3,
    author="ا",
    views=10,
    forwards=2,
    raw={"x": "\ud83d \x00 \\u0000", "n": 2.0**62, "deep": [{"y": None, "z": True}]},
    details=Details(reactions=(("👍", 3),), is_pinned=True, buttons=(("more", "https://example.org"),)),
    copy=copied(4),
)


async def test_every_kind_of_value_is_hashed_as_it_is_read_back(store: Store) -> None:
    """Databases write numbers and broken letters in ways of their own."""
    async with store.begin() as tx:
        await tx.posts.put([EVERYTHING])
    assert (await proven(store)).broken is None


async def test_the_hashes_can_be_checked_without_deadair(store: Store) -> None:
    """What docs/archive.md tells researchers to do, done with nothing but SHA-256 and JSON."""
    async with store.begin() as tx:
        await tx.posts.put([post(1, "صواريخ", copy=copied(1))])
        await tx.posts.missed(7, [1], NOON + MINUTE)
    noon = int(NOON.timestamp()) * 1_000_000
    content = hashlib.blake2b("صواريخ".encode(), digest_size=16).hexdigest()
    records: list[dict[str, Any]] = [
        {
            "link": "post",
            "id": 1,
            "posted_at": noon,
            "seen_at": noon,
            "how": "live",
            "kind": "post",
            "text": "صواريخ",
            "hash": content,
            "copy_layer": 229,
            "copy_sha256": hashlib.sha256(copied(1).data).hexdigest(),
        },
        {"link": "deletion", "post_id": 1, "first_missed_at": noon + 60_000_000, "last_seen_at": noon},
    ]
    digest = hashlib.sha256(b"deadair chain 1\n7").digest()
    for record in records:
        written = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(digest + written.encode()).digest()
    assert (await proven(store)).digest == digest


async def test_the_program_in_the_docs_comes_to_the_same_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'deadair.db'}"
    async with open_store(StorageConfig(url=url)) as store:
        async with store.begin() as tx:
            await tx.posts.put([EVERYTHING, post(1, "صواريخ", copy=copied(1)), post(2)])
        expected = (await proven(store)).digest.hex()
    programs = [part.split("```")[0] for part in DOCS.read_text().split("```python\n")[1:]]
    (program,) = [each for each in programs if "deadair chain" in each]
    given = program.replace('"deadair.db"', repr(str(tmp_path / "deadair.db"))).replace("1234567890", "7")
    names: dict[str, Any] = {}
    exec(given, names)  # noqa: S102 - our own words
    names["db"].close()
    assert capsys.readouterr().out.strip() == expected


OF = "WHERE channel_id = {c}"
ROW = "posted_at, seen_at, last_seen_at, how, kind, text, hash, current, current_hash"
WHEN = "first_missed_at, last_seen_at, returned_at"
TOUCHED = [
    (f"UPDATE posts SET text = 'other' {OF} AND id = 4", 4, "post 4 is not what was stored"),
    (f"UPDATE posts SET views = 1 {OF} AND id = 4", 4, "post 4 is not what was stored"),
    (f"UPDATE posts SET how = 'polled' {OF} AND id = 4", 4, "post 4 is not what was stored"),
    (f"UPDATE revisions SET text = 'x' {OF}", 1, "revision 1 of post 1 is not what was stored"),
    (f"DELETE FROM posts {OF} AND id = 4", 4, "post 4 is missing"),
    (f"DELETE FROM revisions {OF}", 1, "revision 1 of post 1 is missing"),
    (f"DELETE FROM deletions {OF} AND post_id = 3", 3, "the deletion of post 3 is missing"),
    (f"UPDATE deletions SET returned_at = NULL {OF}", 2, "the return of post 2 is not what was stored"),
    (f"DELETE FROM raws {OF} AND post_id = 5", 5, "post 5 is not what was stored"),
    (f"DELETE FROM raws {OF} AND post_id = 9", 9, "the raw copy of version 0 of post 9 is missing"),
    (f"UPDATE raws SET layer = 1 {OF} AND post_id = 5", 5, "post 5 is not what was stored"),
    (f"DELETE FROM links {OF} AND number = 3", None, "link 3 is missing"),
    (f"DELETE FROM links {OF} AND number > 8", None, "the chain ends before link 11"),
    (f"UPDATE chains SET number = 10 {OF}", None, "the chain does not end where it is said to"),
    (f"UPDATE links SET post_id = 5 {OF} AND number = 4", 5, "post 5 is not what was stored"),
    (
        f"INSERT INTO posts (channel_id, id, {ROW}) SELECT channel_id, 6, {ROW} FROM posts {OF} AND id = 4",
        6,
        "post 6 is in no link of the chain: it was put in past it",
    ),
    (
        f"INSERT INTO deletions (channel_id, post_id, {WHEN})"
        f" SELECT channel_id, 5, {WHEN} FROM deletions {OF} AND post_id = 3",
        5,
        "one of the deletions of post 5 is in no link of the chain: it was put in past it",
    ),
]


async def test_whatever_is_touched_is_found_with_channel_and_post(store: Store) -> None:
    channels = range(100, 100 + len(TOUCHED))
    for c in channels:
        await fill(store, c)
    async with store.begin() as tx:
        for c, (statement, _, _) in zip(channels, TOUCHED, strict=True):
            await tx.connection.execute(text(statement.format(c=c)))
    for c, (statement, post_id, why) in zip(channels, TOUCHED, strict=True):
        found = (await proven(store, c)).broken
        assert found is not None, statement
        assert (found.post_id, found.why) == (post_id, why), statement


async def test_a_byte_of_a_raw_copy_that_rots_is_found(store: Store) -> None:
    await fill(store)
    async with store.begin() as tx:
        row = (await tx.connection.execute(text("SELECT body FROM raws WHERE post_id = 5"))).scalar_one()
        body = bytearray(row)
        body[len(body) // 2] ^= 0x10
        await tx.connection.execute(text("UPDATE raws SET body = :b WHERE post_id = 5"), {"b": bytes(body)})
    found = (await proven(store)).broken
    assert found is not None
    assert found.post_id == 5


async def older(url: str) -> None:
    """An archive from before the chain, brought to this version."""
    config = StorageConfig(url=url)
    async with open_store(config) as store:
        await fill(store)
    await migrate(config, "0004")
    await migrate(config)


async def test_what_is_older_than_the_chain_is_said_so_and_can_be_sealed(store_url: str) -> None:
    await older(store_url)
    async with open_store(StorageConfig(url=store_url)) as store:
        async with store.begin() as tx:
            await tx.posts.put([post(30, "newer"), post(1, "edited again", edited_at=NOON + 9 * MINUTE)])
        found = await proven(store)
        assert (found.broken, found.unsealed) == (None, 6 + 1 + 2 + 1)
        assert found.kinds == {"post": 1, "revision": 1}
        assert await seal(store, 7, NOON) == 10
        assert await seal(store, 7, NOON) == 0
        found = await proven(store)
        assert (found.broken, found.unsealed) == (None, 0)
        assert found.kinds == {"post": 7, "revision": 2, "seal": 1, "deletion": 2, "return": 1}


async def test_a_channel_that_is_sealed_takes_nothing_in_past_its_chain(store_url: str) -> None:
    await older(store_url)
    async with open_store(StorageConfig(url=store_url)) as store:
        await seal(store, 7, NOON)
        async with store.begin() as tx:
            await tx.connection.execute(text("UPDATE posts SET id = 77 WHERE channel_id = 7 AND id = 3"))
        found = (await proven(store)).broken
        assert found is not None
        assert found.why == "post 3 is missing"


async def test_sealing_that_was_interrupted_goes_on_where_it_stopped(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await older(store_url)
    monkeypatch.setattr("storage.sealing._BATCH", 2)

    class Stop(Exception):
        pass

    def stop(n: int) -> None:
        raise Stop

    async with open_store(StorageConfig(url=store_url)) as store:
        with pytest.raises(Stop):
            await seal(store, 7, NOON, heard=stop)
        assert (await proven(store)).unsealed == 8
        await seal(store, 7, NOON)
        found = await proven(store)
        assert (found.broken, found.unsealed, found.kinds["post"]) == (None, 0, 6)


async def test_a_channel_adopted_from_a_file_keeps_its_chain(store: Store) -> None:
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=-5, title="Falcon", handle="falcon_news"), NOON)
        await tx.posts.put([post(n, channel_id=-5, how=How.IMPORTED) for n in (1, 2)])
    before = await proven(store, -5)
    async with store.begin() as tx:
        assert await tx.channels.adopt(77, "falcon_news") == -5
        await tx.posts.put([post(3, channel_id=77)])
    after = await proven(store, 77, contains=before.digest)
    assert (after.broken, after.contains) == (None, 2)
    assert after.kinds == {"post": 3, "adoption": 1}
    assert await channels_of(store) == [77]


async def test_a_transaction_that_fails_leaves_the_chain_as_it_was(store: Store) -> None:
    await fill(store)
    before = await proven(store)

    async def fails() -> None:
        async with store.begin() as tx:
            await tx.posts.put([post(40)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert await proven(store) == before
