"""A word's readings that stand nowhere are not asked for, and what is found is the same without them."""

from itertools import product
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from archive.count import By, count
from archive.parse import parse
from archive.query import Order, Query
from archive.resolve import resolve
from archive.sighting import Sighting
from claims.normalise import fold_text
from storage.match import Both, Either, Match, Phrase, Sign, narrowed, readings, spread
from storage.store import Store, Transaction
from tests.support.searching import DAY, NOON, numbers, post, put

FIRST = ("طائره", "الطائره", "وبالطائره", "قاعده")
SECOND = ("مسيره", "المسيره", "والمسيره", "بعيده")
#: Of the two words that are sought, the readings that some post has.
HERE = {fold_text(word) for word in (*FIRST[:3], *SECOND[:3])}
TEXTS = [" ".join(words) for words in product(FIRST, SECOND, ("هنا", "drone attack", "سقطت"))]
TEXTS += [f"{b} {a}" for a, b in product(FIRST, SECOND)]
QUERIES = (
    "طائره",
    '"طائره مسيره"',
    '"الطائره المسيره" سقطت',
    '"طائره مسيره هنا"',
    '"طائره مسيره" -سقطت',
    '"مسيره طائره"',
    "طائره مسيره",
    "(طائره OR قاعده) بعيده",
    '"طائره مسي*"',
    "سقطت -طائره",
    '"طائره غائبه"',  # whose second word has no reading at all
    '"غائبه طائره" OR "قاعده بعيده"',
    "سقطت -غائبه",
)


async def filled(store: Store) -> None:
    await put(store, *(post(n, words) for n, words in enumerate(TEXTS, 1)))
    async with store.begin() as tx:
        if tx.search._postgres:  # else it does not know that a word is frequent, and asks for all readings
            await tx.search._connection.execute(text("ANALYZE words"))


@pytest.mark.parametrize("sought", QUERIES)
async def test_posts_are_found_by_the_readings_there_are_as_by_all(store: Store, sought: str) -> None:
    await filled(store)
    tree = parse(sought)
    said = [n for n, words in enumerate(TEXTS, 1) if Sighting(words).says(tree)]
    assert sorted(await numbers(store, sought)) == said
    assert await numbers(store, sought, Order.OLDEST) == said
    async with store.read() as tx:
        asked = await resolve(tx, Query(text=sought))
        assert await tx.search.count(asked.narrowing) == len(said)
        days = await count(tx, Query(text=sought), By.DAY, zone=ZoneInfo("UTC"), now=NOON + DAY)
        channels = await tx.search.by_channel(asked.narrowing)
    assert days.total == len(said)
    assert sum(channels.values()) == len(said)


async def test_readings_that_stand_nowhere_are_not_asked_for(store: Store) -> None:
    await filled(store)

    async def there(tx: Transaction, sought: str) -> frozenset[str]:
        asked = (await resolve(tx, Query(text=sought))).narrowing
        return readings(await tx.search._of_what_there_is(asked.match))

    async with store.read() as tx:
        assert await there(tx, "طائره مسيره") == HERE
        assert await there(tx, '"طائره مسيره"') == HERE
        assert await there(tx, "drone") == set()  # it has no other reading
    await put(store, post(900, "كالطائره مسيره"))
    async with store.read() as tx:
        assert fold_text("كالطائره") in await there(tx, '"طائره مسيره"')
    assert 900 in await numbers(store, '"طائره مسيره"')


def test_a_match_is_narrowed_to_what_is_there_and_never_to_nothing() -> None:
    phrase = Phrase((("a", "b", "c"), ("d", "e"), ("f",)))
    start = Phrase((("a", "b"), ("d", "e")), prefix=True)
    sign = Sign(("=x", "=y"))
    assert (spread(phrase), spread(start), spread(sign)) == (6, 4, 2)
    assert readings(phrase) == {"a", "b", "c", "d", "e"}
    assert readings(start) == {"a", "b"}  # of a beginning nobody can tell
    assert narrowed(phrase, {"b", "e"}) == Phrase((("b",), ("e",), ("f",)))
    assert narrowed(phrase, {"c", "a"}) == Phrase((("a", "c"), ("d",), ("f",)))
    assert narrowed(start, {"b"}) == Phrase((("b",), ("d", "e")), prefix=True)
    whole: Match = Both((Either((phrase, sign)),), (start,))
    assert spread(whole) == 12
    assert readings(whole) == readings(phrase)
    assert narrowed(whole, {"a", "d"}) == Both(
        (Either((Phrase((("a",), ("d",), ("f",))), sign)),), (Phrase((("a",), ("d", "e")), prefix=True),)
    )
