"""Search finds what is there, however it is spelled, and nothing else: the same on both engines."""

import contextlib
from dataclasses import replace

import pytest

from archive.errors import FilterError, QueryError
from archive.query import Order, Paging
from domain.channel import Channel
from domain.post import Media
from storage.store import Store
from tests.support.searching import (
    DAY,
    FALCON,
    HERON,
    HOUR,
    KITE,
    MINUTE,
    NOON,
    fill,
    found,
    numbers,
    post,
    put,
)

SPELLINGS = (
    ("طائرة", "سقطت طائِرة هنا"),
    ("طائرة", "سقطت الطائرة هنا"),
    ("طائرة", "سقطت ط.ا.ئ.ر.ة هنا"),
    ("طائرة", "والطائره"),
    ("طائرة", "طـــائـرة"),
    ("الطائرة", "طائرة"),
    ("ط.ا.ئ.ر.ة", "الطائرة"),
    ("قاعدة", "قا_عدة حرير"),
    ("قاعدة", "#قاعدة_حرير"),
    ("علي", "على"),
    ("ایران", "إيران"),
    ("کربلا", "كربلا"),
    ("می‌شود", "مي شود"),
    ("می‌شود", "میشود"),
    ("می‌شود", "چه می‌شود"),
    ("بشر‌ها", "حقوق بشر‌ها چه شد"),
    ("بشر‌ها", "بشر‌ها"),
    ("بشر‌ها", "بشر ها"),
    ("بشرها", "بشر‌ها"),
    ("بشرها", "حقوق بشر‌ها چه شد"),
    ("میشود", "چه می‌شود"),
    ("کتابهای", "کتاب‌‌ها‌ی ما"),
    ("2024", "عام ٢٠٢٤"),
    ("۲۰۲۴", "2024"),
    ("ﻻ اله", "لا اله"),
    ("rocket", "ROCKET"),
    ("rocket", "r.o.c.k.e.t"),
    ("ВСУ", "всу"),
    ("cafe", "Café"),
    ("שלום", "השלום"),
)


@pytest.mark.parametrize(("sought", "written"), SPELLINGS)
async def test_a_word_is_found_however_it_is_written(store: Store, sought: str, written: str) -> None:
    await put(store, post(1, written), post(2, "شيء آخر تماما something else"))
    assert await numbers(store, sought) == [1]


async def test_words_are_not_found_within_other_words(store: Store) -> None:
    """نان is bread and no part of Lebanon; the article of آلمان is none."""
    await put(store, post(1, "لبنان"), post(2, "قیمت نان"), post(3, "کشورِ مان"), post(4, "آلمان"))
    assert await numbers(store, "نان") == [2]
    assert await numbers(store, "آلمان") == [4]


async def test_a_query_has_phrases_alternatives_exclusions_and_beginnings(store: Store) -> None:
    await put(
        store,
        post(1, "a drone attack at night"),
        post(2, "attack by drone, at night"),
        post(3, "a rocket attack at dawn"),
        post(4, "drones everywhere"),
        post(5, "الطائرة المسيرة"),
        post(6, "طائرة ومسيرة"),
    )
    assert await numbers(store, "drone attack") == [2, 1]
    assert await numbers(store, '"drone attack"') == [1]
    assert await numbers(store, "«drone attack»") == [1]
    assert await numbers(store, "drone AND attack -night") == []
    assert await numbers(store, "attack NOT drone") == [3]
    assert await numbers(store, "-attack") == [6, 5, 4]
    assert await numbers(store, "(drone OR rocket) attack") == [3, 2, 1]
    assert await numbers(store, "drone*") == [4, 2, 1]
    assert await numbers(store, '"attack at da"*') == [3]
    assert await numbers(store, '"طائرة مسيرة"') == [6, 5]
    assert await numbers(store, "") == [6, 5, 4, 3, 2, 1]


async def test_a_passage_is_found_letter_for_letter(store: Store) -> None:
    await put(store, post(1, "طائِرة"), post(2, "طائرة"), post(3, "🔥🔥 now"), post(4, "Drone and DRONE"))
    assert await numbers(store, '="طائِرة"') == [1]
    assert await numbers(store, "=طائرة") == [2]
    assert await numbers(store, '="🔥"') == [3]
    assert await numbers(store, '="DRONE"') == [4]
    assert await numbers(store, '="drone"') == []
    assert await numbers(store, 'طائرة -="طائِرة"') == [2]
    assert await numbers(store, '="طائِرة" OR ="DRONE"') == [4, 1]


