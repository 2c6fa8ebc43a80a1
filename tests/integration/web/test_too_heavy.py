"""Questions that take too long, over HTTP: broken off in time, with what to narrow."""

import time
from datetime import timedelta

import pytest

from archive.errors import QueryError
from deadair.searching import search_for_bot
from domain.credential import Scope
from domain.subscription import Role
from storage.errors import TooHeavy
from storage.store import Store
from tests.support.archived import fill_all
from tests.support.serving import make_token, serving
from tests.support.slow import make_slow


async def test_the_api_says_what_to_narrow(store: Store) -> None:
    await fill_all(store)
    token = await make_token(store)
    await make_slow(store)
    async with serving(store, query_longest="1s") as running, running.client(token) as client:
        for path, hint in (
            ("/posts?q=drone", "ask for a shorter time, or name channels or a group"),
            ("/posts?q=drone&order=relevance", "instead of by relevance, or ask for a shorter time"),
            ("/counts?q=dr*&channel=7&since=2026-03-01T00:00:00Z", "write more words, or longer ones"),
        ):
            begun = time.monotonic()
            answer = await client.get(f"/api/v1{path}")
            assert time.monotonic() - begun < 6
            assert answer.status_code == 503
            problem = answer.json()
            assert problem["type"] == "urn:deadair:problem:takes-too-long"
            assert problem["detail"] == "this takes longer than 1 s and was broken off"
            assert hint in problem["hint"]
            assert answer.headers["retry-after"] == "10"
        assert (await client.get("/api/v1/channels")).status_code == 200


@pytest.mark.parametrize(
    ("language", "said", "hint"),
    [
        ("en", "takes longer than", "ask for a shorter time"),
        ("ar", "يستغرق هذا أكثر من", "اطلب مدة أقصر"),
        ("fa", "طول می‌کشد و قطع شد", "زمان کوتاه‌تری بخواهید"),
    ],
)
async def test_the_search_page_keeps_the_words_and_says_it_in_the_readers_language(
    store: Store, language: str, said: str, hint: str
) -> None:
    await fill_all(store)
    token = await make_token(store, Scope.PAGES, role=Role.OPS)
    await make_slow(store)
    async with serving(store, query_longest="1s") as running, running.client() as client:
        await client.post("/sign-in", data={"token": token}, headers={"Origin": running.base})
        answer = await client.get(f"/search?q=drone&lang={language}")
        assert answer.status_code == 503
        assert said in answer.text
        assert hint in answer.text
        assert 'value="drone"' in answer.text


async def test_the_bots_search_is_broken_off_too(store: Store) -> None:
    await fill_all(store)
    await make_slow(store)
    find = search_for_bot(store, timedelta(seconds=0.3))
    with pytest.raises(TooHeavy, match="takes longer") as refused:
        await find("drone", None, 5)
    assert refused.value.hint == "write more words, or longer ones before a star"
    with pytest.raises(QueryError):
        await find("(drone", None, 5)
