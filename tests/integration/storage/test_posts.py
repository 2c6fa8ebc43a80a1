"""Posts are stored once, by whatever way and however often they come, and nothing is overwritten."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.post import Entity, Forward, How, Media, Post
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def post(id_: int = 1, text: str = "first", **more: object) -> Post:
    given = {"channel_id": 7, "posted_at": NOON, "seen_at": NOON, "how": How.LIVE, **more}
    return Post(id=id_, text=text, **given)  # type: ignore[arg-type]


async def put(store: Store, *posts: Post):  # type: ignore[no-untyped-def]
    async with store.begin() as tx:
        return await tx.posts.put(posts)


async def test_a_post_comes_back_as_it_was_given(store: Store) -> None:
    whole = post(
        text="صواريخ 🚀",
        entities=(Entity(kind="text_link", offset=0, length=6, url="https://example.org"),),
        media=Media(kind="photo", size=9, width=3, height=4, file_id="5"),
        forward=Forward(channel_id=9, post_id=2, name="other", posted_at=NOON),
        edited_at=NOON + timedelta(minutes=1),
        album_id=4,
        reply_to=3,
        author="a",
        views=10,
        forwards=2,
        raw={"x_deleted_between": ["a", "b"]},
    )
    await put(store, whole)
    async with store.read() as tx:
        assert await tx.posts.get(7, 1) == whole


async def test_the_same_post_twice_is_one(store: Store) -> None:
    first = await put(store, post(), post())
    again = await put(store, replace(post(), seen_at=NOON + timedelta(hours=1), views=99, how=How.POLLED))
    assert (len(first.added), first.same, again.same) == (1, 1, 1)
    async with store.read() as tx:
        assert await tx.posts.count(7) == 1
        assert await tx.posts.get(7, 1) == post()


async def test_the_same_number_in_two_channels_is_two_posts(store: Store) -> None:
    await put(store, post(), replace(post(), channel_id=8))
    async with store.read() as tx:
        assert await tx.posts.count() == 2


async def test_a_changed_text_appends_a_revision_and_keeps_the_first(store: Store) -> None:
    later = NOON + timedelta(minutes=5)
    edit = replace(post(text="second"), edited_at=later, seen_at=later)
    done = await put(store, post(), edit)
    assert done.revised == ((7, 1),)
    async with store.read() as tx:
        kept = await tx.posts.get(7, 1)
        assert kept is not None
        assert kept.text == "first"
        assert [(r.number, r.text, r.edited_at) for r in await tx.posts.revisions(7, 1)] == [
            (1, "second", later)
        ]
    assert (await put(store, edit)).same == 1


async def test_an_edit_back_to_the_first_text_is_a_revision_of_its_own(store: Store) -> None:
    at = [NOON + timedelta(minutes=n) for n in range(3)]
    await put(
        store, post(), replace(post(text="b"), edited_at=at[1]), replace(post(text="first"), edited_at=at[2])
    )
    async with store.read() as tx:
        assert [r.text for r in await tx.posts.revisions(7, 1)] == ["b", "first"]


async def test_an_older_copy_that_comes_later_does_not_pass_for_an_edit(store: Store) -> None:
    edited = replace(post(text="new"), edited_at=NOON + timedelta(minutes=9))
    await put(store, edited)
    await put(store, replace(post(text="old"), how=How.IMPORTED))
    assert (await put(store, edited)).same == 1
    assert (await put(store, replace(post(text="old"), how=How.IMPORTED))).revised == ()
    async with store.read() as tx:
        assert [r.text for r in await tx.posts.revisions(7, 1)] == ["old"]


async def test_of_two_edits_within_one_second_the_one_seen_later_stands(store: Store) -> None:
    second, moment = NOON + timedelta(minutes=1), timedelta(milliseconds=300)
    one = replace(post(text="one"), edited_at=second, seen_at=second + moment)
    two = replace(post(text="two"), edited_at=second, seen_at=second + 2 * moment)
    await put(store, post(), one)
    await put(store, two)
    # Read before the second edit was made, and stored after it: it is the older one, whenever it comes.
    assert (await put(store, replace(one, how=How.POLLED))).same == 1
    slow = replace(one, text="between", seen_at=second + 1.5 * moment)
    await put(store, slow)
    async with store.read() as tx:
        texts = {r.number: r.text for r in await tx.posts.revisions(7, 1)}
        assert texts == {1: "one", 2: "two", 3: "between"}
        assert await tx.posts.standing(7) == {1: 2}
        stood = [(r.revision.text, r.stood) for r in await tx.posts.revisions_after(0, 10)]
    assert stood == [("one", True), ("two", True), ("between", False)]


async def test_a_file_does_not_settle_which_edit_of_one_second_stands(store: Store) -> None:
    second = NOON + timedelta(minutes=1)
    ours = replace(post(text="ours"), edited_at=second, seen_at=second + timedelta(milliseconds=300))
    theirs = replace(ours, text="theirs", how=How.IMPORTED, seen_at=second + timedelta(days=1))
    earlier = replace(theirs, id=2, seen_at=second)
    await put(store, ours, theirs)
    await put(store, earlier, replace(ours, id=2))
    async with store.read() as tx:
        assert [r.text for r in await tx.posts.revisions(7, 1)] == ["theirs"]
        assert await tx.posts.standing(7) == {1: 0, 2: 1}


async def test_another_file_under_the_same_text_is_a_revision(store: Store) -> None:
    one = post(media=Media(kind="photo", file_id="1"))
    two = replace(post(media=Media(kind="photo", file_id="2")), edited_at=NOON + timedelta(minutes=1))
    assert (await put(store, one, two)).revised == ((7, 1),)


async def test_a_deletion_is_an_interval_and_the_post_stays(store: Store) -> None:
    await put(store, post())
    hour = timedelta(hours=1)
    await put(store, replace(post(), seen_at=NOON + hour))
    async with store.begin() as tx:
        found = await tx.posts.missed(7, [1, 99], NOON + 2 * hour)
        assert [(d.post_id, d.last_seen_at, d.first_missed_at) for d in found] == [
            (1, NOON + hour, NOON + 2 * hour)
        ]
        assert await tx.posts.missed(7, [1], NOON + 3 * hour) == []
    async with store.read() as tx:
        assert await tx.posts.get(7, 1) is not None
        assert [d.returned_at for d in await tx.posts.deletions(7)] == [None]


async def test_a_post_that_is_back_ends_its_deletion_without_removing_it(store: Store) -> None:
    hour = timedelta(hours=1)
    await put(store, post())
    async with store.begin() as tx:
        await tx.posts.missed(7, [1], NOON + hour)
    await put(store, replace(post(), seen_at=NOON + 2 * hour))
    async with store.begin() as tx:
        assert [d.returned_at for d in await tx.posts.deletions(7)] == [NOON + 2 * hour]
        await tx.posts.missed(7, [1], NOON + 3 * hour)
        assert len(await tx.posts.deletions(7)) == 2


async def test_a_failed_transaction_leaves_nothing_behind(store: Store) -> None:
    class Crash(Exception):
        pass

    try:
        async with store.begin() as tx:
            await tx.posts.put([post()])
            raise Crash
    except Crash:
        pass
    async with store.read() as tx:
        assert await tx.posts.count() == 0


async def test_a_channel_is_read_page_by_page_in_the_order_of_posting(store: Store) -> None:
    many = [replace(post(n), posted_at=NOON + timedelta(minutes=(n * 7) % 50)) for n in range(1, 101)]
    await put(store, *many)
    async with store.read() as tx:
        read = [p async for p in tx.posts.of(7, since=NOON + timedelta(minutes=10), batch=7)]
    assert read == sorted(
        (p for p in many if p.posted_at >= NOON + timedelta(minutes=10)), key=lambda p: (p.posted_at, p.id)
    )


async def test_a_lone_surrogate_does_not_stop_the_rest(store: Store) -> None:
    bad = post(2, text="nul \x00 byte", raw={"x": "\ud83d \x00 \\u0000"})
    await put(store, post(1, text="broken \ud83d emoji"), bad, post(3, text="whole \U0001f680"))
    assert (await put(store, bad)).same == 1
    async with store.read() as tx:
        kept = [p async for p in tx.posts.of(7)]
    assert [p.text for p in kept] == ["broken \ufffd emoji", "nul \ufffd byte", "whole \U0001f680"]
    assert kept[1].raw == {"x": "\ufffd \ufffd \\u0000"}
