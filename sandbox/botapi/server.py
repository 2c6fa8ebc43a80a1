"""The Bot API over HTTP, on loopback."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any, Self

import structlog
from aiohttp import web

from domain.clock import Clock, WallClock
from sandbox.botapi.call import Call, read_call
from sandbox.botapi.chats import Chat, ChatKind, Standing
from sandbox.botapi.errors import Misused, Refused, too_many
from sandbox.botapi.faults import Fault, Faults, Harm
from sandbox.botapi.limits import Limits
from sandbox.botapi.messages import Message
from sandbox.botapi.methods.table import METHODS
from sandbox.botapi.people import Person
from sandbox.botapi.record import Watch
from sandbox.botapi.world import World

log = structlog.get_logger(__name__)

#: Worth nothing outside of the sandbox; a bot's library only asks that it looks like one.
SANDBOX_TOKEN = "100200300:the-sandbox-lets-everyone-in"  # noqa: S105 - opens nothing
LARGEST_BODY = 52 * 2**20  #: bytes: a file of 50 MB and the form around it


class BotApiServer:
    """A Bot API that a stock client runs on: `await start()` gives the address to put before `/bot<token>/`.

    Messages bear the time of `clock`, which may be simulated. What Telegram's patience is measured on
    (rates, stale buttons, updates kept for a day) is `pace`, by default the machine's clock. Long polls
    always wait in real time. All state outlives `stop`, so a server can be away for a while and come back.
    """

    def __init__(
        self,
        *,
        token: str = SANDBOX_TOKEN,
        username: str = "deadair_sandbox_bot",
        clock: Clock,
        pace: Clock | None = None,
    ) -> None:
        number, _, secret = token.partition(":")
        if not number.isdigit() or not secret:
            raise Misused(
                f"{token!r} does not look like a bot's token", hint="write it like 123456:some-text"
            )
        self.token = token
        self.world = World(bot_id=int(number), username=username, clock=clock, pace=pace or WallClock())
        self.faults = Faults()
        self.url = ""
        self._runner: web.AppRunner | None = None

    # -- driving it

    def person(self, name: str, **details: Any) -> Person:
        """Someone with a phone; see World.person."""
        return self.world.person(name, **details)

    def group(self, title: str, *people: Person, **details: Any) -> Chat:
        """A group with the bot in it; see World.group."""
        return self.world.group(title, *people, **details)

    def supergroup(self, title: str, *people: Person, **details: Any) -> Chat:
        """A supergroup, with `forum=True` one with topics."""
        return self.world.group(title, *people, kind=ChatKind.SUPERGROUP, **details)

    def channel(
        self, title: str, *people: Person, bot: Standing = Standing.ADMINISTRATOR, **details: Any
    ) -> Chat:
        """A channel the bot may post in."""
        return self.world.group(title, *people, kind=ChatKind.CHANNEL, bot=bot, **details)

    def poison(self) -> int:
        """Queue an update that no client can read, as a change of the API would. Returns its id."""
        return self.world.queue.push_raw({"message": {"message_id": "not a number", "chat": None}})

    @property
    def limits(self) -> Limits:
        return self.world.limits

    # -- what came of it

    @property
    def calls(self) -> list[Call]:
        """The latest calls, oldest first."""
        return list(self.world.record.calls)

    @property
    def errors(self) -> list[str]:
        """What should never happen: methods the sandbox does not know, failures of its own."""
        return list(self.world.record.errors)

    def sent(self, chat_id: int | None = None) -> list[Message]:
        """What the bot has sent, oldest first, to one chat or to all; edited and deleted ones included."""
        return [m for m in self.world.record.sent if chat_id is None or m.chat_id == chat_id]

    def same(self, chat_id: int, text: str) -> list[Message]:
        """All messages of the bot that show this text in a chat: the n-th is `same(...)[n - 1]`."""
        return [m for m in self.sent(chat_id) if m.versions[0].text == text]

    def duplicates(self, chat_id: int | None = None) -> list[list[Message]]:
        """Messages that were sent into one chat more than once with the same content."""
        alike: dict[tuple[int, str, str], list[Message]] = {}
        for message in self.sent(chat_id):
            first = message.versions[0]
            file = first.file.unique_id if first.file else ""
            alike.setdefault((message.chat_id, first.text, file), []).append(message)
        return [messages for messages in alike.values() if len(messages) > 1]

    def watch(self) -> Watch:
        """Everything the bot sends, edits and deletes from now on: `async for event in server.watch()`."""
        return self.world.record.watch()

    async def received(self, chat_id: int, n: int = 1, *, within: float = 20.0) -> list[Message]:
        """Wait until a chat has got `n` messages from the bot. Raises Misused after `within` real seconds."""
        await self.world.record.until(lambda: len(self.sent(chat_id)) >= n, within)
        return self.sent(chat_id)

    async def until(self, done: Callable[[], bool], *, within: float = 20.0) -> None:
        """Wait until `done()`, asked after every call. Raises Misused after `within` real seconds."""
        await self.world.record.until(done, within)

    # -- on the wire

    async def start(self, port: int = 0) -> str:
        """Listen on loopback; port 0 takes a free one. Returns the base address. Raises Misused."""
        if self._runner is not None:
            raise Misused("the Bot API server runs already", hint="stop it first")
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
        except OSError as error:
            await runner.cleanup()
            what = f"the Bot API server cannot listen on port {port}: {error.strerror}"
            raise Misused(what, hint="choose another port, or 0 for any free one") from error
        self._runner = runner
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        """Cut every line and end every watch; what was said and queued stays."""
        await self.go_away()
        self.world.record.close_watches()

    async def go_away(self) -> None:
        """Be unreachable: connections are refused until `come_back`. Watches go on."""
        runner, self._runner = self._runner, None
        if runner is not None:
            self.world.queue.release()
            await runner.cleanup()

    async def come_back(self) -> None:
        """Listen again at the same address."""
        await self.start(int(self.url.rpartition(":")[2]))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        try:
            call = await read_call(request, self.world.now())
        except Refused as refused:
            return _answer(refused)
        except web.HTTPRequestEntityTooLarge:
            return _answer(Refused(413, "Request Entity Too Large"))
        self.world.record.calls.append(call)
        response = await self._serve(call, request)
        self.world.record.finish(call)
        return response

    async def _serve(self, call: Call, request: web.Request) -> web.StreamResponse:
        delay, fault = self.faults.strike(call)
        if delay:
            await asyncio.sleep(delay)
        if fault is not None and fault.harm is not Harm.LOSE:
            call.outcome = f"fault: {fault.harm}"
            return _suffer(fault, request)
        try:
            result = await self._perform(call, request.match_info["token"])
        except Refused as refused:
            call.outcome = refused.description
            response: web.StreamResponse = _answer(refused)
        except Exception as error:
            log.exception("sandbox.botapi.failed", method=call.method)
            self.world.record.errors.append(f"{call.method}: {error!r}")
            call.outcome = repr(error)
            response = _answer(Refused(500, "Internal Server Error"))
        else:
            call.outcome = "ok"
            response = web.json_response({"ok": True, "result": result})
        return _cut(request) if fault is not None else response

    async def _perform(self, call: Call, token: str) -> Any:
        if token != self.token:
            raise Refused(401, "Unauthorized") if ":" in token else Refused(404, "Not Found")
        if self.world.profile.logged_out and call.method != "logOut":
            raise Refused(400, "Logged out")
        method = METHODS.get(call.method)
        if method is None:
            self.world.record.errors.append(f"{call.method}: the sandbox has no such method")
            raise Refused(404, "Not Found: method not found")
        result = method(self.world, call)
        return await result if inspect.isawaitable(result) else result

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _answer(Refused(401, "Unauthorized"))
        file = self.world.files.at(request.match_info["path"])
        if file is None or file.body is None:
            return _answer(Refused(404, "Not Found"))
        return web.Response(body=file.body, content_type="application/octet-stream")


def _answer(refused: Refused) -> web.Response:
    return web.json_response(refused.to_api(), status=refused.code)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # goes nowhere: the line is gone


def _suffer(fault: Fault, request: web.Request) -> web.Response:
    match fault.harm:
        case Harm.FLOOD:
            return _answer(too_many(int(fault.seconds)))
        case Harm.HTML:
            return web.Response(status=fault.code, text=fault.body, content_type="text/html")
        case Harm.DROP:
            return _cut(request)
        case _:
            return _answer(Refused(fault.code, fault.description))
