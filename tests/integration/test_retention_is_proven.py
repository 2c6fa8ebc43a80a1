"""What posts said is gone for good, all that remains is proven, and a backup brings back the same."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from domain.post import PostKey
from storage.backup.restore import restore
from storage.backup.write import write_backup
from storage.config import StorageConfig
from storage.errors import SchemaMismatch
from storage.migrate import migrate
from storage.proof import prove
from storage.store import Store, open_store
from tests.support.retaining import (
    NOW,
    edited,
    gone,
    kept,
    removed,
    said,
    stored,
    understood,
)
from tests.support.searching import DAY, FALCON, NOON, numbers

_FALCON = "@falcon_news"


async def test_what_is_not_what_was_stored_is_not_removed_for_it_is_evidence(store: Store) -> None:
    await kept(store, said(1), said(2), said(3))
    async with store.begin() as tx:
        await tx.connection.execute(text("UPDATE posts SET author = 'Eve' WHERE id = 1"))
        await tx.connection.execute(text("DELETE FROM raws WHERE post_id = 2"))
    share = (await removed(store))[_FALCON]
    assert (share.n, share.others) == (1, {"broken": 2})
    assert await gone(store) == {PostKey(FALCON, 3)}


async def test_what_is_older_than_the_chain_waits_until_it_is_sealed(store: Store) -> None:
    await kept(store, said(1))
    async with store.begin() as tx:
        await tx.connection.execute(text("DELETE FROM links"))
        await tx.connection.execute(text("DELETE FROM chains"))
    assert (await removed(store))[_FALCON].others == {"unsealed": 1}


#: What somebody may do to the tables, past the program; and what is said of it.
_TOUCHED = [
    ("UPDATE posts SET posted_at = seen_at WHERE id = 2", "remains of post 2"),
    ("UPDATE posts SET views = 5 WHERE id = 2", "remains of post 2"),
    ("UPDATE posts SET hash = 'x' WHERE id = 2", "remains of post 2"),
    ("UPDATE revisions SET hash = 'x' WHERE post_id = 2", "remains of post 2"),
    ("UPDATE removals SET why = 'x' WHERE post_id = 2", "remains of post 2"),
    ("UPDATE removals SET links = '[]' WHERE post_id = 2", "its removal does not name it"),
    ("DELETE FROM removals WHERE post_id = 2", "post 2 is not what was stored"),
    ("DELETE FROM posts WHERE id = 2", "remains of post 2 is missing"),
    ("DELETE FROM links WHERE kind = 'removal'", "the chain ends before"),
    ("UPDATE posts SET text = '', removed_at = seen_at WHERE id = 3", "post 3 is not what was stored"),
    ("UPDATE links SET digest = (SELECT digest FROM links WHERE number = 2) WHERE number = 1", "post 1 is"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "why"), _TOUCHED)
async def test_whoever_touches_what_remains_is_found_out(store: Store, statement: str, why: str) -> None:
    await stored(store, said(1), said(2))
    async with store.begin() as tx:
        await tx.posts.put([edited(said(2), "reworded")])
    await understood(store)
    await stored(store, said(90), replace(said(3), posted_at=NOON + 80 * DAY, seen_at=NOON + 80 * DAY))
    await removed(store)
    assert await gone(store) == {PostKey(FALCON, 1), PostKey(FALCON, 2)}
    assert (await prove(store, FALCON)).broken is None
    async with store.begin() as tx:
        await tx.connection.execute(text(statement))
    broken = (await prove(store, FALCON)).broken
    assert broken is not None
    assert why in broken.why


async def test_a_removal_that_is_in_no_link_is_found_out(store: Store) -> None:
    """Whoever has posts pass for removed must say so in the chain, where it bears a date and a rule."""
    await kept(store, said(1))
    async with store.begin() as tx:
        rows = await tx.connection.execute(text("SELECT number, digest FROM links"))
        links = json.dumps([[number, bytes(digest).hex()] for number, digest in rows])
        await tx.connection.execute(
            text("INSERT INTO removals SELECT channel_id, id, seen_at, 'x', :links FROM posts").bindparams(
                links=links
            )
            if not store.is_postgres
            else text(
                "INSERT INTO removals SELECT channel_id, id, seen_at, 'x', CAST(:links AS jsonb) FROM posts"
            ).bindparams(links=links)
        )
        await tx.connection.execute(text("UPDATE posts SET text = ''"))
    broken = (await prove(store, FALCON)).broken
    assert broken is not None
    assert "removals of post 1 is in no link" in broken.why


async def test_a_hash_that_was_given_away_before_is_still_gone_on_from(store: Store) -> None:
    await kept(store, said(1), said(2))
    before = await prove(store, FALCON)
    await removed(store)
    assert (await prove(store, FALCON, contains=before.digest)).contains == 2


async def test_a_copy_of_the_post_can_still_be_proven_by_the_hash_that_stays(store: Store) -> None:
    """Who has the record has its bytes: with the hash before it they give the hash that is in the chain."""
    await kept(store, said(1), said(2))
    async with store.read() as tx:
        page = await tx.removals.page(FALCON, NOW, None, 10)
        links = {link.number: link.digest for link in await tx.chain.links(FALCON, 0, 10)}
    assert [each.is_proven for each in page.posts] == [True, True]
    await removed(store)
    async with store.read() as tx:
        after = {link.number: link.digest for link in await tx.chain.links(FALCON, 0, 10)}
    assert {n: after[n] for n in links} == links


async def test_a_backup_brings_back_what_was_kept_and_what_was_removed(store: Store, tmp_path: Path) -> None:
    await kept(store, said(1), said(2), said(90))
    await removed(store)
    file = tmp_path / "a.deadair.gz"
    await write_backup(store, file, NOW)
    other = StorageConfig(url=f"sqlite:///{tmp_path / 'other.db'}")
    await restore(other, file)
    async with open_store(other) as again:
        assert await gone(again) == await gone(store)
        assert (await prove(again, FALCON)).broken is None
        await understood(again)
        assert await numbers(again, "secret1") == []
        assert await numbers(again, channels=("falcon_news",)) == [90, 2, 1]


async def test_an_archive_from_which_something_was_removed_does_not_go_back(
    store: Store, store_url: str
) -> None:
    config = StorageConfig(url=store_url)
    await kept(store, said(1))
    await removed(store)
    with pytest.raises(SchemaMismatch, match="could not prove it"):
        await migrate(config, "0016")
    assert (await prove(store, FALCON)).broken is None


async def test_in_a_file_of_sqlite_nothing_is_left_of_it(tmp_path: Path) -> None:
    file = tmp_path / "deadair.db"
    words = "Nobody SHALL read; this again. " * 40
    async with open_store(StorageConfig(url=f"sqlite:///{file}")) as store:
        await kept(store, *(said(n, words) for n in range(1, 60)), said(90, "KEPT, of course."))
        await store.checkpoint()
        assert b"SHALL read; this" in file.read_bytes()
        await removed(store)
        await store.checkpoint()
        held = file.read_bytes()
        assert b"SHALL read; this" not in held
        assert b"KEPT, of course." in held
        # Its room is taken again by what comes: the file grows no further.
        size = file.stat().st_size
        await stored(store, *(said(n, words.lower()) for n in range(100, 120)))
        await store.checkpoint()
        assert file.stat().st_size == size
