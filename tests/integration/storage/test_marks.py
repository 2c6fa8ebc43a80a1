"""Marks say how far each part has come."""

from datetime import UTC, datetime, timedelta

from storage.imports import ImportProgress
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_a_mark_is_what_was_set_last_and_empty_before(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.marks.get("reader.1") == {}
        await tx.marks.set("reader.1", {"seq": 5}, NOON)
        await tx.marks.set("reader.1", {"seq": 2**60, "why": "صواريخ"}, NOON + timedelta(hours=1))
        assert await tx.marks.get("reader.1") == {"seq": 2**60, "why": "صواريخ"}


async def test_marks_are_found_by_how_their_names_begin_and_nothing_else(store: Store) -> None:
    async with store.begin() as tx:
        for name in ("a.1", "a.2", "a%", "b", "aa"):
            await tx.marks.set(name, {"n": name}, NOON)
        assert [name for name, _, _ in await tx.marks.all("a.")] == ["a.1", "a.2"]
        assert [name for name, _, _ in await tx.marks.all("a%")] == ["a%"]
        assert len(await tx.marks.all()) == 5
        assert (await tx.marks.all("b"))[0] == ("b", {"n": "b"}, NOON)


async def test_the_progress_of_an_import_is_kept_by_what_is_in_the_file(store: Store) -> None:
    progress = ImportProgress(fingerprint="f", name="a.json", records=5, added=3, revised=1, bad=1)
    async with store.begin() as tx:
        assert await tx.imports.get("f") is None
        await tx.imports.save(progress, NOON)
        assert await tx.imports.get("f") == progress
