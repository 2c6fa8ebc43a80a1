"""The people of the sandbox, driven over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramForbiddenError, TelegramMigrateToChat, TelegramRetryAfter
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup
from aiohttp import web

from sandbox.botapi.control import routes
from sandbox.botapi.server import BotApiServer
from tests.support.botapi import picture


class Control:
    """A person with curl."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def post(self, deed: str, status: int = 200, /, **body: Any) -> Any:
        async with self.http.post(f"/botapi/{deed}", json=body) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def get(self, question: str) -> Any:
        async with self.http.get(f"/botapi/{question}") as response:
            return await response.json()


@pytest.fixture
async def control(server: BotApiServer) -> AsyncIterator[Control]:
    app = web.Application()
    app.add_routes(routes(server))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as http:
        yield Control(http)
    await runner.cleanup()


async def test_a_conversation_can_be_had_by_hand(control: Control, bot: Bot) -> None:
    ana = await control.post("people", name="Ana")
    await control.post("say", person="Ana", text="/start")
    [update] = await bot.get_updates()
    assert update.message
    button = InlineKeyboardButton(text="Mute", callback_data="mute")
    await update.message.answer("Watching", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]))
    assert (await control.post("press", person="Ana", button="Mute"))["data"] == "mute"
    [got] = await control.get(f"sent?chat={ana['id']}")
    assert (got["text"], [b["text"] for b in got["buttons"]]) == ("Watching", ["Mute"])
    await control.post("block", person="Ana")
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(ana["id"], "still there?")
    assert [c["method"] for c in await control.get("calls?last=2")] == ["sendMessage", "sendMessage"]


async def test_the_picture_a_subscriber_sees_can_be_looked_at(
    server: BotApiServer, control: Control, bot: Bot
) -> None:
    ana = server.person("Ana", started=True)
    await bot.send_photo(ana.id, BufferedInputFile(picture(), "chart.png"))
    [got] = await control.get("sent")
    async with control.http.get(got["photo"]) as response:
        assert (response.content_type, await response.read()) == ("image/png", picture())
    async with control.http.get(f"/botapi/photo/{ana.id}/999") as response:
        assert response.status == 404


async def test_groups_topics_and_faults_can_be_made_by_hand(control: Control, bot: Bot) -> None:
    await control.post("people", name="Ana")
    group = await control.post("chats", title="Watchers", people=["Ana"])
    new = await control.post("migrate", person="Ana", chat=group["id"])
    with pytest.raises(TelegramMigrateToChat):
        await bot.send_message(group["id"], "hello")
    await control.post("bot", person="Ana", chat=new["id"], standing="kicked")
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(new["id"], "hello")
    ben = await control.post("people", name="Ben")
    await control.post("bot", person="Ana", chat=new["id"], standing="administrator")
    await control.post("members", person="Ben", chat=new["id"], standing="member")
    assert (await bot.get_chat_member(new["id"], ben["id"])).status == "member"
    forum = await control.post("chats", title="Desk", kind="supergroup", people=["Ana"], forum=True)
    topic = await control.post("topics", person="Ana", chat=forum["id"], name="Alerts")
    await bot.send_message(forum["id"], "hello", message_thread_id=topic["message_thread_id"])
    await control.post("faults", harm="flood", method="sendMessage", seconds=3)
    assert [f["harm"] for f in await control.get("faults")] == ["flood"]
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(forum["id"], "hello", message_thread_id=topic["message_thread_id"])
    assert (await control.post("limits", on=False))["on"] is False


async def test_a_deed_that_cannot_be_done_says_why(control: Control) -> None:
    refused = await control.post("say", 400, person="Nobody", text="hello")
    assert refused["what"] == "there is no person 'Nobody'"
    await control.post("people", name="Ana")
    assert "no chat -5" in (await control.post("say", 400, person="Ana", text="hi", chat=-5))["what"]
    assert (await control.post("press", 400, person="Ana", button="Mute"))["hint"] == "to be seen are none"
    assert (await control.post("faults", 400, harm="plague"))["what"].startswith(
        "harm: Input should be 'refuse'"
    )
    assert (await control.post("say", 400, person="Ana", txt="hi"))["what"].startswith("text: Field required")
    async with control.http.post("/botapi/say", data=b"{") as response:
        assert (response.status, (await response.json())["what"]) == (400, "the body is not JSON")
