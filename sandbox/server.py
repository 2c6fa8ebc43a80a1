"""The whole sandbox as one object: Telegram for the collector, the Bot API for the bot, control of both."""

import asyncio
import contextlib
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from domain.clock import Clock, WallClock
from domain.errors import DeadairError
from sandbox import control
from sandbox.account import Account
from sandbox.botapi import control as bot_control
from sandbox.botapi.server import BotApiServer
from sandbox.director import Director
from sandbox.mtproto.server import MtprotoServer
from sandbox.mtproto.sessionfile import write_session
from sandbox.scenario import Scenario
from sandbox.web.server import WebPreview
from sandbox.world import World

PHONE = "15550100"


class Sandbox:
    """A Telegram on loopback for hours or for one test: `async with Sandbox() as sandbox: ...`

    With a scenario its channels and their past are there from the start; `play()` lets its live part run on
    the clock given. `account` is the one that watches; every channel of a scenario has it as a member.
    """

    def __init__(
        self,
        scenario: Scenario | None = None,
        *,
        clock: Clock | None = None,
        port: int = 0,
        bot_port: int = 0,
        control_port: int | None = None,
        web_port: int = 0,
        **bot: Any,
    ) -> None:
        self.clock = clock or WallClock()
        self.scenario = scenario
        self.world = World(self.clock, name=scenario.name if scenario else "sandbox")
        self.account: Account = self.world.add_account(PHONE)
        self.telegram = MtprotoServer(self.world)
        self.bot_api = BotApiServer(clock=self.clock, **bot)
        self.web = WebPreview(self.world)
        self.bot_url = ""
        self.web_url = ""
        self.control_url = ""  #: empty when no control API was asked for
        self.director: Director | None = None
        self._ports = port, bot_port, control_port, web_port
        self._stack = AsyncExitStack()
        self._playing: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """MTProto's."""
        return self.telegram.port

    @property
    def errors(self) -> list[str]:
        """What should never happen: methods nobody has faked, failures of the sandbox itself."""
        return [*self.telegram.errors, *self.bot_api.errors]

    async def start(self) -> Self:
        """Listen on every port. Raises DeadairError when one of them is taken."""
        port, bot_port, control_port, web_port = self._ports
        async with AsyncExitStack() as stack:
            if self.scenario is not None and self.director is None:
                self.director = Director(
                    self.scenario, self.world, link=self.telegram.link, faults=self.telegram.faults
                )
                self.director.prepare()
            await self.telegram.start(port)
            stack.push_async_callback(self.telegram.stop)
            self.bot_url = await self.bot_api.start(bot_port)
            stack.push_async_callback(self.bot_api.stop)
            self.web_url = await self.web.start(web_port)
            stack.push_async_callback(self.web.stop)
            if control_port is not None:
                self.control_url = await self._serve_control(stack, control_port)
            self._stack = stack.pop_all()
        return self

    async def stop(self) -> None:
        """Stop playing and cut every line."""
        if self._playing is not None:
            self._playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._playing
            self._playing = None
        await self._stack.aclose()

    def play(self) -> asyncio.Task[None]:
        """Let the scenario's live part run from now on; the task ends with it, or with its failure."""
        if self.director is None:
            raise DeadairError("this sandbox has no scenario to play", hint="give it one")
        if self._playing is None:
            self._playing = asyncio.create_task(self.director.run(), name="director")
        return self._playing

    def session_file(self, path: Path, account: Account | None = None) -> Path:
        """A Telethon session file that leads here, logged in already."""
        return write_session(path, self.telegram, account or self.account)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve_control(self, stack: AsyncExitStack, port: int) -> str:
        app = web.Application()
        app.add_routes(control.routes(self.telegram))
        app.add_routes(bot_control.routes(self.bot_api))
        runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
        except OSError as error:
            raise DeadairError(
                f"the control API cannot listen on port {port}: {error.strerror}",
                hint="choose another port, or 0 for any free one",
            ) from error
        return f"http://127.0.0.1:{runner.addresses[0][1]}"