async def test_every_version_is_searched_and_the_one_that_says_it_is_shown(store: Store) -> None:
    first = post(1, "the strike was at Harir")
    await put(store, first)
    await put(
        store, replace(first, text="the strike was at Ain Asad", edited_at=NOON + HOUR, seen_at=NOON + HOUR)
    )
    page = await found(store, "harir")
    assert [hit.saying() for hit in page.hits] == [(0,)]
    number, snippet = page.hits[0].snippet()
    assert (number, [snippet.text[a:b] for a, b in snippet.marks]) == (0, ["Harir"])
    assert (await found(store, "asad")).hits[0].snippet()[0] == 1
    await put(store, replace(first, text="nothing at all", edited_at=NOON + DAY, seen_at=NOON + DAY))
    for sought in ("harir", "asad", "nothing", "strike"):
        assert await numbers(store, sought) == [1]
    assert await numbers(store, "strike", edited=True) == [1]
    assert await numbers(store, "strike", edited=False) == []


async def test_what_is_found_is_marked_on_the_raw_text(store: Store) -> None:
    await put(store, post(1, "قبل " * 60 + "سقطت الطَّائِرَةُ هنا " + "بعد " * 60))
    (hit,) = (await found(store, "طائرة")).hits
    _, snippet = hit.snippet(80)
    assert [snippet.text[a:b] for a, b in snippet.marks] == ["الطَّائِرَةُ"]
    assert snippet.cut_before
    assert snippet.cut_after
    assert snippet.text in hit.post.text


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"channels": ("@Falcon_News",)}, [3, 2, 1]),
        ({"channels": ("heron", "9")}, [6, 5, 4]),
        ({"groups": ("Birds",)}, [5, 4, 3, 2, 1]),
        ({"since": NOON + 3 * MINUTE, "until": NOON + 5 * MINUTE}, [4, 3]),
        ({"languages": ("fa", "en")}, [4, 3]),
        ({"topics": ("drones",)}, [4, 3, 1]),
        ({"topics": ("attacks", "none_of_this")}, [1]),
        ({"claimants": ("kh",)}, [1]),
        ({"places": ("harir",), "weapons": ("drone",), "kinds": ("responsibility",)}, [1]),
        ({"media": ("photo", "video")}, [2]),
        ({"forwarded_from": ("falcon_news",)}, [4]),
        ({"forwarded_from": ("abu ali",)}, [5]),
        ({"forwarded_from": ("*",)}, [5, 4]),
        ({"edited": True}, [6]),
        ({"edited": False}, [5, 4, 3, 2, 1]),
        ({"deleted": True}, [5]),
        ({"deleted": False}, [6, 4, 3, 2, 1]),
        ({"links": True}, [3]),
        ({"links": False}, [6, 5, 4, 2, 1]),
        ({"views_at_least": 1000}, [2]),
        ({"views_at_most": 1000}, [1]),
        ({"topics": ("drones",), "languages": ("ar",), "channels": ("falcon_news",)}, [1]),
    ],
)
async def test_what_is_found_can_be_narrowed(
    store: Store, filters: dict[str, object], expected: list[int]
) -> None:
    await fill(store)
    assert await numbers(store, **filters) == expected
    assert await numbers(store, order=Order.OLDEST, **filters) == expected[::-1]


@pytest.mark.parametrize(
    ("filters", "says", "hint"),
    [
        ({"channels": ("falcon_new",)}, "no channel 'falcon_new'", "did you mean @falcon_news"),
        ({"groups": ("fish",)}, "no group 'fish'", "it has: birds"),
        ({"claimants": ("nobody",)}, "no claimant 'nobody'", "it has: kh"),
        ({"languages": ("arabic",)}, "no post is said to be in 'arabic'", "did you mean ar"),
        ({"media": ("film",)}, "no media 'film'", "photo, video"),
        ({"since": NOON, "until": NOON}, "nothing lies between", "since comes before until"),
    ],
)
async def test_a_filter_that_names_what_is_not_there_says_so(
    store: Store, filters: dict[str, object], says: str, hint: str
) -> None:
    await fill(store)
    with pytest.raises(FilterError, match=says) as refused:
        await numbers(store, **filters)
    assert hint in refused.value.hint


