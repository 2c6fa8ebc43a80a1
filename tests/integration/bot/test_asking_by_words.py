"""Posts, asked for by their words over HTTP."""

from datetime import UTC, datetime

import pytest

from archive.parse import parse
from bot.finding import Found, Hit
from domain.errors import DeadairError
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.asking import HOUR, analyst, claimed, plain
from tests.support.tapping import labels

AT = datetime(2019, 3, 1, 12, tzinfo=UTC)


async def found(words: str, after: str | None, limit: int) -> Found:
    """A search over forty posts that knows what it cannot read."""
    if words == "(":
        raise DeadairError("a bracket is open", hint="close it")
    if words == "nothing":
        return Found(hits=())
    first = int(after or 0)
    hits = tuple(
        Hit(
            channel_id=7, post_id=n + 1, posted_at=AT - n * HOUR, words=f"{words} no. {n + 1}", is_gone=n == 1
        )
        for n in range(first, min(first + limit, 12))
    )
    return Found(hits=hits, after=str(first + limit) if first + limit < 12 else None, not_yet=3)


async def test_found_posts_come_by_page(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    await claimed(store, 1)
    bela = await analyst(server, store)
    await run_bot(search=found)
    bela.say("/search drone <b>base</b>")
    (message,) = await server.received(bela.id)
    words = plain(message)
    assert words.startswith(
        "Found for drone <b>base</b>\n\n• Fri 1 Mar 2019 12:00 · Claims <i>\ndrone <b>base</b> no. 1"
    )
    assert "Fri 1 Mar 2019 11:00 · Claims <i> · deleted since" in words
    assert words.endswith("Page 1\nPosts not searchable yet: 3.")
    bela.press("Next »")
    await server.until(lambda: "no. 6" in plain(message))
    bela.press("Next »")
    await server.until(lambda: "no. 12" in plain(message))
    assert labels(message) == ["« Back"]
    bela.press("« Back")
    await server.until(lambda: plain(message).endswith("Page 2\nPosts not searchable yet: 3."))


async def test_words_that_cannot_be_searched_for_are_answered_with_what_to_do(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    bela = await analyst(server, store)
    await run_bot(search=found)
    for words in ("/search (", "/search nothing", "/search"):
        bela.say(words)
    assert [plain(m) for m in await server.received(bela.id, 3)] == [
        "I cannot search for that: a bracket is open. Try this: close it.",
        "Nothing was found for nothing.",
        "What shall I search for? Say /search words.",
    ]


@pytest.mark.parametrize(
    ("language", "said", "instead"),
    [
        ("en", "at character 5 of 'one (two': this bracket is never closed", "put ) behind what it holds"),
        ("ar", "عند الحرف ٥ من 'one (two': هذا القوس لم يُغلق", "ضع ) بعد ما يحويه"),
        ("fa", "در نویسهٔ ۵ از 'one (two': این پرانتز بسته نشده است", "پس از محتوای آن ) بگذارید"),
    ],
)
async def test_why_words_cannot_be_read_is_said_in_the_language_of_the_chat_with_its_place(
    run_bot: Serve, server: BotApiServer, store: Store, language: str, said: str, instead: str
) -> None:
    async def proved(words: str, after: str | None, limit: int) -> Found:
        parse(words)
        return Found(hits=())

    bela = await analyst(server, store, language)
    await run_bot(search=proved)
    bela.say("/search one (two")
    (message,) = await server.received(bela.id)
    assert said in plain(message)
    assert instead in plain(message)


async def test_without_a_search_that_is_said(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    bela = await analyst(server, store)
    await run_bot()
    bela.say("/search drones")
    inquiry = bela.inline("drones")
    (message,) = await server.received(bela.id)
    assert plain(message) == "Search is not part of this installation."
    await server.until(lambda: inquiry.results is not None)
    assert inquiry.results == []


async def test_inline_mode_offers_found_posts_to_those_who_are_let_in_and_to_nobody_else(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await claimed(store, 1)
    bela = await analyst(server, store)
    stranger = server.person("Stranger", started=True)
    await run_bot(search=found)
    mine, bad, theirs = bela.inline("drone & base"), bela.inline("("), stranger.inline("drone")
    await server.until(lambda: all(i.results is not None for i in (mine, bad, theirs)))
    assert mine.results is not None
    assert len(mine.results) == 12
    assert mine.results[0]["title"] == "Claims <i>, Fri 1 Mar 2019 12:00"
    assert "drone & base no. 1" in mine.results[0]["input_message_content"]["message_text"]
    assert bad.results == theirs.results == []
    assert mine.options["is_personal"] in (True, "true")
