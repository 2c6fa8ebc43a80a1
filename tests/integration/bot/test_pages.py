"""/web: a link that signs in to the pages, from the bot to HTTP."""

import re
from datetime import timedelta

from bot.desk import Pages
from bot.texts import door
from domain.clock import WallClock
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import let_in
from tests.support.serving import serving

PAGES = Pages(address="https://archive.example.org", link_expires=timedelta(minutes=15))


async def test_the_bot_gives_a_link_that_signs_in_once_and_ends_with_the_chat(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    bela = server.person("Bela", started=True)
    await let_in(store, bela.id)
    await run_bot(pages=PAGES)
    bela.say("/web")
    (said,) = await server.received(bela.id)
    found = re.search(r"https://archive\.example\.org/sign-in/([\w-]{43})", said.text)
    assert found
    async with serving(store, at=WallClock().now()) as running, running.client() as client:
        answer = await client.post("/sign-in", data={"code": found[1]})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await client.post("/sign-in", data={"code": found[1]})).status_code == 403
        foreign = await client.post("/sign-out", data={"csrf": "0"})
        assert foreign.status_code == 403
        async with store.begin() as tx:
            await tx.subscriptions.end(bela.id, WallClock().now(), "put out")
        left = await client.post("/sign-out", data={"csrf": "0"})
        assert (left.status_code, left.headers["location"]) == (303, "/sign-in?next=/")


async def test_where_no_pages_are_served_the_bot_says_so(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    bela = server.person("Bela", started=True)
    await let_in(store, bela.id)
    await run_bot()
    bela.say("/web")
    assert [m.text for m in await server.received(bela.id)] == [door.WEB_NONE]