async def test_a_topic_that_nobody_looks_for_is_no_topic_without_posts(store: Store) -> None:
    await fill(store)
    async with store.begin() as tx:
        version = await tx.readings.live_version()
        await tx.marks.set(f"looked_for.{version}", {"topic": {"attacks": "", "weather": ""}}, NOON)
    assert await numbers(store, topics=("attacks",))
    assert await numbers(store, topics=("weather",)) == []
    with pytest.raises(FilterError, match="no topic 'atacks'") as refused:
        await numbers(store, topics=("attacks", "atacks"))
    assert "did you mean attacks" in refused.value.hint


async def test_a_new_archive_without_readings_says_that_it_knows_no_topic(store: Store) -> None:
    await put(store, post(1, "word"))
    with pytest.raises(FilterError, match="no post of this archive has been read") as refused:
        await numbers(store, topics=("attacks",))
    assert "reread" in refused.value.hint


INJECTIONS = (
    '" OR 1=1 --',
    "') | ('a",
    "body : drone",
    "words MATCH x",
    "NEAR(a b)",
    "^drone",
    "drone + attack",
    "a & b | !c <-> d:*",
    "'; DROP TABLE posts; --",
    "{body} : x",
    "\\' \\\\",
    "%_%",
    "a:b*c",
    "=a",
    "=c7",
    '="=c7"',
    "((((((",
    "))))",
    '"',
    "*",
    "-",
    "- -",
    "--",
    "NOT",
    "AND",
    "OR OR",
    "\x00",
    "\ud800",
    "x" * 5000,
    "ا" * 900,
)


@pytest.mark.parametrize("text", INJECTIONS)
async def test_no_query_reaches_the_engine_as_syntax(store: Store, text: str) -> None:
    """Whatever is typed finds posts that say it, or is refused with where and why; nothing breaks."""
    await put(store, post(1, "drone attack a b"), post(2, "other"))
    for order in Order:
        page = None
        with contextlib.suppress(QueryError):
            page = await found(store, text, Paging(order=order))
        if page is None:
            with pytest.raises(QueryError) as refused:
                await found(store, text, Paging(order=order))
            assert refused.value.why
            assert 0 <= refused.value.at <= len(refused.value.text)
        else:
            assert [hit.post.id for hit in page.hits] in ([], [1], [2], [2, 1])
    assert await numbers(store) == [2, 1]


async def test_values_of_filters_are_values_and_no_syntax(store: Store) -> None:
    await fill(store)
    evil = "x') OR 1=1 --"
    assert await numbers(store, topics=(evil,)) == []
    assert await numbers(store, forwarded_from=(evil,)) == []
    for name in ("claimants", "places", "weapons", "kinds", "channels", "groups", "media", "languages"):
        with pytest.raises(FilterError):
            await numbers(store, **{name: (evil,)})


async def test_pages_follow_each_other_while_posts_arrive(store: Store) -> None:
    await put(store, *(post(n, f"word {n}") for n in range(1, 8)))
    page = await found(store, "word", Paging(limit=3))
    seen = [hit.post.id for hit in page.hits]
    await put(store, post(9, "word later"), post(8, "word late history", at=NOON + 150 * MINUTE / 60))
    while page.next is not None:
        page = await found(store, "word", Paging(limit=3, after=page.next))
        seen += [hit.post.id for hit in page.hits]
    assert seen == [7, 6, 5, 4, 3, 8, 2, 1]
    with pytest.raises(FilterError, match="no place in a search by oldest"):
        await found(store, "word", Paging(order=Order.OLDEST, after="n5"))


async def test_history_that_is_read_later_stands_where_its_time_is(store: Store) -> None:
    await put(store, post(5, "word"))
    await put(store, post(1, "word"), post(3, "word"))
    assert await numbers(store, "word") == [5, 3, 1]
    assert await numbers(store, "word", Order.OLDEST) == [1, 3, 5]


async def test_by_relevance_the_rarer_and_the_more_often_said_comes_first(store: Store) -> None:
    filler = "and so on with many other words that say nothing of it at all here"
    await put(
        store,
        post(1, f"harir {filler}"),
        post(2, f"harir harir harir {filler}"),
        post(3, f"attack {filler}"),
        *(post(n, f"attack number {n} {filler}") for n in range(4, 30)),
    )
    assert (await numbers(store, "harir OR attack", Order.RELEVANCE))[:2] == [2, 1]


LONG = "the resistance announces that it has struck the base at harir with two drones this morning at dawn"


async def test_copies_are_folded_into_the_newest_with_who_said_it_first(store: Store) -> None:
    await put(
        store,
        post(1, LONG),
        post(2, f"{LONG}\n\nhttps://t.me/heron", channel=HERON),
        post(3, f"breaking: {LONG} @kite", channel=KITE),
        post(4, "something quite different about the base at harir and what it is for these days"),
    )
    page = await found(store, "harir")
    assert [(hit.post.channel_id, hit.post.id) for hit in page.hits] == [(FALCON, 4), (KITE, 3)]
    copies = page.hits[1].copies
    assert copies is not None
    assert (copies.posts, copies.channels, copies.first.key) == (3, 3, (FALCON, 1))
    assert copies.first_at == NOON + MINUTE
    assert page.hits[0].copies is None
    assert page.folded == 2
    oldest = await found(store, "harir", Paging(order=Order.OLDEST))
    assert [hit.post.id for hit in oldest.hits] == [1, 4]
    only = await found(store, "harir", channels=("heron",))
    assert [(hit.post.id, hit.copies and hit.copies.channels) for hit in only.hits] == [(2, 3)]
    apart = await found(store, "harir", Paging(fold_copies=False))
    assert [hit.post.id for hit in apart.hits] == [4, 3, 2, 1]


async def test_a_page_of_copies_is_filled_with_others(store: Store) -> None:
    await put(store, *(post(n, LONG) for n in range(10, 40)), *(post(n, f"harir {n}") for n in range(1, 4)))
    page = await found(store, "harir", Paging(limit=3))
    assert [hit.post.id for hit in page.hits] == [39, 3, 2]
    assert page.next is not None
    assert [h.post.id for h in (await found(store, "harir", Paging(limit=3, after=page.next))).hits] == [1]


@pytest.mark.parametrize("order", [Order.NEWEST, Order.OLDEST])
async def test_a_copy_of_what_an_earlier_page_showed_stands_on_no_later_one(
    store: Store, order: Order
) -> None:
    """And one that the query does not find hides none that it does, wherever it stands."""
    elsewhere = (2, 21)
    copies = dict.fromkeys((1, 8, 9, 20), LONG) | dict.fromkeys(elsewhere, f"{LONG} elsewhere")
    posts = ((n, copies.get(n, f"harir {n}"), HERON if n in elsewhere else FALCON) for n in range(1, 22))
    await put(store, *(post(*each) for each in posts))
    sought, after = [], None
    while True:
        paging = Paging(limit=3, order=order, after=after)
        page = await found(store, "harir", paging, channels=("falcon_news",))
        sought += [hit.post.id for hit in page.hits]
        if (after := page.next) is None:
            break
    said = [n for n in range(1, 21) if n not in copies]
    kept = 20 if order is Order.NEWEST else 1
    assert sought == sorted([*said, kept], reverse=order is Order.NEWEST)


async def test_posts_of_a_channel_that_was_known_from_a_file_first_are_found_by_its_own_name(
    store: Store,
) -> None:
    imported = Channel(id=-5, title="Ibis", handle="ibis")
    async with store.begin() as tx:
        await tx.channels.save(imported, NOON)
    first = post(1, "word of old", channel=-5)
    await put(store, first)
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=55, title="Ibis", handle="ibis"), NOON)
        assert await tx.channels.adopt(55, "ibis") == -5
    await put(store, post(2, "word anew", channel=55))
    edited = replace(first, channel_id=55, text="another wording", edited_at=NOON + HOUR, seen_at=NOON + HOUR)
    await put(store, edited)
    assert await numbers(store, channels=("ibis",)) == [2, 1]
    assert await numbers(store, "another", channels=("ibis",)) == [1]
    assert await numbers(store, "old", channels=("ibis",)) == [1]


async def test_words_of_files_and_polls_are_found(store: Store) -> None:
    await put(
        store,
        post(1, "", media=Media(kind="document", name="بيان_رقم_5.pdf")),
        post(
            2, "", media=Media(kind="poll", detail={"question": "Who did it?", "answers": ["nobody", "all"]})
        ),
    )
    assert await numbers(store, "بيان") == [1]
    assert await numbers(store, "nobody") == [2]
